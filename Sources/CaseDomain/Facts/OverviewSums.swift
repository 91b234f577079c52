internal import LedgerTypes

/// What of the numbers over many cases adds up: all of them but how times spread.
package struct OverviewSums: Hashable, Sendable {
    /// Sums that stand together in a store.
    package enum Part: Hashable, Sendable {
        /// Cases, events, imported rows, events of unknown types, reopened cases, reopens, cases
        /// that are resolved or closed.
        case cases
        /// Cases whose source says that the service level was met, or was not.
        case verdicts
        /// How custody moved between teams, agents, tiers or sites: 0 to 3.
        case level(Int)
        /// How often a rule was broken.
        case flag(RuleID)
        /// Microseconds of waiting for somebody, in one of the source's words.
        case wait(WaitingOn, String?)
    }

    private var cases: Int64 = 0
    private var events: Int64 = 0
    private var observed: Int64 = 0
    private var unknown: Int64 = 0
    private var reopenedCases: Int64 = 0
    private var reopens: Int64 = 0
    private var terminalCases: Int64 = 0
    private var slaMet: Int64 = 0
    private var slaBreached: Int64 = 0
    private var levels = [LevelSum](repeating: LevelSum(), count: 4)
    private var flags: [RuleID: Int64] = [:]
    private var waits: [WaitKey: Int64] = [:]

    /// Sums over no case.
    package init() {}

    /// Puts a case in, or takes it out.
    package mutating func add(_ facts: CaseFacts, sign: Int64) {
        self.cases += sign
        self.events += sign * Int64(clamping: facts.events)
        self.observed += sign * Int64(clamping: facts.observed)
        self.unknown += sign * Int64(clamping: facts.unknown)
        self.levels[0].add(facts.teams, sign: sign)
        self.levels[1].add(facts.agents, sign: sign)
        self.levels[2].add(facts.tiers, sign: sign)
        self.levels[3].add(facts.sites, sign: sign)
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
            let time = wait.microseconds
            self.wait(
                WaitKey(waitingOn: wait.waitingOn, subStatus: wait.subStatus),
                sign < 0 ? Int64(0).subtractingSaturated(time) : time
            )
        }
    }

    /// Adds what others add up to.
    package mutating func add(_ other: OverviewSums) {
        for (part, values) in other.parts { self.add(values.map { Int128($0) }, to: part) }
    }

    /// The sums, as ``add(_:to:)`` takes them.
    package var parts: [(part: Part, values: [Int64])] {
        var parts: [(part: Part, values: [Int64])] = [
            (
                .cases,
                [
                    self.cases, self.events, self.observed, self.unknown, self.reopenedCases,
                    self.reopens, self.terminalCases,
                ]
            ), (.verdicts, [self.slaMet, self.slaBreached]),
        ]
        for (number, level) in self.levels.enumerated() {
            parts.append((.level(number), level.values))
        }
        for (rule, count) in self.flags { parts.append((.flag(rule), [count])) }
        for (key, time) in self.waits {
            parts.append((.wait(key.waitingOn, key.subStatus), [time]))
        }
        return parts
    }

    /// Adds `values` to the sums of a part.
    package mutating func add(_ values: [Int128], to part: Part) {
        func value(_ place: Int) -> Int64 {
            place < values.count ? Int64(clamping: values[place]) : 0
        }
        switch part {
        case .cases:
            self.cases += value(0)
            self.events += value(1)
            self.observed += value(2)
            self.unknown += value(3)
            self.reopenedCases += value(4)
            self.reopens += value(5)
            self.terminalCases += value(6)
        case .verdicts:
            self.slaMet += value(0)
            self.slaBreached += value(1)
        case .level(let number):
            guard number < self.levels.count else { return }
            self.levels[number].add((0..<6).map(value))
        case .flag(let rule): self.flags[rule, default: 0] += value(0)
        case .wait(let waitingOn, let subStatus):
            self.wait(WaitKey(waitingOn: waitingOn, subStatus: subStatus), value(0))
        }
    }

    private mutating func wait(_ key: WaitKey, _ microseconds: Int64) {
        self.waits[key] = self.waits[key, default: 0].addingSaturated(microseconds)
    }

    /// The figures, with how times spread and what all durations come to, in microseconds.
    package func report(
        duration: Distribution?,
        durations total: Int128,
        toFirstResolved: Distribution?,
        toLastTerminal: Distribution?
    ) -> MetricsReport {
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
            toFirstResolved: toFirstResolved,
            toLastTerminal: toLastTerminal,
            teams: self.levels[0].report,
            agents: self.levels[1].report,
            tiers: self.levels[2].report,
            sites: self.levels[3].report,
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

extension CaseFacts {
    /// Whether anything is known of the case, so that it is one of those that are counted.
    package var isCounted: Bool { self.events > 0 || self.unknown > 0 }

    /// Microseconds whose spread is shown: first event to last, to the first resolve, to the last
    /// terminal event; `nil` for what never was.
    package var spreadTimes: [Int64?] {
        guard let start = self.firstAt else { return [nil, nil, nil] }
        return [
            self.durationMicroseconds, self.firstResolvedAt?.microseconds(since: start),
            self.lastTerminalAt?.microseconds(since: start),
        ]
    }
}

private struct WaitKey: Hashable, Sendable {
    let waitingOn: WaitingOn
    let subStatus: String?
}

/// Custody at one level, over many cases.
private struct LevelSum: Hashable, Sendable {
    private var handoffs: Int64 = 0
    private var handoffCases: Int64 = 0
    private var twoHandoffCases: Int64 = 0
    private var pingPongs: Int64 = 0
    private var pingPongCases: Int64 = 0
    private var returns: Int64 = 0

    mutating func add(_ custody: CaseFacts.Custody, sign: Int64) {
        self.handoffs += sign * Int64(custody.handoffs)
        self.pingPongs += sign * Int64(custody.pingPongs)
        self.returns += sign * Int64(custody.returns)
        if custody.handoffs > 0 { self.handoffCases += sign }
        if custody.handoffs > 1 { self.twoHandoffCases += sign }
        if custody.pingPongs > 0 { self.pingPongCases += sign }
    }

    /// As ``add(_:)`` takes them.
    var values: [Int64] {
        [
            self.handoffs, self.handoffCases, self.twoHandoffCases, self.pingPongs,
            self.pingPongCases, self.returns,
        ]
    }

    mutating func add(_ values: [Int64]) {
        self.handoffs += values[0]
        self.handoffCases += values[1]
        self.twoHandoffCases += values[2]
        self.pingPongs += values[3]
        self.pingPongCases += values[4]
        self.returns += values[5]
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
