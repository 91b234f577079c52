import CaseDomain
import LedgerTypes

extension Examples {
    static let customerDescribed: CustomerDescribed = make {
        $0.name = .open("the name 1")
        $0.addressAs = .open("the addressAs 1")
        $0.contactPoints = .open(["the contactPoints 1", "the contactPoints 2"])
        $0.language = "language-1"
        $0.preferredChannel = .chat
        $0.preferredTimes = [
            make {
                $0.weekday = 3
                $0.fromMinute = 3
                $0.toMinute = 3
            }
        ]
        $0.timeZone = "timeZone-1"
    }
    static let customerLinked: CustomerLinked = make {
        $0.otherCustomerID = "otherCustomerID-1"
        $0.reason = .open("the reason 1")
    }
    static let selfServiceEnded: SelfServiceEnded = make {
        $0.customerID = "customerID-1"
        $0.answersViewed = ["answersViewed-1", "answersViewed-2"]
        $0.searches = 3
        $0.intentToContact = true
        $0.outcome = .left
    }
    static let mentionObserved: MentionObserved = make {
        $0.platform = "platform-1"
        $0.polarity = .neutral
        $0.reach = 70_000
        $0.consent = true
        $0.caseID = "caseID-1"
    }
    static let offerMade: OfferMade = make {
        $0.product = "product-1"
        $0.outcome = .declined
    }
    static let feedbackRequested: FeedbackRequested = make {
        $0.instrument = .ces
        $0.about = .contact
    }
    static let signalDecided: SignalDecided = make {
        $0.signalID = "signalID-1"
        $0.kind = .defect
        $0.department = "department-1"
        $0.decision = .rejected
        $0.at = time
    }
    static let knownIssueLinked: KnownIssueLinked = make {
        $0.issueID = "issueID-1"
        $0.product = "product-1"
        $0.caseID = "caseID-1"
    }
}
