import EventStore
import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import Replication

/// Bits flip in what a partner holds of its home site's log.
@Suite("Rot in a part of a log", .temporaryDirectory)
struct PartDamageTests {
    /// What the bits hit.
    enum Target: CaseIterable, Sendable {
        /// The bytes of a leaf in the middle.
        case leaf
        /// The index in its row: at its place it is missing.
        case place
        /// A sealed section.
        case section
        /// The root over a gap.
        case gap
    }

    private let home: TestLedger
    private let partner: TestLedger

    /// A partner in step with home, of whose log it holds two cases of seven.
    init() async throws {
        self.home = try TestLedger.create("home")
        self.partner = try TestLedger.create("partner")
        try await self.home.append(400, seed: 1)
        try await self.partner.append(30, seed: 2)
        let (home, partner) = (self.home.store, self.partner.store)
        let labels = [1, 3].map { Label(name: Label.subjectName, value: "case:\($0)") }
        let grant = Grant(
            home: Grant.Party(site: home.siteName, key: try home.siteKey()),
            partner: Grant.Party(site: partner.siteName, key: try partner.siteKey()),
            number: 1,
            from: Timestamp(microseconds: 0),
            until: nil,
            direction: .both,
            sections: .all,
            labels: labels
        )
        let found = try #require(grant)
        let note = try found.note { (text) throws(EventStoreError) in try home.signAsSite(text) }
        try await home.pin(partner.siteName, key: try partner.siteKey())
        try await home.putGrant(found.id.bytes, GrantRecord(grant: found, note: note).row)
        let (own, _) = try await SyncPeer.syncLocally(partner, home)
        #expect(own.isInStep)
    }

    /// The partner's copy of the home site's log.
    private func copy(_ store: EventStore) throws -> LogState {
        let logs = try store.read { (snapshot) throws(EventStoreError) in try snapshot.logs() }
        return try #require(logs.first { $0.isPartial })
    }

    /// The bytes of the file in which a bit flips, and the byte of them.
    private func needle(_ target: Target, _ log: LogState) throws -> (bytes: [UInt8], at: Int?) {
        var indexes: [UInt64] = []
        var sections: [[UInt8]] = []
        try self.partner.store.read { (snapshot) throws(EventStoreError) in
            try snapshot.forEachLeaf(inLog: log.id, from: 1) {
                (place, _) throws(EventStoreError) in
                indexes.append(place.address.index)
                if let section = try snapshot.section(arrival: place.arrival, slot: 1) {
                    sections.append(section)
                }
                return true
            }
        }
        let index = try #require(indexes.dropFirst(40).first)
        let leaf = try RepairTests.leaf(index, self.partner, log)
        switch target {
        case .leaf: return (leaf, nil)
        case .section: return (try #require(sections.dropFirst(5).first), nil)
        case .place:
            var row: [UInt8] = []
            row.appendBigEndian(log.number)
            row.appendBigEndian(index)
            return (row + leaf, 11)
        case .gap:
            // The leaf before the first of a case is in a gap of its own.
            let hidden = indexes.lazy.compactMap { index -> [UInt8]? in
                guard index & 1 == 1, !indexes.contains(index - 1) else { return nil }
                return try? RepairTests.leaf(index - 1, self.home, log)
            }.first
            let leaf = try #require(hidden)
            return ([0] + MerkleHash.leaf(leaf.span).bytes, nil)
        }
    }

    @Test("It is found, the part is set aside, and comes again", arguments: Target.allCases)
    func found(target: Target) async throws {
        let configuration = self.partner.store.configuration
        let log = try self.copy(self.partner.store)
        let cases = try self.partner.cases()
        #expect(try await self.partner.store.findDamage().count == 0)
        let needle = try self.needle(target, log)
        self.partner.store.close()
        try RepairTests.flip(needle.bytes, at: needle.at, in: "partner")

        let rotten = try EventStore.open(configuration)
        let report = try rotten.verify()
        #expect(!report.isSound)
        if target == .place {
            #expect(report.findings.contains { $0.what == "it should be held and is missing" })
        }
        let damages = try await rotten.findDamage().damages
        #expect(damages.count == 1 && damages.first?.log == log.id)
        if target != .section { #expect(damages == [.part(log.id)]) }
        rotten.close()

        _ = try EventStore.setAside(log.id, from: 0, configuration)
        let store = try EventStore.open(configuration)
        defer { store.close() }
        defer { self.home.store.close() }
        #expect(try store.verify().findings == [])
        #expect(try store.forkRecords().isEmpty)
        let (own, other) = try await SyncPeer.syncLocally(store, self.home.store)
        #expect(own.isInStep && other.isInStep)
        #expect(try self.copy(store).position == log.position)
        #expect(try TestLedger(store: store, name: "partner").cases() == cases)
        #expect(try await store.findDamage().count == 0)
        #expect(try store.verify().findings == [])
    }

    @Test("A backup leaves the part out; what is restored verifies, and gets it again")
    func backup() async throws {
        let root = TemporaryDirectoryTrait.current
        let cases = try self.partner.cases()
        for _ in 0..<2 {
            _ = try await self.partner.store.backup(to: "\(root)/backup")
            try await self.partner.append(5, seed: 9)
        }
        self.partner.store.close()
        var configuration = TestLedger.configuration("restored", state: "state-partner")
        _ = try EventStore.restore("\(root)/backup", configuration)
        configuration.onRestore = .newIncarnation
        let store = try EventStore.open(configuration)
        defer { store.close() }
        defer { self.home.store.close() }
        #expect(try store.verify().findings == [])
        _ = try await SyncPeer.syncLocally(store, self.home.store)
        let restored = try TestLedger(store: store, name: "restored").cases()
        let home = try self.copy(store).id
        for (subject, events) in cases {
            let held = events.filter { $0.log == home }
            #expect(restored[subject]?.filter { $0.log == home } == held)
        }
        #expect(try store.verify().findings == [])
    }
}
