public import LedgerTypes

/// Why a unit does not count for a figure.
public enum ExclusionReason: UInt8, CaseIterable, Hashable, Sendable {
    case notCarried = 1
    case noOwner, noStatement, onePerson, noParts, noWrapUp, noQueue, noResponse, noCustomer
    case noContact, notResolved, byMistake, merged, invited, unknownTiers, waived, withdrawn
    case movedByCustomer, movedByUs, cancelled, superseded, attempted, noDueTime, unsolicited
    case replaced, anonymous, confirmed, undetermined, noLimit, noPreference, noRequestTime
    case byMachine, openEnded, noVerdict, partsUnknown, noCalendar

    /// For people.
    public var words: String {
        switch self {
        case .notCarried: "the source does not carry it"
        case .noOwner: "never had an owner"
        case .noStatement: "no explanation recorded"
        case .onePerson: "one person tried steps"
        case .noParts: "the parts are not recorded"
        case .noWrapUp: "wrap-up not recorded"
        case .noQueue: "entered no queue"
        case .noResponse: "ended without a response"
        case .noCustomer: "no customer known"
        case .noContact: "no answered inbound contact"
        case .notResolved: "not resolved in time"
        case .byMistake: "closed by mistake"
        case .merged: "merged into another case"
        case .invited: "we invited the contact"
        case .unknownTiers: "tiers of the holders not known"
        case .waived: "waived"
        case .withdrawn: "withdrawn"
        case .movedByCustomer: "moved by the customer"
        case .movedByUs: "moved by us"
        case .cancelled: "cancelled by the customer"
        case .superseded: "superseded"
        case .attempted: "attempted"
        case .noDueTime: "no due time"
        case .unsolicited: "not asked for"
        case .replaced: "a later answer counts"
        case .anonymous: "anonymous"
        case .confirmed: "confirmed by the customer"
        case .undetermined: "undetermined"
        case .noLimit: "no limit in force"
        case .noPreference: "no preference stated"
        case .noRequestTime: "no request time"
        case .byMachine: "offered by a machine"
        case .openEnded: "has no end"
        case .noVerdict: "no verdict"
        case .partsUnknown: "not everything stated"
        case .noCalendar: "no calendar in force"
        }
    }
}

/// What one unit, or one thing in it, adds to one figure.
public struct MetricEntry: Hashable, Sendable {
    /// What is added.
    public enum Form: Hashable, Sendable {
        /// To a ratio. One whose denominator is 0 adds to the numerator of a joined figure.
        case ratio(numerator: Int64, denominator: Int64)
        /// A value, in whole numbers of the figure's unit.
        case value(Int64)
        /// To a sum.
        case amount(Int64)
        /// Something that is so since then.
        case since(Timestamp)
        /// Nothing, and why.
        case excluded(ExclusionReason)
        /// Nothing yet.
        case pending
    }

    /// The figure.
    public let measure: MeasureID
    /// What it adds.
    public let form: Form
    /// When it happened: which period it belongs to.
    public let at: Timestamp
    /// It counts from then on; until then it is pending. A whole hour, the next one after the
    /// window's end.
    public let maturesAt: Timestamp?
    /// Where its place stands in the contribution.
    let place: Int

    init(
        _ measure: MeasureID,
        _ form: Form,
        at: Timestamp,
        maturesAt: Timestamp? = nil,
        place: Int
    ) {
        self.measure = measure
        self.form = form
        self.at = at
        self.maturesAt = maturesAt.map(Self.nextHour)
        self.place = place
    }

    init(stored measure: MeasureID, _ form: Form, at: Timestamp, maturesAt: Timestamp?, place: Int)
    {
        self.measure = measure
        self.form = form
        self.at = at
        self.maturesAt = maturesAt
        self.place = place
    }

    static let hour: Int64 = 3_600_000_000
    static let day: Int64 = 24 * Self.hour

    /// Windows end at whole hours, so that a store can sum by hour what is still to come.
    private static func nextHour(_ time: Timestamp) -> Timestamp {
        let rest = time.microseconds % Self.hour
        let past = rest < 0 ? rest + Self.hour : rest
        return past == 0 ? time : time.adding(microseconds: Self.hour - past)
    }
}

/// What one unit adds to all figures. Pure: the same unit always adds the same.
public struct MetricContribution: Hashable, Sendable {
    /// The places that entries name by number.
    public private(set) var places: [MetricPlace] = []
    /// What is added.
    public private(set) var entries: [MetricEntry] = []
    /// What has to be looked at together with what else the customer did.
    public internal(set) var touch: MetricTouch?
    /// The last thing that happened in the unit; `nil` for what only describes, such as a site.
    public internal(set) var lastAt: Timestamp?

    /// Adds nothing.
    public init() {}

    /// Whether nothing is added and nothing happened.
    public var isEmpty: Bool { self.entries.isEmpty && self.touch == nil && self.lastAt == nil }

    /// The place of an entry.
    public func place(of entry: MetricEntry) -> MetricPlace { self.places[entry.place] }

    /// The cell of an entry in a split: its values in the order of the dimensions, "" for what is
    /// not known.
    package func cell(of entry: MetricEntry, by dimensions: [MetricDimension]) -> [String] {
        guard !dimensions.isEmpty else { return [] }
        let place = self.places[entry.place]
        return dimensions.map { dimension in
            dimension.isPeriod ? dimension.period(of: entry.at) : place[dimension] ?? ""
        }
    }

    mutating func number(of place: MetricPlace) -> Int {
        if let known = self.places.firstIndex(of: place) { return known }
        self.places.append(place)
        return self.places.count - 1
    }

    mutating func add(
        _ measure: MeasureID,
        _ form: MetricEntry.Form,
        at time: Timestamp,
        maturesAt: Timestamp? = nil,
        _ place: MetricPlace
    ) {
        self.entries.append(
            MetricEntry(
                measure,
                form,
                at: time,
                maturesAt: maturesAt,
                place: self.number(of: place)
            )
        )
    }

    mutating func ratio(
        _ measure: MeasureID,
        _ counts: Bool,
        at time: Timestamp,
        maturesAt: Timestamp? = nil,
        _ place: MetricPlace
    ) {
        let form = MetricEntry.Form.ratio(numerator: counts ? 1 : 0, denominator: 1)
        self.add(measure, form, at: time, maturesAt: maturesAt, place)
    }

    mutating func append(stored entry: MetricEntry) { self.entries.append(entry) }
    mutating func append(stored place: MetricPlace) { self.places.append(place) }
}
