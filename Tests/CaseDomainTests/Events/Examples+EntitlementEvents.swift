import CaseDomain
import LedgerTypes

extension Examples {
    static let entitlementDetermined: EntitlementDetermined = make {
        $0.entitlement = .warranty
        $0.scope = "scope-1"
        $0.basis = make {
            $0.contractID = "contractID-1"
            $0.warrantyEnd = CalendarDate(daysSince1970: 19_663)
            $0.plan = "plan-1"
        }
        $0.ruleID = "ruleID-1"
        $0.ruleVersion = 3
        $0.responsibleParty = "responsibleParty-1"
        $0.price = make {
            $0.amountMinor = 4_999
            $0.currency = "currency-1"
        }
        $0.previousEntitlement = .warranty
        $0.disputed = true
        $0.contactedParty = "contactedParty-1"
        $0.signpostAnswerID = "signpostAnswerID-1"
        $0.slaPolicyID = "slaPolicyID-1"
        $0.slaPolicyVersion = 3
        $0.reason = .open("the reason 1")
    }
    static let remedyDecided: RemedyDecided = make {
        $0.remedyID = "remedyID-1"
        $0.kind = .refund
        $0.value = make {
            $0.amountMinor = 4_999
            $0.currency = "currency-1"
        }
        $0.requestedAt = time
        $0.requestedBy = "requestedBy-1"
        $0.decision = .refused
        $0.approvers = [
            make {
                $0.id = "id-1"
                $0.at = time
            }
        ]
        $0.withinAuthority = true
    }
}
