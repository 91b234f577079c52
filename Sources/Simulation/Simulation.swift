package import CaseDomain
internal import LedgerTypes

/// A history of support centres, made of a seed: the same seed, parameters and numbers give the
/// same events, byte for byte. Pure; nothing is written here.
///
/// Days come one after another; what stories still have ahead of them is kept, so memory grows with
/// the cases under way and not with the history.
package struct Simulation: Sendable {
    /// The most cases of one simulation.
    package static let casesMax = 100_000_000
    /// The most days.
    package static let daysMax = 36_500

    /// One day's events for each site, in the order in which they happened.
    package struct Day: Sendable {
        /// The day, from 0.
        package let number: Int
        /// For each site, in the order of the parameters.
        package let events: [[ProposedEvent]]
    }

    private let world: World
    private let cases: Int
    private var backdrop: Backdrop
    private var answers: [PublishedAnswer] = []
    /// Which customers have called before.
    private var isKnown: [Bool]
    /// What happens on later days.
    private var ahead: [Int: [StoryEvent]] = [:]
    private var nextDay = 0
    private var nextCase = 0
    /// How much of all the cases begins until each day.
    private let shares: [Double]

    /// The answers of which stories know: the newest.
    private static let answersMax = 4_096

    /// Prepares a history of `cases` cases that begin within `days` days.
    package init(
        _ parameters: SimulationParameters,
        seed: UInt64,
        cases: Int,
        days: Int
    ) throws(SimulationError) {
        guard (0...Self.casesMax).contains(cases) else {
            throw .count("there may be 0 to \(Self.casesMax) cases")
        }
        guard (1...Self.daysMax).contains(days) else {
            throw .count("there may be 1 to \(Self.daysMax) days")
        }
        self.world = World(parameters, seed: seed, days: days)
        self.cases = cases
        self.backdrop = Backdrop(self.world)
        self.isKnown = Array(repeating: false, count: parameters.customers.count)
        var shares: [Double] = []
        var sum = 0.0
        for day in 0..<days {
            // People call when the week begins, and less at its end.
            sum += [1.3, 1.15, 1.05, 1.0, 0.95, 0.6, 0.4][self.world.weekday(ofDay: day) - 1]
            shares.append(sum)
        }
        self.shares = shares
    }

    /// The key under which the sites of a simulation make pseudonyms, 32 bytes: no secret.
    package static func pseudonymKey(seed: UInt64) -> [UInt8] {
        var random = SimulationRandom(seed: seed, stream: 5 << 40)
        var key: [UInt8] = []
        for _ in 0..<4 { key.appendBigEndian(random.next()) }
        return key
    }

    /// The days that there are.
    package var days: Int { self.world.days }

    /// The next day; `nil` after the last one. What would happen later is not told.
    package mutating func next() -> Day? {
        guard self.nextDay < self.days else { return nil }
        let day = self.nextDay
        self.nextDay += 1
        self.keep(self.backdrop.events(ofDay: day), from: day)
        let end = self.shares[day] / (self.shares.last ?? 1) * Double(self.cases)
        let last = day + 1 == self.days ? self.cases : Int(end.rounded(.down))
        while self.nextCase < last {
            self.tell(self.nextCase, on: day)
            self.nextCase += 1
        }
        var events = Array(repeating: [ProposedEvent](), count: self.world.sites.count)
        let today = (self.ahead.removeValue(forKey: day) ?? []).sorted { $0.comes(before: $1) }
        for item in today { events[item.site].append(item.event) }
        return Day(number: day, events: events)
    }

    private mutating func tell(_ number: Int, on day: Int) {
        var random = SimulationRandom(seed: self.world.seed, stream: 4 << 40 | UInt64(number))
        let second = Double(self.world.second(ofDay: day)) + random.unit() * 80_000
        let site = self.site(at: second, &random)
        let customer = random.below(self.isKnown.count)
        var story = CaseStory(
            self.world,
            number: number,
            clock: second,
            site: site,
            customer: customer,
            answers: self.answers
        )
        story.tell(isNewCustomer: !self.isKnown[customer])
        self.isKnown[customer] = true
        self.answers += story.published
        if self.answers.count > Self.answersMax {
            self.answers.removeFirst(self.answers.count - Self.answersMax)
        }
        self.keep(story.events, from: day)
    }

    /// A site that is open, by its share; any of them if none is.
    private func site(at second: Double, _ random: inout SimulationRandom) -> Int {
        let shares = self.world.sites.map(\.parameters.share)
        let open = self.world.sites.indices.map {
            self.world.isOpen($0, at: second) ? shares[$0] : 0
        }
        return random.weighted(open.contains { $0 > 0 } ? open : shares)
    }

    private mutating func keep(_ events: [StoryEvent], from day: Int) {
        let start = self.world.parameters.start
        for event in events {
            let gap = event.event.occurred.microseconds(since: start)
            let itsDay = max(Int(gap / 86_400_000_000), day)
            guard itsDay < self.days else { continue }
            self.ahead[itsDay, default: []].append(event)
        }
    }
}
