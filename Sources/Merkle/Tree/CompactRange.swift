package import LedgerTypes

/// The right edge of a tree: enough to append leaves and to tell the root, whatever the size.
///
/// Invariants:
/// - `hashes` holds one hash for each set bit of `size`, the largest complete subtree first.
/// - The hash of the bit of value 2^k is the root of a complete subtree of 2^k leaves.
///
/// Pure. Appending costs one node hash on average and allocates nothing once 64 hashes have room.
package struct CompactRange: Hashable, Sendable {
    /// The number of leaves.
    package private(set) var size: UInt64
    /// The roots of the complete subtrees, largest first.
    package private(set) var hashes: [Digest]

    /// The tree without leaves.
    package init() {
        self.size = 0
        self.hashes = []
    }

    /// The right edge of a tree of `size` leaves; `nil` unless `hashes` has one hash for each set
    /// bit of `size`.
    package init?(size: UInt64, hashes: [Digest]) {
        guard hashes.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.hashes = hashes
    }

    /// The right edge of a tree of `size` leaves from the bytes of its hashes (``hashBytes``);
    /// `nil` unless there are exactly as many as `size` needs.
    package init?(size: UInt64, hashBytes: Span<UInt8>) {
        guard hashBytes.count == size.nonzeroBitCount * Digest.byteCount else { return nil }
        self.size = size
        self.hashes = []
        self.hashes.reserveCapacity(size.nonzeroBitCount + 1)
        for offset in stride(from: 0, to: hashBytes.count, by: Digest.byteCount) {
            let bytes = hashBytes.extracting(offset..<offset + Digest.byteCount)
            guard let hash = Digest(bytes) else { return nil }
            self.hashes.append(hash)
        }
    }

    /// Reads what ``encode()`` wrote; `nil` when `bytes` is anything else.
    package init?(decoding bytes: Span<UInt8>) {
        guard bytes.count >= 8 else { return nil }
        self.init(
            size: bytes.bigEndianWord(at: 0),
            hashBytes: bytes.extracting(8..<bytes.count)
        )
    }

    /// The root of the whole tree, ``MerkleHash/empty`` without leaves.
    package var root: Digest {
        guard var root = self.hashes.last else { return MerkleHash.empty }
        for hash in self.hashes.dropLast().reversed() { root = MerkleHash.node(hash, root) }
        return root
    }

    /// The bytes of the hashes, largest subtree first.
    package var hashBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.hashes.count * Digest.byteCount)
        for hash in self.hashes { hash.append(to: &bytes) }
        return bytes
    }

    /// The size as eight big-endian bytes, then ``hashBytes``.
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + self.hashes.count * Digest.byteCount)
        bytes.appendBigEndian(self.size)
        for hash in self.hashes { hash.append(to: &bytes) }
        return bytes
    }

    /// Adds the leaf whose hash is `leafHash`.
    package mutating func append(_ leafHash: Digest) {
        self.append(leafHash, level: 0)
    }

    /// Adds 2^`level` leaves at once, whose root is `hash`. The size must be a multiple of
    /// 2^`level`.
    package mutating func append(_ hash: Digest, level: Int) {
        self.append(hash, level: level) { _, _ in }
    }

    /// Adds 2^`level` leaves whose root is `hash`, and names every complete subtree that this
    /// closes, smallest first: its level (more than `level`) and its root.
    mutating func append(
        _ hash: Digest,
        level: Int,
        closing close: (_ level: Int, _ root: Digest) -> Void
    ) {
        precondition(level >= 0 && level < 64)
        precondition(self.size & (1 << UInt64(level) &- 1) == 0)
        var carry = hash
        var carryLevel = level
        while carryLevel < 64, self.size >> UInt64(carryLevel) & 1 == 1 {
            carry = MerkleHash.node(self.hashes.removeLast(), carry)
            carryLevel += 1
            close(carryLevel, carry)
        }
        self.hashes.append(carry)
        self.size += 1 << UInt64(level)
    }
}
