public import LedgerTypes

// What the customer said and what was tried, line by line.

/// What changed between two agents' parts of a case, of which the first that applies counts.
public enum CrossingKind: UInt32, Vocabulary {
    case notStated, botToHuman, site, tier, shift, channel, agent, sameAgent
}

/// A change between two agents' parts of a case, handed over or not: a seam.
public struct CrossingLine: Hashable, Sendable, Codable {
    /// The event that began the later part.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// What changed.
    public var kind: CrossingKind
    /// Who had the part before.
    public var from: String
    /// Who has the later part.
    public var to: String
    /// The contact of the later part.
    public var contactID: String?
    /// How often the customer had to explain again because of it.
    public var restatements: UInt32
}

/// A fact in a statement.
public struct StatedFact: Hashable, Sendable, Codable {
    /// Which fact.
    public var key: String
    /// The value.
    public var value: Sealed<String>
    /// Who says so.
    public var source: FactSource
    /// What it is beside what was known.
    public var change: FactChange
}

/// An explanation of the issue.
public struct StatementLine: Hashable, Sendable, Codable {
    /// The statement.
    public var statementID: String
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// The contact.
    public var contactID: String?
    /// Who asked.
    public var askedBy: String?
    /// The facts in it.
    public var facts: [StatedFact]
    /// The customer's words.
    public var narrative: Sealed<String>
    /// Whether the customer said it before.
    public var isRestatement: Bool
    /// The statement that is said again.
    public var restates: String?
    /// Why.
    public var reason: RestatementReason
    /// The crossing that caused a restatement.
    public var crossing: CrossingKind?
    /// The event of that crossing.
    public var crossingEvent: EventID?
    /// The case through which it came (L25).
    public var viaCase: Subject?
}

/// A fact as last stated.
public struct FactLine: Hashable, Sendable, Codable {
    /// Which fact.
    public var key: String
    /// The value.
    public var value: Sealed<String>
    /// Who says so.
    public var source: FactSource
    /// Who wrote it down, as a pseudonym.
    public var actorID: String
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// How often it was stated.
    public var told: UInt32
}

/// A step that was tried.
public struct StepLine: Hashable, Sendable, Codable {
    /// The event; of a step before the first contact, the opening.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// The step, where a script or a list names it.
    public var stepID: String?
    /// The script.
    public var scriptID: String?
    /// What was done.
    public var text: Sealed<String>
    /// What sort of party did it.
    public var by: ActorKind
    /// Who wrote it down, as a pseudonym.
    public var actorID: String
    /// The site of that person.
    public var site: String?
    /// How.
    public var method: StepMethod
    /// What it led to.
    public var result: StepResult
    /// SHA-256 of what proves it.
    public var evidenceHash: Digest?
    /// How long it took.
    public var minutes: Double?
    /// The step that it repeats.
    public var repeatOf: EventID?
    /// Why.
    public var repeatReason: RepeatReason
    /// Where the customer tried it before the first contact.
    public var place: AttemptPlace?
    /// The contact.
    public var contactID: String?
    /// The case through which it came (L25).
    public var viaCase: Subject?

    /// Whether it repeats a step without need: neither to verify nor under other conditions.
    public var isNeedlessRepeat: Bool {
        self.repeatOf != nil && self.repeatReason != .verify
            && self.repeatReason != .conditionsChanged
    }

    /// Whether the step did not do what it should.
    public var hasFailed: Bool { self.result == .failed || self.result == .partial }
}

/// A known issue that matches.
public struct KnownIssueLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// The issue.
    public var issueID: String
    /// The product.
    public var product: String?
}
