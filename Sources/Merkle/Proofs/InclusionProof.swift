package import LedgerTypes

/// Proofs that a leaf is at an index: the sibling hashes from the leaf up.
///
/// Pure. The work is bounded by the size's 64 bits, whatever the proof holds.
package enum InclusionProof {
    /// Returns if `proof` shows that leaf `index` of the tree (`size`, `root`) hashes to
    /// `leafHash` (RFC 9162, 2.1.3.2).
    package static func verify(
        leafHash: Digest,
        index: UInt64,
        size: UInt64,
        root: Digest,
        proof: [Digest]
    ) throws(ProofError) {
        guard index < size else { throw .indexOutOfRange(index: index) }
        var leaf = index
        var last = size - 1
        var computed = leafHash
        for hash in proof {
            guard last > 0 else { throw .wrongHashCount(proof.count) }
            if leaf & 1 == 1 || leaf == last {
                computed = MerkleHash.node(hash, computed)
                // The right edge has no sibling on levels where its bit is zero.
                while leaf & 1 == 0 {
                    leaf >>= 1
                    last >>= 1
                }
            } else {
                computed = MerkleHash.node(computed, hash)
            }
            leaf >>= 1
            last >>= 1
        }
        guard last == 0 else { throw .wrongHashCount(proof.count) }
        guard computed == root else { throw .otherRoot(computed: computed) }
    }

    /// Returns if `proof` shows that leaf `index` of the whole tree is in its subtree
    /// [`start`, `end`) of root `root`, with hash `leafHash`.
    package static func verifySubtree(
        leafHash: Digest,
        index: UInt64,
        start: UInt64,
        end: UInt64,
        root: Digest,
        proof: [Digest]
    ) throws(ProofError) {
        guard MerkleTree.isSubtree(start: start, end: end) else {
            throw .notASubtree(start: start, end: end, size: end)
        }
        guard index >= start, index < end else { throw .indexOutOfRange(index: index) }
        try Self.verify(
            leafHash: leafHash,
            index: index - start,
            size: end - start,
            root: root,
            proof: proof
        )
    }
}
