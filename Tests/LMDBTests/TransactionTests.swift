import LedgerTesting
import Testing

@testable import LMDB

@Suite("Transactions", .temporaryDirectory)
struct TransactionTests {
    private var path: String { TemporaryDirectoryTrait.current }

    @Test("What a write transaction stored, it and later reads find")
    func storedIsFound() throws {
        let store = try Store(self.path)
        try store.environment.write { (transaction) throws(LMDBError) in
            for number in UInt8(0)..<10 {
                try transaction.append([number, 1].span, for: [number].span, in: store.table)
            }
            #expect(try transaction.count(in: store.table) == 10)
            #expect(try transaction.value(for: [4].span, in: store.table)?[0] == 4)
            let results = [
                try transaction.putIfAbsent([9].span, for: [4].span, in: store.table),
                try transaction.putIfAbsent([9].span, for: [44].span, in: store.table),
                try transaction.delete([44].span, in: store.table),
                try transaction.delete([44].span, in: store.table),
            ]
            #expect(results == [false, true, true, false])
            #expect(try transaction.last(in: store.table)?.key == [9])
            #expect(try transaction.first(in: store.table)?.key == [0])
            #expect(try transaction.floor([200].span, in: store.table)?.key == [9])
        }
        try store.environment.read { (transaction) throws(LMDBError) in
            #expect(try transaction.value(for: [4].span, in: store.table)?.count == 2)
            #expect(try transaction.value(for: [77].span, in: store.table) == nil)
            #expect(try transaction.last(in: store.table) == Row(key: [9], value: [9, 1]))
            #expect(try transaction.count(in: store.table) == 10)
        }
        try store.environment.write { (transaction) throws(LMDBError) in
            try transaction.clear(store.table)
        }
        #expect(try store.value(for: [4]) == nil)
    }

    @Test("Keys of 1 to 511 bytes are taken, others refused")
    func keySizes() throws {
        let store = try Store(self.path)
        for count in [1, 510, 511] {
            let key = [UInt8](repeating: 7, count: count)
            try store.put([1], for: key)
            #expect(try store.value(for: key) == [1])
        }
        for count in [0, 512, 10_000] {
            let key = [UInt8](repeating: 7, count: count)
            #expect(throws: LMDBError.keySize) { try store.put([1], for: key) }
            #expect(throws: LMDBError.keySize) { try store.value(for: key) }
        }
        #expect(throws: LMDBError.keySize) {
            try store.environment.read { (transaction) throws(LMDBError) in
                let bound = [UInt8](repeating: 1, count: 512)
                try transaction.forEach(in: store.table, from: bound) { (_, _) throws(LMDBError) in
                    true
                }
            }
        }
    }

    @Test("Values from nothing to pages are kept, too long ones refused")
    func valueSizes() throws {
        let store = try Store(self.path)
        for count in [0, 1, 2000, 4096, 65_535, 1_000_000] {
            let value = [UInt8](repeating: 3, count: count)
            try store.put(value, for: [1])
            #expect(try store.value(for: [1]) == value)
        }
        #expect(throws: LMDBError.valueSize) {
            try store.environment.write { (transaction) throws(LMDBError) in
                let count = Limits.valueBytesMax + 1
                try transaction.reserve(count: count, for: [1].span, in: store.table) {
                    (_) throws(LMDBError) in
                }
            }
        }
    }

    @Test("A snapshot does not see what is committed after it began")
    func snapshotIsolation() throws {
        let store = try Store(self.path)
        try store.put([1], for: [1])
        try store.environment.read { (transaction) throws(LMDBError) in
            let identifier = transaction.identifier
            for round in UInt8(2)..<20 { try store.put([round], for: [1]) }
            #expect(try transaction.value(for: [1].span, in: store.table)?[0] == 1)
            #expect(transaction.identifier == identifier)
            #expect(try store.value(for: [1]) == [19])
        }
    }

    @Test("Spans stay valid to the end of their transaction, whatever is written meanwhile")
    func spansStayValid() throws {
        let store = try Store(self.path)
        let old = [UInt8](repeating: 1, count: 10_000)
        try store.put(old, for: bigEndian(0))
        try store.environment.read { (transaction) throws(LMDBError) in
            let key = bigEndian(0)
            let value = try transaction.value(for: key.span, in: store.table)
            try store.rewrite(rows: 20, times: 30)
            #expect(copyIfAny(value) == old)
        }
    }

    @Test("A throwing body leaves no trace")
    func abort() throws {
        struct Refusal: StorageFailure, Equatable {
            var error: LMDBError?
            static func storage(_ error: LMDBError) -> Self { Refusal(error: error) }
        }
        let store = try Store(self.path)
        #expect(throws: Refusal(error: nil)) {
            try store.environment.write { (transaction) throws(Refusal) in
                try? transaction.put([1].span, for: [1].span, in: store.table)
                throw Refusal(error: nil)
            }
        }
        #expect(try store.value(for: [1]) == nil)
        #expect(throws: Refusal(error: .keySize)) {
            try store.environment.read { (transaction) throws(Refusal) in
                let bound = [UInt8](repeating: 0, count: 600)
                try transaction.forEach(in: store.table, from: bound) { (_, _) throws(Refusal) in
                    true
                }
            }
        }
    }

    @Test("A write inside a write of the same thread is refused, not waited for")
    func nestedWrite() throws {
        let store = try Store(self.path)
        #expect(throws: LMDBError.transactionOpen) {
            try store.environment.write { (_) throws(LMDBError) in try store.put([1], for: [1]) }
        }
        try store.put([1], for: [1])
    }

    @Test("An append out of order is refused")
    func appendOutOfOrder() throws {
        let store = try Store(self.path)
        try store.put([1], for: [5])
        for key in [UInt8(4), 5] {
            #expect(throws: LMDBError.keyExists) {
                try store.environment.write { (transaction) throws(LMDBError) in
                    try transaction.append([2].span, for: [key].span, in: store.table)
                }
            }
        }
    }

    @Test("Bytes are written in their place, by append and by put", arguments: [false, true])
    func reserved(append: Bool) throws {
        let store = try Store(self.path)
        for count in [0, 1, 100, 9000] {
            let key = bigEndian(count)
            try store.environment.write { (transaction) throws(LMDBError) in
                try transaction.reserve(
                    count: count,
                    for: key.span,
                    in: store.table,
                    append: append
                ) { (output) throws(LMDBError) in
                    for place in 0..<count { output.append(UInt8(truncatingIfNeeded: place)) }
                }
            }
            #expect(
                try store.value(for: key) == (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            )
        }
    }

    /// Whatever the page held before would otherwise become part of a value.
    @Test("A reserved place that was not filled is never committed")
    func reservedUnfilled() throws {
        let store = try Store(self.path)
        #expect(throws: LMDBError.transactionFailed) {
            try store.environment.write { (transaction) throws(LMDBError) in
                do throws(LMDBError) {
                    try transaction.reserve(count: 8, for: [1].span, in: store.table) {
                        (output) throws(LMDBError) in
                        output.append(1)
                    }
                } catch {
                    #expect(error == .transactionFailed)
                }
            }
        }
        #expect(try store.value(for: [1]) == nil)
    }

    @Test("The pages that a transaction wrote are never underestimated")
    func dirtyPages() throws {
        let store = try Store(self.path, mapBytes: 1 << 27)
        let value = [UInt8](repeating: 1, count: 700)
        let before = try store.environment.info().usedBytes
        let estimate = try store.environment.write { (transaction) throws(LMDBError) in
            for row in 0..<5000 {
                try transaction.append(value.span, for: bigEndian(row).span, in: store.table)
            }
            return transaction.dirtyPagesMax
        }
        let pages = (try store.environment.info().usedBytes - before) / 4096
        #expect(estimate >= pages)
        #expect(estimate < 4 * pages)
    }

    /// In release builds the 6.3.1 optimiser closed the environment under its transaction, across
    /// modules; the transaction's own reference prevents that.
    @Test("A transaction and its scan end before their environment closes")
    func orderOfDestruction() throws {
        do { try Store(self.path).rewrite(rows: 50, times: 1) }
        for _ in 0..<20 {
            #expect(try Self.countRows(self.path) == 50)
            #expect(try Self.firstKey(self.path) == bigEndian(0))
        }
    }

    @inline(never)
    private static func countRows(_ path: String) throws -> Int {
        let environment = try Environment.open(path: path)
        let table = try #require(try environment.table(named: "rows", create: false))
        return try environment.read { (transaction) throws(LMDBError) in
            var rows = 0
            try transaction.forEach(in: table) { (_, _) throws(LMDBError) in
                rows += 1
                return true
            }
            return rows
        }
    }

    @inline(never)
    private static func firstKey(_ path: String) throws -> [UInt8]? {
        let store = try Store(path)
        return try store.environment.write { (transaction) throws(LMDBError) in
            try transaction.first(in: store.table)?.key
        }
    }
}
