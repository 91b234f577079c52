public import LedgerTypes

/// `customerBase.declared`: how many customers there are.
public struct CustomerBaseDeclared: EventMessage {
    /// The first day.
    public var from: CalendarDate?
    /// The last day.
    public var to: CalendarDate?
    /// How many.
    public var customers: UInt64 = 0

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.from, 1, "from")
        try visitor.field(&self.to, 2, "to")
        try visitor.field(&self.customers, 3, "customers")
    }
}

/// `headcount.declared`: how many people work in support.
public struct HeadcountDeclared: EventMessage {
    /// The first day.
    public var from: CalendarDate?
    /// The last day.
    public var to: CalendarDate?
    /// How many.
    public var staff: UInt64 = 0
    /// In which team.
    public var team: String?
    /// In which tier.
    public var tier = Tier.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.from, 1, "from")
        try visitor.field(&self.to, 2, "to")
        try visitor.field(&self.staff, 3, "staff")
        try visitor.field(&self.team, 4, "team")
        try visitor.field(&self.tier, 5, "tier")
    }
}

/// `unitsInField.declared`: how many units of a product are out.
public struct UnitsInFieldDeclared: EventMessage {
    /// The first day.
    public var from: CalendarDate?
    /// The last day.
    public var to: CalendarDate?
    /// The product.
    public var product = ""
    /// Sold in this time.
    public var sold: UInt64 = 0
    /// In use at its end.
    public var inField: UInt64 = 0

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.from, 1, "from")
        try visitor.field(&self.to, 2, "to")
        try visitor.field(&self.product, 3, "product")
        try visitor.field(&self.sold, 4, "sold")
        try visitor.field(&self.inField, 5, "inField")
    }
}

/// `cost.declared`: what support cost.
public struct CostDeclared: EventMessage {
    /// The first day.
    public var from: CalendarDate?
    /// The last day.
    public var to: CalendarDate?
    /// How much.
    public var amount: Money?
    /// In which tier.
    public var tier = Tier.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.from, 1, "from")
        try visitor.field(&self.to, 2, "to")
        try visitor.message(&self.amount, 3, "amount")
        try visitor.field(&self.tier, 4, "tier")
    }
}

/// `hold.placed`: nothing may be erased.
public struct HoldPlaced: EventMessage {
    /// By which law.
    public var legalBasis = ""
    /// Why, in prose; sealed.
    public var reason = Sealed<String>.absent

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.legalBasis, 1, "legalBasis")
        try visitor.sealed(&self.reason, bit: 0, "reason")
    }
}

/// `hold.lifted`: a hold ended.
public struct HoldLifted: EventMessage {
    /// The `hold.placed` that ends.
    public var holdEventID: EventID?
    /// By which law.
    public var legalBasis = ""

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.holdEventID, 1, "holdEventID")
        try visitor.field(&self.legalBasis, 2, "legalBasis")
    }
}

/// `erasure.acknowledged`: a site destroyed its keys.
public struct ErasureAcknowledged: EventMessage {
    /// The subject whose keys they were.
    public var about = ""
    /// The `record.redacted` that asked for it.
    public var redactionEventID: EventID?
    /// The keys.
    public var keyIDs: [KeyID] = []

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.about, 1, "about")
        try visitor.field(&self.redactionEventID, 2, "redactionEventID")
        try visitor.list(&self.keyIDs, 3, "keyIDs")
    }
}
