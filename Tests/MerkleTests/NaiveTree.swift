import LedgerTypes
import Merkle

/// A tree written straight from RFC 6962 2.1, slow and plain, to compare with.
struct NaiveTree {
    let leafHashes: [Digest]

    /// The tree over the one-byte leaves 0, 1, 2, … (their low bytes first).
    init(size: Int) {
        self.leafHashes = (0..<size).map { index in
            MerkleHash.leaf([UInt8(index & 0xFF), UInt8(index >> 8)].span)
        }
    }

    init(_ leafHashes: [Digest]) { self.leafHashes = leafHashes }

    func root(_ start: Int, _ end: Int) -> Digest {
        if start == end { return MerkleHash.empty }
        if end - start == 1 { return self.leafHashes[start] }
        var half = 1
        while half * 2 < end - start { half *= 2 }
        return MerkleHash.node(self.root(start, start + half), self.root(start + half, end))
    }

    func root(size: Int) -> Digest { self.root(0, size) }

    /// Reads complete subtrees, as a store would.
    func node(level: Int, index: UInt64) -> Digest {
        self.root(Int(index) << level, (Int(index) + 1) << level)
    }
}

extension Digest {
    /// The digest with bit `index` (0…255) turned over.
    func flipping(bit index: Int) -> Digest {
        var bytes = self.bytes
        bytes[index / 8] ^= 1 << UInt8(index % 8)
        return Digest(bytes.span) ?? MerkleHash.empty
    }
}
