import LedgerTesting
import Testing

@testable import LMDB

@Suite("Storing in order", .temporaryDirectory)
struct StoringInOrderTests {
    /// The rows of one table as a plain dictionary.
    private typealias Model = [Int: [UInt8]]

    @Test(
        "However kinds of storing take turns, the rows are those of a plain list",
        arguments: 0..<12 as Range<UInt64>
    )
    func agreesWithModel(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let store = try Store("\(TemporaryDirectoryTrait.current)")
        let other = try #require(try store.environment.table(named: "others", create: true))
        let tables = [store.table, other]
        var models: [Model] = [[:], [:]]
        for turn in 0..<6 {
            let before = models
            let isKept = turn != 3
            do {
                try store.environment.write { (transaction) throws(LMDBError) in
                    for step in 0..<600 {
                        let place = step / 50 % 2
                        try Self.change(
                            &models[place],
                            tables[place],
                            &transaction,
                            &random
                        )
                    }
                    guard isKept else { throw LMDBError.notFound }
                }
            } catch {
                models = before
            }
            for (model, table) in zip(models, tables) {
                try Self.compare(model, table, store.environment)
            }
        }
    }

    private static func change(
        _ model: inout Model,
        _ table: Table,
        _ transaction: inout WriteTransaction,
        _ random: inout SeededRandom
    ) throws(LMDBError) {
        let number = Int.random(in: 0..<2_000, using: &random)
        let key = bigEndian(number)
        let value = [UInt8](repeating: UInt8.random(in: 0...9, using: &random), count: number % 900)
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            let isThere = try transaction.delete(key.span, in: table)
            #expect(isThere == (model.removeValue(forKey: number) != nil))
        case 1:
            try transaction.put(value.span, for: key.span, in: table)
            model[number] = value
        case 2:
            try transaction.putNextIfAbsent(value.span, for: key.span, in: table)
            if model[number] == nil { model[number] = value }
        case 3...6:
            try transaction.putNext(value.span, for: key.span, in: table)
            model[number] = value
        default:
            let next = (model.keys.max() ?? 0) + 1
            try transaction.append(value.span, for: bigEndian(next).span, in: table)
            model[next] = value
        }
    }

    private static func compare(
        _ model: Model,
        _ table: Table,
        _ environment: Environment
    ) throws {
        var rows: [Row] = []
        try environment.read { (transaction) throws(LMDBError) in
            try transaction.forEach(in: table) { (key, value) throws(LMDBError) in
                rows.append(Row(key: copy(key), value: copy(value)))
                return true
            }
            #expect(try transaction.count(in: table) == model.count)
        }
        let expected = model.sorted { $0.key < $1.key }
        #expect(rows == expected.map { Row(key: bigEndian($0.key), value: $0.value) })
    }
}
