internal import CSHA256
package import LedgerTypes

/// How many messages a core hashes side by side: each lane of a vector register works on one.
///
/// Every width gives the same digests. Pure.
package enum HashLanes: UInt32, Sendable {
    /// One after the other, by swift-crypto.
    case one = 1
    /// AVX2.
    case eight = 8
    /// AVX-512.
    case sixteen = 16

    /// What this processor hashes fastest with.
    ///
    /// Lanes are asked for digests that swift-crypto knows before they are trusted with any: a
    /// wrong one would be written into a log that is never rewritten.
    package static let best: HashLanes = {
        let lanes = HashLanes(rawValue: caseledger_sha256_lanes()) ?? .one
        return lanes.agreesWithOne ? lanes : .one
    }()

    /// All that this processor can run, the narrowest first.
    package static var available: [HashLanes] {
        [.one] + [.eight, .sixteen].filter { caseledger_sha256_can($0.rawValue) != 0 }
    }

    /// Whether these lanes, each of them, find what one finds.
    private var agreesWithOne: Bool {
        guard self != .one else { return true }
        let messages = (0..<2 * Int(self.rawValue) + 1).map { number in
            (0..<number * 11).map { UInt8(truncatingIfNeeded: $0 &* number &+ number) }
        }
        var batch = HashBatch(lanes: self)
        for message in messages { batch.append(leaf: message.span) }
        let leaves = batch.finish()
        guard leaves == messages.map({ MerkleHash.leaf($0.span) }) else { return false }
        let pairs = stride(from: 0, to: leaves.count - 1, by: 2)
        let nodes = pairs.map { MerkleHash.node(leaves[$0], leaves[$0 + 1]) }
        var row = HashRow(leaves.dropLast())
        row.pair(lanes: self)
        return row.hashes == nodes
    }
}

/// A row of hashes, a power of two of them or not, over which nodes are made row by row.
///
/// Pure.
package struct HashRow: Sendable {
    /// Four words for each hash, and behind them what is left of longer rows.
    private var words: [UInt64] = []
    /// How many hashes the row has.
    package private(set) var count: Int

    /// The row of `hashes`.
    package init(_ hashes: some Collection<Digest>) {
        self.count = hashes.count
        self.words.reserveCapacity(4 * hashes.count)
        for hash in hashes {
            let words = hash.words
            self.words.append(words.0)
            self.words.append(words.1)
            self.words.append(words.2)
            self.words.append(words.3)
        }
    }

    /// The hashes.
    package var hashes: [Digest] { (0..<self.count).map { self[$0] } }

    /// The hash at `place`.
    package subscript(place: Int) -> Digest { Digest(self.words, at: place) }

    /// Replaces the row, of an even count, by the nodes over its pairs.
    package mutating func pair(lanes: HashLanes) {
        precondition(self.count.isMultiple(of: 2))
        self.count /= 2
        let pairs = self.count
        // The function reads 8 words a pair, all of which are there, and writes 4 in their place.
        unsafe self.words.withUnsafeMutableBufferPointer { words in
            precondition(words.count >= 8 * pairs)
            unsafe caseledger_sha256_nodes(lanes.rawValue, words.baseAddress, pairs)
        }
    }
}

extension Digest {
    /// The digest whose four words stand at place `place` of `words`.
    init(_ words: [UInt64], at place: Int) {
        let first = 4 * place
        self.init(words: words[first], words[first + 1], words[first + 2], words[first + 3])
    }
}
