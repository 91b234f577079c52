import CaseDomain
import LedgerTypes

extension Examples {
    static let customerBaseDeclared: CustomerBaseDeclared = make {
        $0.from = CalendarDate(daysSince1970: 19_663)
        $0.to = CalendarDate(daysSince1970: 19_663)
        $0.customers = 70_000
    }
    static let headcountDeclared: HeadcountDeclared = make {
        $0.from = CalendarDate(daysSince1970: 19_663)
        $0.to = CalendarDate(daysSince1970: 19_663)
        $0.staff = 70_000
        $0.team = "team-1"
        $0.tier = .t1
    }
    static let unitsInFieldDeclared: UnitsInFieldDeclared = make {
        $0.from = CalendarDate(daysSince1970: 19_663)
        $0.to = CalendarDate(daysSince1970: 19_663)
        $0.product = "product-1"
        $0.sold = 70_000
        $0.inField = 70_000
    }
    static let costDeclared: CostDeclared = make {
        $0.from = CalendarDate(daysSince1970: 19_663)
        $0.to = CalendarDate(daysSince1970: 19_663)
        $0.amount = make {
            $0.amountMinor = 4_999
            $0.currency = "currency-1"
        }
        $0.tier = .t1
    }
    static let holdPlaced: HoldPlaced = make {
        $0.legalBasis = "legalBasis-1"
        $0.reason = .open("the reason 1")
    }
    static let holdLifted: HoldLifted = make {
        $0.holdEventID = eventID
        $0.legalBasis = "legalBasis-1"
    }
    static let erasureAcknowledged: ErasureAcknowledged = make {
        $0.about = "about-1"
        $0.redactionEventID = eventID
        $0.keyIDs = [KeyID(rawValue: 7)]
    }
}
