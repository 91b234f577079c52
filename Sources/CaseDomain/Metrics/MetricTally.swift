package import LedgerTypes

/// What entries of one figure add up to in one cell, but for how their values spread.
package struct MetricSums: Hashable, Sendable {
    /// Entries that count.
    package var n: Int64 = 0
    /// Of these, entries that add to the denominator.
    package var based: Int64 = 0
    /// The sum of the numerators, values or amounts.
    package var numerator: Int128 = 0
    /// The sum of the denominators.
    package var denominator: Int128 = 0
    /// Entries that may count later.
    package var pending: Int64 = 0
    /// Entries that do not count.
    package var excluded: [ExclusionReason: Int64] = [:]

    /// Sums nothing.
    package init() {}

    /// Adds one entry, or takes it out.
    package mutating func add(_ entry: MetricEntry, asOf time: Timestamp, sign: Int64 = 1) {
        if let matures = entry.maturesAt, time < matures {
            self.pending += sign
            return
        }
        switch entry.form {
        case .ratio(let numerator, let denominator):
            self.n += sign
            if denominator != 0 { self.based += sign }
            self.numerator += Int128(sign) * Int128(numerator)
            self.denominator += Int128(sign) * Int128(denominator)
        case .value(let value), .amount(let value):
            self.n += sign
            self.numerator += Int128(sign) * Int128(value)
        case .since(let start):
            self.n += sign
            self.numerator += Int128(sign) * Int128(time.microseconds(since: start))
        case .excluded(let reason): self.excluded[reason, default: 0] += sign
        case .pending: self.pending += sign
        }
    }

    /// Adds what others add up to.
    package mutating func add(_ other: MetricSums) {
        self.n += other.n
        self.based += other.based
        self.numerator += other.numerator
        self.denominator += other.denominator
        self.pending += other.pending
        self.excluded.merge(other.excluded, uniquingKeysWith: +)
    }
}

/// How the values of a cell spread, in whole numbers of the figure's unit.
package struct MetricSpread: Hashable, Sendable {
    /// The least.
    package let min: Int64
    /// Half are at most this.
    package let median: Double
    /// Nine of ten are at most this.
    package let p90: Double
    /// The greatest.
    package let max: Double

    /// Describes `count` values of which `value` gives the one at a place in rising order.
    package init?<Failure: Error>(
        count: Int,
        _ value: (Int) throws(Failure) -> Int64
    ) throws(Failure) {
        guard count > 0 else { return nil }
        self.min = try value(0)
        self.max = Double(try value(count - 1))
        self.median = try Self.percentile(count, 1, of: 2, value)
        self.p90 = try Self.percentile(count, 9, of: 10, value)
    }

    /// The value at (count - 1) * part / whole, between neighbours in proportion: what numpy does.
    private static func percentile<Failure: Error>(
        _ count: Int,
        _ part: Int,
        of whole: Int,
        _ value: (Int) throws(Failure) -> Int64
    ) throws(Failure) -> Double {
        let scaled = (count - 1) * part
        let low = Double(try value(scaled / whole))
        guard scaled % whole > 0 else { return low }
        let high = Double(try value(scaled / whole + 1))
        return low + (high - low) * (Double(scaled % whole) / Double(whole))
    }
}

/// Adds up the entries of units in memory: what a store is checked against, and what answers for
/// cells that no store keeps.
package struct MetricTally: Sendable {
    private struct Cell: Sendable {
        var sums = MetricSums()
        var values: [Int64] = []
        /// By cause, of a figure in which causes come in.
        var causes: [String: Stratum] = [:]
    }

    /// Entries of one cause.
    private struct Stratum: Sendable {
        var sums = MetricSums()
        /// Entries by kind, those of no kind left out.
        var kinds: [String: Int64] = [:]

        mutating func add(_ entry: MetricEntry, kind: String?, asOf time: Timestamp) {
            self.sums.add(entry, asOf: time)
            if let kind, case .ratio = entry.form { self.kinds[kind, default: 0] += 1 }
        }
    }

    private let query: MetricQuery
    private let asOf: Timestamp
    /// The metrics that the answer holds; `nil` for all.
    private let metrics: Set<MetricID>?
    private var cells: [MeasureID: [[String]: Cell]] = [:]

    /// Adds up for `query`, of which only the time is needed beside it.
    package init(_ query: MetricQuery, asOf: Timestamp) {
        self.query = query
        self.asOf = asOf
        self.metrics =
            query.metrics.isEmpty ? nil : Set((query.asked + query.beside).map(\.id))
    }

    /// Adds a unit.
    package mutating func add(_ contribution: MetricContribution) {
        for entry in contribution.entries
        where self.metrics?.contains(entry.measure.metric) ?? true && self.query.includes(entry.at)
        {
            let isMixed = Self.mixed.contains(entry.measure)
            let place = isMixed ? contribution.place(of: entry) : nil
            self.add(entry, [], place)
            guard !self.query.by.isEmpty else { continue }
            self.add(entry, contribution.cell(of: entry, by: self.query.by), place)
        }
    }

    private mutating func add(_ entry: MetricEntry, _ cell: [String], _ mixed: MetricPlace?) {
        self.cells[entry.measure, default: [:]][cell, default: Cell()].sums.add(
            entry,
            asOf: self.asOf
        )
        guard entry.maturesAt.map({ $0 <= self.asOf }) ?? true else { return }
        if let mixed {
            let cause = mixed[.cause] ?? ""
            self.cells[entry.measure]?[cell]?.causes[cause, default: Stratum()]
                .add(entry, kind: mixed[.kind], asOf: self.asOf)
        }
        switch entry.form {
        case .value(let value):
            self.cells[entry.measure]?[cell]?.values.append(value)
        case .since(let start):
            self.cells[entry.measure]?[cell]?.values.append(self.asOf.microseconds(since: start))
        default: break
        }
    }

    /// The sums of a figure by cell.
    package func sums(of measure: MetricMeasure) -> [[String]: MetricSums] {
        (self.cells[measure.id] ?? [:]).mapValues(\.sums)
    }

    /// The cells of a figure: the total, whose values are empty, and the groups in order.
    package func cells(of measure: MetricMeasure) -> [MetricCell] {
        (self.cells[measure.id] ?? [:]).map { values, cell in
            let sorted = cell.values.sorted()
            let spread = MetricSpread(count: sorted.count) { sorted[$0] }
            switch measure.mix {
            case nil: return MetricCell(measure, values: values, cell.sums, spread)
            case .mostCommonKind:
                var sums = cell.sums
                sums.numerator = cell.causes.values.reduce(0) {
                    $0 + Int128($1.kinds.values.max() ?? 0)
                }
                return MetricCell(measure, values: values, sums, spread)
            case .paired(let other):
                let partner = self.cells[other]?[values]?.causes ?? [:]
                let mix = CauseMix([cell.causes, partner].map { $0.mapValues(Self.sum) })
                return MetricCell(
                    measure,
                    values: values,
                    cell.sums,
                    spread,
                    standardised: .some(mix?.sides[0].standardised)
                )
            }
        }.sorted { $0.values.lexicographicallyPrecedes($1.values) }
    }

    private static func sum(_ stratum: Stratum) -> CauseMix.Sum {
        CauseMix.Sum(
            n: stratum.sums.n,
            weight: Double(stratum.sums.denominator),
            total: Double(stratum.sums.numerator)
        )
    }

    /// The figures in which causes come in: no store sums them.
    private static let mixed = Set(
        MetricCatalogue.all.flatMap(\.measures).filter { $0.mix != nil }.map(\.id)
    )

    /// Whether the answer to `query` holds figures that are added up from units by cause.
    package static func needsCauses(_ query: MetricQuery) -> Bool {
        (query.asked + query.beside).contains { $0.measures.contains { $0.mix != nil } }
    }
}

extension MetricTally {
    /// Whether figures of these metrics need what else the customer did.
    package static func needsCustomers(_ query: MetricQuery) -> Bool {
        let joined: [UInt8] = [2, 10, 20, 22, 26, 27, 32, 33, 38, 39]
        return (query.asked + query.beside).contains { joined.contains($0.id.number) }
    }

    /// The answer to `query` out of all units, without any store: the full recomputation.
    package static func page(
        _ query: MetricQuery,
        of contributions: some Sequence<MetricContribution>
    ) -> MetricsPage {
        let units = Array(contributions)
        guard let asOf = query.asOf ?? units.compactMap(\.lastAt).max() else {
            return MetricsPage(query, asOf: nil) { _ in [] }
        }
        var tally = MetricTally(query, asOf: asOf)
        var customers: [String: [MetricContribution]] = [:]
        for unit in units {
            tally.add(unit)
            guard let customer = unit.touch?.customerID else { continue }
            customers[customer, default: []].append(unit)
        }
        for units in customers.values {
            tally.add(CustomerMetrics.contribution(of: units, asOf: asOf))
        }
        return MetricsPage(query, asOf: asOf) { tally.cells(of: $0) }
    }
}
