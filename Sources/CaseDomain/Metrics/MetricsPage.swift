public import LedgerTypes

/// What is asked of the metrics.
public struct MetricQuery: Hashable, Sendable {
    /// The metrics, in order; empty for all.
    public var metrics: [MetricID]
    /// What to split by: at most two dimensions.
    public var by: [MetricDimension]
    /// Only what happened from then on, and
    public var from: Timestamp?
    /// before then.
    public var to: Timestamp?
    /// The time up to which windows must have passed; if `nil` the last thing that happened in any
    /// case, contact or session.
    public var asOf: Timestamp?
    /// Metrics that sites defined, to be computed beside. Where these are given alone, no metric of
    /// the catalogue is.
    public var defined: [DefinedMetric] = []

    /// The most dimensions that can be crossed.
    public static let dimensionsMax = 2

    /// Asks for all figures of all time.
    public init(metrics: [MetricID] = [], by: [MetricDimension] = []) {
        self.metrics = metrics
        self.by = by
    }

    /// Whether what happened at `time` belongs to the answer.
    func includes(_ time: Timestamp) -> Bool {
        if let from, time < from { return false }
        return to.map { time < $0 } ?? true
    }

    /// The metrics that were asked for.
    var asked: [MetricDefinition] {
        self.metrics.isEmpty
            ? MetricCatalogue.all.sorted { $0.id < $1.id }
            : self.metrics.compactMap(MetricCatalogue.definition)
    }

    /// The metrics that are to be read beside those, and are not among them.
    var beside: [MetricDefinition] {
        let asked = self.asked
        let shadows = Set(asked.flatMap(\.shadows)).subtracting(asked.map(\.id))
        return shadows.sorted().compactMap(MetricCatalogue.definition)
    }

    /// Limits the answer to a period: `2013`, `2013-Q2`, `2013-05`, `2013-05-07`, or two of these
    /// with `..` between them, the second one included; false if it is none of these.
    public mutating func limit(to period: String) -> Bool {
        let parts = period.split(separator: "..", maxSplits: 1, omittingEmptySubsequences: true)
            .map(String.init)
        guard let first = parts.first, let from = Self.bounds(first),
            let last = parts.last, let to = Self.bounds(last), from.0 < to.1
        else { return false }
        self.from = from.0
        self.to = to.1
        return true
    }

    private static func bounds(_ period: String) -> (Timestamp, Timestamp)? {
        let parts = period.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard (1...3).contains(parts.count), let year = Int64(parts[0]), parts[0].count == 4,
            let start = Self.start(year, 1, 1)
        else { return nil }
        guard parts.count > 1 else {
            return Self.start(year + 1, 1, 1).map { (start, $0) }
        }
        if parts[1].first == "Q" {
            guard parts.count == 2, let quarter = Int64(parts[1].dropFirst()),
                (1...4).contains(quarter), let start = Self.start(year, quarter * 3 - 2, 1)
            else { return nil }
            return Self.monthAfter(year, quarter * 3).map { (start, $0) }
        }
        guard let month = Int64(parts[1]), let start = Self.start(year, month, 1) else {
            return nil
        }
        guard parts.count > 2 else { return Self.monthAfter(year, month).map { (start, $0) } }
        guard let day = Int64(parts[2]), let start = Self.start(year, month, day) else {
            return nil
        }
        return (start, start.adding(microseconds: MetricEntry.day))
    }

    private static func monthAfter(_ year: Int64, _ month: Int64) -> Timestamp? {
        month == 12 ? Self.start(year + 1, 1, 1) : Self.start(year, month + 1, 1)
    }

    private static func start(_ year: Int64, _ month: Int64, _ day: Int64) -> Timestamp? {
        func digits(_ number: Int64, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
        }
        let date = "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
        return Timestamp(rfc3339: "\(date)T00:00:00Z")
    }
}

/// How often something was left out, and why.
public struct MetricExclusion: Hashable, Sendable, Encodable {
    /// Why.
    public let reason: String
    /// How often.
    public let n: Int64
}

/// One figure for one group.
public struct MetricCell: Hashable, Sendable, Encodable {
    /// Ratios of fewer are marked.
    public static let nMin: Int64 = 20

    /// The group's values, in the order of the query; none for the total. What is not known is "".
    public let values: [String]
    /// How many entries count.
    public let n: Int64
    /// The ratio, the mean or the sum, in the figure's unit; `nil` where nothing counts.
    public let value: Double?
    /// The sum of numerators, values or amounts, in the figure's unit.
    public let numerator: Double?
    /// The sum of denominators, of a ratio.
    public let denominator: Double?
    /// Of values and ages.
    public let median: Double?
    /// Of values and ages.
    public let p90: Double?
    /// Of values and ages.
    public let min: Double?
    /// Of values and ages.
    public let max: Double?
    /// Whether `n`, or a ratio's denominator, is so small that the figure may be chance.
    public let isSmall: Bool
    /// How many may count later: their window has not passed, or it has not happened yet.
    public let pending: Int64
    /// How many were left out, by reason.
    public let excluded: [MetricExclusion]

    package init(
        _ measure: MetricMeasure,
        values: [String],
        _ sums: MetricSums,
        _ spread: MetricSpread?,
        standardised: Double?? = nil
    ) {
        self.values = values
        let divisor = Double(measure.unit.divisor)
        let isRatio = measure.kind == .ratio
        self.n = sums.n
        self.numerator = sums.n > 0 ? Double(sums.numerator) / divisor : nil
        self.denominator = isRatio && sums.n > 0 ? Double(sums.denominator) : nil
        switch measure.kind {
        case .ratio:
            let isWhole = !measure.isJoined || (sums.based > 0 && sums.based < sums.n)
            let plain =
                sums.denominator > 0 && isWhole
                ? Double(sums.numerator) / Double(sums.denominator) / divisor : nil
            self.value = standardised ?? plain
        case .amount: self.value = self.numerator
        case .values, .age: self.value = self.numerator.map { $0 / Double(sums.n) }
        }
        let isSpread = measure.kind == .values || measure.kind == .age
        let spread = isSpread ? spread : nil
        self.median = spread.map { $0.median / divisor }
        self.p90 = spread.map { $0.p90 / divisor }
        self.min = spread.map { Double($0.min) / divisor }
        self.max = spread.map { $0.max / divisor }
        self.isSmall =
            isRatio && measure.unit == .share && self.value != nil
            && sums.denominator < Self.nMin
        self.pending = sums.pending
        self.excluded = sums.excluded.filter { $0.value > 0 }
            .sorted { $0.key.rawValue < $1.key.rawValue }
            .map { MetricExclusion(reason: $0.key.words, n: $0.value) }
    }

    init(
        _ measure: MetricMeasure,
        values: [String],
        n: Int64,
        numerator: Double,
        denominator: Double?,
        value: Double?,
        pending: Int64
    ) {
        self.values = values
        self.n = n
        self.value = value
        self.numerator = n > 0 ? numerator : nil
        self.denominator = n > 0 ? denominator : nil
        self.median = nil
        self.p90 = nil
        self.min = nil
        self.max = nil
        self.isSmall =
            measure.kind == .ratio && measure.unit == .share && value != nil
            && (denominator ?? 0) < Double(Self.nMin)
        self.pending = pending
        self.excluded = []
    }

    /// Whether anything was seen at all, also what does not count.
    var isEmpty: Bool { self.n == 0 && self.pending == 0 && self.excluded.isEmpty }
}

/// One figure, in all groups.
public struct MeasureFigures: Hashable, Sendable, Encodable {
    /// What it is.
    public let measure: MetricMeasure
    /// Over everything; `nil` if nothing was seen.
    public let total: MetricCell?
    /// By group, sorted by the groups' values; none if nothing was split.
    public let groups: [MetricCell]
    /// What is missing where there is no figure.
    public let noData: String?
}

/// One metric with its figures. The definition is in ``MetricCatalogue`` under the same id and
/// version.
public struct MetricFigures: Hashable, Sendable, Encodable {
    /// Which.
    public let id: MetricID
    /// The version of the definition.
    public let version: UInt32
    /// Its name.
    public let name: String
    /// The figures, in the order of the definition.
    public let figures: [MeasureFigures]
    /// What this version does not compute; empty if it computes all.
    public let missing: String
    /// The metrics to be read beside it.
    public let shadows: [MetricID]

    /// The definition.
    public var definition: MetricDefinition? { MetricCatalogue.definition(self.id) }

    init<Failure: Error>(
        _ definition: MetricDefinition,
        withGroups: Bool,
        _ cells: (MetricMeasure) throws(Failure) -> [MetricCell]
    ) throws(Failure) {
        var figures: [MeasureFigures] = []
        for measure in definition.measures {
            let cells = try cells(measure).filter { !$0.isEmpty }
            let total = cells.first { $0.values.isEmpty }
            let isKnown = total?.value != nil || total?.pending ?? 0 > 0
            figures.append(
                MeasureFigures(
                    measure: measure,
                    total: total,
                    groups: withGroups ? cells.filter { !$0.values.isEmpty } : [],
                    noData: isKnown
                        ? nil : "no data: needs \(measure.needs ?? definition.needs)"
                )
            )
        }
        self.id = definition.id
        self.version = definition.version
        self.name = definition.name
        self.figures = figures
        self.missing = definition.missing
        self.shadows = definition.shadows
    }
}

/// The answer to a query: equal events give equal bytes, on every replica and at any time.
public struct MetricsPage: Hashable, Sendable, Encodable {
    /// The time up to which windows had passed; `nil` if nothing ever happened.
    public let asOf: Timestamp?
    /// What it is split by.
    public let by: [MetricDimension]
    /// Only what happened from then on, and
    public let from: Timestamp?
    /// before then.
    public let to: Timestamp?
    /// The metrics that were asked for.
    public let metrics: [MetricFigures]
    /// Those that show what good figures there may have cost, and were not asked for: totals.
    public let beside: [MetricFigures]
    /// Those that sites defined and that were asked for; `nil` where none was.
    public internal(set) var defined: [DefinedFigures]?

    /// An answer in which no metric of the catalogue was asked for.
    init(_ query: MetricQuery, asOf: Timestamp?) {
        self.asOf = asOf
        self.by = query.by
        self.from = query.from
        self.to = query.to
        self.metrics = []
        self.beside = []
    }

    /// Puts the cells that `cells` gives into the order of the catalogue.
    package init<Failure: Error>(
        _ query: MetricQuery,
        asOf: Timestamp?,
        _ cells: (MetricMeasure) throws(Failure) -> [MetricCell]
    ) throws(Failure) {
        self.asOf = asOf
        self.by = query.by
        self.from = query.from
        self.to = query.to
        var metrics: [MetricFigures] = []
        for definition in query.asked {
            metrics.append(try MetricFigures(definition, withGroups: true, cells))
        }
        var beside: [MetricFigures] = []
        for definition in query.beside {
            beside.append(try MetricFigures(definition, withGroups: false, cells))
        }
        self.metrics = metrics
        self.beside = beside
    }

    /// The figure called `key` of a metric; `nil` if it was not asked for.
    public func figure(_ id: MetricID, _ key: String) -> MeasureFigures? {
        self.metrics.first { $0.id == id }?.figures.first { $0.measure.key == key }
    }
}
