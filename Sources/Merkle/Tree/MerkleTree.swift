package import LedgerTypes

/// Roots and proofs of RFC 6962 trees and of their subtrees.
///
/// A subtree [start, end) is valid if start is a multiple of the smallest power of two that is at
/// least end − start (draft-ietf-plants-merkle-tree-certs, 4.1); only then is its root made of
/// nodes of the whole tree. A *complete* subtree has 2^level leaves and starts at a multiple of
/// that; readers are only ever asked for complete ones.
///
/// Pure.
package enum MerkleTree {
    /// Whether [`start`, `end`) is a valid, non-empty subtree.
    package static func isSubtree(start: UInt64, end: UInt64) -> Bool {
        guard start < end else { return false }
        let span = end - start
        // Beyond 2^63 leaves the next power of two is 2^64, of which only 0 is a multiple.
        guard span <= 1 << 63 else { return start == 0 }
        return start & (Self.powerOfTwo(from: span) - 1) == 0
    }

    /// The root over `leafHashes`, ``MerkleHash/empty`` over none.
    package static func root(of leafHashes: Span<Digest>) -> Digest {
        if leafHashes.count.nonzeroBitCount == 1 {
            var hashes: [Digest] = []
            hashes.reserveCapacity(leafHashes.count)
            for index in leafHashes.indices { hashes.append(leafHashes[index]) }
            return self.completeRoot(of: hashes)
        }
        var range = CompactRange()
        for index in leafHashes.indices { range.append(leafHashes[index]) }
        return range.root
    }

    /// The root of a complete subtree from the hashes of its leaves: a power of two of them.
    package static func completeRoot(of leafHashes: consuming [Digest]) -> Digest {
        precondition(leafHashes.count.nonzeroBitCount == 1)
        let lanes = HashLanes.best
        guard lanes == .one || leafHashes.count < Self.rowMin else {
            var row = HashRow(leafHashes)
            while row.count > 2 { row.pair(lanes: lanes) }
            return MerkleHash.node(row[0], row[1])
        }
        var nodes = leafHashes
        var count = nodes.count
        while count > 1 {
            count /= 2
            for place in 0..<count {
                nodes[place] = MerkleHash.node(nodes[2 * place], nodes[2 * place + 1])
            }
        }
        return nodes[0]
    }

    /// Fewer hashes than these leave most lanes idle.
    private static var rowMin: Int { 8 }

    /// The root over the leaf hashes whose bytes lie one after the other in `hashBytes`; `nil` when
    /// the count is no multiple of 32.
    package static func root(ofHashBytes hashBytes: Span<UInt8>) -> Digest? {
        guard hashBytes.count.isMultiple(of: Digest.byteCount) else { return nil }
        var range = CompactRange()
        for offset in stride(from: 0, to: hashBytes.count, by: Digest.byteCount) {
            let bytes = hashBytes.extracting(offset..<offset + Digest.byteCount)
            guard let hash = Digest(bytes) else { return nil }
            range.append(hash)
        }
        return range.root
    }

    /// The smallest power of two that is at least `count` (1…2^63).
    static func powerOfTwo(from count: UInt64) -> UInt64 {
        count <= 1 ? 1 : 1 << UInt64(64 - (count - 1).leadingZeroBitCount)
    }

    /// Where a tree of `count` > 1 leaves splits: the largest power of two below `count`.
    static func split(_ count: UInt64) -> UInt64 {
        1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }
}
