public import LedgerTypes

/// `agent.enrolled`: somebody works in support from now on.
public struct AgentEnrolled: EventMessage {
    /// The name; under the agent's own key; sealed.
    public var name = Sealed<String>.absent
    /// The programme, such as a rotation.
    public var programme: String?
    /// The department they come from.
    public var homeDepartment: String?
    /// The team.
    public var team: String?
    /// The tier.
    public var tier = Tier.notStated
    /// Skills.
    public var skills: [String] = []
    /// What they may grant alone.
    public var authorityLimit: Money?
    /// From when.
    public var from: Timestamp?
    /// Until when.
    public var to: Timestamp?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.sealed(&self.name, bit: 0, "name")
        try visitor.field(&self.programme, 1, "programme")
        try visitor.field(&self.homeDepartment, 2, "homeDepartment")
        try visitor.field(&self.team, 3, "team")
        try visitor.field(&self.tier, 4, "tier")
        try visitor.list(&self.skills, 5, "skills")
        try visitor.message(&self.authorityLimit, 6, "authorityLimit")
        try visitor.field(&self.from, 7, "from")
        try visitor.field(&self.to, 8, "to")
    }
}

/// `agent.absent`: somebody is away.
public struct AgentAbsent: EventMessage {
    /// From when.
    public var from: Timestamp?
    /// Until when.
    public var to: Timestamp?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.from, 1, "from")
        try visitor.field(&self.to, 2, "to")
    }
}

/// `agent.left`: somebody no longer works in support.
public struct AgentLeft: EventMessage {
    /// From when.
    public var from: Timestamp?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.from, 1, "from")
    }
}

/// `team.defined`: what a team is.
public struct TeamDefined: EventMessage {
    /// The site.
    public var site: String?
    /// The tier.
    public var tier = Tier.notStated
    /// Whether it talks to customers; if not, it cannot own cases (L12).
    public var customerFacing: Bool?
    /// Whether it only routes; then its answers demand no owner (L8).
    public var routingOnly = false
    /// Its calendar.
    public var calendarID: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.site, 1, "site")
        try visitor.field(&self.tier, 2, "tier")
        try visitor.field(&self.customerFacing, 3, "customerFacing")
        try visitor.field(&self.routingOnly, 4, "routingOnly")
        try visitor.field(&self.calendarID, 5, "calendarID")
    }
}

/// A step of a script.
public struct ScriptStep: EventMessage {
    /// The step.
    public var stepID = ""
    /// What it is for.
    public var purpose = ""

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.stepID, 1, "stepID")
        try visitor.field(&self.purpose, 2, "purpose")
    }
}

/// `script.defined`: the steps of a script.
public struct ScriptDefined: EventMessage {
    /// The version.
    public var version: UInt32 = 0
    /// The product it is for.
    public var product: String?
    /// The steps, in order.
    public var steps: [ScriptStep] = []

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.version, 1, "version")
        try visitor.field(&self.product, 2, "product")
        try visitor.messages(&self.steps, 3, "steps")
    }
}

/// `presence.imported`: what somebody was doing.
public struct PresenceImported: EventMessage {
    /// What.
    public var state = PresenceState.notStated
    /// From when.
    public var from: Timestamp?
    /// Until when.
    public var to: Timestamp?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.state, 1, "state")
        try visitor.field(&self.from, 2, "from")
        try visitor.field(&self.to, 3, "to")
    }
}

/// `record.viewed`: somebody looked at something.
public struct RecordViewed: EventMessage {
    /// The subject that was looked at, such as `case:C-1`.
    public var what = ""
    /// What for.
    public var purpose = ""

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.what, 1, "what")
        try visitor.field(&self.purpose, 2, "purpose")
    }
}
