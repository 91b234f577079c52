import EventStore
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import Replication

/// What peers confirm to hold, signed.
@Suite("Delivery receipts", .temporaryDirectory)
struct ReceiptTests {
    @Test("Each side has the other's signature over what it was sent, and the newest stays")
    func receipts() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        defer { one.store.close() }
        defer { two.store.close() }
        try await one.append(300, seed: 1)
        try await two.append(20, seed: 2)
        for _ in 0..<2 {
            _ = try await SyncPeer.syncLocally(one.store, two.store)
            for (ledger, other) in [(one, "two"), (two, "one")] {
                let own = try #require(try ledger.logs().first { $0.isOwn })
                let receipts = try ledger.store.receipts()
                #expect(receipts.map(\.position) == [own.position])
                #expect(receipts.map(\.peer.rawValue) == ["test.example/site/\(other)"])
                #expect(try ledger.store.contradictedReceipts().isEmpty)
            }
            try await one.append(7, seed: 3)
            try await two.append(7, seed: 4)
        }
        #expect(try one.store.verify().isSound)
    }

    @Test("An old copy contradicts what a peer confirmed")
    func contradicted() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        defer { two.store.close() }
        try await one.append(10, seed: 1)
        _ = try await SyncPeer.syncLocally(one.store, two.store)
        one.store.close()
        let path = "\(TemporaryDirectoryTrait.current)/one"
        try FileManager.default.copyItem(atPath: path, toPath: path + "-old")
        let later = try EventStore.open(TestLedger.configuration("one"))
        let ledger = TestLedger(store: later, name: "one")
        try await ledger.append(5, seed: 2)
        _ = try await SyncPeer.syncLocally(later, two.store)
        let confirmed = try later.receipts()
        later.close()
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + "-old", toPath: path)
        let store = try EventStore.open(TestLedger.configuration("one"))
        defer { store.close() }
        #expect(try store.contradictedReceipts() == confirmed)
        #expect(confirmed.count == 1)
    }

    @Test("A cosignature that is another's, or of something else, ends the session")
    func forged() {
        var one = FakeStore("a.example/site/one", seed: 1)
        let two = FakeStore("a.example/site/two", seed: 2)
        one.append(10)
        for lie in [FakeStore.Lie.otherKey, .otherNote, .short] {
            var liar = two
            liar.lie = lie
            var pair = FakePair(one, liar)
            pair.run()
            #expect(pair.initiator.error == .badAcknowledgement(one.ownLog), "\(lie)")
            #expect(pair.initiator.store.receipts.isEmpty)
        }
        var pair = FakePair(one, two)
        pair.run()
        #expect(pair.initiator.store.receipts.map(\.position.size) == [11])
    }
}
