public import LedgerTypes

// What was corrected, redacted and held, line by line.

/// A value that is read in the place of another (L23).
public struct CorrectionLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// Who corrected, as a pseudonym.
    public var actorID: String
    /// The event that is read otherwise.
    public var target: EventID?
    /// Its field.
    public var field: String
    /// What was read before; absent if nothing was.
    public var old: Sealed<String>
    /// What is read now; absent if nothing is.
    public var new: Sealed<String>
    /// Why.
    public var reason: Sealed<String>
    /// Whether the case was closed by then.
    public var isLate: Bool
    /// Whether it changed something: there is such an event, such a field, and the value fits.
    public var isApplied: Bool
}

/// Texts that are not read any more (L24).
public struct RedactionLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// The event that is not read; `nil` for all up to then.
    public var target: EventID?
    /// The fields; empty for all.
    public var fields: [String]
    /// By which law.
    public var legalBasis: String
    /// The keys that were destroyed.
    public var keyIDs: [KeyID]
    /// Who asked for it.
    public var requestedBy: String
}

/// A time in which nothing may be erased.
public struct HoldLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// By which law.
    public var legalBasis: String
    /// What ended it.
    public var liftedBy: EventID?
}
