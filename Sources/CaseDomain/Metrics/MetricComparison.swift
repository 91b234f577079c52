/// Two sites side by side, as they are and as if both had had the same mix of causes (M-28).
///
/// Direct standardisation: each site's figure for a cause is weighted with the share of that cause
/// among the entries of both sites together. Only causes that both sites had are in it; causes of
/// fewer than ``nMin`` entries in both together are taken as one. Pure.
public struct MetricComparison: Hashable, Sendable, Encodable {
    /// Causes of fewer entries are taken as one.
    public static let nMin: Int64 = 30

    /// One site's side of a figure.
    public struct Side: Hashable, Sendable, Encodable {
        /// How many entries count.
        public let n: Int64
        /// The figure as it is; `nil` where nothing counts.
        public let value: Double?
        /// The figure at the common mix; `nil` where the sites have no cause in common.
        public let standardised: Double?
    }

    /// One figure at both sites.
    public struct Row: Hashable, Sendable, Encodable {
        /// The metric.
        public let id: MetricID
        /// The version of its definition.
        public let version: UInt32
        /// The metric's name.
        public let name: String
        /// The figure.
        public let measure: MetricMeasure
        /// The first site.
        public let first: Side
        /// The second site.
        public let second: Side
        /// The second standardised figure less the first.
        public let difference: Double?
        /// How many causes both sites had.
        public let causes: Int
        /// The share of both sites' entries that are of those causes.
        public let covered: Double?
    }

    /// The sites, as the figures name them.
    public let sites: [String]
    /// The figures of which one of the sites has any, in the order of the catalogue. Sums and ages
    /// have no mix and are not compared.
    public let rows: [Row]

    /// Compares two sites; `nil` if the page is split otherwise, or has nothing of one of them.
    ///
    /// - Parameters:
    ///   - page: the answer to a query that is split by site and cause, in this order.
    ///   - first: a site, as the figures name it, or what stands behind its last slash.
    ///   - second: another.
    public init?(_ page: MetricsPage, _ first: String, _ second: String) {
        guard page.by == [.site, .cause] else { return nil }
        let known = Self.sites(of: page)
        guard let first = Self.site(first, known), let second = Self.site(second, known) else {
            return nil
        }
        self.sites = [first, second]
        var rows: [Row] = []
        for metric in page.metrics {
            for figure in metric.figures {
                guard figure.measure.kind == .ratio || figure.measure.kind == .values,
                    let row = Self.row(metric, figure, first, second)
                else { continue }
                rows.append(row)
            }
        }
        self.rows = rows
    }

    /// The sites that a page split by site first has anything of, in order.
    public static func sites(of page: MetricsPage) -> [String] {
        let names = page.metrics.flatMap(\.figures).flatMap(\.groups).compactMap(\.values.first)
        return Set(names).filter { !$0.isEmpty }.sorted()
    }

    private static func site(_ name: String, _ known: [String]) -> String? {
        if known.contains(name) { return name }
        let found = known.filter { $0.split(separator: "/").last.map(String.init) == name }
        return found.count == 1 ? found.first : nil
    }

    /// What entries of one cause come to at one site.
    private struct Sum {
        var n: Int64 = 0
        /// Of a ratio the denominator, else how many there are.
        var weight: Double = 0
        var total: Double = 0

        mutating func add(_ other: Sum) {
            self.n += other.n
            self.weight += other.weight
            self.total += other.total
        }
    }

    private static func row(
        _ metric: MetricFigures,
        _ figure: MeasureFigures,
        _ first: String,
        _ second: String
    ) -> Row? {
        let sums = [first, second].map { Self.sums(figure, of: $0) }
        var both: [String: Sum] = [:]
        for (cause, sum) in sums.joined() { both[cause, default: Sum()].add(sum) }
        // Sorted, since the order of addition shows in the last digit.
        let all = both.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value.weight }
        guard all > 0 else { return nil }
        let rare = Set(both.filter { $0.value.n < Self.nMin }.keys)
        let pooled = sums.map { Self.pool($0, rare) }
        let common = Set(pooled[0].keys).intersection(pooled[1].keys).sorted()
        var mix: [String: Double] = [:]
        for cause in common {
            mix[cause] = (pooled[0][cause]?.weight ?? 0) + (pooled[1][cause]?.weight ?? 0)
        }
        let whole = common.reduce(0) { $0 + (mix[$1] ?? 0) }
        let sides = pooled.map { Self.side($0, common, mix, whole) }
        var difference: Double?
        if let one = sides[0].standardised, let other = sides[1].standardised {
            difference = other - one
        }
        return Row(
            id: metric.id,
            version: metric.version,
            name: metric.name,
            measure: figure.measure,
            first: sides[0],
            second: sides[1],
            difference: difference,
            causes: common.count,
            covered: whole / all
        )
    }

    private static func sums(_ figure: MeasureFigures, of site: String) -> [String: Sum] {
        var sums: [String: Sum] = [:]
        for cell in figure.groups where cell.values.first == site {
            let isRatio = figure.measure.kind == .ratio
            let weight = isRatio ? cell.denominator ?? 0 : Double(cell.n)
            // A figure whose parts come from different units says nothing of one cause.
            guard weight > 0, let value = cell.value, cell.values.count == 2 else { continue }
            sums[cell.values[1]] = Sum(n: cell.n, weight: weight, total: value * weight)
        }
        return sums
    }

    private static func pool(_ sums: [String: Sum], _ rare: Set<String>) -> [String: Sum] {
        var pooled: [String: Sum] = [:]
        for (cause, sum) in sums.sorted(by: { $0.key < $1.key }) {
            // No cause is called so: names of causes are not empty.
            let key = rare.contains(cause) ? "\u{0}" : cause
            pooled[key, default: Sum()].add(sum)
        }
        return pooled
    }

    private static func side(
        _ sums: [String: Sum],
        _ common: [String],
        _ mix: [String: Double],
        _ whole: Double
    ) -> Side {
        let sorted = sums.sorted { $0.key < $1.key }.map(\.value)
        let weight = sorted.reduce(0) { $0 + $1.weight }
        let total = sorted.reduce(0) { $0 + $1.total }
        var standardised: Double?
        if whole > 0 {
            standardised = common.reduce(0) { sum, cause in
                guard let part = sums[cause], let share = mix[cause] else { return sum }
                return sum + part.total / part.weight * (share / whole)
            }
        }
        return Side(
            n: sorted.reduce(0) { $0 + $1.n },
            value: weight > 0 ? total / weight : nil,
            standardised: standardised
        )
    }
}
