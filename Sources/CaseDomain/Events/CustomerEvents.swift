public import LedgerTypes

/// Hours of a weekday.
public struct WeekHours: EventMessage {
    /// 1 is Monday, 7 is Sunday.
    public var weekday: UInt32 = 0
    /// From this minute of the day.
    public var fromMinute: UInt32 = 0
    /// Until this minute of the day.
    public var toMinute: UInt32 = 0

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.weekday, 1, "weekday")
        try visitor.field(&self.fromMinute, 2, "fromMinute")
        try visitor.field(&self.toMinute, 3, "toMinute")
    }
}

/// `customer.described`: how to speak with a customer.
public struct CustomerDescribed: EventMessage {
    /// The name; sealed.
    public var name = Sealed<String>.absent
    /// How to address them; sealed.
    public var addressAs = Sealed<String>.absent
    /// Telephone numbers, addresses; sealed.
    public var contactPoints = Sealed<[String]>.absent
    /// The language, BCP 47.
    public var language: String?
    /// The way they like best.
    public var preferredChannel: Channel?
    /// The times they like best.
    public var preferredTimes: [WeekHours] = []
    /// The IANA name of their time zone.
    public var timeZone: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.sealed(&self.name, bit: 0, "name")
        try visitor.sealed(&self.addressAs, bit: 1, "addressAs")
        try visitor.sealed(
            &self.contactPoints,
            bit: 2,
            "contactPoints",
            max: FieldLimits.textBytesMax
        )
        try visitor.field(&self.language, 1, "language")
        try visitor.field(&self.preferredChannel, 2, "preferredChannel")
        try visitor.messages(&self.preferredTimes, 3, "preferredTimes")
        try visitor.field(&self.timeZone, 4, "timeZone")
    }
}

/// `customer.linked`: two ids are one person.
public struct CustomerLinked: EventMessage {
    /// The other id.
    public var otherCustomerID = ""
    /// Why, in prose; sealed.
    public var reason = Sealed<String>.absent

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.otherCustomerID, 1, "otherCustomerID")
        try visitor.sealed(&self.reason, bit: 0, "reason")
    }
}

/// `selfService.ended`: a customer looked for an answer alone.
public struct SelfServiceEnded: EventMessage {
    /// The customer's pseudonym, if known.
    public var customerID: String?
    /// The answers that were read.
    public var answersViewed: [String] = []
    /// How often they searched.
    public var searches: UInt32 = 0
    /// Whether they were about to contact support.
    public var intentToContact = false
    /// How it ended.
    public var outcome = SessionOutcome.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.customerID, 1, "customerID")
        try visitor.list(&self.answersViewed, 2, "answersViewed")
        try visitor.field(&self.searches, 3, "searches")
        try visitor.field(&self.intentToContact, 4, "intentToContact")
        try visitor.field(&self.outcome, 5, "outcome")
    }
}

/// `mention.observed`: somebody spoke about us in public.
public struct MentionObserved: EventMessage {
    /// Where.
    public var platform = ""
    /// For us or against us.
    public var polarity = Polarity.notStated
    /// How many people it reached.
    public var reach: UInt64 = 0
    /// Whether the author agreed to be linked to the case.
    public var consent = false
    /// The case, where the author agreed.
    public var caseID: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.platform, 1, "platform")
        try visitor.field(&self.polarity, 2, "polarity")
        try visitor.field(&self.reach, 3, "reach")
        try visitor.field(&self.consent, 4, "consent")
        try visitor.field(&self.caseID, 5, "caseID")
    }
}

/// `offer.made`: something was offered for sale on a support contact.
public struct OfferMade: EventMessage {
    /// What.
    public var product = ""
    /// What became of it.
    public var outcome = SaleOutcome.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.product, 1, "product")
        try visitor.field(&self.outcome, 2, "outcome")
    }
}

/// `feedback.requested`: the customer was asked what they think.
public struct FeedbackRequested: EventMessage {
    /// What was asked.
    public var instrument = FeedbackInstrument.notStated
    /// About what.
    public var about = FeedbackTopic.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.instrument, 1, "instrument")
        try visitor.field(&self.about, 2, "about")
    }
}

/// `signal.decided`: a department answered a signal.
public struct SignalDecided: EventMessage {
    /// The signal.
    public var signalID: String?
    /// Or all of a kind.
    public var kind: SignalKind?
    /// Who decided.
    public var department = ""
    /// What.
    public var decision = SignalDecision.notStated
    /// When it takes effect.
    public var at: Timestamp?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.signalID, 1, "signalID")
        try visitor.field(&self.kind, 2, "kind")
        try visitor.field(&self.department, 3, "department")
        try visitor.field(&self.decision, 4, "decision")
        try visitor.field(&self.at, 5, "at")
    }
}

/// `knownIssue.linked`: a case has a known issue.
public struct KnownIssueLinked: EventMessage {
    /// The issue, where the subject is the case.
    public var issueID: String?
    /// The product.
    public var product: String?
    /// The case, where the subject is the issue.
    public var caseID: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.issueID, 1, "issueID")
        try visitor.field(&self.product, 2, "product")
        try visitor.field(&self.caseID, 3, "caseID")
    }
}
