public import LedgerTypes

/// One case in numbers. What a metric over cases reads, and what `cases --facts` prints.
///
/// Times are differences of `occurred` along the fold order; a negative one is kept. Seconds are
/// held as whole microseconds, so that sums do not depend on the order of adding.
public struct CaseFacts: Hashable, Sendable {
    /// How custody moved at one level.
    public struct Custody: Hashable, Sendable, Codable {
        /// Distinct holders.
        public var holders: UInt32
        /// Neighbouring different holders.
        public var handoffs: UInt32
        /// A, B, A among merged runs; each time counts.
        public var pingPongs: UInt32
        /// Runs that came back to a holder seen before.
        public var returns: UInt32

        /// Creates counts.
        public init(
            holders: UInt32 = 0,
            handoffs: UInt32 = 0,
            pingPongs: UInt32 = 0,
            returns: UInt32 = 0
        ) {
            self.holders = holders
            self.handoffs = handoffs
            self.pingPongs = pingPongs
            self.returns = returns
        }
    }

    /// Time spent waiting for one party, in one of the source's words.
    public struct Wait: Hashable, Sendable, Codable {
        /// For whom.
        public var waitingOn: WaitingOn
        /// The source's own word, if it has one.
        public var subStatus: String?
        /// Microseconds from each waiting row to the row after it.
        public var microseconds: Int64

        /// Creates a wait.
        public init(waitingOn: WaitingOn, subStatus: String?, microseconds: Int64) {
            self.waitingOn = waitingOn
            self.subStatus = subStatus
            self.microseconds = microseconds
        }
    }

    /// The case.
    public var caseID: Subject
    /// Source rows for imported history; for live cases every event folded into the case, but for
    /// duplicates, unknown types, events that came through a merge, and those that say something of
    /// the record and not what happened: corrections, redactions, holds, links.
    public var events: UInt64 = 0
    /// Of these, rows of another system (`case.observed`).
    public var observed: UInt64 = 0
    /// Events of types that this version does not know.
    public var unknown: UInt64 = 0
    /// `occurred` of the first event in fold order.
    public var firstAt: Timestamp?
    /// `occurred` of the last event in fold order.
    public var lastAt: Timestamp?
    /// Teams.
    public var teams = Custody()
    /// Agents.
    public var agents = Custody()
    /// Tiers.
    public var tiers = Custody()
    /// Sites.
    public var sites = Custody()
    /// Terminal, followed at once by not terminal.
    public var reopens: UInt32 = 0
    /// `occurred` of the first resolve.
    public var firstResolvedAt: Timestamp?
    /// `occurred` of the last terminal event.
    public var lastTerminalAt: Timestamp?
    /// Whether the last status is terminal.
    public var isTerminal = false
    /// Waits by party and word, sorted.
    public var waits: [Wait] = []
    /// The source's verdict on the service level; the last one stated.
    public var slaMet: Bool?
    /// Flags by rule, sorted by rule.
    public var flags: [RuleCount] = []

    /// Creates the facts of a case without events.
    public init(caseID: Subject) { self.caseID = caseID }

    /// Microseconds from the first event to the last.
    public var durationMicroseconds: Int64 {
        guard let firstAt, let lastAt else { return 0 }
        return lastAt.microseconds(since: firstAt)
    }

    /// Seconds from the first event to the last.
    public var durationSeconds: Double { Double(self.durationMicroseconds) / 1_000_000 }

    /// Seconds from the first event to the first resolve.
    public var toFirstResolvedSeconds: Double? { self.seconds(to: self.firstResolvedAt) }

    /// Seconds from the first event to the last terminal one.
    public var toLastTerminalSeconds: Double? { self.seconds(to: self.lastTerminalAt) }

    private func seconds(to end: Timestamp?) -> Double? {
        guard let end, let start = self.firstAt else { return nil }
        return Double(end.microseconds(since: start)) / 1_000_000
    }
}

/// How often a rule was broken, or a note made.
public struct RuleCount: Hashable, Sendable, Codable {
    /// The rule.
    public var rule: RuleID
    /// How often.
    public var count: UInt64

    /// Creates a count.
    public init(rule: RuleID, count: UInt64) {
        self.rule = rule
        self.count = count
    }
}

extension CaseFacts: Encodable {
    private enum Keys: String, CodingKey {
        case `case`, events, observed, unknown, firstAt, lastAt, durationSeconds
        case teams, teamHandoffs, teamPingPongs, teamReturns
        case agents, agentHandoffs, agentPingPongs, agentReturns
        case tiers, tierHandoffs, tierPingPongs, tierReturns
        case sites, siteHandoffs, sitePingPongs, siteReturns
        case reopens, firstResolvedAt, toFirstResolvedSeconds, toLastTerminalSeconds
        case isTerminal, waits, slaMet, flags
    }

    private struct WaitSeconds: Encodable {
        let waitingOn: WaitingOn
        let subStatus: String?
        let seconds: Double
    }

    /// Writes the line that `cases --facts --json` prints: flat, times in RFC 3339, seconds as
    /// numbers; what is not known is left out. `case` is the id without its kind.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(self.caseID.id, forKey: .case)
        try container.encode(self.events, forKey: .events)
        try container.encode(self.observed, forKey: .observed)
        try container.encode(self.unknown, forKey: .unknown)
        try container.encodeIfPresent(self.firstAt, forKey: .firstAt)
        try container.encodeIfPresent(self.lastAt, forKey: .lastAt)
        try container.encode(self.durationSeconds, forKey: .durationSeconds)
        let levels: [(Custody, Keys, Keys, Keys, Keys)] = [
            (self.teams, .teams, .teamHandoffs, .teamPingPongs, .teamReturns),
            (self.agents, .agents, .agentHandoffs, .agentPingPongs, .agentReturns),
            (self.tiers, .tiers, .tierHandoffs, .tierPingPongs, .tierReturns),
            (self.sites, .sites, .siteHandoffs, .sitePingPongs, .siteReturns),
        ]
        for (custody, holders, handoffs, pingPongs, returns) in levels {
            try container.encode(custody.holders, forKey: holders)
            try container.encode(custody.handoffs, forKey: handoffs)
            try container.encode(custody.pingPongs, forKey: pingPongs)
            try container.encode(custody.returns, forKey: returns)
        }
        try container.encode(self.reopens, forKey: .reopens)
        try container.encodeIfPresent(self.firstResolvedAt, forKey: .firstResolvedAt)
        try container.encodeIfPresent(
            self.toFirstResolvedSeconds,
            forKey: .toFirstResolvedSeconds
        )
        try container.encodeIfPresent(self.toLastTerminalSeconds, forKey: .toLastTerminalSeconds)
        try container.encode(self.isTerminal, forKey: .isTerminal)
        let waits = self.waits.map {
            WaitSeconds(
                waitingOn: $0.waitingOn,
                subStatus: $0.subStatus,
                seconds: Double($0.microseconds) / 1_000_000
            )
        }
        try container.encode(waits, forKey: .waits)
        try container.encodeIfPresent(self.slaMet, forKey: .slaMet)
        try container.encode(self.flags, forKey: .flags)
    }
}
