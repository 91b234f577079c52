public import LedgerTypes

/// Folds a case's events into its ``CaseFacts``; events come in fold order.
///
/// It keeps a few words per case and builds no view, so it can run over every case of a ledger. On
/// its own it reads `case.observed` only; ``CaseState`` drives the same counters for every other
/// type. Where ``needsState`` is set, fold the case with ``CaseState`` and take its facts.
public struct CaseFactsFold: Hashable, Sendable {
    private var facts: CaseFacts
    private var teams = Runs()
    private var agents = Runs()
    private var tiers = Runs()
    private var sites = Runs()
    private var openWait: Int?
    private var inversions: UInt64 = 0
    /// Whether there was an event whose meaning only ``CaseState`` knows.
    public private(set) var needsState = false

    /// Starts with a case without events.
    public init(caseID: Subject) { self.facts = CaseFacts(caseID: caseID) }

    /// Goes on with the next event. Duplicates (C1) are the caller's to leave out.
    public mutating func evolve(_ event: CaseEvent) {
        switch event.payload {
        case .caseObserved(let row):
            self.advance(to: event.occurred)
            self.observe(row, at: event.occurred)
        case .unknown: self.facts.unknown += 1
        default: self.needsState = true
        }
    }

    /// Goes on with one row of another system that happened at `occurred`.
    public mutating func evolve(_ row: CaseObserved, occurred: Timestamp) {
        self.advance(to: occurred)
        self.observe(row, at: occurred)
    }

    /// The facts as they stand.
    public var current: CaseFacts {
        var facts = self.facts
        facts.teams = self.teams.custody
        facts.agents = self.agents.custody
        facts.tiers = self.tiers.custody
        facts.sites = self.sites.custody
        facts.waits.removeAll { $0.microseconds == 0 }
        facts.waits.sort {
            ($0.waitingOn.rawValue, $0.subStatus ?? "")
                < ($1.waitingOn.rawValue, $1.subStatus ?? "")
        }
        if self.inversions > 0 {
            facts.flags = [RuleCount(rule: .clockInverted, count: self.inversions)]
        }
        return facts
    }
}

// What CaseState drives.
extension CaseFactsFold {
    /// The team of the last holder.
    var team: String? { self.teams.current }
    /// The last holder.
    var agent: String? { self.agents.current }
    /// The tier of the last holder.
    var tier: String? { self.tiers.current }
    /// The site of the last holder.
    var site: String? { self.sites.current }
    /// Whether the last status is terminal.
    var isTerminal: Bool { self.facts.isTerminal }
    /// `occurred` of the last event.
    var lastAt: Timestamp? { self.facts.lastAt }
    /// How often custody has changed so far.
    var changes: CustodyChanges {
        CustodyChanges(
            agents: self.agents.changes,
            teams: self.teams.changes,
            tiers: self.tiers.changes,
            sites: self.sites.changes
        )
    }
    /// Every site that held the case, in order.
    var sitesSeen: [String] { self.sites.values }

    /// Counts an event and lets the open wait run until `occurred`.
    mutating func advance(to occurred: Timestamp) {
        self.facts.events += 1
        guard let last = self.facts.lastAt else {
            self.facts.firstAt = occurred
            self.facts.lastAt = occurred
            return
        }
        if occurred < last { self.inversions += 1 }
        if let openWait {
            let sum = self.facts.waits[openWait].microseconds
            self.facts.waits[openWait].microseconds =
                sum.addingSaturated(occurred.microseconds(since: last))
        }
        self.facts.lastAt = occurred
    }

    /// Counts an event of a type that this version does not know.
    mutating func countUnknown() { self.facts.unknown += 1 }

    /// Takes in a row; returns the levels at which custody moved.
    @discardableResult
    mutating func observe(_ row: CaseObserved, at occurred: Timestamp) -> CustodyMoves {
        self.facts.observed += 1
        let moves = self.move(agent: row.agent, team: row.team, tier: row.tier, site: row.site)
        if let verdict = row.slaMet { self.facts.slaMet = verdict }
        switch row.status {
        case .notStated: break
        case .waiting:
            self.enter(terminal: false, at: occurred)
            self.beginWait(row.waitingOn ?? .notStated, subStatus: row.subStatus)
        default:
            self.enter(terminal: row.status.isTerminal, at: occurred)
            self.endWait()
        }
        return moves
    }

    /// Moves custody at every level that is stated; returns the levels at which it changed.
    @discardableResult
    mutating func move(
        agent: String?,
        team: String?,
        tier: String?,
        site: String?
    ) -> CustodyMoves {
        var moves: CustodyMoves = []
        if let agent, self.agents.append(agent) { moves.insert(.agent) }
        if let team, self.teams.append(team) { moves.insert(.team) }
        if let tier, self.tiers.append(tier) { moves.insert(.tier) }
        if let site, self.sites.append(site) { moves.insert(.site) }
        return moves
    }

    /// Custody is with `holder` again, at every level that is stated; no change is counted.
    mutating func giveBack(to holder: Holder) {
        if let agent = holder.agent { self.agents.giveBack(agent) }
        if let team = holder.team { self.teams.giveBack(team) }
        if let tier = holder.tier { self.tiers.giveBack(tier) }
        if let site = holder.site { self.sites.giveBack(site) }
    }

    /// Takes in a status.
    mutating func enter(terminal: Bool, at occurred: Timestamp) {
        if terminal {
            if self.facts.firstResolvedAt == nil { self.facts.firstResolvedAt = occurred }
            self.facts.lastTerminalAt = occurred
        } else if self.facts.isTerminal {
            self.facts.reopens += 1
        }
        self.facts.isTerminal = terminal
    }

    /// Begins a wait; another one that is open ends.
    mutating func beginWait(_ waitingOn: WaitingOn, subStatus: String?) {
        let known = self.facts.waits.firstIndex {
            $0.waitingOn == waitingOn && $0.subStatus == subStatus
        }
        if let known {
            self.openWait = known
            return
        }
        self.openWait = self.facts.waits.count
        self.facts.waits.append(
            CaseFacts.Wait(waitingOn: waitingOn, subStatus: subStatus, microseconds: 0)
        )
    }

    /// Ends the open wait.
    mutating func endWait() { self.openWait = nil }
}

/// The levels at which custody moved.
struct CustodyMoves: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let agent = CustodyMoves(rawValue: 1)
    static let team = CustodyMoves(rawValue: 2)
    static let tier = CustodyMoves(rawValue: 4)
    static let site = CustodyMoves(rawValue: 8)
}

extension Runs {
    /// The counts that facts hold.
    var custody: CaseFacts.Custody {
        CaseFacts.Custody(
            holders: UInt32(self.values.count),
            handoffs: self.changes,
            pingPongs: self.pingPongs,
            returns: self.returns
        )
    }
}

extension Int64 {
    /// The sum, or the end of the range.
    func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = self.addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }

    /// The difference, or the end of the range.
    func subtractingSaturated(_ other: Int64) -> Int64 {
        let (difference, overflow) = self.subtractingReportingOverflow(other)
        guard overflow else { return difference }
        return other < 0 ? .max : .min
    }
}
