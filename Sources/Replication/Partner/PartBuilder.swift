internal import EventStore
package import LedgerTypes
package import Merkle

/// A PART ready to be sent, with the BLOBs that go before it.
package struct OutgoingPart: Hashable, Sendable {
    /// Parts of its long sections.
    package let blobs: [Blob]
    /// The PART.
    package let part: Part
}

/// Cuts what a partner is to get of a log into PARTs: first what fills in what it holds, then what
/// goes on from there, both from left to right.
///
/// Pure: stored bytes come through the closures. What is built is hashed again and compared with
/// the checkpoint before it is sent, so that damage is found where it is.
package struct PartBuilder: Sendable {
    private let log: LogID
    private let target: Position
    /// What the receiver holds at the start.
    private let heldSize: UInt64
    /// The leaves to send, rising.
    private let indexes: [UInt64]
    /// How many of them were sent.
    private var sent = 0
    /// The tree up to where the receiver will hold it.
    private var range: CompactRange?

    /// Starts before the first PART for a receiver whose copy has `heldSize` leaves, of which
    /// `indexes`, rising, are to come.
    package init(target: Position, heldSize: UInt64, indexes: [UInt64]) {
        precondition(heldSize <= target.size && indexes.last.map { $0 < target.size } ?? true)
        self.log = target.log
        self.target = target
        self.heldSize = heldSize
        self.indexes = indexes
    }

    /// Whether everything was built.
    package var isDone: Bool {
        self.sent == self.indexes.count && (self.range?.size ?? self.heldSize) == self.target.size
    }

    /// The leaves still to come.
    package var remaining: Int { self.indexes.count - self.sent }

    /// Builds the next PART. `leaf` reads a stored leaf, `node` the root of a complete subtree.
    package mutating func next(
        leaf: (UInt64) throws(SyncError) -> PackageBuilder.StoredLeaf,
        node: MerkleTree.NodeReader<SyncError>
    ) throws(SyncError) -> OutgoingPart {
        precondition(!self.isDone)
        var range: CompactRange
        if let known = self.range {
            range = known
        } else {
            range = try Self.range(self.heldSize, node)
        }
        var filling = PackageBuilder.Filling(
            byteCount: Part.headerBytesMax + Part.intervalsBytesMax + 126 * Digest.byteCount
        )
        let run = self.run(from: range.size)
        var covered = Intervals()
        var hashes = HashBatch()
        var next = run.lowerBound
        while self.sent < self.indexes.count, filling.entries.count < SyncLimits.entriesMax {
            let index = self.indexes[self.sent]
            guard index < run.upperBound else { break }
            let extra = MerkleTree.coverCount(next..<index) * Digest.byteCount
            let stored = try leaf(index)
            guard try filling.take(stored, log: self.log, extra: extra) else { break }
            hashes.append(leaf: stored.leaf.span)
            covered.append(index)
            next = index + 1
            self.sent += 1
        }
        let isTail = run.lowerBound >= self.heldSize
        let isLast = !isTail || self.sent == self.indexes.count
        var part = Part(
            log: self.log,
            kind: isTail ? .goesOn : .fillsIn,
            range: run.lowerBound..<(isLast ? run.upperBound : next),
            treeSize: isTail ? self.target.size : self.heldSize,
            proof: [],
            covered: covered,
            entries: filling.entries,
            gaps: []
        )
        for place in part.gapPlaces {
            part.gaps.append(try node(place.level, place.first >> UInt64(place.level)))
        }
        try self.prove(&part, leafHashes: hashes.finish(), &range, node)
        self.range = range
        return OutgoingPart(blobs: filling.blobs, part: part)
    }

    /// The leaves that the next PART may speak of.
    private func run(from size: UInt64) -> Range<UInt64> {
        if self.sent < self.indexes.count, self.indexes[self.sent] < self.heldSize {
            let index = self.indexes[self.sent]
            for place in MerkleTree.cover(0..<self.heldSize) where index < place.end {
                return place.first..<place.end
            }
        }
        return size..<self.target.size
    }

    /// Compares what was built with the tree, and proves it.
    private func prove(
        _ part: inout Part,
        leafHashes: [Digest],
        _ range: inout CompactRange,
        _ node: MerkleTree.NodeReader<SyncError>
    ) throws(SyncError) {
        let nodes = part.nodes(leafHashes: leafHashes)
        guard part.kind == .goesOn else {
            var subtree = CompactRange()
            subtree.append(nodes, offset: part.range.lowerBound)
            let known = range.peaks.first { $0.place.first == part.range.lowerBound }
            guard subtree.root == known?.hash else { throw .damaged(self.log) }
            return
        }
        range.append(nodes)
        if range.size < self.target.size {
            part.proof = try MerkleTree.consistencyProof(
                from: range.size,
                to: self.target.size,
                read: node
            )
        }
        guard Self.leads(range, to: self.target, part.proof) else { throw .damaged(self.log) }
    }

    /// Whether `proof` leads from `range` to `target`.
    static func leads(_ range: CompactRange, to target: Position, _ proof: [Digest]) -> Bool {
        guard range.size < target.size else {
            return range.size == target.size && range.root == target.root && proof.isEmpty
        }
        do throws(ProofError) {
            try ConsistencyProof.verify(
                oldSize: range.size,
                oldRoot: range.root,
                newSize: target.size,
                newRoot: target.root,
                proof: proof
            )
            return true
        } catch {
            return false
        }
    }

    private static func range(
        _ size: UInt64,
        _ node: MerkleTree.NodeReader<SyncError>
    ) throws(SyncError) -> CompactRange {
        var range = CompactRange()
        for place in MerkleTree.cover(0..<size) {
            let hash = try node(place.level, place.first >> UInt64(place.level))
            range.append(hash, level: place.level)
        }
        return range
    }
}
