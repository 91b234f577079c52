public import LedgerTypes

/// `answer.published`: an answer was published, or a new version of it.
public struct AnswerPublished: EventMessage {
    /// The answer, where the subject is the case that it was written for.
    public var answerID: String?
    /// Its version.
    public var version: UInt32 = 0
    /// Where: a site, a forum, a page.
    public var place = ""
    /// How well it is proven.
    public var confidence = ArticleConfidence.notStated
    /// Who may read it.
    public var audience = ArticleAudience.notStated
    /// By which rules it changes.
    public var governance = ArticleGovernance.notStated
    /// Who wrote it.
    public var author = ""
    /// How long it took.
    public var minutes: Double?
    /// The cases it came from.
    public var originCaseIDs: [String] = []

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.answerID, 1, "answerID")
        try visitor.field(&self.version, 2, "version")
        try visitor.field(&self.place, 3, "place")
        try visitor.field(&self.confidence, 4, "confidence")
        try visitor.field(&self.audience, 5, "audience")
        try visitor.field(&self.governance, 6, "governance")
        try visitor.field(&self.author, 7, "author")
        try visitor.field(&self.minutes, 8, "minutes")
        try visitor.list(&self.originCaseIDs, 9, "originCaseIDs")
    }
}

/// `answer.linked`: an answer had to do with the case.
public struct AnswerLinked: EventMessage {
    /// The answer.
    public var answerID = ""
    /// Its version.
    public var version: UInt32 = 0
    /// What it did.
    public var relation = AnswerRelation.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.answerID, 1, "answerID")
        try visitor.field(&self.version, 2, "version")
        try visitor.field(&self.relation, 3, "relation")
    }
}

/// `feedback.received`: the customer said what they think.
public struct FeedbackReceived: EventMessage {
    /// What was asked.
    public var instrument = FeedbackInstrument.notStated
    /// The worst score.
    public var scaleMin: UInt32 = 0
    /// The best score.
    public var scaleMax: UInt32 = 0
    /// The score.
    public var score: Double?
    /// How many people the customer told.
    public var toldCount: UInt32?
    /// What it is about.
    public var about = FeedbackTopic.notStated
    /// Whether it was asked for.
    public var solicited = false
    /// The customer's words; sealed.
    public var verbatim = Sealed<String>.absent

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.instrument, 1, "instrument")
        try visitor.field(&self.scaleMin, 2, "scaleMin")
        try visitor.field(&self.scaleMax, 3, "scaleMax")
        try visitor.field(&self.score, 4, "score")
        try visitor.field(&self.toldCount, 5, "toldCount")
        try visitor.field(&self.about, 6, "about")
        try visitor.field(&self.solicited, 7, "solicited")
        try visitor.sealed(&self.verbatim, bit: 0, "verbatim")
    }
}

/// `signal.raised`: what support says to the rest of the house.
public struct SignalRaised: EventMessage {
    /// The signal.
    public var signalID = ""
    /// What sort.
    public var kind = SignalKind.notStated
    /// Good or bad.
    public var polarity = Polarity.notStated
    /// The part of the product.
    public var component: String?
    /// Days since the purchase; the ledger fills it in.
    public var daysInField: UInt32?
    /// Whom it concerns.
    public var department = ""
    /// Whether it was asked for.
    public var solicited = false
    /// The event that holds the customer's words.
    public var verbatimRef: EventID?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.signalID, 1, "signalID")
        try visitor.field(&self.kind, 2, "kind")
        try visitor.field(&self.polarity, 3, "polarity")
        try visitor.field(&self.component, 4, "component")
        try visitor.field(&self.daysInField, 5, "daysInField")
        try visitor.field(&self.department, 6, "department")
        try visitor.field(&self.solicited, 7, "solicited")
        try visitor.field(&self.verbatimRef, 8, "verbatimRef")
    }
}

/// `return.recorded`: a product comes back.
public struct ReturnRecorded: EventMessage {
    /// The return.
    public var returnID = ""
    /// How far it has come.
    public var stage = ReturnStage.notStated
    /// Why, as the customer said; sealed.
    public var reasonStated = Sealed<String>.absent
    /// Whether it came in time; the ledger fills it in from the purchase date.
    public var withinWindow: Bool?
    /// What inspection found.
    public var finding = ReturnFinding.notStated
    /// Other cases of the same product.
    public var caseIDs: [String] = []

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.returnID, 1, "returnID")
        try visitor.field(&self.stage, 2, "stage")
        try visitor.sealed(&self.reasonStated, bit: 0, "reasonStated")
        try visitor.field(&self.withinWindow, 3, "withinWindow")
        try visitor.field(&self.finding, 4, "finding")
        try visitor.list(&self.caseIDs, 5, "caseIDs")
    }
}
