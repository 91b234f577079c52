public import LedgerTypes

/// What a site decided about the rules, and what it knows of teams and staff.
public struct RulePolicy: Hashable, Sendable {
    /// Everything that a policy says, behind one reference: it is handed on with every event and
    /// changed seldom.
    private struct Rules: Hashable, Sendable {
        var modes: [RuleID: RuleSeverity] = [:]
        var teamsNotCustomerFacing: Set<String> = []
        var routingOnlyTeams: Set<String> = []
        var absentStaff: Set<String> = []
        var reopenWindowSeconds: Int64?
        var graceSeconds: Int64 = 0
        var journeyThresholdDays: Int64 = RulePolicy.journeyThresholdDaysStandard
        var handleTimeLimitSeconds: Int64?
        var ownedMax: Int64?
        var references: [PolicyReference] = []
        var staff = StaffBook()
        var customersOfOtherCases: [String: String] = [:]
        var customersOnHold: Set<String> = []
    }

    private var rules = Shared(Rules())

    /// Other than the defaults of DOMAIN.md 2.4. Structural rules cannot be switched.
    public var modes: [RuleID: RuleSeverity] {
        get { self.rules.value.modes }
        set { self.rules.value.modes = newValue }
    }

    /// Teams that do not talk to customers: ownership may not move to them (L12).
    public var teamsNotCustomerFacing: Set<String> {
        get { self.rules.value.teamsNotCustomerFacing }
        set { self.rules.value.teamsNotCustomerFacing = newValue }
    }

    /// Teams that only route: an answer there does not demand an owner (L8).
    public var routingOnlyTeams: Set<String> {
        get { self.rules.value.routingOnlyTeams }
        set { self.rules.value.routingOnlyTeams = newValue }
    }

    /// Staff who left or are absent: reopening does not reinstate them (L7).
    public var absentStaff: Set<String> {
        get { self.rules.value.absentStaff }
        set { self.rules.value.absentStaff = newValue }
    }

    /// How long after its end a case may be reopened; `nil` is for ever (L6).
    public var reopenWindowSeconds: Int64? {
        get { self.rules.value.reopenWindowSeconds }
        set { self.rules.value.reopenWindowSeconds = newValue }
    }

    /// Seconds after its time within which a promise still counts as kept (L19).
    public var graceSeconds: Int64 {
        get { self.rules.value.graceSeconds }
        set { self.rules.value.graceSeconds = newValue }
    }

    /// Days from the purchase after which a customer owns a product and no longer buys it.
    public var journeyThresholdDays: Int64 {
        get { self.rules.value.journeyThresholdDays }
        set { self.rules.value.journeyThresholdDays = newValue }
    }

    /// Seconds that an agent may talk, where the site sets a limit.
    public var handleTimeLimitSeconds: Int64? {
        get { self.rules.value.handleTimeLimitSeconds }
        set { self.rules.value.handleTimeLimitSeconds = newValue }
    }

    /// How many cases one person may own before the next is routed to another.
    public var ownedMax: Int64? {
        get { self.rules.value.ownedMax }
        set { self.rules.value.ownedMax = newValue }
    }

    /// The policies that say so.
    public internal(set) var references: [PolicyReference] {
        get { self.rules.value.references }
        set { self.rules.value.references = newValue }
    }

    /// What teams are and who is away, as events say.
    var staff: StaffBook {
        get { self.rules.value.staff }
        set { self.rules.value.staff = newValue }
    }

    /// The customers of other cases that a proposal links, by case id (L25).
    public var customersOfOtherCases: [String: String] {
        get { self.rules.value.customersOfOtherCases }
        set { self.rules.value.customersOfOtherCases = newValue }
    }

    /// Customers of whom nothing may be erased, as `hold.placed` about them says (L24).
    public var customersOnHold: Set<String> {
        get { self.rules.value.customersOnHold }
        set { self.rules.value.customersOnHold = newValue }
    }

    /// Creates a policy; without arguments, the defaults.
    public init(
        modes: [RuleID: RuleSeverity] = [:],
        teamsNotCustomerFacing: Set<String> = [],
        routingOnlyTeams: Set<String> = [],
        absentStaff: Set<String> = [],
        reopenWindowSeconds: Int64? = nil,
        customersOfOtherCases: [String: String] = [:]
    ) {
        var rules = Rules()
        rules.modes = modes
        rules.teamsNotCustomerFacing = teamsNotCustomerFacing
        rules.routingOnlyTeams = routingOnlyTeams
        rules.absentStaff = absentStaff
        rules.reopenWindowSeconds = reopenWindowSeconds
        rules.customersOfOtherCases = customersOfOtherCases
        self.rules = Shared(rules)
    }

    init(staff: StaffBook) {
        var rules = Rules()
        rules.staff = staff
        self.rules = Shared(rules)
    }

    /// Days from the purchase to the end of the buying experience, where no policy says otherwise.
    public static let journeyThresholdDaysStandard: Int64 = 30

    /// The defaults: what folds check with, so that a view depends on its events alone.
    public static let defaults = RulePolicy()

    /// Whether `agent` has left or is away at `time` (L7).
    public func isAway(_ agent: String, at time: Timestamp) -> Bool {
        self.absentStaff.contains(agent) || self.staff.isAway(agent, at: time)
    }

    /// Whether `team` talks to customers at `time` (L12).
    public func facesCustomers(_ team: String, at time: Timestamp) -> Bool {
        !self.teamsNotCustomerFacing.contains(team) && self.staff.facesCustomers(team, at: time)
    }

    /// Whether `team` only routes at `time` (L8).
    public func isRoutingOnly(_ team: String, at time: Timestamp) -> Bool {
        self.routingOnlyTeams.contains(team) || self.staff.isRoutingOnly(team, at: time)
    }

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
        case .l1, .l5, .l6, .l11, .l19, .l23, .l24, .l25, .occurredAhead, .undeclaredHistory,
            .malformed:
            true
        default: false
        }
    }

    /// What becomes of a breach by a live event where no policy says otherwise: decisions are
    /// refused, reports of what already happened are accepted and flagged.
    public var defaultSeverity: RuleSeverity {
        if self.isStructural { return .refuse }
        return switch self {
        case .l2, .l3, .l4, .l13, .l15, .l20, .l21: .refuse
        default: .flag
        }
    }
}
