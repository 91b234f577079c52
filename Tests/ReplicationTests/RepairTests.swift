import EventStore
import Foundation
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
        let found = try store.findDamage()
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
        #expect(try store.findDamage().count == 0)
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
        let report = try one.store.findDamage { bytes in paced.withLock { $0 = bytes } }
        #expect(report.count == 0)
        #expect(report.leaves == 704)
        #expect(report.bytes == paced.withLock { $0 })
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

    /// Flips a bit of every copy of `needle` in the data file of a ledger's `log/`.
    private static func flip(_ needle: [UInt8], in name: String) throws {
        let path = "\(TemporaryDirectoryTrait.current)/\(name)/log/data.mdb"
        let url = URL(filePath: path)
        var data = try Data(contentsOf: url)
        var flips = 0
        var from = data.startIndex
        while let range = data.range(of: Data(needle), in: from..<data.endIndex) {
            data[range.lowerBound + needle.count / 2] ^= 0x10
            from = range.upperBound
            flips += 1
        }
        #expect(flips > 0, "the bytes are not in the file")
        let file = try FileHandle(forWritingTo: url)
        try file.write(contentsOf: data)
        try file.close()
    }
}
