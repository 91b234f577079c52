import LedgerTesting
import LedgerTypes

@testable import Replication

/// Three to five sites, their disks and the network between them, all made of one seed: the
/// sessions are the real ones, everything around them is simulated.
///
/// The network cuts streams after any byte, delivers in pieces of any size, and runs sessions of
/// the same sites beside each other, so that packages come twice and links overtake each other.
/// Disks lose what was not synced, go back to old copies with STATE or without, are cloned, and
/// flip bits. After the faults everybody meets everybody until nothing changes.
struct Simulator {
    private let plant: SimPlant?
    private var random: SeededRandom
    private let books = SimBooks()
    private var sites: [SimSite] = []
    private var links: [SimLink] = []
    private var backups: [(site: Int, disk: SimDisk, state: SimState)] = []
    /// What it did, for whoever looks into a seed.
    private(set) var story: [String] = []

    init(seed: UInt64, plant: SimPlant? = nil) {
        self.plant = plant
        self.random = SeededRandom(seed: seed)
        for number in 0..<Int.random(in: 3...5, using: &self.random) {
            let own = SeededRandom(seed: self.random.next())
            let site = SimSite(number: number, books: self.books, plant: plant, random: own)
            self.sites.append(site)
        }
    }

    /// What is broken at the end; empty when all is well.
    mutating func run(steps: Int = 70) -> [String] {
        for _ in 0..<steps where self.books.violations.isEmpty { self.step() }
        self.links = []
        guard self.books.violations.isEmpty else { return self.books.violations }
        self.quiesce()
        self.check()
        return self.books.violations
    }

    private mutating func pick(_ count: Int) -> Int {
        Int.random(in: 0..<count, using: &self.random)
    }

    private mutating func step() {
        switch self.pick(100) {
        case 0..<16:
            let site = self.pick(self.sites.count)
            let crashes = self.pick(12) == 0
            self.story.append("append \(site)\(crashes ? ", crash" : "")")
            self.sites[site].append(1 + self.pick(6), crashesBeforeCommit: crashes)
            if crashes { self.cutLinks(of: site) }
        case 16..<28: self.startLink()
        case 28..<72: self.deliver()
        case 72..<80: self.commit()
        case 80..<84: self.cutLink()
        case 84..<89: self.crash()
        case 89..<92: self.backUp()
        case 92..<95: self.restore()
        case 95..<96: self.clone()
        case 96..<98: self.flip()
        default: for site in self.sites where site.isSuspect { self.resolve(site) }
        }
    }

    private mutating func resolve(_ site: SimSite) {
        self.story.append("new incarnation \(site.number)")
        self.cutLinks(of: site.number)
        site.resolve()
    }

    // The network.

    private mutating func startLink() {
        guard self.links.count < 4 else { return self.deliver() }
        let one = self.pick(self.sites.count)
        let two = (one + 1 + self.pick(self.sites.count - 1)) % self.sites.count
        let lies = self.pick(8) == 0
        self.story.append("session \(one) \(two)\(lies ? ", lies" : "")")
        let link = SimLink(
            self.sites[one],
            self.sites[two],
            nonce: self.random.next(),
            lies: lies
        )
        self.links.append(link)
    }

    private mutating func deliver() {
        guard !self.links.isEmpty else { return }
        let place = self.pick(self.links.count)
        let link = self.links[place]
        let end = self.pick(2)
        // Mostly all of it, at times up to a byte inside a frame.
        let isCut = self.pick(4) == 0
        link.deliver(from: end, isCut ? 1 + self.pick(2_000) : .max)
        if link.isOver { self.links.remove(at: place) }
    }

    private mutating func commit() {
        guard !self.links.isEmpty else { return }
        let link = self.links[self.pick(self.links.count)]
        for end in link.ends { end.commit() }
    }

    private mutating func cutLink() {
        guard !self.links.isEmpty else { return }
        let place = self.pick(self.links.count)
        self.story.append("cut \(self.links[place].sites)")
        self.links.remove(at: place)
    }

    private mutating func cutLinks(of site: Int) {
        self.links.removeAll { $0.sites.contains(site) }
    }

    // The disks.

    private mutating func crash() {
        let site = self.pick(self.sites.count)
        self.story.append("crash \(site)")
        self.cutLinks(of: site)
        self.sites[site].crash()
    }

    private mutating func backUp() {
        let site = self.pick(self.sites.count)
        self.story.append("backup \(site)")
        let disk = self.sites[site].synced
        self.backups.append((site, disk, self.sites[site].state))
    }

    private mutating func restore() {
        guard !self.backups.isEmpty else { return self.backUp() }
        let backup = self.backups[self.pick(self.backups.count)]
        let withState = self.pick(3) == 0
        self.story.append("restore \(backup.site)\(withState ? ", machine" : "")")
        self.cutLinks(of: backup.site)
        // A scrub comes round before the last sound copy of a rotten leaf goes.
        for site in self.sites { site.scrub(from: self.sites) }
        self.lose(backup.site, keeping: backup.disk)
        self.sites[backup.site].restore(backup.disk, state: withState ? backup.state : nil)
    }

    /// The books forget what one disk alone holds that is about to be replaced.
    private func lose(_ site: Int, keeping disk: SimDisk) {
        var held = disk.events
        for other in self.sites where other.number != site { held.formUnion(other.synced.events) }
        self.books.lose(self.sites[site].synced.events.subtracting(held))
    }

    private mutating func clone() {
        guard self.sites.count < 6 else { return }
        let original = self.pick(self.sites.count)
        let withState = Bool.random(using: &self.random)
        self.story.append("clone \(original)\(withState ? ", machine" : "")")
        let own = SeededRandom(seed: self.random.next())
        self.sites.append(
            SimSite(
                cloneOf: self.sites[original],
                number: self.sites.count,
                withState: withState,
                random: own
            )
        )
    }

    private mutating func flip() {
        let site = self.sites[self.pick(self.sites.count)]
        let logs = site.synced.logs.sorted { $0.key < $1.key }
        let (id, log) = logs[self.pick(logs.count)]
        let index = self.pick(log.leaves.count)
        // What nobody else holds soundly is lost with the bit, and proves nothing.
        let isElsewhere = self.sites.contains { other in
            guard other !== site, let held = other.synced.logs[id], index < held.leaves.count else {
                return false
            }
            return held.hashes[index] == log.hashes[index] && held.isSound(index)
        }
        guard isElsewhere, index > 0 else { return }
        self.story.append("flip \(site.number) \(id.short)/\(index)")
        site.flip(id, index)
    }

    // The end.

    private mutating func quiesce() {
        var digests: [Digest] = []
        for _ in 0..<12 {
            for site in self.sites where site.isSuspect { site.resolve() }
            for site in self.sites { site.scrub(from: self.sites) }
            for one in self.sites.indices {
                for two in self.sites.indices where one < two {
                    let (first, second) = (self.sites[one], self.sites[two])
                    SimLink(first, second, nonce: self.random.next(), lies: false).run()
                }
            }
            let now = self.sites.map { StateDigest.over($0.synced.logs.values.map(\.position)) }
            if now == digests, !self.sites.contains(where: \.isSuspect) { break }
            digests = now
        }
    }

    private func check() {
        self.checkEvents()
        self.checkLeaves()
        let forked = self.books.forkedLogs
        self.checkForks(forked)
        let all = Set(self.sites.flatMap { $0.synced.logs.keys })
        for log in all.subtracting(forked).sorted() {
            let positions = Set(self.sites.map { $0.synced.logs[log]?.position })
            if positions.count > 1 {
                let places = self.sites.map { site in
                    let held = site.synced.logs[log]
                    let isOwn = site.synced.ownLog == log ? " own" : ""
                    let isFrozen = site.synced.frozen.contains(log) ? " frozen" : ""
                    return "\(held?.size ?? 0)\(isOwn)\(isFrozen)"
                }
                self.books.violate("log \(log.short) stands at \(places) after everybody met")
            }
        }
    }

    /// Nothing acknowledged is lost while any holder lives, and all have it in the end.
    private func checkEvents() {
        let held = self.sites.map(\.synced.events)
        for event in self.books.promised.sorted() {
            let holders = held.indices.filter { held[$0].contains(event) }
            if holders.count == self.sites.count { continue }
            if holders.isEmpty {
                self.books.violate("event \(UInt64(truncatingIfNeeded: event)) is lost")
            } else if !self.isBehindFork(event, holders) {
                self.books.violate(
                    "event \(UInt64(truncatingIfNeeded: event)) is held by sites \(holders) alone, "
                        + self.places(of: event)
                )
            }
        }
    }

    /// Where an event is, and how much of its log each site holds and can prove.
    private func places(of event: UInt128) -> String {
        var places: [String] = []
        for site in self.sites {
            for log in site.synced.logs.values.sorted(by: { $0.id < $1.id }) {
                guard let index = log.leaves.firstIndex(where: { SimEvent.id($0) == event }) else {
                    continue
                }
                places.append(
                    "site \(site.number): \(log.id.short)/\(index) of \(log.size), "
                        + "provable \(log.local.provable)"
                )
            }
        }
        return places.joined(separator: "; ")
    }

    /// An event in a branch that others, who saw another first, keep out until a person decides.
    private func isBehindFork(_ event: UInt128, _ holders: [Int]) -> Bool {
        let forked = self.books.forkedLogs
        return holders.allSatisfy { number in
            let logs = self.sites[number].synced.logs.filter { !forked.contains($0.key) }
            return !logs.values.contains { log in
                log.leaves.contains { SimEvent.id($0) == event }
            }
        }
    }

    /// No leaf is held that its log's writer did not write.
    private func checkLeaves() {
        for site in self.sites {
            for log in site.synced.logs.values {
                for index in log.leaves.indices where !self.books.wasWritten(log, at: index) {
                    self.books.violate(
                        "site \(site.number) holds \(log.id.short)/\(index), "
                            + "which nobody wrote"
                    )
                }
            }
        }
    }

    /// Where two leaves under one index are held, somebody has the evidence.
    private func checkForks(_ forked: Set<LogID>) {
        for id in forked.sorted() {
            let branches = self.sites.compactMap { $0.synced.logs[id] }
            let shortest = branches.map(\.leaves.count).min() ?? 0
            let roots = Set(branches.map { $0.root(UInt64(shortest)) })
            guard roots.count > 1 else { continue }
            let isNoticed = self.sites.contains { site in
                site.synced.evidence[id] != nil || site.synced.quarantine[id] != nil
            }
            if !isNoticed { self.books.violate("log \(id.short) forked and nobody noticed") }
        }
    }
}
