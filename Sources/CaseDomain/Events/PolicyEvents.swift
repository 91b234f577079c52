public import LedgerTypes

/// A service level.
public struct SLATarget: EventMessage {
    /// What is counted.
    public var metric = SLAMetric.notStated
    /// How long it may take.
    public var seconds: UInt64 = 0
    /// By which calendar; around the clock if absent.
    public var calendarID: String?
    /// Waits that do not count.
    public var pauseOn: [WaitingOn] = []

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.metric, 1, "metric")
        try visitor.field(&self.seconds, 2, "seconds")
        try visitor.field(&self.calendarID, 3, "calendarID")
        try visitor.list(&self.pauseOn, 4, "pauseOn")
    }
}

/// `policy.defined`: what a site decided.
public struct PolicyDefined: EventMessage {
    /// About what.
    public var what = PolicyTopic.notStated
    /// The version.
    public var version: UInt32 = 0
    /// From when it is in force; from when it was written if absent.
    public var from: Timestamp?
    /// Seconds (`handleTimeLimit`, `reopenWindow`, `grace`), days (`journeyThreshold`) or how many
    /// (`maxOwned`).
    public var value: UInt64?
    /// The rule, such as `L2` (`ruleMode`).
    public var rule: String?
    /// What becomes of a breach (`ruleMode`).
    public var mode = RuleSeverity.notStated
    /// The target (`slaTarget`).
    public var sla: SLATarget?
    /// What it says, in a line (`demarcation`).
    public var text: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.what, 1, "what")
        try visitor.field(&self.version, 2, "version")
        try visitor.field(&self.from, 3, "from")
        try visitor.field(&self.value, 4, "value")
        try visitor.field(&self.rule, 5, "rule")
        try visitor.field(&self.mode, 6, "mode")
        try visitor.message(&self.sla, 7, "sla")
        try visitor.field(&self.text, 8, "text")
    }
}

/// From when a time zone has which offset.
public struct ZoneTransition: EventMessage {
    /// From when.
    public var at: Timestamp?
    /// Seconds east of UTC.
    public var offsetSeconds: Int64 = 0

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.at, 1, "at")
        try visitor.field(&self.offsetSeconds, 2, "offsetSeconds")
    }
}

/// `calendar.defined`: the hours that count as business.
public struct CalendarDefined: EventMessage {
    /// The version.
    public var version: UInt32 = 0
    /// The hours of a week.
    public var hours: [WeekHours] = []
    /// Days without hours.
    public var holidays: [CalendarDate] = []
    /// The IANA name of its time zone.
    public var timeZone: String?
    /// The version of the time zone data.
    public var tzVersion: String?
    /// The time zone's offsets; folds never read the system's.
    public var transitions: [ZoneTransition] = []

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.version, 1, "version")
        try visitor.messages(&self.hours, 2, "hours")
        try visitor.list(&self.holidays, 3, "holidays")
        try visitor.field(&self.timeZone, 4, "timeZone")
        try visitor.field(&self.tzVersion, 5, "tzVersion")
        try visitor.messages(&self.transitions, 6, "transitions")
    }
}

/// `metric.defined`: another version of a metric.
public struct MetricDefined: EventMessage {
    /// The version; the built-in ones are 1.
    public var version: UInt32 = 0
    /// The name.
    public var name = ""
    /// What is looked at.
    public var population = ""
    /// What is counted.
    public var numerator = ""
    /// Of how many.
    public var denominator = ""
    /// The window.
    public var windowSeconds: UInt64?
    /// The clock.
    public var clock = ""
    /// Which calendar.
    public var calendarPolicy = ""
    /// To whom it counts.
    public var attribution = ""
    /// What is left out.
    public var exclusions: [String] = []
    /// The unit.
    public var unit = ""

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.version, 1, "version")
        try visitor.field(&self.name, 2, "name")
        try visitor.field(&self.population, 3, "population")
        try visitor.field(&self.numerator, 4, "numerator")
        try visitor.field(&self.denominator, 5, "denominator")
        try visitor.field(&self.windowSeconds, 6, "windowSeconds")
        try visitor.field(&self.clock, 7, "clock")
        try visitor.field(&self.calendarPolicy, 8, "calendarPolicy")
        try visitor.field(&self.attribution, 9, "attribution")
        try visitor.list(&self.exclusions, 10, "exclusions")
        try visitor.field(&self.unit, 11, "unit")
    }
}
