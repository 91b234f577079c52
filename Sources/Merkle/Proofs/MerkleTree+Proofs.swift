package import LedgerTypes

extension MerkleTree {
    /// Reads the root of a complete subtree: the 2^`level` leaves from `index` · 2^`level` on.
    package typealias NodeReader<Failure: Error> =
        (_ level: Int, _ index: UInt64) throws(Failure) -> Digest

    /// The root over the leaves of `range`, ``MerkleHash/empty`` over none. `range` must be empty
    /// or a valid subtree; reads one node for each set bit of its count.
    package static func root<Failure: Error>(
        of range: Range<UInt64>,
        read: NodeReader<Failure>
    ) throws(Failure) -> Digest {
        guard !range.isEmpty else { return MerkleHash.empty }
        precondition(Self.isSubtree(start: range.lowerBound, end: range.upperBound))
        var edge: [Digest] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let level = 63 - (range.upperBound - start).leadingZeroBitCount
            edge.append(try read(level, start >> UInt64(level)))
            start += 1 << UInt64(level)
        }
        var root = edge.removeLast()
        while let left = edge.popLast() { root = MerkleHash.node(left, root) }
        return root
    }

    /// The proof that leaf `index` is in the tree of `size` leaves; `index` must be in it.
    package static func inclusionProof<Failure: Error>(
        index: UInt64,
        size: UInt64,
        read: NodeReader<Failure>
    ) throws(Failure) -> [Digest] {
        try Self.subtreeInclusionProof(index: index, start: 0, end: size, read: read)
    }

    /// The proof that leaf `index` is in the subtree [`start`, `end`), which must hold it.
    package static func subtreeInclusionProof<Failure: Error>(
        index: UInt64,
        start: UInt64,
        end: UInt64,
        read: NodeReader<Failure>
    ) throws(Failure) -> [Digest] {
        precondition(Self.isSubtree(start: start, end: end))
        precondition(index >= start && index < end)
        var siblings: [Range<UInt64>] = []
        var rest = start..<end
        while rest.upperBound - rest.lowerBound > 1 {
            let middle = rest.lowerBound + Self.split(rest.upperBound - rest.lowerBound)
            if index < middle {
                siblings.append(middle..<rest.upperBound)
                rest = rest.lowerBound..<middle
            } else {
                siblings.append(rest.lowerBound..<middle)
                rest = middle..<rest.upperBound
            }
        }
        return try Self.roots(of: siblings, read: read)
    }

    /// The proof that the tree of `oldSize` leaves is a prefix of that of `newSize`;
    /// 0 < `oldSize` ≤ `newSize`.
    package static func consistencyProof<Failure: Error>(
        from oldSize: UInt64,
        to newSize: UInt64,
        read: NodeReader<Failure>
    ) throws(Failure) -> [Digest] {
        precondition(oldSize > 0)
        return try Self.subtreeConsistencyProof(start: 0, end: oldSize, size: newSize, read: read)
    }

    /// The proof that [`start`, `end`) is a subtree of the tree of `size` leaves; it must be empty
    /// or a valid one that ends at `size` or before. Has at most 64 hashes.
    package static func subtreeConsistencyProof<Failure: Error>(
        start: UInt64,
        end: UInt64,
        size: UInt64,
        read: NodeReader<Failure>
    ) throws(Failure) -> [Digest] {
        precondition(start <= end && end <= size)
        guard start < end else { return [] }
        precondition(Self.isSubtree(start: start, end: end))
        var siblings: [Range<UInt64>] = []
        var rest = 0..<size
        // The part of the subtree that lies in `rest`; the verifier knows its root while `isWhole`.
        var part = start..<end
        var isWhole = true
        while part != rest {
            let middle = rest.lowerBound + Self.split(rest.upperBound - rest.lowerBound)
            if part.upperBound <= middle {
                siblings.append(middle..<rest.upperBound)
                rest = rest.lowerBound..<middle
            } else {
                siblings.append(rest.lowerBound..<middle)
                rest = middle..<rest.upperBound
                if part.lowerBound < middle {
                    part = middle..<part.upperBound
                    isWhole = false
                }
            }
        }
        if !isWhole { siblings.append(rest) }
        return try Self.roots(of: siblings, read: read)
    }

    /// The roots of `ranges`, last first.
    private static func roots<Failure: Error>(
        of ranges: [Range<UInt64>],
        read: NodeReader<Failure>
    ) throws(Failure) -> [Digest] {
        var roots: [Digest] = []
        roots.reserveCapacity(ranges.count)
        for range in ranges.reversed() {
            roots.append(try Self.root(of: range, read: read))
        }
        return roots
    }
}
