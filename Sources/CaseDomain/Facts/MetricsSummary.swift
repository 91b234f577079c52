internal import LedgerTypes

/// The numbers over many cases: a sum of contributions, one per case.
///
/// Adding and removing commute, so any order of arrival gives the same report. Sums are whole
/// microseconds, never floating point. What is not a plain sum keeps its values: durations are
/// held one by one and sorted when a report is made.
public struct MetricsSummary: Sendable {
    private var sums = OverviewSums()
    private var durations = ValueBag()
    private var firstResolved = ValueBag()
    private var lastTerminal = ValueBag()

    /// Starts with no case.
    public init() {}

    /// Puts a case's contribution in.
    public mutating func add(_ facts: CaseFacts) { self.apply(facts, sign: 1) }

    /// Takes a case's contribution out.
    public mutating func remove(_ facts: CaseFacts) { self.apply(facts, sign: -1) }

    /// Puts every contribution of `other` in.
    public mutating func add(_ other: MetricsSummary) {
        self.sums.add(other.sums)
        self.durations.add(other.durations)
        self.firstResolved.add(other.firstResolved)
        self.lastTerminal.add(other.lastTerminal)
    }

    private mutating func apply(_ facts: CaseFacts, sign: Int64) {
        guard facts.isCounted else { return }
        self.sums.add(facts, sign: sign)
        guard let start = facts.firstAt else { return }
        self.durations.change(facts.durationMicroseconds, sign: sign)
        if let end = facts.firstResolvedAt {
            self.firstResolved.change(end.microseconds(since: start), sign: sign)
        }
        if let end = facts.lastTerminalAt {
            self.lastTerminal.change(end.microseconds(since: start), sign: sign)
        }
    }

    /// The figures. Equal sets of cases give equal figures, bit for bit.
    public var report: MetricsReport {
        self.sums.report(
            duration: Distribution(self.durations.sorted),
            durations: self.durations.sum,
            toFirstResolved: Distribution(self.firstResolved.sorted),
            toLastTerminal: Distribution(self.lastTerminal.sorted)
        )
    }
}

/// Values that come and go, in no order until a report is made.
private struct ValueBag: Sendable {
    private var added: [Int64] = []
    private var removed: [Int64] = []
    private(set) var sum: Int128 = 0

    mutating func change(_ value: Int64, sign: Int64) {
        self.sum += Int128(sign) * Int128(value)
        if sign > 0 { self.added.append(value) } else { self.removed.append(value) }
    }

    mutating func add(_ other: ValueBag) {
        self.sum += other.sum
        self.added += other.added
        self.removed += other.removed
    }

    /// What was added and not removed, in rising order.
    var sorted: [Int64] {
        let added = self.added.sorted()
        guard !self.removed.isEmpty else { return added }
        let removed = self.removed.sorted()
        var rest: [Int64] = []
        var next = 0
        for value in added {
            if next < removed.count, removed[next] == value {
                next += 1
            } else {
                rest.append(value)
            }
        }
        return rest
    }
}
