package import LedgerTypes

/// A full tile: 256 hashes of one tile level and the root over them.
package struct FullTile: Hashable, Sendable {
    /// The tile level: its hashes are roots of 256^`level` leaves each.
    package let level: Int
    /// The 0-based number of the tile in its level.
    package let number: UInt64
    /// The 256 hashes.
    package let hashes: [Digest]
    /// The root over them, which is hash `number` % 256 of tile `number` / 256 one level up.
    package let root: Digest
}

/// A tree that grows by leaf hashes and hands out each tile when it becomes full.
///
/// Invariant: `tails[L]` holds the hashes of the one partial tile of level L, that is
/// (size / 256^L) % 256 of them; levels above the highest with a hash may be missing.
///
/// Pure. Each leaf costs one node hash on average, tiles included: their roots are nodes of the
/// right edge.
package struct TileBuilder: Sendable {
    /// The right edge of the tree.
    package private(set) var range: CompactRange
    /// The hashes of the partial tile of each level, lowest level first.
    package private(set) var tails: [[Digest]]

    /// The tree without leaves.
    package init() {
        self.range = CompactRange()
        self.tails = []
    }

    /// A tree of `size` leaves from the hashes of its partial tiles; `nil` unless each level has
    /// as many as `size` asks for. What the caller knows of the root is compared with ``root``.
    package init?(size: UInt64, tails: [[Digest]]) {
        guard tails.count <= TileAddress.levelMax + 1 else { return nil }
        var hashes: [Digest] = []
        var count = size
        var kept: [[Digest]] = []
        for tail in tails {
            guard UInt64(tail.count) == count & 0xFF else { return nil }
            var edge = CompactRange()
            for hash in tail { edge.append(hash) }
            hashes.insert(contentsOf: edge.hashes, at: 0)
            count >>= 8
            var room = tail
            room.reserveCapacity(TileAddress.width)
            kept.append(room)
        }
        guard count == 0, let range = CompactRange(size: size, hashes: hashes) else { return nil }
        self.range = range
        self.tails = kept
    }

    /// The number of leaves.
    package var size: UInt64 { self.range.size }

    /// The root of the whole tree, ``MerkleHash/empty`` without leaves.
    package var root: Digest { self.range.root }

    /// Adds a leaf and calls `emit` for every tile that this fills, lowest level first.
    package mutating func append(_ leafHash: Digest, _ emit: (FullTile) -> Void) {
        self.keep(leafHash, level: 0)
        self.extend(with: leafHash, level: 0, emit)
    }

    /// Adds a complete subtree of at most 256 leaves, whose root is `root`, and calls `emit` for
    /// every tile that this fills, lowest level first. The size must be a multiple of the number of
    /// `leafHashes`, which is a power of two.
    package mutating func append(
        subtree leafHashes: [Digest],
        root: Digest,
        _ emit: (FullTile) -> Void
    ) {
        precondition(leafHashes.count.nonzeroBitCount == 1)
        precondition(leafHashes.count <= TileAddress.width)
        self.room(level: 0)
        self.tails[0].append(contentsOf: leafHashes)
        self.extend(with: root, level: leafHashes.count.trailingZeroBitCount, emit)
    }

    /// Adds leaves, hashing complete subtrees at once where there are any, and calls `emit` for
    /// every tile that this fills, lowest level first.
    package mutating func append(leafHashes: [Digest], _ emit: (FullTile) -> Void) {
        var next = 0
        while next < leafHashes.count {
            let missing = TileAddress.width - Int(self.size & 0xFF)
            if missing == TileAddress.width, leafHashes.count - next >= missing {
                let tile = Array(leafHashes[next..<next + missing])
                self.append(subtree: tile, root: MerkleTree.completeRoot(of: tile), emit)
                next += missing
            } else {
                self.append(leafHashes[next], emit)
                next += 1
            }
        }
    }

    /// Extends the right edge by 2^`level` leaves whose hashes the partial tile has already.
    private mutating func extend(
        with root: Digest,
        level: Int,
        _ emit: (FullTile) -> Void
    ) {
        var range = CompactRange()
        swap(&range, &self.range)
        let size = range.size + 1 << UInt64(level)
        if level == 8 { self.close(level, root, size, emit) }
        range.append(root, level: level) { level, root in
            guard level & 7 == 0 else { return }
            self.close(level, root, size, emit)
        }
        swap(&range, &self.range)
    }

    /// Hands out the tile that ends in a complete subtree of 2^`level` leaves.
    private mutating func close(
        _ level: Int,
        _ root: Digest,
        _ size: UInt64,
        _ emit: (FullTile) -> Void
    ) {
        let tileLevel = level / 8 - 1
        let hashes = self.tails[tileLevel]
        var room: [Digest] = []
        room.reserveCapacity(TileAddress.width)
        self.tails[tileLevel] = room
        emit(
            FullTile(
                level: tileLevel,
                number: size >> UInt64(level) - 1,
                hashes: hashes,
                root: root
            )
        )
        self.keep(root, level: tileLevel + 1)
    }

    /// The root of the complete subtree `index` of `level`, when the partial tiles alone tell it:
    /// `nil` for subtrees under full tiles, or beyond the size.
    package func node(level: Int, index: UInt64) -> Digest? {
        let tileLevel = level / 8
        guard tileLevel < self.tails.count, level >= 0 else { return nil }
        let width = 1 << (level & 7)
        let first = self.range.size >> UInt64(tileLevel * 8) & ~0xFF
        let (start, overflow) = index.multipliedReportingOverflow(by: UInt64(width))
        guard !overflow, start >= first, start - first < 256 else { return nil }
        let offset = Int(start - first)
        let tail = self.tails[tileLevel]
        guard offset + width <= tail.count else { return nil }
        return MerkleTree.root(of: tail.span.extracting(offset..<offset + width))
    }

    private mutating func keep(_ hash: Digest, level: Int) {
        self.room(level: level)
        self.tails[level].append(hash)
    }

    /// Makes sure that the partial tile of `level` is there.
    private mutating func room(level: Int) {
        while self.tails.count <= level {
            var tail: [Digest] = []
            tail.reserveCapacity(TileAddress.width)
            self.tails.append(tail)
        }
    }
}
