package import LedgerTypes

/// Why a proof does not show what it should.
package enum ProofError: Error, Hashable, Sendable {
    /// The leaf lies outside the tree or the subtree.
    case indexOutOfRange(index: UInt64)
    /// The older tree is larger than the newer one.
    case sizesOutOfOrder(old: UInt64, new: UInt64)
    /// A proof from an empty tree says nothing, so there is none.
    case oldTreeEmpty
    /// [start, end) is no subtree of the tree.
    case notASubtree(start: UInt64, end: UInt64, size: UInt64)
    /// The proof has more or fewer hashes than the tree's shape asks for.
    case wrongHashCount(Int)
    /// The hashes lead to another root of the older tree or of the subtree.
    case otherOldRoot(computed: Digest)
    /// The hashes lead to another root of the tree.
    case otherRoot(computed: Digest)
}
