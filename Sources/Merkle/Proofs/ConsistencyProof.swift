package import LedgerTypes

/// Proofs that a tree only grew, and that a subtree's leaves are a tree's leaves at its place.
///
/// Pure. The work is bounded by the size's 64 bits, whatever the proof holds.
package enum ConsistencyProof {
    /// Returns if `proof` shows that the tree (`oldSize`, `oldRoot`) is a prefix of the tree
    /// (`newSize`, `newRoot`) (RFC 9162, 2.1.4.2).
    ///
    /// An old size of zero is refused, also from zero to zero: every tree begins with nothing, so
    /// such a proof would prove nothing while it looks as if it did. Where a peer may truly hold
    /// nothing yet, see ``verifyExchange(oldSize:oldRoot:newSize:newRoot:proof:)``.
    package static func verify(
        oldSize: UInt64,
        oldRoot: Digest,
        newSize: UInt64,
        newRoot: Digest,
        proof: [Digest]
    ) throws(ProofError) {
        guard oldSize > 0 else { throw .oldTreeEmpty }
        guard oldSize <= newSize else { throw .sizesOutOfOrder(old: oldSize, new: newSize) }
        try Self.verifySubtree(
            start: 0,
            end: oldSize,
            size: newSize,
            subtreeRoot: oldRoot,
            root: newRoot,
            proof: proof
        )
    }

    /// Like ``verify(oldSize:oldRoot:newSize:newRoot:proof:)``, and from an old size of zero takes
    /// an empty proof, as the exchange of checkpoints does (c2sp.org/tlog-witness).
    ///
    /// From zero, the old root must be that of the empty tree and `newRoot` is *not* shown to be
    /// anything: it rests on the checkpoint's signature alone.
    package static func verifyExchange(
        oldSize: UInt64,
        oldRoot: Digest,
        newSize: UInt64,
        newRoot: Digest,
        proof: [Digest]
    ) throws(ProofError) {
        guard oldSize == 0 else {
            return try Self.verify(
                oldSize: oldSize,
                oldRoot: oldRoot,
                newSize: newSize,
                newRoot: newRoot,
                proof: proof
            )
        }
        guard proof.isEmpty else { throw .wrongHashCount(proof.count) }
        guard oldRoot == MerkleHash.empty else {
            throw .otherOldRoot(computed: MerkleHash.empty)
        }
        guard newSize > 0 || newRoot == MerkleHash.empty else {
            throw .otherRoot(computed: MerkleHash.empty)
        }
    }

    /// Returns if `proof` shows that [`start`, `end`) of the tree (`size`, `root`) has the root
    /// `subtreeRoot` (draft-ietf-plants-merkle-tree-certs, 4.4).
    ///
    /// An empty subtree is consistent with every tree that reaches its place if its root is
    /// ``MerkleHash/empty`` and the proof is empty; nothing is shown about `root` then.
    package static func verifySubtree(
        start: UInt64,
        end: UInt64,
        size: UInt64,
        subtreeRoot: Digest,
        root: Digest,
        proof: [Digest]
    ) throws(ProofError) {
        guard start <= end, end <= size else {
            throw .notASubtree(start: start, end: end, size: size)
        }
        if start == end {
            guard proof.isEmpty else { throw .wrongHashCount(proof.count) }
            guard subtreeRoot == MerkleHash.empty else {
                throw .otherOldRoot(computed: MerkleHash.empty)
            }
            return
        }
        guard MerkleTree.isSubtree(start: start, end: end) else {
            throw .notASubtree(start: start, end: end, size: size)
        }
        var climb = Climb(first: start, last: end - 1, edge: size - 1)
        climb.skipKnownLevels()
        var rest = proof[...]
        var seed = subtreeRoot
        if climb.first != climb.last {
            guard let hash = rest.popFirst() else { throw .wrongHashCount(proof.count) }
            seed = hash
        }
        var old = seed
        var new = seed
        for hash in rest {
            guard climb.edge > 0 else { throw .wrongHashCount(proof.count) }
            if climb.last & 1 == 1 || climb.last == climb.edge {
                if climb.first < climb.last { old = MerkleHash.node(hash, old) }
                new = MerkleHash.node(hash, new)
                while climb.last & 1 == 0 { climb.rise() }
            } else {
                new = MerkleHash.node(new, hash)
            }
            climb.rise()
        }
        guard climb.edge == 0 else { throw .wrongHashCount(proof.count) }
        guard old == subtreeRoot else { throw .otherOldRoot(computed: old) }
        guard new == root else { throw .otherRoot(computed: new) }
    }

    /// Where a verifier stands on its way up: the subtree's first and last node and the tree's last
    /// node, on one level.
    private struct Climb {
        var first: UInt64
        var last: UInt64
        var edge: UInt64

        mutating func rise() {
            self.first >>= 1
            self.last >>= 1
            self.edge >>= 1
        }

        /// Rises past the levels on which the subtree's right edge is a node of the tree.
        mutating func skipKnownLevels() {
            if self.last == self.edge {
                while self.first != self.last { self.rise() }
            } else {
                while self.first != self.last, self.last & 1 == 1 { self.rise() }
            }
        }
    }
}
