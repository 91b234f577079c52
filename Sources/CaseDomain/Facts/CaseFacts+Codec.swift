package import LedgerTypes

// The row of a case in the overview: version u8 ‖ the numbers in the order of ``CaseFacts``.
// Numbers are varints, signed ones zigzag; texts have their length before them. docs/FORMAT.md
// names them.
extension CaseFacts {
    /// The version of the row.
    package static let rowVersion: UInt32 = 1

    /// The row.
    package var row: [UInt8] {
        var row = MetricBytes(version: Self.rowVersion)
        for count in [self.events, self.observed, self.unknown] { row.unsigned(count) }
        row.time(self.firstAt)
        row.time(self.lastAt)
        for custody in [self.teams, self.agents, self.tiers, self.sites] {
            for count in [
                custody.holders, custody.handoffs, custody.pingPongs, custody.returns,
            ] {
                row.unsigned(UInt64(count))
            }
        }
        row.unsigned(UInt64(self.reopens))
        row.time(self.firstResolvedAt)
        row.time(self.lastTerminalAt)
        row.flag(self.isTerminal)
        row.count(self.slaMet.map { $0 ? 2 : 1 } ?? 0)
        row.count(self.waits.count)
        for wait in self.waits {
            row.unsigned(UInt64(wait.waitingOn.rawValue))
            row.flag(wait.subStatus != nil)
            if let subStatus = wait.subStatus { row.text(subStatus) }
            row.signed(wait.microseconds)
        }
        row.count(self.flags.count)
        for flag in self.flags {
            row.text(flag.rule.rawValue)
            row.unsigned(flag.count)
        }
        return row.bytes
    }

    /// Reads the row of `caseID`; `nil` if it is malformed.
    package init?(row bytes: [UInt8], of caseID: Subject) {
        self.init(caseID: caseID)
        var row = MetricReader(bytes, version: Self.rowVersion)
        guard let events = row.unsigned(), let observed = row.unsigned(),
            let unknown = row.unsigned(), let firstAt = row.time(), let lastAt = row.time(),
            let teams = row.custody(), let agents = row.custody(), let tiers = row.custody(),
            let sites = row.custody(), let reopens = row.number(),
            let firstResolvedAt = row.time(), let lastTerminalAt = row.time(),
            let isTerminal = row.flag(), let verdict = row.count(), let waits = row.waits(),
            let flags = row.flags()
        else { return nil }
        self.events = events
        self.observed = observed
        self.unknown = unknown
        self.firstAt = firstAt
        self.lastAt = lastAt
        self.teams = teams
        self.agents = agents
        self.tiers = tiers
        self.sites = sites
        self.reopens = reopens
        self.firstResolvedAt = firstResolvedAt
        self.lastTerminalAt = lastTerminalAt
        self.isTerminal = isTerminal
        self.slaMet = verdict == 0 ? nil : verdict == 2
        self.waits = waits
        self.flags = flags
    }
}

extension MetricReader {
    fileprivate mutating func number() -> UInt32? {
        self.unsigned().flatMap { UInt32(exactly: $0) }
    }

    fileprivate mutating func custody() -> CaseFacts.Custody? {
        guard let holders = self.number(), let handoffs = self.number(),
            let pingPongs = self.number(), let returns = self.number()
        else { return nil }
        return CaseFacts.Custody(
            holders: holders,
            handoffs: handoffs,
            pingPongs: pingPongs,
            returns: returns
        )
    }

    fileprivate mutating func waits() -> [CaseFacts.Wait]? {
        guard let count = self.count() else { return nil }
        var waits: [CaseFacts.Wait] = []
        for _ in 0..<count {
            guard let raw = self.number(), let hasWord = self.flag() else { return nil }
            var subStatus: String?
            if hasWord {
                guard let text = self.text() else { return nil }
                subStatus = text
            }
            guard let microseconds = self.signed() else { return nil }
            waits.append(
                CaseFacts.Wait(
                    waitingOn: WaitingOn(rawValue: raw) ?? .notStated,
                    subStatus: subStatus,
                    microseconds: microseconds
                )
            )
        }
        return waits
    }

    fileprivate mutating func flags() -> [RuleCount]? {
        guard let count = self.count() else { return nil }
        var flags: [RuleCount] = []
        for _ in 0..<count {
            guard let rule = self.text().flatMap(RuleID.init(rawValue:)),
                let count = self.unsigned()
            else { return nil }
            flags.append(RuleCount(rule: rule, count: count))
        }
        return flags
    }
}
