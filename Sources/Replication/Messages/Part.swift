package import LedgerTypes
package import Merkle

/// PART: some leaves of a run of a log, and in place of the others the roots over them
/// (docs/SYNC.md, "Partners").
package struct Part: Hashable, Sendable {
    /// Where its leaves belong.
    package enum Kind: UInt8, Hashable, Sendable {
        /// After what the receiver holds; a proof leads on to the checkpoint.
        case goesOn = 0
        /// Into one of the largest complete subtrees of what the receiver held at the start, whose
        /// root it knows; there is no proof.
        case fillsIn = 1
    }

    /// The log.
    package var log: LogID
    /// Where its leaves belong.
    package var kind: Kind
    /// The leaves that it speaks of.
    package var range: Range<UInt64>
    /// The size of the checkpoint, or what the receiver held at the start.
    package var treeSize: UInt64
    /// The consistency proof from the end of `range` to `treeSize`.
    package var proof: [Digest]
    /// The indexes of the leaves that are here: at most 256.
    package var covered: Intervals
    /// One for each index that is covered.
    package var entries: [Package.Entry]
    /// The roots over the others: of the subtrees that cover each gap, from left to right.
    package var gaps: [Digest]

    /// The most bytes of a body before its intervals.
    static let headerBytesMax = 16 + 1 + 8 + 8 + 8 + 1 + SyncLimits.proofHashesMax * 32
    /// The most bytes of the intervals of 256 leaves.
    static let intervalsBytesMax = 2 + SyncLimits.entriesMax * 12

    /// The places of `gaps`.
    package var gapPlaces: [SubtreePlace] {
        self.covered.gaps(in: self.range).flatMap { MerkleTree.cover($0) }
    }

    /// The indexes of `entries`.
    package var indexes: [UInt64] { self.covered.runs.flatMap { Array($0) } }

    var frame: Frame {
        var body: [UInt8] = []
        body.appendBigEndian(self.log.rawValue)
        body.append(self.kind.rawValue)
        body.appendBigEndian(self.range.lowerBound)
        body.appendBigEndian(self.range.upperBound)
        body.appendBigEndian(self.treeSize)
        body.append(proof: self.proof)
        self.covered.append(to: &body, from: self.range.lowerBound)
        Package.append(leavesOf: self.entries, to: &body)
        let leavesEnd = body.count
        for hash in self.gaps { hash.append(to: &body) }
        Package.append(sectionsOf: self.entries, to: &body)
        return Frame(type: .part, body: body, storedFrom: leavesEnd)
    }

    init(
        log: LogID,
        kind: Kind,
        range: Range<UInt64>,
        treeSize: UInt64,
        proof: [Digest],
        covered: Intervals,
        entries: [Package.Entry],
        gaps: [Digest]
    ) {
        self.log = log
        self.kind = kind
        self.range = range
        self.treeSize = treeSize
        self.proof = proof
        self.covered = covered
        self.entries = entries
        self.gaps = gaps
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .part)
        self.log = try reader.logID()
        guard let kind = Kind(rawValue: try reader.number()) else { throw reader.malformed }
        self.kind = kind
        let start = try reader.number(UInt64.self)
        let end = try reader.number(UInt64.self)
        self.treeSize = try reader.number()
        guard start < end, end <= self.treeSize, self.treeSize <= Checkpoint.sizeMax else {
            throw reader.malformed
        }
        self.range = start..<end
        self.proof = try reader.proof()
        guard kind == .goesOn || self.proof.isEmpty else { throw reader.malformed }
        self.covered = try reader.intervals(
            in: self.range,
            countMax: UInt64(SyncLimits.entriesMax),
            log: self.log
        )
        self.entries = try Package.entries(
            &reader,
            count: Int(self.covered.count),
            log: self.log
        )
        let gapCount = self.covered.gaps(in: self.range)
            .reduce(0) { $0 + MerkleTree.coverCount($1) }
        guard gapCount <= reader.remaining / Digest.byteCount else { throw reader.malformed }
        self.gaps = []
        self.gaps.reserveCapacity(gapCount)
        for _ in 0..<gapCount { self.gaps.append(try reader.digest()) }
        try Package.readSections(&reader, of: &self.entries, log: self.log)
        try reader.end()
    }

    /// Its leaves, hashed, and its gaps as nodes of the tree, from left to right.
    package func nodes(leafHashes: [Digest]) -> [GapNode] {
        var leaves = zip(self.indexes, leafHashes).map { index, hash in
            GapNode(place: SubtreePlace(first: index, level: 0), hash: hash)
        }[...]
        var nodes: [GapNode] = []
        for (place, hash) in zip(self.gapPlaces, self.gaps) {
            while let leaf = leaves.first, leaf.place.first < place.first {
                nodes.append(leaf)
                leaves.removeFirst()
            }
            nodes.append(GapNode(place: place, hash: hash))
        }
        return nodes + leaves
    }
}

extension CompactRange {
    /// Adds nodes that follow each other, the first where this range ends; `offset` is where this
    /// range begins in their log.
    package mutating func append(_ nodes: [GapNode], offset: UInt64 = 0) {
        for node in nodes {
            precondition(node.place.first == self.size + offset)
            self.append(node.hash, level: node.place.level)
        }
    }

    /// The complete subtrees that it is made of, largest first.
    package var peaks: [GapNode] {
        zip(MerkleTree.cover(0..<self.size), self.hashes).map { GapNode(place: $0, hash: $1) }
    }
}
