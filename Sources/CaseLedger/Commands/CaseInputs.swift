public import CaseDomain
public import LedgerTypes

// Short ways to write what commands take.

extension CustodyPlace {
    /// A team, of this or another site.
    public static func team(_ team: String, site: String? = nil, tier: Tier? = nil) -> CustodyPlace
    {
        var place = CustodyPlace()
        place.team = team
        place.site = site
        place.tier = tier?.name
        return place
    }

    /// A person, of a team where that is known.
    public static func person(
        _ actorID: String,
        team: String? = nil,
        site: String? = nil
    ) -> CustodyPlace {
        var place = CustodyPlace()
        place.actor = actorID
        place.team = team
        place.site = site
        return place
    }

    /// Another site.
    public static func site(_ site: String) -> CustodyPlace {
        var place = CustodyPlace()
        place.site = site
        return place
    }
}

extension Product {
    /// A product, and which one of them.
    public init(_ id: String, serial: String? = nil, lot: String? = nil) {
        self.init()
        self.id = id
        self.serial = .stated(serial)
        self.lot = lot
    }
}

extension Money {
    /// An amount in the currency's minor unit.
    public init(minor amount: Int64, _ currency: String) {
        self.init()
        self.amountMinor = amount
        self.currency = currency
    }
}

extension PriorAttempt {
    /// What a customer tried before the first contact: a step, or an answer that was found.
    public init(
        _ place: AttemptPlace,
        step stepID: String? = nil,
        answer answerID: String? = nil,
        _ result: StepResult
    ) {
        self.init()
        self.place = place
        self.stepID = stepID
        self.answerID = answerID
        self.result = result
    }
}

extension Sealed {
    /// The text, or nothing.
    static func stated(_ value: Value?) -> Sealed { value.map { .open($0) } ?? .absent }
}
