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
        var range = CompactRange()
        swap(&range, &self.range)
        let size = range.size + 1
        range.append(leafHash, level: 0) { level, root in
            guard level & 7 == 0 else { return }
            let tileLevel = level / 8 - 1
            let number = size >> UInt64(level) - 1
            let hashes = self.tails[tileLevel]
            self.tails[tileLevel].removeAll(keepingCapacity: true)
            emit(FullTile(level: tileLevel, number: number, hashes: hashes, root: root))
            self.keep(root, level: tileLevel + 1)
        }
        swap(&range, &self.range)
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
        while self.tails.count <= level {
            var tail: [Digest] = []
            tail.reserveCapacity(TileAddress.width)
            self.tails.append(tail)
        }
        self.tails[level].append(hash)
    }
}
