import CaseDomain
import LedgerTypes

extension Examples {
    static let answerPublished: AnswerPublished = make {
        $0.answerID = "answerID-1"
        $0.version = 3
        $0.place = "place-1"
        $0.confidence = .notValidated
        $0.audience = .partners
        $0.governance = .compliance
        $0.author = "author-1"
        $0.minutes = 2.5
        $0.originCaseIDs = ["originCaseIDs-1", "originCaseIDs-2"]
    }
    static let answerLinked: AnswerLinked = make {
        $0.answerID = "answerID-1"
        $0.version = 3
        $0.relation = .sentToCustomer
    }
    static let feedbackReceived: FeedbackReceived = make {
        $0.instrument = .ces
        $0.scaleMin = 3
        $0.scaleMax = 3
        $0.score = 2.5
        $0.toldCount = 3
        $0.about = .contact
        $0.solicited = true
        $0.verbatim = .open("the verbatim 1")
    }
    static let signalRaised: SignalRaised = make {
        $0.signalID = "signalID-1"
        $0.kind = .defect
        $0.polarity = .neutral
        $0.component = "component-1"
        $0.daysInField = 3
        $0.department = "department-1"
        $0.solicited = true
        $0.verbatimRef = eventID
    }
    static let returnRecorded: ReturnRecorded = make {
        $0.returnID = "returnID-1"
        $0.stage = .received
        $0.reasonStated = .open("the reasonStated 1")
        $0.withinWindow = true
        $0.finding = .noFaultFound
        $0.caseIDs = ["caseIDs-1", "caseIDs-2"]
    }
}
