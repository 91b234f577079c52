public import LedgerTypes

/// An amount of money.
public struct Money: EventMessage {
    /// In the currency's minor unit.
    public var amountMinor: Int64 = 0
    /// ISO 4217.
    public var currency = ""

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.amountMinor, 1, "amountMinor")
        try visitor.field(&self.currency, 2, "currency")
    }
}

/// What an entitlement rests on.
public struct EntitlementBasis: EventMessage {
    /// The contract.
    public var contractID: String?
    /// When the warranty ends.
    public var warrantyEnd: CalendarDate?
    /// The plan.
    public var plan: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.contractID, 1, "contractID")
        try visitor.field(&self.warrantyEnd, 2, "warrantyEnd")
        try visitor.field(&self.plan, 3, "plan")
    }
}

/// `entitlement.determined`: what the customer is entitled to.
public struct EntitlementDetermined: EventMessage {
    /// What.
    public var entitlement = Entitlement.notStated
    /// For what: the house's word.
    public var scope = ""
    /// What it rests on.
    public var basis: EntitlementBasis?
    /// The rule that says so.
    public var ruleID = ""
    /// Its version.
    public var ruleVersion: UInt32 = 0
    /// Whose problem it is.
    public var responsibleParty: String?
    /// What it costs.
    public var price: Money?
    /// The entitlement before; the ledger fills it in.
    public var previousEntitlement: Entitlement?
    /// Whether the customer disagrees.
    public var disputed = false
    /// Whom the customer had asked before.
    public var contactedParty: String?
    /// The answer that says where to go.
    public var signpostAnswerID: String?
    /// The service level that applies.
    public var slaPolicyID: String?
    /// Its version.
    public var slaPolicyVersion: UInt32?
    /// Why it changed, in prose; sealed.
    public var reason = Sealed<String>.absent

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.entitlement, 1, "entitlement")
        try visitor.field(&self.scope, 2, "scope")
        try visitor.message(&self.basis, 3, "basis")
        try visitor.field(&self.ruleID, 4, "ruleID")
        try visitor.field(&self.ruleVersion, 5, "ruleVersion")
        try visitor.field(&self.responsibleParty, 6, "responsibleParty")
        try visitor.message(&self.price, 7, "price")
        try visitor.field(&self.previousEntitlement, 8, "previousEntitlement")
        try visitor.field(&self.disputed, 9, "disputed")
        try visitor.field(&self.contactedParty, 10, "contactedParty")
        try visitor.field(&self.signpostAnswerID, 11, "signpostAnswerID")
        try visitor.field(&self.slaPolicyID, 12, "slaPolicyID")
        try visitor.field(&self.slaPolicyVersion, 13, "slaPolicyVersion")
        try visitor.sealed(&self.reason, bit: 0, "reason")
    }
}

/// Who approved a remedy.
public struct Approver: EventMessage {
    /// Who.
    public var id = ""
    /// When.
    public var at: Timestamp?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.id, 1, "id")
        try visitor.field(&self.at, 2, "at")
    }
}

/// `remedy.decided`: what the customer gets, or does not.
public struct RemedyDecided: EventMessage {
    /// The remedy.
    public var remedyID = ""
    /// What.
    public var kind = RemedyKind.notStated
    /// What it is worth.
    public var value: Money?
    /// When it was asked for.
    public var requestedAt: Timestamp?
    /// Who asked for it; the ledger fills in the actor.
    public var requestedBy = ""
    /// What was decided.
    public var decision = RemedyDecision.notStated
    /// Who approved it.
    public var approvers: [Approver] = []
    /// Whether the actor could decide alone; the ledger fills it in.
    public var withinAuthority: Bool?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.remedyID, 1, "remedyID")
        try visitor.field(&self.kind, 2, "kind")
        try visitor.message(&self.value, 3, "value")
        try visitor.field(&self.requestedAt, 4, "requestedAt")
        try visitor.field(&self.requestedBy, 5, "requestedBy")
        try visitor.field(&self.decision, 6, "decision")
        try visitor.messages(&self.approvers, 7, "approvers")
        try visitor.field(&self.withinAuthority, 8, "withinAuthority")
    }
}
