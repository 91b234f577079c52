import LedgerTesting
import Testing

@testable import LMDB

@Suite("Scans", .temporaryDirectory)
struct ScanTests {
    private var path: String { TemporaryDirectoryTrait.current }

    /// The first `limit` keys of a scan.
    private func keys(
        _ store: Store,
        from bound: [UInt8]?,
        backwards: Bool,
        limit: Int = .max
    ) throws(LMDBError) -> [[UInt8]] {
        try store.environment.read { (transaction) throws(LMDBError) in
            var keys: [[UInt8]] = []
            try transaction.forEach(in: store.table, from: bound, backwards: backwards) {
                (key, value) throws(LMDBError) in
                #expect(copy(value) == copy(key).reversed())
                keys.append(copy(key))
                return keys.count < limit
            }
            return keys
        }
    }

    @Test("An empty table has no rows in either direction", arguments: [false, true])
    func emptyTable(backwards: Bool) throws {
        let store = try Store(self.path)
        #expect(try self.keys(store, from: nil, backwards: backwards).isEmpty)
        #expect(try self.keys(store, from: [5], backwards: backwards).isEmpty)
        try store.environment.read { (transaction) throws(LMDBError) in
            #expect(try transaction.first(in: store.table) == nil)
            #expect(try transaction.last(in: store.table) == nil)
            #expect(try transaction.floor([1].span, in: store.table) == nil)
        }
    }

    @Test("Scans, floors, firsts and lasts agree with a sorted array", arguments: UInt64(1)...6)
    func agreesWithModel(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let store = try Store(self.path)
        var model: Set<[UInt8]> = []
        for _ in 0..<Int.random(in: 1..<300, using: &random) {
            let key = random.bytes(Int.random(in: 1...3, using: &random)).map { $0 & 0x87 }
            model.insert(key)
            try store.environment.write { (transaction) throws(LMDBError) in
                try transaction.put(Array(key.reversed()).span, for: key.span, in: store.table)
            }
        }
        let sorted = model.sorted { $0.lexicographicallyPrecedes($1) }
        for _ in 0..<100 {
            let bound = random.bytes(Int.random(in: 1...4, using: &random)).map { $0 & 0x87 }
            let upper = sorted.filter { !$0.lexicographicallyPrecedes(bound) }
            let lower = sorted.filter { !bound.lexicographicallyPrecedes($0) }
            let note: Comment = "seed \(seed), bound \(bound)"
            #expect(try self.keys(store, from: bound, backwards: false) == upper, note)
            #expect(
                try self.keys(store, from: bound, backwards: true, limit: 5)
                    == Array(lower.reversed().prefix(5)),
                note
            )
            try store.environment.read { (transaction) throws(LMDBError) in
                #expect(
                    try transaction.floor(bound.span, in: store.table)?.key == lower.last,
                    note
                )
            }
        }
        #expect(try self.keys(store, from: nil, backwards: false) == sorted, "seed \(seed)")
        #expect(try self.keys(store, from: [], backwards: true) == sorted.reversed())
    }

    @Test("A body that throws ends the scan with its error")
    func throwingBody() throws {
        let store = try Store(self.path)
        for key in UInt8(1)...3 { try store.put([key], for: [key]) }
        #expect(throws: LMDBError.corrupted) {
            try store.environment.write { (transaction) throws(LMDBError) in
                try transaction.forEach(in: store.table, from: [2]) { (key, _) throws(LMDBError) in
                    guard key[0] == 2 else { throw .corrupted }
                    return true
                }
            }
        }
        try store.put([4], for: [4])
    }
}
