import LedgerTesting
import Testing

@testable import LMDB

@Suite("Transactions", .temporaryDirectory)
struct TransactionTests {
    @Test("What a write transaction stored, later reads find")
    func storedIsFound() throws {
        let environment = try Environment.open(path: TemporaryDirectoryTrait.current)
        let table = try #require(try environment.table(named: "events", create: true))
        try environment.write { (transaction) throws(LMDBError) in
            for number in UInt8(0)..<10 {
                try transaction.append([number, number].span, for: [number].span, in: table)
            }
            #expect(try transaction.count(in: table) == 10)
            try transaction.reserve(count: 3, for: [200].span, in: table, append: true) {
                (output) throws(LMDBError) in
                for byte in UInt8(1)...3 { output.append(byte) }
            }
            let absent = try transaction.putIfAbsent([9].span, for: [4].span, in: table)
            #expect(!absent)
        }
        try environment.read { (transaction) throws(LMDBError) in
            let value = try transaction.value(for: [4].span, in: table)
            #expect(value?[1] == 4)
            #expect(try transaction.value(for: [77].span, in: table) == nil)
            #expect(try transaction.last(in: table) == Row(key: [200], value: [1, 2, 3]))
            #expect(try transaction.first(in: table)?.key == [0])
            #expect(try transaction.floor([100].span, in: table)?.key == [9])
            #expect(try transaction.floor([5].span, in: table)?.key == [5])
            var keys: [UInt8] = []
            try transaction.forEach(in: table, from: [7], backwards: true) {
                (key, _) throws(LMDBError) in
                keys.append(key[0])
                return keys.count < 3
            }
            #expect(keys == [7, 6, 5])
        }
    }
}
