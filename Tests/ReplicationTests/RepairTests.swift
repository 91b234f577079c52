import EventStore
import LedgerTesting
import LedgerTypes
import Merkle
import Synchronization
import Testing

@testable import Replication

/// Bits flip in the file of a ledger; what they hit comes back from a peer, with proof.
@Suite("Repair from a peer", .temporaryDirectory)
struct RepairTests {
    /// What the bits hit.
    enum Target: CaseIterable, Sendable {
        case leaf, lastLeaf, section, hashes
    }

    @Test(
        "What is rotten comes back, and nothing else changes",
        arguments: Target.allCases,
        [true, false]
    )
    func repaired(target: Target, isOwn: Bool) async throws {
        let (one, two) = try await Self.inStep()
        let logs = try one.logs()
        let log = try #require(logs.first { $0.isOwn == isOwn })
        let digest = try one.digest
        let needle = try Self.needle(target, one, log)
        one.store.close()
        try Self.flip(needle, in: "one")

        let store = try EventStore.open(TestLedger.configuration("one"))
        defer { store.close() }
        let found = try await store.findDamage()
        // At the right edge the tree tells no single leaf from its neighbour.
        #expect(found.count == (target == .lastLeaf ? 2 : 1))
        let repaired = Mutex<[Damage]>([])
        var options = SyncPeer.Options(policy: .sameOperator)
        options.damages = Set(found.damages.filter { $0.index != nil })
        options.repaired = { damages in repaired.withLock { $0 += damages } }
        if !options.damages.isEmpty {
            try await SyncPeer.repairLocally(store, from: two.store, options)
        }
        let rows = try await store.repairTiles(found.damages.filter { $0.index == nil })
        #expect(Set(repaired.withLock { $0 } + rows) == Set(found.damages))
        #expect(try await store.findDamage().count == 0)
        let report = try store.verify()
        #expect(report.isSound, "\(report.findings)")
        #expect(try TestLedger(store: store, name: "one").digest == digest)
    }

    @Test("A sound ledger has no damage, and a scan tells how much it read")
    func sound() async throws {
        let (one, two) = try await Self.inStep()
        defer { one.store.close() }
        defer { two.store.close() }
        let paced = Mutex<UInt64>(0)
        let report = try await one.store.findDamage { bytes in paced.withLock { $0 = bytes } }
        #expect(report.count == 0)
        #expect(report.leaves == 704)
        #expect(report.bytes == paced.withLock { $0 })
    }

    @Test("Of a long log only the tiles with rot are sent again")
    func selected() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        defer { two.store.close() }
        try await one.append(3_000, seed: 3)
        _ = try await SyncPeer.syncLocally(one.store, two.store)
        let log = try #require(try one.logs().first { $0.isOwn })
        let rotten: [UInt64] = [1, 300, 301, 2_100, log.position.size - 1]
        let needles = try rotten.map { try Self.leaf($0, one, log) }
        one.store.close()
        for needle in needles { try Self.flip(needle, in: "one") }

        let store = try EventStore.open(TestLedger.configuration("one"))
        defer { store.close() }
        let found = try await store.findDamage()
        #expect(Set(found.damages.compactMap(\.index)).isSuperset(of: rotten))
        let repaired = Mutex<[Damage]>([])
        var options = SyncPeer.Options(policy: .sameOperator)
        options.damages = Set(found.damages)
        options.repaired = { damages in repaired.withLock { $0 += damages } }
        let (forth, back) = MemoryPipe.streams()
        async let answering = SyncPeer(two.store).run(
            over: back,
            as: .responder,
            SyncPeer.Options(policy: .sameOperator)
        )
        let here = try await SyncPeer(store).run(over: forth, as: .initiator, options)
        let there = try await answering
        // Leaf 0 is held; three tiles and the end of the log are not.
        let edge = log.position.size & 0xFF
        #expect(there.logs.reduce(0) { $0 + $1.sent } == 255 + 256 + 256 + edge)
        #expect(here.isInStep && there.isInStep)
        #expect(Set(repaired.withLock { $0 }) == Set(found.damages))
        #expect(try await store.findDamage().count == 0)
        let report = try store.verify(.tree)
        #expect(report.isSound, "\(report.findings)")
    }

    @Test("A peer that knows no SELECT sends everything from the first rotten leaf on")
    func notHonoured() throws {
        let store = FakeStore("a.example/site/one", seed: 1)
        var configuration = SyncSession.Configuration(
            role: .initiator,
            site: store.site,
            siteKey: store.siteKey.publicKey,
            nonce: [UInt8](repeating: 1, count: 16),
            policy: .trustFirstUse
        )
        configuration.follows = false
        var session = SyncSession(configuration, logs: store.locals)
        _ = try session.start()
        var hello = Samples.hello
        hello.features = []
        _ = try session.receive(hello.frame)
        var log = try #require(store.locals.first)
        log.repair = LocalLog.Repair(
            selection: Selection(log: log.id, indexes: [300]),
            whole: Position(log: log.id, size: 900, root: Samples.digest)
        )
        let directives = try session.offer([log])
        #expect(directives.count == 1)
        #expect(session.logs[log.id]?.repair == nil)
    }

    static func leaf(
        _ index: UInt64,
        _ ledger: TestLedger,
        _ log: LogState
    ) throws -> [UInt8] {
        try ledger.store.read { (snapshot) throws(EventStoreError) -> [UInt8] in
            var leaf: [UInt8] = []
            try snapshot.forEachLeaf(inLog: log.id, from: index) {
                (_, bytes) throws(EventStoreError) in
                leaf = [UInt8](copying: bytes)
                return false
            }
            return leaf
        }
    }

    /// Two ledgers with 600 and 100 events that are in step.
    private static func inStep() async throws -> (TestLedger, TestLedger) {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(400, seed: 1)
        try await two.append(300, seed: 2)
        let (here, _) = try await SyncPeer.syncLocally(one.store, two.store)
        #expect(here.isInStep)
        return (one, two)
    }

    /// Bytes that stand in the file where `target` is stored.
    private static func needle(
        _ target: Target,
        _ ledger: TestLedger,
        _ log: LogState
    ) throws -> [UInt8] {
        try ledger.store.read { (snapshot) throws(EventStoreError) -> [UInt8] in
            let index = target == .lastLeaf ? log.position.size - 1 : 98
            var needle: [UInt8] = []
            try snapshot.forEachLeaf(inLog: log.id, from: index) {
                (place, leaf) throws(EventStoreError) in
                switch target {
                case .leaf, .lastLeaf:
                    needle = [UInt8](copying: leaf)
                    return false
                case .hashes:
                    needle = MerkleHash.leaf(leaf).bytes
                    return false
                case .section:
                    let section = try snapshot.section(arrival: place.arrival, slot: 1)
                    needle = section ?? []
                    return section == nil
                }
            }
            return needle
        }
    }

    /// Flips a bit of every copy of `needle` in the data file of a ledger's `log/`, in its last
    /// byte or in the byte `place`.
    static func flip(_ needle: [UInt8], at place: Int? = nil, in name: String) throws {
        let path = "\(TemporaryDirectoryTrait.current)/\(name)/log/data.mdb"
        try BitRot.flip(needle, at: place, in: path)
    }
}
