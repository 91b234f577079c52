public import LedgerTypes

/// A fact that somebody stated.
public struct Fact: EventMessage {
    /// Which fact, such as `model`.
    public var key = ""
    /// The value, where it is nothing personal; else it stands in `factValues`.
    public var value: String?
    /// Who says so.
    public var source = FactSource.notStated
    /// What it is beside what was known; the ledger fills it in.
    public var change = FactChange.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.key, 1, "key")
        try visitor.field(&self.value, 2, "value")
        try visitor.field(&self.source, 3, "source")
        try visitor.field(&self.change, 4, "change")
    }
}

/// `issue.stated`: somebody explained the issue.
public struct IssueStated: EventMessage {
    /// The statement.
    public var statementID = ""
    /// The facts in it.
    public var facts: [Fact] = []
    /// The facts' values, one per fact in their order; empty where the value stands in the fact;
    /// sealed.
    public var factValues = Sealed<[String]>.absent
    /// The customer's words; sealed.
    public var narrative = Sealed<String>.absent
    /// Whether the customer said it before; the ledger fills it in (L16).
    public var isRestatement = false
    /// The statement that is said again; the ledger fills it in.
    public var restates: String?
    /// Who asked; the ledger fills in the actor.
    public var askedBy: String?
    /// Why it was said again.
    public var reason = RestatementReason.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.statementID, 1, "statementID")
        try visitor.messages(&self.facts, 2, "facts")
        try visitor.sealed(&self.factValues, bit: 0, "factValues", max: FieldLimits.noteBytesMax)
        try visitor.sealed(&self.narrative, bit: 1, "narrative")
        try visitor.field(&self.isRestatement, 3, "isRestatement")
        try visitor.field(&self.restates, 4, "restates")
        try visitor.field(&self.askedBy, 5, "askedBy")
        try visitor.field(&self.reason, 6, "reason")
    }
}

/// `step.tried`: somebody tried something.
public struct StepTried: EventMessage {
    /// The step, where a script or a list names it.
    public var stepID: String?
    /// The script.
    public var scriptID: String?
    /// Its version.
    public var scriptVersion: UInt32?
    /// What was done, in prose; sealed.
    public var text = Sealed<String>.absent
    /// What sort of party did it; who wrote it down is the envelope's actor.
    public var by = ActorKind.notStated
    /// How.
    public var method = StepMethod.notStated
    /// What it led to.
    public var result = StepResult.notStated
    /// SHA-256 of what proves it.
    public var evidenceHash: Digest?
    /// How long it took.
    public var minutes: Double?
    /// The step that this one repeats; the ledger fills it in.
    public var repeatOf: EventID?
    /// Why it was done again.
    public var repeatReason = RepeatReason.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.stepID, 1, "stepID")
        try visitor.field(&self.scriptID, 2, "scriptID")
        try visitor.field(&self.scriptVersion, 3, "scriptVersion")
        try visitor.sealed(&self.text, bit: 0, "text")
        try visitor.field(&self.by, 4, "by")
        try visitor.field(&self.method, 5, "method")
        try visitor.field(&self.result, 6, "result")
        try visitor.field(&self.evidenceHash, 7, "evidenceHash")
        try visitor.field(&self.minutes, 8, "minutes")
        try visitor.field(&self.repeatOf, 9, "repeatOf")
        try visitor.field(&self.repeatReason, 10, "repeatReason")
    }
}
