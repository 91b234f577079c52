internal import LedgerTypes

/// What a site decided about the rules, and what it knows of teams and staff.
public struct RulePolicy: Hashable, Sendable {
    /// Other than the defaults of DOMAIN.md 2.4. Structural rules cannot be switched.
    public var modes: [RuleID: RuleSeverity]
    /// Teams that do not talk to customers: ownership may not move to them (L12).
    public var teamsNotCustomerFacing: Set<String>
    /// Teams that only route: an answer there does not demand an owner (L8).
    public var routingOnlyTeams: Set<String>
    /// Staff who left or are absent: reopening does not reinstate them (L7).
    public var absentStaff: Set<String>
    /// How long after its end a case may be reopened; `nil` is for ever (L6).
    public var reopenWindowSeconds: Int64?
    /// The customers of other cases that a proposal links, by case id (L25).
    public var customersOfOtherCases: [String: String]

    /// Creates a policy; without arguments, the defaults.
    public init(
        modes: [RuleID: RuleSeverity] = [:],
        teamsNotCustomerFacing: Set<String> = [],
        routingOnlyTeams: Set<String> = [],
        absentStaff: Set<String> = [],
        reopenWindowSeconds: Int64? = nil,
        customersOfOtherCases: [String: String] = [:]
    ) {
        self.modes = modes
        self.teamsNotCustomerFacing = teamsNotCustomerFacing
        self.routingOnlyTeams = routingOnlyTeams
        self.absentStaff = absentStaff
        self.reopenWindowSeconds = reopenWindowSeconds
        self.customersOfOtherCases = customersOfOtherCases
    }

    /// The defaults: what folds check with, so that a view depends on its events alone.
    public static let defaults = RulePolicy()

    /// What becomes of a breach of `rule` by an event that is history or not.
    public func severity(of rule: RuleID, isHistory: Bool) -> RuleSeverity {
        if isHistory { return rule == .malformed ? .refuse : .flag }
        if rule.isStructural { return .refuse }
        return self.modes[rule] ?? rule.defaultSeverity
    }
}

extension RuleID {
    /// Whether the rule is always enforced on live events.
    public var isStructural: Bool {
        switch self {
        case .l1, .l5, .l6, .l11, .l23, .l25, .occurredAhead, .undeclaredHistory, .malformed: true
        default: false
        }
    }

    /// What becomes of a breach by a live event where no policy says otherwise: decisions are
    /// refused, reports of what already happened are accepted and flagged.
    public var defaultSeverity: RuleSeverity {
        self.isStructural || self == .l2 ? .refuse : .flag
    }
}
