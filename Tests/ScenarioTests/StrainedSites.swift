import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

/// Many sites that meet in one shape, while three of them are put back to an old copy and one is
/// cloned half-way.
struct StrainedSites {
    /// Who meets whom.
    enum Shape: CaseIterable {
        case ring, star, random
    }

    /// What a site has to tell: a part of it first, then all of it.
    struct Story {
        let half: [UInt8]
        let whole: [UInt8]
    }

    private let shape: Shape
    private let stories: [Story]
    private let mapping: HistoryMapping
    private let machines: [Machine]
    private let clone: Machine
    /// The sites by place; the last one is the clone.
    private(set) var sites: [Site] = []
    private var random: SeededRandom

    init(_ shape: Shape, _ stories: [Story], _ mapping: HistoryMapping, seed: UInt64) throws {
        self.shape = shape
        self.stories = stories
        self.mapping = mapping
        self.machines = stories.indices.map { Machine("site-\($0)") }
        self.clone = Machine("clone", site: "site-\(stories.count / 2)")
        self.random = SeededRandom(seed: seed)
    }

    private var cloned: Int { self.machines.count / 2 }
    private var restored: [Int] { [1, self.machines.count / 3, self.machines.count - 2] }

    /// Everything from the first import to the last meeting; returns what had to be kept.
    mutating func run() async throws -> Set<String> {
        for (machine, story) in zip(self.machines, self.stories) {
            let site = try machine.make()
            try await site.importBytes(story.half, self.mapping)
            self.sites.append(site)
        }
        try await self.copy()
        try await self.meet()
        for (site, story) in zip(self.sites, self.stories) {
            try await site.importBytes(story.whole, self.mapping)
        }
        var ids: Set<String> = []
        for site in self.sites { ids.formUnion(try site.ids()) }
        try await self.meet()
        try await self.putBack()
        try await self.addClone()
        for _ in 0..<12 where try !self.isStill() { try await self.meet() }
        return ids
    }

    func close() {
        for site in self.sites { site.ledger.close() }
    }

    /// Copies what will be put back, and the clone.
    private mutating func copy() async throws {
        for place in self.restored + [self.cloned] {
            let machine = self.machines[place]
            self.sites[place].ledger.close()
            if place == self.cloned {
                try machine.copy(machine.path, to: "clone")
                try machine.copy(machine.state, to: "clone-state")
            } else {
                try machine.copy(machine.path, to: "old-\(place)")
            }
            self.sites[place] = try machine.open()
        }
    }

    /// Three machines come back with what they held long ago. Their operators import again what
    /// they had imported, some before their site has met anybody.
    private mutating func putBack() async throws {
        for (turn, place) in self.restored.enumerated() {
            let machine = self.machines[place]
            self.sites[place].ledger.close()
            try machine.putBack("old-\(place)", as: machine.path)
            let stopped = try machine.open()
            #expect(try await stopped.isStopped(), "site \(place)")
            stopped.ledger.close()
            self.sites[place] = try machine.open(.newIncarnation)
            let neighbour = self.sites[(place + 2) % self.machines.count]
            if turn == 1 { _ = try await self.sites[place].ledger.sync(with: neighbour.ledger) }
            try await self.sites[place].importBytes(self.stories[place].whole, self.mapping)
        }
    }

    /// The clone wakes up, goes on as if it were the only one, and meets somebody who has met the
    /// other one.
    private mutating func addClone() async throws {
        _ = try await self.sites[self.cloned].ledger.sync(with: self.sites[0].ledger)
        let awake = try self.clone.open()
        try await awake.importBytes(self.stories[self.cloned].whole, self.mapping)
        #expect(try await !awake.ledger.sync(with: self.sites[0].ledger).inStep)
        #expect(try await awake.isStopped())
        awake.ledger.close()
        let anew = try self.clone.open(.newIncarnation)
        _ = try await anew.ledger.sync(with: self.sites[0].ledger)
        anew.ledger.close()
        _ = try await Ledger.resolveForks(at: self.clone.path, state: self.clone.state, .all)
        self.sites.append(try self.clone.open())
    }

    /// One round of meetings.
    private mutating func meet() async throws {
        let count = self.sites.count
        let pairs =
            switch self.shape {
            case .ring: (0..<count).map { ($0, ($0 + 1) % count) }
            case .star: (1..<count).map { (0, $0) }
            case .random: self.randomPairs(count)
            }
        for (one, other) in pairs {
            _ = try await self.sites[one].ledger.sync(with: self.sites[other].ledger)
        }
    }

    private mutating func randomPairs(_ count: Int) -> [(Int, Int)] {
        let order = (0..<count).shuffled(using: &self.random)
        return (0..<count / 2).map { (order[2 * $0], order[2 * $0 + 1]) }
    }

    /// Whether every site holds every log to the same size and root.
    func isStill() throws -> Bool {
        let held = try self.sites.map { site in
            Set(try site.ledger.logs().map(\.position))
        }
        return Set(held).count == 1
    }
}
