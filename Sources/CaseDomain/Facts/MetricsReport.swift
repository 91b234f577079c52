internal import LedgerTypes

/// Figures over many cases.
public struct MetricsReport: Hashable, Sendable, Encodable {
    /// Custody at one level (M-14).
    public struct Level: Hashable, Sendable, Encodable {
        /// Neighbouring different holders.
        public let handoffs: Int64
        /// Cases with at least one.
        public let handoffCases: Int64
        /// Cases with at least two: the denominator of the ping-pong rate.
        public let twoHandoffCases: Int64
        /// A, B, A among merged runs; each time counts.
        public let pingPongs: Int64
        /// Cases with at least one.
        public let pingPongCases: Int64
        /// Runs that came back to a holder seen before.
        public let returns: Int64

        /// Cases with a ping-pong among cases with two handoffs; `nil` if there are none such.
        public var pingPongRate: Double? {
            guard self.twoHandoffCases > 0 else { return nil }
            return Double(self.pingPongCases) / Double(self.twoHandoffCases)
        }
    }

    /// Time spent waiting for one party, in one of the source's words.
    public struct WaitShare: Hashable, Sendable, Encodable {
        /// For whom.
        public let waitingOn: WaitingOn
        /// The source's own word.
        public let subStatus: String?
        /// Seconds, over all cases.
        public let seconds: Double
        /// Of the sum of all durations.
        public let share: Double
    }

    /// Cases.
    public let cases: Int64
    /// Events of those cases.
    public let events: Int64
    /// Of these, rows of other systems.
    public let observed: Int64
    /// Events of types that this version does not know.
    public let unknown: Int64
    /// First event to last, seconds.
    public let duration: Distribution?
    /// First event to first resolve, seconds (M-12).
    public let toFirstResolved: Distribution?
    /// First event to last terminal one, seconds (M-12).
    public let toLastTerminal: Distribution?
    /// Between teams.
    public let teams: Level
    /// Between agents.
    public let agents: Level
    /// Between tiers.
    public let tiers: Level
    /// Between sites.
    public let sites: Level
    /// Cases whose last status is terminal.
    public let terminalCases: Int64
    /// The others (M-13).
    public let openCases: Int64
    /// Cases that were reopened.
    public let reopenedCases: Int64
    /// How often.
    public let reopens: Int64
    /// Waits, sorted.
    public let waits: [WaitShare]
    /// Cases whose source says that the service level was met.
    public let slaMet: Int64
    /// Cases whose source says that it was not.
    public let slaBreached: Int64
    /// Flags, by rule.
    public let flags: [RuleCount]
}

/// How values spread, in seconds. Percentiles interpolate linearly, as numpy does by default.
public struct Distribution: Hashable, Sendable, Encodable {
    /// How many values.
    public let n: Int64
    /// The mean.
    public let mean: Double
    /// Half are at most this.
    public let median: Double
    /// Nine of ten are at most this.
    public let p90: Double
    /// The least.
    public let min: Double
    /// The greatest.
    public let max: Double

    /// Describes `microseconds`, which are in rising order; `nil` if there are none.
    public init?(_ microseconds: [Int64]) {
        let sum = microseconds.reduce(into: Int128(0)) { $0 += Int128($1) }
        self.init(count: microseconds.count, sum: sum) { microseconds[$0] }
    }

    /// Describes `count` values, in microseconds, of which `value` gives the one at a place in
    /// rising order; `nil` if there are none.
    package init?<Failure: Error>(
        count: Int,
        sum: Int128,
        _ value: (Int) throws(Failure) -> Int64
    ) throws(Failure) {
        guard count > 0 else { return nil }
        self.n = Int64(count)
        self.mean = Double(sum) / Double(count) / 1_000_000
        self.median = try Self.percentile(count, 1, of: 2, value)
        self.p90 = try Self.percentile(count, 9, of: 10, value)
        self.min = Double(try value(0)) / 1_000_000
        self.max = Double(try value(count - 1)) / 1_000_000
    }

    /// The value at (count − 1) × part ÷ whole, between neighbours in proportion.
    private static func percentile<Failure: Error>(
        _ count: Int,
        _ part: Int,
        of whole: Int,
        _ value: (Int) throws(Failure) -> Int64
    ) throws(Failure) -> Double {
        let scaled = (count - 1) * part
        let index = scaled / whole
        let fraction = Double(scaled % whole) / Double(whole)
        let low = Double(try value(index))
        guard fraction > 0 else { return low / 1_000_000 }
        let high = Double(try value(index + 1))
        return (low + (high - low) * fraction) / 1_000_000
    }
}
