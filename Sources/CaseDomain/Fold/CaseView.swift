public import LedgerTypes

/// A case on one screen, built from its events and a time and from nothing else, so that it is the
/// same on every replica (DOMAIN.md 3.1).
public struct CaseView: Hashable, Sendable, Codable {
    /// Section 0.
    public struct Header: Hashable, Sendable, Codable {
        /// The case.
        public var `case`: Subject
        /// Open, resolved or closed.
        public var state: CaseStanding
        /// The same in the words of TMF621.
        public var status: CaseStatus
        /// The episode, from 1; 0 before the first.
        public var episode: UInt32
        /// Who answers to the customer.
        public var owner: Sourced<String>?
        /// Who answered first.
        public var originalOwner: Sourced<String>?
        /// Who works on it.
        public var holder: Sourced<Holder>?
        /// The customer's pseudonym.
        public var customerID: Sourced<String>?
        /// The product.
        public var product: Sourced<Product>?
        /// When it was bought.
        public var purchaseDate: Sourced<CalendarDate>?
        /// The case in a line.
        public var title: Sourced<Sealed<String>>?
        /// What the customer wants.
        public var ticketType: Sourced<TicketType>?
        /// The house's category.
        public var category: Sourced<String>?
        /// 1 is the worst.
        public var severity: Sourced<UInt32>?
        /// The priority.
        public var priority: Sourced<String>?
        /// The source's verdict on the service level.
        public var slaMet: Sourced<Bool>?
        /// The sites that held the case, in order.
        public var sites: [String]
        /// When it began.
        public var openedAt: Timestamp?
        /// What the customer is entitled to, and by which rule.
        public var entitlement: EntitlementLine?
        /// The owner whom another site assigned in parallel (C2).
        public var contendedOwner: Sourced<String>?
        /// The customer's first attempt, from which their clock runs, if it was before the opening.
        public var firstAttemptAt: Timestamp?
        /// The case it was merged into.
        public var mergedInto: Sourced<String>?
    }

    /// Section 6.
    public struct Messages: Hashable, Sendable, Codable {
        /// What the customer was told.
        public var told: [MessageLine]
        /// What the customer wrote.
        public var heard: [MessageLine]
        /// What was written inside.
        public var notes: [MessageLine]
    }

    /// Section 7.
    public struct Path: Hashable, Sendable, Codable {
        /// Contacts.
        public var contacts: [ContactLine]
        /// Offers and their ends.
        public var handoffs: [HandoffLine]
        /// Changes of holder.
        public var custody: [CustodyLine]
        /// Owners.
        public var owners: [OwnerSpan]
        /// Seconds without an owner, between owners.
        public var ownerlessSeconds: Double
        /// Waits.
        public var waits: [WaitLine]
        /// Episodes.
        public var episodes: [EpisodeLine]
        /// Links.
        public var links: [LinkLine]
        /// Classification history.
        public var classifications: [ClassificationLine]
    }

    /// Section 10.
    public struct Integrity: Hashable, Sendable, Codable {
        /// Broken rules.
        public var flags: [RuleViolation]
        /// What two sites did in parallel.
        public var conflicts: [RuleViolation]
        /// Copies of events that do not count (C1).
        public var duplicates: [EventAddress]
        /// Types that this version does not know, and how many events of each.
        public var unknownTypes: [TypeCount]
    }

    /// How many events there are of a type.
    public struct TypeCount: Hashable, Sendable, Codable {
        /// The type.
        public var type: String
        /// How many.
        public var count: UInt64
    }

    /// The time at which the view stands.
    public var asOf: Timestamp
    /// Where things stand.
    public var header: Header
    /// Where the customer stands with the product; `nil` if the purchase is not known.
    public var journey: Journey?
    /// What it is, and what not to ask again.
    public var understanding: Understanding
    /// What was tried.
    public var steps: Steps
    /// What has to be done.
    public var work: Work
    /// What was promised, overdue first.
    public var commitments: [CommitmentLine]
    /// What the customer was told about the outcome.
    public var claims: Claims
    /// Remedies, returns and answers.
    public var outcomes: Outcomes
    /// What is known of the customer.
    public var customer: Customer
    /// What was changed afterwards, and what judged the case.
    public var records: Records
    /// Offers that wait for an answer (section 4).
    public var openOffers: [HandoffLine]
    /// What was said.
    public var messages: Messages
    /// How the case went.
    public var path: Path
    /// What to trust.
    public var integrity: Integrity
    /// Every event, in fold order.
    public var events: [EventLine]
}
