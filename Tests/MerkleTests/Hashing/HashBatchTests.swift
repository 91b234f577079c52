import LedgerTesting
import LedgerTypes
import Merkle
import Testing

/// Whatever lanes this processor has, they must find what swift-crypto finds: a wrong digest would
/// be written into a tree that is signed and never rewritten.
@Suite("Hashing several messages at once")
struct HashBatchTests {
    @Test("Leaves of every length around the blocks' ends hash as one by one")
    func everyLength() {
        for lanes in HashLanes.available {
            var batch = HashBatch(lanes: lanes)
            let leaves = (0...300).map { length in
                (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ length) }
            }
            for leaf in leaves { batch.append(leaf: leaf.span) }
            #expect(batch.count == leaves.count)
            let hashes = batch.finish()
            #expect(hashes == leaves.map { MerkleHash.leaf($0.span) }, "\(lanes)")
            #expect(batch.count == 0)
        }
    }

    @Test(
        "Random leaves in random numbers hash as one by one, however long they are",
        arguments: [1, 2, 3] as [UInt64]
    )
    func randomLeaves(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for lanes in HashLanes.available {
            // The same batch each time: nothing may be left over from the time before.
            var batch = HashBatch(lanes: lanes)
            for _ in 0..<12 {
                let longest = [64, 300, 5_000, 70_000].randomElement(using: &random) ?? 0
                let leaves = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                    random.bytes(.random(in: 0...longest, using: &random))
                }
                for leaf in leaves { batch.append(leaf: leaf.span) }
                let hashes = batch.finish()
                #expect(hashes == leaves.map { MerkleHash.leaf($0.span) }, "seed \(seed), \(lanes)")
            }
        }
    }

    @Test("More than fits at once comes out in order", arguments: [300, 4_000])
    func many(length: Int) {
        var random = SeededRandom(seed: UInt64(length))
        let leaves = (0..<1_000).map { _ in random.bytes(length) }
        for lanes in HashLanes.available {
            var batch = HashBatch(lanes: lanes)
            for leaf in leaves { batch.append(leaf: leaf.span) }
            let hashes = batch.finish()
            #expect(hashes == leaves.map { MerkleHash.leaf($0.span) }, "\(lanes)")
        }
    }

    @Test("A message with another beginning is hashed with it", arguments: [0, 1, 63, 64, 200])
    func prefixes(length: Int) {
        var random = SeededRandom(seed: UInt64(length))
        let prefix = random.bytes(length)
        let messages = (0..<50).map { random.bytes($0 * 101) }
        for lanes in HashLanes.available {
            var batch = HashBatch(lanes: lanes)
            for message in messages { batch.append(prefix: prefix.span, message.span) }
            let hashes = batch.finish()
            #expect(hashes == messages.map { Digest.sha256((prefix + $0).span) }, "\(lanes)")
        }
    }

    @Test("Rows of nodes hash as pair by pair, in every number of pairs")
    func nodes() {
        let hashes = NaiveTree(size: 160).leafHashes
        for lanes in HashLanes.available where lanes != .one {
            for pairs in 1...80 {
                var row = HashRow(hashes.prefix(2 * pairs))
                row.pair(lanes: lanes)
                let expected = (0..<pairs).map {
                    MerkleHash.node(hashes[2 * $0], hashes[2 * $0 + 1])
                }
                #expect(row.hashes == expected, "\(pairs) pairs, \(lanes)")
            }
        }
    }

    @Test("A complete subtree has the root of the plain recursion")
    func roots() {
        for level in 0...9 {
            let tree = NaiveTree(size: 1 << level)
            #expect(MerkleTree.completeRoot(of: tree.leafHashes) == tree.root(size: 1 << level))
        }
    }

    @Test("The lanes that are thought best are some that the processor has")
    func best() {
        #expect(HashLanes.available.contains(.best))
        #expect(HashLanes.available.first == .one)
    }
}
