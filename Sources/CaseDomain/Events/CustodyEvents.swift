public import LedgerTypes

/// `owner.assigned`: somebody answers to the customer from now on.
public struct OwnerAssigned: EventMessage {
    /// The owner.
    public var ownerID = ""
    /// How the owner came to the case.
    public var how = AssignmentMode.notStated
    /// The owner before; the ledger fills it in.
    public var previousOwnerID: String?
    /// The rule, where a system assigned it (L9).
    public var rule: String?
    /// Why.
    public var reason = HandoffReason.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.ownerID, 1, "ownerID")
        try visitor.field(&self.how, 2, "how")
        try visitor.field(&self.previousOwnerID, 3, "previousOwnerID")
        try visitor.field(&self.rule, 4, "rule")
        try visitor.field(&self.reason, 5, "reason")
    }
}

/// `owner.released`: the owner gave the case up; it is ownerless until the next `owner.assigned`.
public struct OwnerReleased: EventMessage {
    /// Why.
    public var reason = ReleaseReason.notStated
    /// Who works on it meanwhile.
    public var interimHolder: String?
    /// The rule, where a system released it (L9).
    public var rule: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.reason, 1, "reason")
        try visitor.field(&self.interimHolder, 2, "interimHolder")
        try visitor.field(&self.rule, 3, "rule")
    }
}

/// One end of a handoff: a person, a team, a site, a tier, or several of these.
public struct CustodyPlace: EventMessage {
    /// The person.
    public var actor: String?
    /// The team.
    public var team: String?
    /// The site.
    public var site: String?
    /// The tier.
    public var tier: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.actor, 1, "actor")
        try visitor.field(&self.team, 2, "team")
        try visitor.field(&self.site, 3, "site")
        try visitor.field(&self.tier, 4, "tier")
    }
}

/// What was promised to follow a handoff; sealed.
public struct Expectation: EventMessage {
    /// By when or by whom, as it was said.
    public var by = Sealed<String>.absent
    /// What.
    public var what = Sealed<String>.absent

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.sealed(&self.by, bit: 0, "by")
        try visitor.sealed(&self.what, bit: 1, "what")
    }
}

/// What the receiver of a handoff must know, made of references that replay can check.
public struct HandoffContext: EventMessage {
    /// What it is about; sealed.
    public var summary = Sealed<String>.absent
    /// The statement that holds the customer's words.
    public var problemInCustomersWords: String?
    /// The keys of the facts that matter.
    public var keyFacts: [String] = []
    /// The keys of the facts that the customer has already told.
    public var doNotAskAgain: [String] = []
    /// The steps already tried; the ledger fills them in.
    public var stepsTried: [EventID] = []
    /// The commitments still open; the ledger fills them in.
    public var openCommitments: [String] = []
    /// What the customer is entitled to; the ledger fills it in.
    public var entitlement: Entitlement?
    /// The last message that the customer got.
    public var whatWeToldTheCustomer: String?
    /// What has to be done; sealed.
    public var nextAction = Sealed<String>.absent
    /// What was promised to follow.
    public var expectation: Expectation?
    /// How the customer sounds.
    public var mood: Mood?
    /// Known issues that match.
    public var knownIssueIDs: [String] = []
    /// The case's history at the time of the offer; the ledger fills it in.
    public var caseHead: Digest?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.sealed(&self.summary, bit: 0, "summary")
        try visitor.field(&self.problemInCustomersWords, 1, "problemInCustomersWords")
        try visitor.list(&self.keyFacts, 2, "keyFacts")
        try visitor.list(&self.doNotAskAgain, 3, "doNotAskAgain")
        try visitor.list(&self.stepsTried, 4, "stepsTried")
        try visitor.list(&self.openCommitments, 5, "openCommitments")
        try visitor.field(&self.entitlement, 6, "entitlement")
        try visitor.field(&self.whatWeToldTheCustomer, 7, "whatWeToldTheCustomer")
        try visitor.sealed(&self.nextAction, bit: 1, "nextAction")
        try visitor.message(&self.expectation, 8, "expectation")
        try visitor.field(&self.mood, 9, "mood")
        try visitor.list(&self.knownIssueIDs, 10, "knownIssueIDs")
        try visitor.field(&self.caseHead, 11, "caseHead")
    }
}

/// `handoff.offered`: the holder asks another to work on the case. Its id is the envelope's
/// `handoffID`.
public struct HandoffOffered: EventMessage {
    /// How it is handed over.
    public var kind = HandoffKind.notStated
    /// Who offers.
    public var from: CustodyPlace?
    /// Who shall take it.
    public var to: CustodyPlace?
    /// Why.
    public var reason = HandoffReason.notStated
    /// When the offer ends by itself.
    public var deadline: Timestamp?
    /// Whether the receiver becomes the owner as well.
    public var movesOwnership = false
    /// Whether the customer is on the line.
    public var customerOnLine = false
    /// What the receiver must know.
    public var context: HandoffContext?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.kind, 1, "kind")
        try visitor.message(&self.from, 2, "from")
        try visitor.message(&self.to, 3, "to")
        try visitor.field(&self.reason, 4, "reason")
        try visitor.field(&self.deadline, 5, "deadline")
        try visitor.field(&self.movesOwnership, 6, "movesOwnership")
        try visitor.field(&self.customerOnLine, 7, "customerOnLine")
        try visitor.message(&self.context, 8, "context")
    }
}

/// `handoff.accepted`: the receiver took the case.
public struct HandoffAccepted: EventMessage {
    /// Who took it.
    public var by = ""
    /// Whether the context was read.
    public var contextRead = false
    /// The keys that the receiver lacked.
    public var missing: [String] = []
    /// How long reading took.
    public var readSeconds: Double?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.by, 1, "by")
        try visitor.field(&self.contextRead, 2, "contextRead")
        try visitor.list(&self.missing, 3, "missing")
        try visitor.field(&self.readSeconds, 4, "readSeconds")
    }
}

/// `handoff.declined`: the offer was turned down or taken back.
public struct HandoffDeclined: EventMessage {
    /// Why.
    public var reason = DeclineReason.notStated
    /// To whom the case returns.
    public var returnsTo: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.reason, 1, "reason")
        try visitor.field(&self.returnsTo, 2, "returnsTo")
    }
}

/// `site.registered`: a site says what it is; index 1 of its first log.
public struct SiteRegistered: EventMessage {
    /// What sort of site.
    public var kind = SiteKind.notStated
    /// The company that runs it.
    public var `operator`: String?
    /// The IANA name of its time zone.
    public var timeZone: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.kind, 1, "kind")
        try visitor.field(&self.operator, 2, "operator")
        try visitor.field(&self.timeZone, 3, "timeZone")
    }
}
