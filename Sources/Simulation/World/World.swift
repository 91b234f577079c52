internal import CaseDomain
internal import LedgerTypes

/// Everything that stories take as given: sites, staff, products. Made once; pure.
struct World: Sendable {
    static let secondsPerDay: Int64 = 86_400

    let parameters: SimulationParameters
    let seed: UInt64
    let days: Int
    let sites: [Site]

    init(_ parameters: SimulationParameters, seed: UInt64, days: Int) {
        self.parameters = parameters
        self.seed = seed
        self.days = days
        self.sites = parameters.sites.indices.map { index in
            Site(index, parameters.sites[index], start: parameters.start, seed: seed, days: days)
        }
    }

    /// Midnight before day `day`, in seconds after the start.
    func second(ofDay day: Int) -> Int64 { Int64(day) * Self.secondsPerDay }

    /// The moment `seconds` after the start.
    func time(_ seconds: Double) -> Timestamp {
        self.parameters.start.adding(microseconds: Int64(seconds * 1_000) * 1_000)
    }

    /// 1 for Monday to 7 for Sunday.
    func weekday(ofDay day: Int) -> Int {
        let days = self.parameters.start.microseconds / 86_400_000_000 + Int64(day)
        return Int((days + 3) % 7) + 1
    }

    /// The date of day `day`, which may lie before the start.
    func date(ofDay day: Int) -> CalendarDate {
        let days = self.parameters.start.microseconds / 86_400_000_000 + Int64(day)
        return CalendarDate(daysSince1970: days)
    }

    /// The next moment, `from` included, at which people work at `site`.
    func opening(of site: Int, from: Double) -> Double {
        var second = from
        // A week later the same shifts begin again.
        for _ in 0..<(8 * 24 * 4) where !self.isOpen(site, at: second) {
            second = (second / 900).rounded(.down) * 900 + 900
        }
        return second
    }

    /// Whether a shift of `site` is at work.
    func isOpen(_ site: Int, at second: Double) -> Bool {
        self.sites[site].parameters.shifts.indices.contains {
            self.isAtWork($0, of: site, at: second)
        }
    }

    /// Whether the shift numbered `shift` of `site` is at work.
    func isAtWork(_ shift: Int, of site: Int, at second: Double) -> Bool {
        let place = self.sites[site].parameters
        let hours = place.shifts[shift]
        let local = second + Double(self.sites[site].offset(at: second))
        let day = Int((local / Double(Self.secondsPerDay)).rounded(.down))
        let hour = (local - Double(day) * Double(Self.secondsPerDay)) / 3_600
        if hours.weekdays.contains(self.weekday(ofDay: day)),
            hour >= Double(hours.fromHour), hour < Double(hours.toHour)
        {
            return true
        }
        // A night shift began on the day before.
        return hours.toHour > 24 && hour + 24 < Double(hours.toHour)
            && hours.weekdays.contains(self.weekday(ofDay: day - 1))
    }

    /// Somebody of `team` at `site` who works at `second`; anybody of it if nobody does.
    func agent(
        _ team: Int,
        of site: Int,
        at second: Double,
        _ random: inout SimulationRandom
    ) -> Agent {
        let place = self.sites[site]
        let slots = place.teams[team].slots
        let start = random.below(slots.count)
        let day = Int((second / Double(Self.secondsPerDay)).rounded(.down))
        for offset in 0..<slots.count {
            let slot = (start + offset) % slots.count
            let shift = slot % place.parameters.shifts.count
            guard self.isAtWork(shift, of: site, at: second) else { continue }
            let agent = slots[slot].agent(onDay: day)
            if !agent.isAway(onDay: day) { return agent }
        }
        return slots[start].agent(onDay: day)
    }

    /// The envelope's picture of `agent` on `day`.
    func actor(_ agent: Agent, onDay day: Int) -> ActorSnapshot {
        let site = self.sites[agent.site].parameters
        let team = site.teams[agent.team]
        return ActorSnapshot(
            actorID: agent.id,
            kind: team.tier == .t1 || team.tier == .notStated ? .agent : .specialist,
            tier: team.tier.name,
            team: team.name,
            siteID: site.name.name.rawValue,
            siteKind: site.kind,
            tenureDays: UInt32(clamping: max(day - agent.from, 0)),
            authorityLimit: ActorSnapshot.AuthorityLimit(
                amountMinor: team.tier == .t1 ? 5_000 : 20_000,
                currency: self.parameters.products.first?.currency ?? "EUR"
            )
        )
    }

    /// A machine of `site`.
    func system(_ name: String, at site: Int) -> ActorSnapshot {
        let place = self.sites[site].parameters
        return ActorSnapshot(
            actorID: name,
            kind: .system,
            siteID: place.name.name.rawValue,
            siteKind: place.kind
        )
    }
}

/// Somebody who works in support.
struct Agent: Hashable, Sendable {
    let id: String
    let site: Int
    let team: Int
    /// The shift that they work in.
    let shift: Int
    /// The first day, which may lie before the start.
    let from: Int
    /// The day on which they are gone.
    let until: Int
    /// Days on which they are away.
    let away: Range<Int>

    func isAway(onDay day: Int) -> Bool { self.away.contains(day) }
    func hasLeft(byDay day: Int) -> Bool { day >= self.until }
}

/// One site with its staff.
struct Site: Sendable {
    /// A place in a team and who fills it, one after another.
    struct Slot: Sendable {
        let agents: [Agent]

        func agent(onDay day: Int) -> Agent {
            self.agents.first { !$0.hasLeft(byDay: day) } ?? self.agents[self.agents.count - 1]
        }
    }

    struct Team: Sendable {
        let slots: [Slot]
    }

    let parameters: SiteParameters
    let teams: [Team]
    /// The teams that talk to customers, nearest to them first.
    let facing: [Int]
    /// The teams to which escalations go, in order of their tiers.
    let behind: [Int]
    /// From which second on clocks are how many seconds east of UTC, in order; the first counts
    /// from the beginning.
    let offsets: [(from: Double, seconds: Int)]

    init(
        _ index: Int,
        _ parameters: SiteParameters,
        start: Timestamp,
        seed: UInt64,
        days: Int
    ) {
        self.parameters = parameters
        self.offsets = Self.offsets(parameters, start: start, days: days)
        var random = SimulationRandom(seed: seed, stream: 1 << 40 | UInt64(index))
        self.teams = parameters.teams.indices.map { team in
            Team(
                slots: (0..<parameters.teams[team].agents).map { slot in
                    let name = "s\(index)-t\(team)-\(slot)"
                    let shift = slot % max(parameters.shifts.count, 1)
                    return Self.slot(name, (index, team, shift), parameters, days, &random)
                }
            )
        }
        let order = parameters.teams.indices.sorted {
            parameters.teams[$0].tier.rawValue < parameters.teams[$1].tier.rawValue
        }
        self.facing = order.filter { parameters.teams[$0].customerFacing ?? true }
        self.behind = order.filter {
            !(parameters.teams[$0].customerFacing ?? true)
                || parameters.teams[$0].tier.rawValue > Tier.t1.rawValue
        }
    }

    /// How many seconds east of UTC clocks are at `second`.
    func offset(at second: Double) -> Int {
        (self.offsets.last { $0.from <= second } ?? self.offsets[0]).seconds
    }

    private static func offsets(
        _ parameters: SiteParameters,
        start: Timestamp,
        days: Int
    ) -> [(from: Double, seconds: Int)] {
        let standard = parameters.utcOffsetMinutes * 60
        var offsets = [(from: 0.0, seconds: standard)]
        guard let rule = parameters.summerTime else { return offsets }
        let begin = Int(start.microseconds / 1_000_000)
        let first = Int(start.rfc3339.prefix(4)) ?? 1970
        // Stories that begin on the last days go on for some months.
        for year in first...first + days / 365 + 2 {
            guard let span = rule.span(inYear: year, offset: standard) else { continue }
            for (moment, seconds) in [
                (span.lowerBound, standard + SummerTime.seconds), (span.upperBound, standard),
            ] {
                if moment <= begin {
                    offsets[0].seconds = seconds
                } else {
                    offsets.append((Double(moment - begin), seconds))
                }
            }
        }
        return offsets
    }

    private static func slot(
        _ name: String,
        _ place: (site: Int, team: Int, shift: Int),
        _ parameters: SiteParameters,
        _ days: Int,
        _ random: inout SimulationRandom
    ) -> Slot {
        var agents: [Agent] = []
        // Whoever is there on the first day has been there for a while.
        var from = -1 - Int(random.exponential(300))
        var isFirst = true
        while true {
            let mean = 365 / max(parameters.turnoverPerYear, 0.01)
            let until = (isFirst ? 0 : from) + 1 + Int(random.exponential(mean))
            let absence = (isFirst ? 0 : from) + random.below(180)
            agents.append(
                Agent(
                    id: "\(name)-\(agents.count)",
                    site: place.site,
                    team: place.team,
                    shift: place.shift,
                    from: from,
                    until: until,
                    away: absence..<(absence + 3 + random.below(12))
                )
            )
            guard until <= days else { return Slot(agents: agents) }
            from = until
            isFirst = false
        }
    }
}
