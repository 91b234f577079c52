public import LedgerTypes

// Answers, feedback and signals, line by line.

/// An answer that had to do with the case.
public struct AnswerLinkLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// The answer.
    public var answerID: String
    /// Its version.
    public var version: UInt32
    /// What it did; `nil` where it was published for the case.
    public var relation: AnswerRelation?
    /// Who linked it, as a pseudonym.
    public var actorID: String
    /// The contact.
    public var contactID: String?
    /// The case through which it came (L25).
    public var viaCase: Subject?
}

/// What the customer thinks.
public struct FeedbackLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// What was asked.
    public var instrument: FeedbackInstrument
    /// The worst score.
    public var scaleMin: UInt32
    /// The best score.
    public var scaleMax: UInt32
    /// The score; `nil` where it was asked and not answered yet.
    public var score: Double?
    /// How many people the customer told.
    public var toldCount: UInt32?
    /// What it is about.
    public var about: FeedbackTopic
    /// Whether it was asked for.
    public var solicited: Bool
    /// The customer's words.
    public var verbatim: Sealed<String>
    /// Whether this is only the question.
    public var isRequest: Bool
    /// The contact.
    public var contactID: String?
}

/// What the case says to the rest of the house.
public struct SignalLine: Hashable, Sendable, Codable {
    /// The signal.
    public var signalID: String
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// What sort.
    public var kind: SignalKind
    /// Good or bad.
    public var polarity: Polarity
    /// The part of the product.
    public var component: String?
    /// Days since the purchase.
    public var daysInField: UInt32?
    /// Whom it concerns.
    public var department: String
    /// Whether it was asked for.
    public var solicited: Bool
    /// What was decided.
    public var decision: SignalDecision?
    /// By which event.
    public var decidedBy: EventID?
}

/// Something was offered for sale in a support contact.
public struct SaleLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// What.
    public var product: String
    /// What became of it.
    public var outcome: SaleOutcome
    /// The contact.
    public var contactID: String?
}

/// Somebody spoke about us in public, and agreed to be linked to the case.
public struct MentionLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// Where.
    public var platform: String
    /// For us or against us.
    public var polarity: Polarity
    /// How many people it reached.
    public var reach: UInt64
}
