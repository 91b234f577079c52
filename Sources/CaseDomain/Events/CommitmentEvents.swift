public import LedgerTypes

/// `commitment.made`: something was promised.
public struct CommitmentMade: EventMessage {
    /// The promise.
    public var commitmentID = ""
    /// What.
    public var kind = CommitmentKind.notStated
    /// Who promised it; the ledger fills in the actor.
    public var promisedBy = ""
    /// Not before.
    public var dueFrom: Timestamp?
    /// By when.
    public var dueAt: Timestamp?
    /// The way it shall take.
    public var channel = Channel.notStated
    /// What was said; sealed.
    public var text = Sealed<String>.absent
    /// Whether the same person was promised.
    public var sameRepPromised = false

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.commitmentID, 1, "commitmentID")
        try visitor.field(&self.kind, 2, "kind")
        try visitor.field(&self.promisedBy, 3, "promisedBy")
        try visitor.field(&self.dueFrom, 4, "dueFrom")
        try visitor.field(&self.dueAt, 5, "dueAt")
        try visitor.field(&self.channel, 6, "channel")
        try visitor.sealed(&self.text, bit: 0, "text")
        try visitor.field(&self.sameRepPromised, 7, "sameRepPromised")
    }
}

/// `commitment.settled`: a promise was kept, or not.
public struct CommitmentSettled: EventMessage {
    /// The promise.
    public var commitmentID = ""
    /// How it was settled.
    public var outcome = CommitmentOutcome.notStated
    /// The promise in its place, where it was rescheduled.
    public var newCommitmentID: String?
    /// Who moved it.
    public var rescheduledBy = CommitmentParty.notStated
    /// Who kept it; the ledger fills in the actor.
    public var keptBy: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.commitmentID, 1, "commitmentID")
        try visitor.field(&self.outcome, 2, "outcome")
        try visitor.field(&self.newCommitmentID, 3, "newCommitmentID")
        try visitor.field(&self.rescheduledBy, 4, "rescheduledBy")
        try visitor.field(&self.keptBy, 5, "keptBy")
    }
}
