import EventStore
import LedgerTesting
import LedgerTypes
import Sealing
import Testing

@Suite("Key store", .temporaryDirectory)
struct KeyStoreTests {
    private static func store(
        _ table: RowTable,
        seed: UInt64 = 1,
        folder: String = "site",
        cachedMax: Int = KeyStore.cachedMax
    ) throws -> KeyStore {
        let keks = try KeyEncryptionKeys.openOrCreate(
            folder: "\(TemporaryDirectoryTrait.current)/\(folder)",
            random: SharedRandom(seed: 99).bytes
        )
        return KeyStore(
            keks: keks,
            rows: table.reader,
            random: SharedRandom(seed: seed).bytes,
            cachedMax: cachedMax
        )
    }

    @Test("A wrap has its frozen bytes")
    func golden() throws {
        let folder = "\(TemporaryDirectoryTrait.current)/site"
        let keks = try KeyEncryptionKeys.openOrCreate(folder: folder) { count in
            (0..<UInt8(count)).map { 0x80 + $0 }
        }
        let keys = KeyStore(
            keks: keks,
            rows: RowTable().reader,
            random: { count in (0..<UInt8(count)).map { $0 } }
        )
        let made = try keys.key(for: Fixed.customer("7f"))
        let row = try #require(made.newRow)
        #expect(row.keyID.hex == "000102030405060708090a0b0c0d0e0f")
        #expect(row.owner.rawValue == "customer:7f")
        #expect(row.wrap.hex == Golden.wrap)
        let secret = try #require(DataKey(id: row.keyID, bytes: Array(16..<48)))
        #expect(try areSame(made.key, secret))
    }

    @Test("An owner keeps its key, in this store and in the next one")
    func keeps() throws {
        let table = RowTable()
        let keys = try Self.store(table)
        let first = try keys.key(for: Fixed.customer("a"))
        table.put(try #require(first.newRow))
        keys.confirm(table.all)
        let again = try keys.key(for: Fixed.customer("a"))
        #expect(again.newRow == nil)
        #expect(try areSame(first.key, again.key))
        let reopened = try Self.store(table, seed: 2)
        let stored = try reopened.key(for: Fixed.customer("a"))
        #expect(stored.newRow == nil)
        #expect(stored.key.id == first.key.id)
        #expect(try areSame(first.key, stored.key))
        #expect(try areSame(first.key, Self.store(table, seed: 3).key(first.key.id)))
        let other = try keys.key(for: Fixed.customer("b"))
        #expect(!(try areSame(first.key, other.key)))
    }

    /// Lost otherwise: a request fails alone, its row with it, and what the next one seals under
    /// the same key can never be opened again.
    @Test("A key's row is handed out until a commit is known to have kept it")
    func unconfirmed() throws {
        let keys = try Self.store(RowTable())
        let first = try keys.key(for: Fixed.customer("a"))
        let second = try keys.key(for: Fixed.customer("a"))
        #expect(first.newRow != nil)
        #expect(first.newRow == second.newRow)
        keys.confirm([try #require(first.newRow)])
        #expect(try keys.key(for: Fixed.customer("a")).newRow == nil)
    }

    @Test("Keys that two processes make for one owner at once both stay readable")
    func twoProcesses() throws {
        let table = RowTable()
        let one = try Self.store(table, seed: 1)
        let two = try Self.store(table, seed: 2)
        let first = try one.key(for: Fixed.customer("a"))
        let second = try two.key(for: Fixed.customer("a"))
        table.put(try #require(first.newRow))
        table.put(try #require(second.newRow))
        one.confirm(table.all)
        two.confirm(table.all)
        #expect(first.key.id != second.key.id)
        #expect(try areSame(first.key, two.key(first.key.id)))
        #expect(try areSame(second.key, one.key(second.key.id)))
        // Whoever opens the table next takes the lowest.
        let third = try Self.store(table, seed: 3).key(for: Fixed.customer("a"))
        #expect(third.key.id == min(first.key.id, second.key.id))
    }

    @Test("Memory holds no more keys than it may, and those dropped come back from the table")
    func bounded() throws {
        let table = RowTable()
        let keys = try Self.store(table, cachedMax: 10)
        var made: [DataKey] = []
        for number in 0..<100 {
            let key = try keys.key(for: Fixed.customer("c\(number)"))
            table.put(try #require(key.newRow))
            keys.confirm([try #require(key.newRow)])
            made.append(key.key)
            #expect(keys.cachedCount <= 10)
        }
        for number in [0, 50, 99, 0] {
            let key = try keys.key(for: Fixed.customer("c\(number)"))
            #expect(key.newRow == nil)
            #expect(try areSame(key.key, made[number]))
            #expect(try areSame(keys.key(made[number].id), made[number]))
        }
        #expect(table.all.count == 100)
    }

    @Test("A key in use stays in memory while others pass through")
    func recentlyUsed() throws {
        let table = RowTable()
        let keys = try Self.store(table, cachedMax: 10)
        func use(_ id: String) throws {
            if let row = try keys.key(for: Fixed.customer(id)).newRow {
                table.put(row)
                keys.confirm([row])
            }
        }
        try use("hot")
        for number in 0..<100 {
            try use("c\(number)")
            let reads = table.reads
            try use("hot")
            #expect(table.reads == reads, "\(number): the key in use was read again")
        }
    }

    @Test("Threads that ask at once for one owner's key get one key")
    func threads() async throws {
        let keys = try Self.store(RowTable())
        let owner = try Fixed.customer("a")
        let ids = try await withThrowingTaskGroup(of: KeyID.self) { group in
            for _ in 0..<64 { group.addTask { try keys.key(for: owner).key.id } }
            return try await group.reduce(into: Set<KeyID>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
    }

    @Test("A key without a wrap is gone; a forgotten owner's key leaves memory")
    func gone() throws {
        let table = RowTable()
        let keys = try Self.store(table)
        let made = try keys.key(for: Fixed.customer("a"))
        table.put(try #require(made.newRow))
        keys.confirm(table.all)
        table.remove(made.key.id)
        #expect(try areSame(keys.key(made.key.id), made.key))
        keys.forget(try Fixed.customer("a"))
        #expect(keys.cachedCount == 0)
        #expect(
            refusal { () throws(SealingError) in _ = try keys.key(made.key.id) }
                == .keyGone(made.key.id)
        )
        #expect(try keys.key(for: Fixed.customer("a")).key.id != made.key.id)
    }

    @Test("A failure of the table comes through as it is")
    func tableFails() throws {
        let table = RowTable()
        let keys = try Self.store(table)
        table.fail(with: .closed)
        let owner = try Fixed.customer("a")
        #expect(
            refusal { () throws(SealingError) in _ = try keys.key(for: owner) } == .store(.closed)
        )
        #expect(
            refusal { () throws(SealingError) in _ = try keys.key(KeyID(rawValue: 1)) }
                == .store(.closed)
        )
    }

    // Damaged wraps.

    /// The error of opening the key in `row` after `change`.
    private static func refusalOfRow(
        _ change: (inout KeyRow) throws -> Void
    ) throws -> SealingError? {
        var row = try #require(
            try Self.store(RowTable()).key(for: Fixed.customer("a")).newRow
        )
        try change(&row)
        let table = RowTable()
        table.put(row)
        let keys = try Self.store(table)
        return refusal { () throws(SealingError) in _ = try keys.key(row.keyID) }
    }

    @Test("A wrap with another owner, another key id or a flipped bit is refused")
    func refusedWraps() throws {
        #expect(try Self.refusalOfRow { _ in } == nil)
        let id = try #require(
            try Self.store(RowTable()).key(for: Fixed.customer("a")).newRow
        ).keyID
        let refused = SealingError.wrapRefused(id, epoch: 1)
        #expect(try Self.refusalOfRow { $0.owner = try Fixed.customer("b") } == refused)
        let other = KeyID(rawValue: 5)
        #expect(try Self.refusalOfRow { $0.keyID = other } == .wrapRefused(other, epoch: 1))
        for index in [7, 18, 19, 50, 51, 66] {
            #expect(try Self.refusalOfRow { $0.wrap[index] ^= 1 } == refused, "byte \(index)")
        }
        #expect(try Self.refusalOfRow { $0.wrap[6] = 2 } == .epochMissing(2))
    }

    @Test("A wrap that is cut off, or has no entry for this site, is refused")
    func malformedWraps() throws {
        let id = try #require(
            try Self.store(RowTable()).key(for: Fixed.customer("a")).newRow
        ).keyID
        let refused = SealingError.malformedWrap(id)
        for count in [0, 1, 2, 3, 66] {
            #expect(try Self.refusalOfRow { $0.wrap = Array($0.wrap[..<count]) } == refused)
        }
        #expect(try Self.refusalOfRow { $0.wrap[0] = 2 } == refused)
        #expect(try Self.refusalOfRow { $0.wrap[2] = 63 } == refused)
    }

    @Test("Entries for other sites, before or after ours, are passed over")
    func otherEntries() throws {
        let foreign: [UInt8] = [2, 0, 3, 7, 7, 7]
        #expect(try Self.refusalOfRow { $0.wrap = foreign + $0.wrap + foreign } == nil)
    }

    @Test("A store with another site's key-encryption key opens nothing")
    func otherSite() throws {
        let table = RowTable()
        let made = try Self.store(table).key(for: Fixed.customer("a"))
        table.put(try #require(made.newRow))
        let keks = try KeyEncryptionKeys.openOrCreate(
            folder: "\(TemporaryDirectoryTrait.current)/other",
            random: SharedRandom(seed: 100).bytes
        )
        let other = KeyStore(
            keks: keks,
            rows: table.reader,
            random: SharedRandom(seed: 1).bytes
        )
        #expect(
            refusal { () throws(SealingError) in _ = try other.key(made.key.id) }
                == .wrapRefused(made.key.id, epoch: 1)
        )
    }
}
