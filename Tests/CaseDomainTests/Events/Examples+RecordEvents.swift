import CaseDomain
import LedgerTypes

extension Examples {
    static let recordCorrected: RecordCorrected = make {
        $0.targetEventID = eventID
        $0.field = "field-1"
        $0.newValue = "newValue-1"
        $0.newText = .open("the newText 1")
        $0.reason = .open("the reason 1")
    }
    static let recordRedacted: RecordRedacted = make {
        $0.targetEventID = eventID
        $0.customerID = "customerID-1"
        $0.fields = ["fields-1", "fields-2"]
        $0.legalBasis = "legalBasis-1"
        $0.keyIDs = [KeyID(rawValue: 7)]
        $0.requestedBy = "requestedBy-1"
    }
}
