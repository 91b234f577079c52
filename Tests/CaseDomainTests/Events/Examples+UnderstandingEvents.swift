import CaseDomain
import LedgerTypes

extension Examples {
    static let issueStated: IssueStated = make {
        $0.statementID = "statementID-1"
        $0.facts = [
            make {
                $0.key = "key-1"
                $0.value = "value-1"
                $0.source = .agent
                $0.change = .repeated
            }
        ]
        $0.factValues = .open(["the factValues 1", "the factValues 2"])
        $0.narrative = .open("the narrative 1")
        $0.isRestatement = true
        $0.restates = "restates-1"
        $0.askedBy = "askedBy-1"
        $0.reason = .notVisibleHere
    }
    static let stepTried: StepTried = make {
        $0.stepID = "stepID-1"
        $0.scriptID = "scriptID-1"
        $0.scriptVersion = 3
        $0.text = .open("the text 1")
        $0.by = .customerDelegate
        $0.method = .remote
        $0.result = .failed
        $0.evidenceHash = digest
        $0.minutes = 2.5
        $0.repeatOf = eventID
        $0.repeatReason = .conditionsChanged
    }
}
