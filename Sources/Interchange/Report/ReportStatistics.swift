package import CaseDomain
internal import LedgerTypes

/// What a report shows of cases beside their metrics: how times spread, who hands over to whom, and
/// which cases to look at. Pure; memory does not grow with the number of cases.
package struct ReportStatistics: Sendable {
    /// Upper bounds of the spread of times, in seconds, and their names.
    static let bins: [(seconds: Int64, name: String)] = [
        (3_600, "to 1 h"), (14_400, "1–4 h"), (28_800, "4–8 h"), (86_400, "8–24 h"),
        (172_800, "1–2 d"), (345_600, "2–4 d"), (604_800, "4–7 d"), (1_209_600, "1–2 w"),
        (2_419_200, "2–4 w"), (4_838_400, "4–8 w"), (9_676_800, "8–16 w"), (.max, "longer"),
    ]
    /// The width of the bands of contacts' lengths.
    static let bandSeconds: Int64 = 30
    /// The bands that are kept; longer contacts are in the last.
    static let bandsMax = 60
    /// The cases of each list.
    static let listMax = 10
    /// The most different pairs that are told apart at one level.
    static let pairsMax = 100_000

    /// A case of a list.
    struct Listed: Hashable, Sendable {
        let caseID: String
        let value: Int64
        let holder: String
    }

    /// Cases taken in.
    package private(set) var cases = 0
    /// Times to the first resolve, by bin.
    private(set) var resolved = [Int](repeating: 0, count: Self.bins.count)
    /// Cases by the number of handoffs between teams: 0 to 5, and more.
    private(set) var handoffs = [Int](repeating: 0, count: 7)
    private(set) var opened: [String: Int] = [:]
    private var teams: [String: [String: Int]] = [:]
    private var sites: [String: [String: Int]] = [:]
    private var pairs = 0
    /// Contacts by how long they were talked, by band.
    private(set) var contacts = [Int](repeating: 0, count: Self.bandsMax)
    /// The handle-time limits that were in force, in seconds.
    private(set) var limits: Set<Int64> = []
    private(set) var open: [Listed] = []
    private(set) var passedOn: [Listed] = []
    private(set) var reopened: [Listed] = []

    /// Counts nothing.
    package init() {}

    /// Takes a case in.
    package mutating func add(_ trace: CaseTrace) {
        let facts = trace.state.facts
        guard let start = facts.firstAt else { return }
        self.cases += 1
        self.opened[String(start.rfc3339.prefix(7)), default: 0] += 1
        if let end = facts.firstResolvedAt {
            let seconds = end.microseconds(since: start) / 1_000_000
            let bin = Self.bins.firstIndex { seconds <= $0.seconds } ?? Self.bins.count - 1
            self.resolved[bin] += 1
        }
        self.handoffs[min(Int(facts.teams.handoffs), 6)] += 1
        let holder = trace.steps.last?.attributes.holder
        let name = holder?.agent ?? holder?.team ?? ""
        func listed(_ value: Int64) -> Listed {
            Listed(caseID: trace.caseID.id, value: value, holder: name)
        }
        if trace.state.standing == .open {
            // The longest open is the one that began first.
            Self.keep(listed(-start.microseconds), in: &self.open)
        }
        let moves = Int64(facts.teams.handoffs) + Int64(facts.agents.handoffs)
        if moves > 0 { Self.keep(listed(moves), in: &self.passedOn) }
        if facts.reopens > 0 { Self.keep(listed(Int64(facts.reopens)), in: &self.reopened) }
        self.addMoves(trace)
        self.addContacts(trace)
    }

    private static func keep(_ item: Listed, in list: inout [Listed]) {
        if list.count == Self.listMax, let last = list.last, last.value >= item.value { return }
        let place = list.firstIndex { $0.value < item.value } ?? list.count
        list.insert(item, at: place)
        if list.count > Self.listMax { list.removeLast() }
    }

    private mutating func addMoves(_ trace: CaseTrace) {
        var before = CaseAttributes().holder
        for step in trace.steps {
            let after = step.attributes.holder
            if step.handoffs.contains(.team), let from = before.team, let to = after.team {
                Self.count(from, to, in: &self.teams, &self.pairs)
            }
            if step.handoffs.contains(.site), let from = before.site, let to = after.site {
                Self.count(from, to, in: &self.sites, &self.pairs)
            }
            before = after
        }
    }

    private static func count(
        _ from: String,
        _ to: String,
        in table: inout [String: [String: Int]],
        _ pairs: inout Int
    ) {
        if table[from]?[to] == nil {
            guard pairs < Self.pairsMax else { return }
            pairs += 1
        }
        table[from, default: [:]][to, default: 0] += 1
    }

    private mutating func addContacts(_ trace: CaseTrace) {
        for step in trace.steps {
            guard case .contactEnded(let end) = step.event.payload, !end.segments.isEmpty else {
                continue
            }
            let seconds = end.segments.reduce(0) { $0 + $1.talkSeconds + $1.holdSeconds }
            guard seconds > 0, seconds.isFinite else { continue }
            let band = Int(min(seconds, 1e9)) / Int(Self.bandSeconds)
            self.contacts[min(band, Self.bandsMax - 1)] += 1
            if let limit = trace.state.policyInForce(at: step.event.occurred)
                .handleTimeLimitSeconds
            {
                self.limits.insert(limit)
            }
        }
    }

    /// The handovers between teams, most frequent first.
    var teamPairs: [ReportMap.Pair] { Self.sorted(self.teams) }

    /// The handovers between sites, most frequent first.
    var sitePairs: [ReportMap.Pair] { Self.sorted(self.sites) }

    private static func sorted(_ table: [String: [String: Int]]) -> [ReportMap.Pair] {
        table.flatMap { from, row in
            row.map { ReportMap.Pair(from: from, to: $0.key, count: $0.value) }
        }.sorted { ($1.count, $0.from, $0.to) < ($0.count, $1.from, $1.to) }
    }
}
