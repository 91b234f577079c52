public import LedgerTypes

/// One row about a customer: how to speak with them, and the events that say more. Nothing personal
/// is in it.
public struct CustomerSummary: EventMessage {
    /// The pseudonym.
    public var customerID = ""
    /// The event that described them last, and so holds the name.
    public var describedBy: EventID?
    /// When.
    public var describedAt: Timestamp?
    /// The language, BCP 47.
    public var language: String?
    /// The way they like best.
    public var preferredChannel: Channel?
    /// The IANA name of their time zone.
    public var timeZone: String?
    /// The other ids of this person, as far as this one's own events say.
    public var linkedIDs: [String] = []
    /// The event that erased what is known of them.
    public var erasedBy: EventID?
    /// How many events it is made of.
    public var events: UInt64 = 0

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.customerID, 1, "customerID")
        try visitor.field(&self.describedBy, 2, "describedBy")
        try visitor.field(&self.describedAt, 3, "describedAt")
        try visitor.field(&self.language, 4, "language")
        try visitor.field(&self.preferredChannel, 5, "preferredChannel")
        try visitor.field(&self.timeZone, 6, "timeZone")
        try visitor.list(&self.linkedIDs, 7, "linkedIDs")
        try visitor.field(&self.erasedBy, 8, "erasedBy")
        try visitor.field(&self.events, 9, "events")
    }
}

/// What is known of a customer after their own events (`customer.*`, and what was redacted), which
/// come in fold order.
public struct CustomerState: Hashable, Sendable {
    /// The row.
    public private(set) var summary = CustomerSummary()
    /// What the texts say by which they are found, event by event; open texts only.
    private var terms: [(event: EventID, terms: [SearchTerm])] = []

    /// A customer without events.
    public init(_ customerID: String) { self.summary.customerID = customerID }

    /// Everything by which they are found, in the order in which it was said.
    public var searchTerms: [SearchTerm] {
        var seen: Set<SearchTerm> = []
        return self.terms.flatMap(\.terms).filter { seen.insert($0).inserted }
    }

    /// Goes on with the next event.
    public mutating func evolve(_ event: CaseEvent) {
        self.summary.events += 1
        switch event.payload {
        case .customerDescribed(let described):
            self.summary.describedBy = event.id
            self.summary.describedAt = event.occurred
            self.summary.erasedBy = nil
            self.summary.language = described.language ?? self.summary.language
            self.summary.preferredChannel =
                described.preferredChannel ?? self.summary.preferredChannel
            self.summary.timeZone = described.timeZone ?? self.summary.timeZone
            let points = described.contactPoints.value ?? []
            self.terms.append((event.id, points.flatMap(SearchTerm.terms(ofContactPoint:))))
        case .customerLinked(let link):
            guard !link.otherCustomerID.isEmpty,
                link.otherCustomerID != self.summary.customerID,
                !self.summary.linkedIDs.contains(link.otherCustomerID)
            else { return }
            self.summary.linkedIDs.append(link.otherCustomerID)
        case .recordRedacted(let redaction): self.redact(redaction, event)
        default: break
        }
    }

    /// What was said before is not to be read any more (L24).
    private mutating func redact(_ redaction: RecordRedacted, _ event: CaseEvent) {
        guard let target = redaction.targetEventID else {
            self.terms = []
            self.summary.erasedBy = event.id
            self.summary.describedBy = nil
            return
        }
        let fields = redaction.fields
        if fields.isEmpty || fields.contains("contactPoints") {
            self.terms.removeAll { $0.event == target }
        }
        if fields.isEmpty || fields.contains("name"), self.summary.describedBy == target {
            self.summary.describedBy = nil
        }
    }

    /// Whether both are made of the same events.
    public static func == (lhs: CustomerState, rhs: CustomerState) -> Bool {
        lhs.summary == rhs.summary && lhs.searchTerms == rhs.searchTerms
    }

    /// Feeds the row.
    public func hash(into hasher: inout Hasher) { hasher.combine(self.summary) }
}
