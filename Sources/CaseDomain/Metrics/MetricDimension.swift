public import LedgerTypes

/// What figures can be split by.
public enum MetricDimension: String, CaseIterable, Hashable, Sendable, Encodable {
    case site, `operator`, siteKind, team, tier, agent, channel, product, component, cause
    case priority, entitlement, journeyStage, complexity, expertise
    /// What sort of thing it was: of promise, wait, seam, signal, entitlement.
    case kind
    case day, month, quarter, year

    /// Whether it is when something happened.
    public var isPeriod: Bool {
        switch self {
        case .day, .month, .quarter, .year: true
        default: false
        }
    }

    /// The number of the dimension in rows: its place among all cases. A switch, because looking it
    /// up by a hash of its name took a tenth of the time that the metric store needs.
    var number: UInt8 {
        switch self {
        case .site: 0
        case .operator: 1
        case .siteKind: 2
        case .team: 3
        case .tier: 4
        case .agent: 5
        case .channel: 6
        case .product: 7
        case .component: 8
        case .cause: 9
        case .priority: 10
        case .entitlement: 11
        case .journeyStage: 12
        case .complexity: 13
        case .expertise: 14
        case .kind: 15
        case .day: 16
        case .month: 17
        case .quarter: 18
        case .year: 19
        }
    }

    init?(number: UInt8) {
        guard Int(number) < Self.allCases.count else { return nil }
        self = Self.allCases[Int(number)]
    }

    /// The period of `time` in UTC: `2013-05-07`, `2013-05`, `2013-Q2`, `2013`.
    func period(of time: Timestamp) -> String {
        let day = String(time.rfc3339.prefix(10))
        switch self {
        case .day: return day
        case .month: return String(day.prefix(7))
        case .quarter:
            let month = Int(day.dropFirst(5).prefix(2)) ?? 1
            return "\(day.prefix(4))-Q\((month + 2) / 3)"
        default: return String(day.prefix(4))
        }
    }
}

/// Where and of what something was: what an entry counts for, by the snapshot of then.
public struct MetricPlace: Hashable, Sendable {
    /// The most bytes of a value; a longer one is cut, and told apart by its digits.
    static let valueBytesMax = 64

    /// Sorted by dimension; no value is empty.
    private(set) var values: [(dimension: MetricDimension, value: String)] = []

    /// Nothing is known.
    public init() {}

    /// The value of a dimension; `nil` if it is not known.
    public subscript(dimension: MetricDimension) -> String? {
        get {
            let number = dimension.number
            for known in self.values where known.dimension.number == number { return known.value }
            return nil
        }
        set {
            let number = dimension.number
            var place = 0
            while place < self.values.count, self.values[place].dimension.number < number {
                place += 1
            }
            let isKnown =
                place < self.values.count && self.values[place].dimension.number == number
            guard let newValue, !newValue.isEmpty else {
                if isKnown { self.values.remove(at: place) }
                return
            }
            if isKnown {
                self.values[place].value = Self.cut(newValue)
            } else {
                self.values.insert((dimension, Self.cut(newValue)), at: place)
            }
        }
    }

    private static func cut(_ value: String) -> String {
        guard value.utf8.count > Self.valueBytesMax else { return value }
        // FNV-1a, so that two long names stay two.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in value.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var head = value
        while head.utf8.count > Self.valueBytesMax - 20 { head.removeLast() }
        return head + "…" + String(hash, radix: 16)
    }

    /// Whether the same is known.
    public static func == (lhs: MetricPlace, rhs: MetricPlace) -> Bool {
        guard lhs.values.count == rhs.values.count else { return false }
        for (mine, others) in zip(lhs.values, rhs.values) {
            guard mine.dimension.number == others.dimension.number, mine.value == others.value
            else { return false }
        }
        return true
    }

    /// Feeds what is known.
    public func hash(into hasher: inout Hasher) {
        for (dimension, value) in self.values {
            hasher.combine(dimension.number)
            hasher.combine(value)
        }
    }
}

/// What sites said of themselves when they registered.
public struct SiteDirectory: Hashable, Sendable {
    /// What one site said.
    public struct Entry: Hashable, Sendable {
        /// The company that runs it.
        public var `operator`: String?
        /// What sort of site.
        public var kind: SiteKind

        /// Creates an entry.
        public init(operator: String?, kind: SiteKind) {
            self.operator = `operator`
            self.kind = kind
        }
    }

    /// By the site's name.
    public var sites: [String: Entry] = [:]

    /// Knows no site.
    public init() {}
}
