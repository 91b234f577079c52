import Foundation
import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import EventStore

@Suite("A site's new key", .temporaryDirectory)
struct KeyRotationTests {
    private let fixture = StoreFixture()

    private func path(_ name: String) -> String { "\(self.fixture.root)/ledger/\(name)" }

    private func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: self.path(name))
    }

    @Test("The next log begins under the new key, by the word of the old one")
    func rotation() async throws {
        let store = try self.fixture.create()
        _ = await store.append(AppendRequest(events: [self.fixture.event("case:1")]))
        let former = try store.currentLog()
        let position = try await store.rotateSiteKey()

        let current = try store.currentLog()
        #expect(current.position == position && current.genesis.reason == .rekey)
        #expect(current.genesis.parent == former.position)
        #expect(current.genesis.siteKey != former.genesis.siteKey)
        #expect(current.genesis.succeeds(former.genesis.siteKey))
        #expect(try store.siteKey() == current.genesis.siteKey)
        #expect(try store.firstSiteKey() == former.genesis.siteKey)
        let signed = try #require(try store.heldLogs().first?.checkpoint)
        #expect(Checkpoint(noteBytes: signed)?.size == former.position.size)
        #expect(!self.exists("site.key.next"))
        store.close()

        let again = try self.fixture.open()
        defer { again.close() }
        #expect(again.suspicion == nil)
        let outcome = await again.append(AppendRequest(events: [self.fixture.event("case:1")]))
        #expect(outcome.appended?.first?.log == current.id)
        _ = try await again.rotateSiteKey()
        let changes = try again.keySuccessions()
        #expect(changes.map(\.former) == [former.genesis.siteKey, current.genesis.siteKey])
        let keys = changes.formerKeys(of: try again.siteKey())
        #expect(keys == [current.genesis.siteKey, former.genesis.siteKey])
        #expect(try again.verify().findings == [])
    }

    @Test("A kill before the commit leaves the old key; one after it, the new one")
    func kill() async throws {
        let store = try self.fixture.create()
        let old = try store.siteKey()
        let oldFile = try Data(contentsOf: URL(fileURLWithPath: self.path("site.key")))
        store.close()

        // Before: the new key lies beside the old one, and no log names it.
        try self.fixture.create("other").close()
        try FileManager.default.copyItem(
            atPath: "\(self.fixture.root)/other/site.key",
            toPath: self.path("site.key.next")
        )
        let before = try self.fixture.open()
        #expect(try before.siteKey() == old && !self.exists("site.key.next"))
        _ = try await before.rotateSiteKey()
        let new = try before.siteKey()
        before.close()

        // After: the log names the new key, and the old one still has its place.
        try FileManager.default.moveItem(
            atPath: self.path("site.key"),
            toPath: self.path("site.key.next")
        )
        try oldFile.write(to: URL(fileURLWithPath: self.path("site.key")))
        let after = try self.fixture.open()
        defer { after.close() }
        #expect(after.suspicion == nil)
        #expect(try after.siteKey() == new && !self.exists("site.key.next"))
        _ = try await after.checkpoint()
        _ = try after.signAsSite([1])
    }

    /// A log of the site that writes the ledger `sender`, of `leaf` alone.
    private func batch(_ genesis: Genesis) -> ForeignBatch {
        let leaf = genesis.leaf
        return ForeignBatch(
            log: LogID(genesisLeaf: leaf),
            start: 0,
            entries: [ForeignBatch.Entry(leaf: leaf, sections: [])],
            checkpoint: nil
        )
    }

    private func key(_ byte: UInt8) throws -> SigningKey {
        try #require(SigningKey(seed: [UInt8](repeating: byte, count: 32)))
    }

    /// A log that begins under `key`, after `parent`, with a change of key that `former` signed.
    private func genesis(
        _ key: SigningKey,
        _ number: UInt32,
        after parent: Genesis? = nil,
        signedBy former: SigningKey? = nil
    ) -> Genesis {
        var genesis = Genesis(
            site: StoreFixture.site("sender"),
            siteKey: key.publicKey,
            logKey: key.publicKey,
            incarnation: number,
            nonce: [UInt8](repeating: UInt8(number), count: 16),
            reason: parent == nil ? .new : .rekey,
            parent: parent.map {
                Position(log: LogID(genesisLeaf: $0.leaf), size: 1, root: MerkleHash.empty)
            },
            recorded: HybridTime(rawValue: UInt64(number) << 32)
        )
        if let former {
            let keys = (former.publicKey, key.publicKey)
            genesis.predecessorSignature = former.sign(
                KeySuccession.signedBytes(former: keys.0, next: keys.1)
            )
        }
        genesis.signature = key.sign(genesis.signedBytes)
        return genesis
    }

    @Test("A name goes over to a new key only by the word of the key that it is bound to")
    func receive() async throws {
        let store = try self.fixture.create("receiver")
        defer { store.close() }
        let site = StoreFixture.site("sender")
        let (first, second, other) = (try self.key(1), try self.key(2), try self.key(3))
        let old = self.genesis(first, 1)
        _ = try await store.receive([self.batch(old)])
        let error = EventStoreError.siteKeyMismatch(site)
        for forged in [
            self.genesis(other, 2, after: old),
            self.genesis(other, 2, after: old, signedBy: other),
            self.genesis(other, 2, after: old, signedBy: second),
        ] {
            await #expect(throws: error) { try await store.receive([self.batch(forged)]) }
        }
        #expect(try store.pins()[site] == first.publicKey)
        let new = self.genesis(second, 2, after: old, signedBy: first)
        _ = try await store.receive([self.batch(new)])
        #expect(try store.pins()[site] == second.publicKey)
        // What the old key begins now may be by somebody who found it.
        let late = self.genesis(first, 3)
        await #expect(throws: error) { try await store.receive([self.batch(late)]) }
        #expect(try store.keys(of: site) == [first.publicKey, second.publicKey])
    }

    @Test("Who knows the new key takes the logs that it goes on from, and no others of the old one")
    func ancestors() async throws {
        let store = try self.fixture.create("receiver")
        defer { store.close() }
        let site = StoreFixture.site("sender")
        let (first, second) = (try self.key(1), try self.key(2))
        let oldest = self.genesis(first, 1)
        let old = self.genesis(first, 2, after: oldest)
        let new = self.genesis(second, 3, after: old, signedBy: first)
        try await store.pin(site, key: second.publicKey)
        let error = EventStoreError.siteKeyMismatch(site)
        for early in [old, oldest] {
            await #expect(throws: error) { try await store.receive([self.batch(early)]) }
        }
        // Newest first, as peers send them; also in one commit.
        _ = try await store.receive([new, old, oldest].map { self.batch($0) })
        await #expect(throws: error) {
            try await store.receive([self.batch(self.genesis(first, 4))])
        }
        #expect(try store.pins()[site] == second.publicKey)
        #expect(try store.heldLogs().count == 4)
    }
}
