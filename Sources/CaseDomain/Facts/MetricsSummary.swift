internal import LedgerTypes

/// The numbers over many cases: a sum of contributions, one per case.
///
/// Adding and removing commute, so any order of arrival gives the same report. Sums are whole
/// microseconds, never floating point. What is not a plain sum keeps its values: durations are
/// held one by one and sorted when a report is made.
public struct MetricsSummary: Sendable {
    private var cases: Int64 = 0
    private var events: Int64 = 0
    private var observed: Int64 = 0
    private var unknown: Int64 = 0
    private var teams = LevelSum()
    private var agents = LevelSum()
    private var tiers = LevelSum()
    private var sites = LevelSum()
    private var reopenedCases: Int64 = 0
    private var reopens: Int64 = 0
    private var terminalCases: Int64 = 0
    private var slaMet: Int64 = 0
    private var slaBreached: Int64 = 0
    private var flags: [RuleID: Int64] = [:]
    private var waits: [WaitKey: Int64] = [:]
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
        self.cases += other.cases
        self.events += other.events
        self.observed += other.observed
        self.unknown += other.unknown
        self.teams.add(other.teams)
        self.agents.add(other.agents)
        self.tiers.add(other.tiers)
        self.sites.add(other.sites)
        self.reopenedCases += other.reopenedCases
        self.reopens += other.reopens
        self.terminalCases += other.terminalCases
        self.slaMet += other.slaMet
        self.slaBreached += other.slaBreached
        self.flags.merge(other.flags, uniquingKeysWith: +)
        self.waits.merge(other.waits, uniquingKeysWith: +)
        self.durations.add(other.durations)
        self.firstResolved.add(other.firstResolved)
        self.lastTerminal.add(other.lastTerminal)
    }

    private mutating func apply(_ facts: CaseFacts, sign: Int64) {
        guard facts.events > 0 || facts.unknown > 0 else { return }
        self.cases += sign
        self.events += sign * Int64(clamping: facts.events)
        self.observed += sign * Int64(clamping: facts.observed)
        self.unknown += sign * Int64(clamping: facts.unknown)
        self.teams.add(facts.teams, sign: sign)
        self.agents.add(facts.agents, sign: sign)
        self.tiers.add(facts.tiers, sign: sign)
        self.sites.add(facts.sites, sign: sign)
        if facts.reopens > 0 { self.reopenedCases += sign }
        self.reopens += sign * Int64(facts.reopens)
        if facts.isTerminal { self.terminalCases += sign }
        if let verdict = facts.slaMet {
            if verdict { self.slaMet += sign } else { self.slaBreached += sign }
        }
        for flag in facts.flags {
            self.flags[flag.rule, default: 0] += sign * Int64(clamping: flag.count)
        }
        for wait in facts.waits {
            let key = WaitKey(waitingOn: wait.waitingOn, subStatus: wait.subStatus)
            let sum = self.waits[key, default: 0]
            self.waits[key] = sum.addingSaturated(
                sign < 0 ? Int64(0).subtractingSaturated(wait.microseconds) : wait.microseconds
            )
        }
        guard let start = facts.firstAt else { return }
        self.durations.change(facts.durationMicroseconds, sign: sign)
        if let end = facts.firstResolvedAt {
            self.firstResolved.change(end.microseconds(since: start), sign: sign)
        }
        if let end = facts.lastTerminalAt {
            self.lastTerminal.change(end.microseconds(since: start), sign: sign)
        }
    }
}

extension MetricsSummary {
    /// The figures. Equal sets of cases give equal figures, bit for bit.
    public var report: MetricsReport {
        let duration = Distribution(self.durations.sorted)
        let total = self.durations.sum
        let waits = self.waits.filter { $0.value != 0 }.map { key, microseconds in
            MetricsReport.WaitShare(
                waitingOn: key.waitingOn,
                subStatus: key.subStatus,
                seconds: Double(microseconds) / 1_000_000,
                share: total == 0 ? 0 : Double(microseconds) / Double(total)
            )
        }
        return MetricsReport(
            cases: self.cases,
            events: self.events,
            observed: self.observed,
            unknown: self.unknown,
            duration: duration,
            toFirstResolved: Distribution(self.firstResolved.sorted),
            toLastTerminal: Distribution(self.lastTerminal.sorted),
            teams: self.teams.report,
            agents: self.agents.report,
            tiers: self.tiers.report,
            sites: self.sites.report,
            terminalCases: self.terminalCases,
            openCases: self.cases - self.terminalCases,
            reopenedCases: self.reopenedCases,
            reopens: self.reopens,
            waits: waits.sorted {
                ($0.waitingOn.rawValue, $0.subStatus ?? "")
                    < ($1.waitingOn.rawValue, $1.subStatus ?? "")
            },
            slaMet: self.slaMet,
            slaBreached: self.slaBreached,
            flags: self.flags.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map {
                RuleCount(rule: $0.key, count: UInt64($0.value))
            }
        )
    }
}

private struct WaitKey: Hashable, Sendable {
    let waitingOn: WaitingOn
    let subStatus: String?
}

/// Custody at one level, over many cases.
private struct LevelSum: Hashable, Sendable {
    var handoffs: Int64 = 0
    var handoffCases: Int64 = 0
    var twoHandoffCases: Int64 = 0
    var pingPongs: Int64 = 0
    var pingPongCases: Int64 = 0
    var returns: Int64 = 0

    mutating func add(_ custody: CaseFacts.Custody, sign: Int64) {
        self.handoffs += sign * Int64(custody.handoffs)
        self.pingPongs += sign * Int64(custody.pingPongs)
        self.returns += sign * Int64(custody.returns)
        if custody.handoffs > 0 { self.handoffCases += sign }
        if custody.handoffs > 1 { self.twoHandoffCases += sign }
        if custody.pingPongs > 0 { self.pingPongCases += sign }
    }

    mutating func add(_ other: LevelSum) {
        self.handoffs += other.handoffs
        self.handoffCases += other.handoffCases
        self.twoHandoffCases += other.twoHandoffCases
        self.pingPongs += other.pingPongs
        self.pingPongCases += other.pingPongCases
        self.returns += other.returns
    }

    var report: MetricsReport.Level {
        MetricsReport.Level(
            handoffs: self.handoffs,
            handoffCases: self.handoffCases,
            twoHandoffCases: self.twoHandoffCases,
            pingPongs: self.pingPongs,
            pingPongCases: self.pingPongCases,
            returns: self.returns
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
