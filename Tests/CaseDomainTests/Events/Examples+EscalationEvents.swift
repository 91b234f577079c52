import CaseDomain
import LedgerTypes

extension Examples {
    static let escalationRaised: EscalationRaised = make {
        $0.kind = .hierarchic
        $0.fromTier = .t1
        $0.toTier = .t1
        $0.toTeam = "toTeam-1"
        $0.toSite = "toSite-1"
        $0.reason = .authority
        $0.severity = 3
        $0.question = .open("the question 1")
        $0.failedSteps = [eventID]
        $0.reportBackTo = "reportBackTo-1"
        $0.reportBackDue = time
    }
    static let escalationReportedBack: EscalationReportedBack = make {
        $0.to = "to-1"
        $0.outcome = .workaround
        $0.findings = .open("the findings 1")
        $0.steps = [eventID]
        $0.answerIDs = ["answerIDs-1", "answerIDs-2"]
        $0.isFinal = true
    }
    static let escalationClosed: EscalationClosed = make {
        $0.reason = .withdrawn
        $0.waiver = .open("the waiver 1")
    }
}
