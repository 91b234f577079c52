import LedgerTesting
import Testing

/// Every parser that tools/fuzz fuzzes, tried in each test run with the same inputs each time.
@Suite("Parsers of bytes from outside")
struct MutationTests {
    private static let triesPerParser = 400

    @Test(
        "Damaged, cut and joined inputs are taken or refused, and nothing traps",
        arguments: parsers.map(\.name)
    )
    func mutations(name: String) async {
        // In a process of its own: a trap would end the others' as well.
        await #expect(
            processExitsWith: .success,
            "repeat with swift test --filter MutationTests; the seed is 0x5EED_0031"
        ) { [name = name as String] in
            let parser = try #require(parsers.first { $0.name == name })
            var random = SeededRandom(seed: 0x5EED_0031)
            let seeds = parser.seeds()
            for seed in seeds + [[]] { parser.parse(seed) }
            for _ in 0..<Self.triesPerParser {
                var input = try #require(seeds.randomElement(using: &random))
                let other = try #require(seeds.randomElement(using: &random))
                for _ in 0...Int.random(in: 0..<4, using: &random) {
                    Self.mutate(&input, with: other, &random)
                }
                parser.parse(input)
            }
        }
    }

    /// Flips a bit, overwrites, removes, repeats or inserts some bytes, or goes on with another
    /// input.
    private static func mutate(
        _ bytes: inout [UInt8],
        with other: [UInt8],
        _ random: inout SeededRandom
    ) {
        let start = Int.random(in: 0...bytes.count, using: &random)
        let end = min(start + Int.random(in: 0...9, using: &random), bytes.count)
        switch Int.random(in: 0..<6, using: &random) {
        case 0 where start < bytes.count:
            bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1:
            let bounds: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF]
            let byte = bounds.randomElement(using: &random) ?? 0
            bytes.replaceSubrange(start..<end, with: repeatElement(byte, count: end - start))
        case 2: bytes.removeSubrange(start..<end)
        case 3: bytes.insert(contentsOf: bytes[start..<end], at: start)
        case 4: bytes.insert(contentsOf: random.bytes(end - start + 1), at: start)
        default:
            let tail = Int.random(in: 0...other.count, using: &random)
            bytes = Array(bytes[..<start] + other[tail...])
        }
    }
}
