/// How far figures lie apart between groups, such as sites, channels or agents, as if all of them
/// had had the same mix of causes (M-28).
///
/// Groups of fewer than ``MetricComparison/nMin`` entries are taken as one, and what is of no known
/// group is left out. Pure.
public struct MetricConsistency: Hashable, Sendable, Encodable {
    /// What groups of few entries are called together.
    public static let others = "others"

    /// One group's side of a figure.
    public struct Group: Hashable, Sendable, Encodable {
        /// The group.
        public let name: String
        /// How many entries count.
        public let n: Int64
        /// The figure as it is; `nil` where nothing counts.
        public let value: Double?
        /// The figure at the common mix; `nil` where the groups have no cause in common.
        public let standardised: Double?
    }

    /// One figure in all groups.
    public struct Row: Hashable, Sendable, Encodable {
        /// The metric.
        public let id: MetricID
        /// The version of its definition.
        public let version: UInt32
        /// The metric's name.
        public let name: String
        /// The figure.
        public let measure: MetricMeasure
        /// The groups, by the standardised figure, then by name.
        public let groups: [Group]
        /// The greatest standardised figure less the least.
        public let spread: Double?
        /// The standard deviation of the groups' standardised figures over their mean; `nil` where
        /// that mean is 0.
        public let variation: Double?
        /// How many causes all groups had.
        public let causes: Int
        /// The share of all entries that are of those causes.
        public let covered: Double
    }

    /// What the groups are.
    public let by: MetricDimension
    /// The figures of which at least two groups have something, in the order of the catalogue. Sums
    /// and ages have no mix and are not compared.
    public let rows: [Row]

    /// Compares the groups of a page that is split by them and by cause, in this order; `nil` if it
    /// is split otherwise.
    public init?(_ page: MetricsPage) {
        guard page.by.count == 2, page.by[1] == .cause else { return nil }
        self.by = page.by[0]
        var rows: [Row] = []
        for metric in page.metrics {
            for figure in metric.figures {
                guard figure.measure.kind == .ratio || figure.measure.kind == .values,
                    let row = Self.row(metric, figure)
                else { continue }
                rows.append(row)
            }
        }
        self.rows = rows
    }

    private static func row(_ metric: MetricFigures, _ figure: MeasureFigures) -> Row? {
        var known: [String: [String: CauseMix.Sum]] = [:]
        let groups = CauseMix.groups(of: figure).sorted { $0.key < $1.key }
        for (name, causes) in groups where !name.isEmpty {
            let n = causes.values.reduce(0) { $0 + $1.n }
            let key = n < CauseMix.nMin ? Self.others : name
            for (cause, sum) in causes.sorted(by: { $0.key < $1.key }) {
                known[key, default: [:]][cause, default: CauseMix.Sum()].add(sum)
            }
        }
        let names = known.keys.sorted()
        guard names.count > 1, let mix = CauseMix(names.map { known[$0] ?? [:] }) else {
            return nil
        }
        let sides = zip(names, mix.sides).map { name, side in
            Group(name: name, n: side.n, value: side.value, standardised: side.standardised)
        }
        let values = sides.compactMap(\.standardised)
        let mean = values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        var spread: Double?
        if let least = values.min(), let greatest = values.max() { spread = greatest - least }
        return Row(
            id: metric.id,
            version: metric.version,
            name: metric.name,
            measure: figure.measure,
            groups: sides.sorted {
                ($0.standardised ?? 0, $0.name) < ($1.standardised ?? 0, $1.name)
            },
            spread: spread,
            variation: mean == 0
                ? nil : (squares / Double(values.count)).squareRoot() / mean.magnitude,
            causes: mix.causes,
            covered: mix.covered
        )
    }
}
