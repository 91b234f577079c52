public import LedgerTypes

/// What becomes of a breach.
public enum RuleSeverity: UInt32, Vocabulary {
    case notStated, refuse, flag
}

/// A rule that an event breaks.
public struct RuleViolation: Hashable, Sendable, Codable {
    /// The rule.
    public let rule: RuleID
    /// What becomes of it.
    public let severity: RuleSeverity
    /// The event that breaks it; for what is derived at a cut, the event it is derived from.
    public let event: EventID
    /// What is wrong.
    public let message: String
    /// The events that the rule looked at.
    public let saw: [EventID]
    /// What the caller can do.
    public let remedy: String

    /// Creates a violation.
    public init(
        rule: RuleID,
        severity: RuleSeverity,
        event: EventID,
        message: String,
        saw: [EventID] = [],
        remedy: String
    ) {
        self.rule = rule
        self.severity = severity
        self.event = event
        self.message = message
        self.saw = saw
        self.remedy = remedy
    }

    /// The same violation with another severity.
    func with(_ severity: RuleSeverity) -> RuleViolation {
        RuleViolation(
            rule: self.rule,
            severity: severity,
            event: self.event,
            message: self.message,
            saw: self.saw,
            remedy: self.remedy
        )
    }
}

/// Why a decision was refused: every rule broken, those that are only flagged as well.
public struct RuleViolations: Error, Hashable, Sendable, Codable {
    /// At least one of them has severity `refuse`.
    public let violations: [RuleViolation]

    /// Creates a refusal.
    public init(violations: [RuleViolation]) { self.violations = violations }
}

extension RuleViolations: CustomStringConvertible {
    /// One line per violation: rule, what is wrong, what to do.
    public var description: String {
        self.violations.map {
            "\($0.severity.name) \($0.rule.rawValue): \($0.message); \($0.remedy)"
        }.joined(separator: "\n")
    }
}
