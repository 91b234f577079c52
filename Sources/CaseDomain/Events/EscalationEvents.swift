public import LedgerTypes

/// `escalation.raised`: help is asked for, and a report back is owed.
public struct EscalationRaised: EventMessage {
    /// Where it goes.
    public var kind = EscalationKind.notStated
    /// From which tier.
    public var fromTier = Tier.notStated
    /// To which tier.
    public var toTier = Tier.notStated
    /// To which team.
    public var toTeam: String?
    /// To which site.
    public var toSite: String?
    /// Why.
    public var reason = EscalationReason.notStated
    /// 1 is the worst; 0 is not stated.
    public var severity: UInt32 = 0
    /// What is asked; sealed.
    public var question = Sealed<String>.absent
    /// The steps that did not help; the ledger fills them in.
    public var failedSteps: [EventID] = []
    /// To whom the answer is owed: the owner; the ledger fills it in.
    public var reportBackTo = ""
    /// By when.
    public var reportBackDue: Timestamp?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.kind, 1, "kind")
        try visitor.field(&self.fromTier, 2, "fromTier")
        try visitor.field(&self.toTier, 3, "toTier")
        try visitor.field(&self.toTeam, 4, "toTeam")
        try visitor.field(&self.toSite, 5, "toSite")
        try visitor.field(&self.reason, 6, "reason")
        try visitor.field(&self.severity, 7, "severity")
        try visitor.sealed(&self.question, bit: 0, "question")
        try visitor.list(&self.failedSteps, 8, "failedSteps")
        try visitor.field(&self.reportBackTo, 9, "reportBackTo")
        try visitor.field(&self.reportBackDue, 10, "reportBackDue")
    }
}

/// `escalation.reportedBack`: an answer to an escalation.
public struct EscalationReportedBack: EventMessage {
    /// To whom; the ledger fills in the owner.
    public var to = ""
    /// What came back.
    public var outcome = ReportOutcome.notStated
    /// What was found; sealed.
    public var findings = Sealed<String>.absent
    /// The steps that were tried.
    public var steps: [EventID] = []
    /// The answers that were found.
    public var answerIDs: [String] = []
    /// Whether nothing more is to come.
    public var isFinal = false

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.to, 1, "to")
        try visitor.field(&self.outcome, 2, "outcome")
        try visitor.sealed(&self.findings, bit: 0, "findings")
        try visitor.list(&self.steps, 3, "steps")
        try visitor.list(&self.answerIDs, 4, "answerIDs")
        try visitor.field(&self.isFinal, 5, "final")
    }
}

/// `escalation.closed`: an escalation ended.
public struct EscalationClosed: EventMessage {
    /// Why.
    public var reason = EscalationCloseReason.notStated
    /// Why no answer is needed, where it was waived; sealed.
    public var waiver = Sealed<String>.absent

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.reason, 1, "reason")
        try visitor.sealed(&self.waiver, bit: 0, "waiver")
    }
}
