import LedgerTypes
import Testing

@testable import EventStore

@Suite("Lists of keys and sums")
struct KeyListTests {
    private static func list(_ keys: [[UInt8]]) -> KeyList {
        var list = KeyList()
        for key in keys { list.append(key.span) }
        return list
    }

    private static func keys(_ list: KeyList) -> [[UInt8]] { (0..<list.count).map { list[$0] } }

    private static func random(_ seed: UInt64, count: Int) -> [[UInt8]] {
        var state = seed &* 6_364_136_223_846_793_005 &+ 1
        func roll(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % bound)
        }
        return (0..<count).map { _ in
            (0..<1 + roll(20)).map { _ in UInt8(roll(3)) }
        }
    }

    @Test("Keys sort by their bytes, and stand once", arguments: UInt64(0)..<8)
    func sorted(seed: UInt64) {
        let keys = Self.random(seed, count: 200)
        var list = Self.list(keys)
        list.sort()
        let sorted = keys.sorted { $0.lexicographicallyPrecedes($1) }
        #expect(Self.keys(list) == sorted)
        list.sortUniquely()
        #expect(Self.keys(list) == Set(keys).sorted { $0.lexicographicallyPrecedes($1) })
        #expect(keys.allSatisfy(list.contains))
        #expect(!list.contains([9]))
    }

    @Test("Equal keys are told apart by a number at their end")
    func numbered() {
        var list = Self.list([[2, 0, 0], [1, 0, 0], [2, 0, 0], [1, 7, 0, 0], [2, 0, 0]])
        list.sortNumbering()
        #expect(
            Self.keys(list) == [[1, 0, 0], [1, 7, 0, 0], [2, 0, 0], [2, 0, 1], [2, 0, 2]]
        )
    }

    @Test("Sums add up by key, and what comes to nothing is no change", arguments: UInt64(0)..<4)
    func sums(seed: UInt64) {
        var changes = SumChanges()
        var expected: [[UInt8]: [Int128]] = [:]
        for (number, key) in Self.random(seed, count: 3_000).enumerated() {
            let sign: Int128 = number.isMultiple(of: 3) ? -1 : 1
            let values = [Int64(number), .max]
            var sums = SumList()
            sums.append(values.span, under: key.span)
            changes.add(sums, sign: sign)
            let old = expected[key] ?? [0, 0]
            expected[key] = zip(old, values).map { $0 + sign * Int128($1) }
        }
        var nothing = SumList()
        let one: [Int64] = [1]
        nothing.append(one.span, under: [99, 1].span)
        changes.add(nothing, sign: 1)
        changes.add(nothing, sign: -1)
        let found = changes.sorted
        let wanted = expected.filter { $0.value.contains { $0 != 0 } }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        #expect(found.map(\.key) == wanted.map(\.key))
        #expect(found.map(\.values) == wanted.map(\.value))
    }
}
