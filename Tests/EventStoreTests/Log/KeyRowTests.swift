import LMDB
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Key rows", .temporaryDirectory)
struct KeyRowTests {
    @Test("A wrapped key is written with the first event that needs it, and only if that is")
    func withEvents() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let owner = try #require(Subject("customer:c1"))
        let rows = (1...2).map {
            KeyRow(keyID: KeyID(rawValue: UInt128($0)), owner: owner, wrap: [UInt8($0), 9])
        }
        _ = await store.append(AppendRequest(events: [fixture.event("case:a")], keyRows: [rows[0]]))
        let refused = AppendRequest(
            events: [fixture.event("case:a")],
            guards: [(owner, .exists)],
            keyRows: [rows[1]]
        )
        #expect(await store.append(refused).conflict != nil)
        #expect(try store.count(in: store.tables.keys) == 1)
        #expect(try store.count(in: store.tables.keyOwners) == 1)

        // The first wrap of a key stays until it is changed on purpose.
        var other = rows[0]
        other.wrap = [7]
        _ = await store.append(AppendRequest(events: [fixture.event("case:a")], keyRows: [other]))
        #expect(try self.wrap(rows[0].keyID, store) == rows[0])
        try await store.changeKeys(put: [other, rows[1]])
        #expect(try self.wrap(rows[0].keyID, store) == other)
        try await store.changeKeys(put: [], delete: [rows[0].keyID, KeyID(rawValue: 99)])
        #expect(try self.wrap(rows[0].keyID, store) == nil)
        #expect(try store.count(in: store.tables.keyOwners) == 1)
    }

    private func wrap(_ id: KeyID, _ store: EventStore) throws -> KeyRow? {
        let bytes = try store.log.read { (transaction) throws(EventStoreError) in
            let key = Key.id(id)
            return try transaction.copy(for: key.span, in: store.tables.keys)
        }
        guard let bytes else { return nil }
        return KeyRow(keyID: id, row: bytes.span)
    }
}
