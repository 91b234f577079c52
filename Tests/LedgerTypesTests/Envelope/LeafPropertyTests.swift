import LedgerTesting
import LedgerTypes
import Testing

/// `swift test --filter LeafPropertyTests` repeats these; a failure names its seed.
@Suite("Leaf properties")
struct LeafPropertyTests {
    @Test("Any event reads back as it was written", arguments: UInt64(0)..<20)
    func roundTrip(seed: UInt64) throws {
        var maker = RandomDraft(seed: seed)
        for _ in 0..<50 {
            let draft = maker.next()
            try draft.validate()
            let stamp = maker.stamp(labels: draft.labels.count)
            let leaf = Examples.leaf(draft, stamp)
            let envelope = try Leaf.check(leaf.span)
            #expect(envelope == EventEnvelope(draft: draft, stamp: stamp), "seed \(seed)")
            #expect(Examples.leaf(envelope.draft, envelope.stamp) == leaf, "seed \(seed)")
            let keys = try LeafKeys(leaf: leaf.span)
            #expect(keys.id == draft.id, "seed \(seed)")
        }
    }

    @Test("Damaged bytes are refused or read, and never crash a reader", arguments: UInt64(0)..<20)
    func mutations(seed: UInt64) throws {
        var maker = RandomDraft(seed: seed)
        var random = SeededRandom(seed: ~seed)
        var read = 0
        for _ in 0..<20 {
            let draft = maker.next()
            let leaf = Examples.leaf(draft, maker.stamp(labels: draft.labels.count))
            for _ in 0..<50 { read += Self.readers(of: Self.damage(leaf, &random)) }
        }
        #expect(read > 0, "seed \(seed): every damaged leaf was refused, which cannot be")
    }

    @Test("Random bytes never crash a reader", arguments: UInt64(0)..<20)
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            _ = Self.readers(of: random.bytes(.random(in: 0...64, using: &random)))
        }
    }

    @Test("A damaged genesis is refused: what it signs is what was decoded", arguments: 0..<8)
    func genesis(bit: Int) throws {
        let genesis = try Examples.laterGenesis()
        for index in genesis.leaf.indices {
            var leaf = genesis.leaf
            leaf[index] ^= 1 << UInt8(bit)
            guard let read = try? Genesis(leaf: leaf.span) else { continue }
            #expect(read != genesis, "bit \(bit) of byte \(index)")
            #expect(read.leaf == leaf, "bit \(bit) of byte \(index)")
        }
    }

    /// Changes, removes, adds or repeats a few bytes.
    private static func damage(_ leaf: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var leaf = leaf
        for _ in 0..<Int.random(in: 1...3, using: &random) where !leaf.isEmpty {
            let place = Int.random(in: 0..<leaf.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: leaf[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: leaf[place] = 0xFF
            case 2: leaf.remove(at: place)
            case 3: leaf.insert(contentsOf: random.bytes(3), at: place)
            default: leaf.removeLast(leaf.count - place)
            }
        }
        return leaf
    }

    /// Gives `bytes` to every reader; the number of readers that could read them.
    private static func readers(of bytes: [UInt8]) -> Int {
        let span = bytes.span
        var read = 0
        if (try? EventEnvelope(leaf: span)) != nil { read += 1 }
        if let keys = try? LeafKeys(leaf: span) {
            read += 1
            precondition(keys.subject.upperBound <= bytes.count)
            precondition(keys.type.upperBound <= bytes.count)
        }
        if (try? Leaf.check(span)) != nil { read += 1 }
        if (try? Leaf.callerPartEnd(span)) != nil { read += 1 }
        if (try? Genesis(leaf: span)) != nil { read += 1 }
        if Genesis.isGenesis(span) { read += 1 }
        return read
    }
}
