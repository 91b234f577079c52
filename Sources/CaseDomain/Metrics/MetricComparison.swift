/// Two sites side by side, as they are and as if both had had the same mix of causes (M-28).
///
/// Direct standardisation: each site's figure for a cause is weighted with the share of that cause
/// among the entries of both sites together. Only causes that both sites had are in it; causes of
/// fewer than ``nMin`` entries in both together are taken as one. Pure.
public struct MetricComparison: Hashable, Sendable, Encodable {
    /// Causes of fewer entries are taken as one.
    public static let nMin: Int64 = CauseMix.nMin

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

    private static func row(
        _ metric: MetricFigures,
        _ figure: MeasureFigures,
        _ first: String,
        _ second: String
    ) -> Row? {
        let groups = CauseMix.groups(of: figure)
        guard let mix = CauseMix([first, second].map { groups[$0] ?? [:] }) else { return nil }
        let sides = mix.sides.map {
            Side(n: $0.n, value: $0.value, standardised: $0.standardised)
        }
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
            causes: mix.causes,
            covered: mix.covered
        )
    }
}
