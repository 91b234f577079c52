public import LedgerTypes

// What the customer is entitled to, gets and sends back, line by line.

/// A decision about what the customer is entitled to.
public struct EntitlementLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// Who decided, as a pseudonym.
    public var actorID: String
    /// The site of that person.
    public var site: String?
    /// What.
    public var entitlement: Entitlement
    /// For what.
    public var scope: String
    /// What it rests on.
    public var basis: EntitlementBasis?
    /// The rule that says so.
    public var ruleID: String
    /// Its version.
    public var ruleVersion: UInt32
    /// Whose problem it is.
    public var responsibleParty: String?
    /// What it costs.
    public var price: Money?
    /// The entitlement before.
    public var previous: Entitlement?
    /// Whether the customer disagrees.
    public var disputed: Bool
    /// Whom the customer had asked before.
    public var contactedParty: String?
    /// The answer that says where to go.
    public var signpostAnswerID: String?
    /// The service level that applies.
    public var slaPolicyID: String?
    /// Its version.
    public var slaPolicyVersion: UInt32?
    /// Why it changed.
    public var reason: Sealed<String>

    /// Whether the customer is sent away without being told where to go (L20).
    public var isDeadEnd: Bool {
        guard self.entitlement == .unsupported || self.entitlement == .thirdParty else {
            return false
        }
        return (self.signpostAnswerID ?? "").isEmpty && (self.responsibleParty ?? "").isEmpty
    }
}

/// A decision about a remedy.
public struct RemedyLine: Hashable, Sendable, Codable {
    /// The remedy.
    public var remedyID: String
    /// The event.
    public var event: EventID
    /// When it was decided.
    public var at: Timestamp
    /// Who decided, as a pseudonym.
    public var actorID: String
    /// What.
    public var kind: RemedyKind
    /// What it is worth.
    public var value: Money?
    /// When it was asked for.
    public var requestedAt: Timestamp?
    /// Who asked for it.
    public var requestedBy: String
    /// What was decided.
    public var decision: RemedyDecision
    /// Who approved it.
    public var approvers: [Approver]
    /// Whether the actor could decide alone.
    public var withinAuthority: Bool?
    /// The case through which it came (L25).
    public var viaCase: Subject?
}

/// A stage of a return.
public struct ReturnStageLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// Which.
    public var stage: ReturnStage
}

/// A product that came back.
public struct ReturnLine: Hashable, Sendable, Codable {
    /// The return.
    public var returnID: String
    /// How far it has come, in order.
    public var stages: [ReturnStageLine]
    /// Why, as the customer said.
    public var reasonStated: Sealed<String>
    /// Whether it came in time.
    public var withinWindow: Bool?
    /// What inspection found.
    public var finding: ReturnFinding
    /// Days from the purchase to the first stage.
    public var daysSincePurchase: Int64?
    /// Other cases of the same product.
    public var caseIDs: [String]
    /// Whether the product had no fault, and nobody had answered the customer or solved the case
    /// before it was sent back: support could have saved it.
    public var isPreventable: Bool
    /// The contact that could have saved it: the last one before the return that was answered, or
    /// else the last one that nobody answered.
    public var savingContact: String?
    /// The event that began that contact.
    public var savingContactEvent: EventID?
    /// The case through which it came (L25).
    public var viaCase: Subject?
}
