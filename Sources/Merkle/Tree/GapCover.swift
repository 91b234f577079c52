package import LedgerTypes

/// A complete subtree by its place: the leaves [`first`, `first` + 2^`level`).
package struct SubtreePlace: Hashable, Sendable {
    /// The index of its first leaf, a multiple of 2^`level`.
    package let first: UInt64
    /// The logarithm of the number of its leaves, at most 62.
    package let level: Int

    /// Names a subtree.
    package init(first: UInt64, level: Int) {
        precondition((0...Self.levelMax).contains(level))
        precondition(first & (1 << UInt64(level) &- 1) == 0)
        self.first = first
        self.level = level
    }

    /// The highest level: logs have fewer than 2^63 leaves.
    package static let levelMax = 62

    /// The number of its leaves.
    package var count: UInt64 { 1 << UInt64(self.level) }

    /// The index after its last leaf.
    package var end: UInt64 { self.first + self.count }

    /// Whether all leaves of `other` are leaves of this one.
    package func contains(_ other: SubtreePlace) -> Bool {
        self.first <= other.first && other.end <= self.end
    }
}

/// The root over leaves that are not here, and where they stand.
package struct GapNode: Hashable, Sendable {
    /// The leaves.
    package let place: SubtreePlace
    /// The root over them.
    package let hash: Digest

    /// Creates a node.
    package init(place: SubtreePlace, hash: Digest) {
        self.place = place
        self.hash = hash
    }
}

extension MerkleTree {
    /// The fewest complete subtrees that hold exactly the leaves of `range`, from left to right: at
    /// each place the largest that begins there and does not pass the end.
    ///
    /// At most two for each level. The end is at most 2^63.
    package static func cover(_ range: Range<UInt64>) -> [SubtreePlace] {
        var places: [SubtreePlace] = []
        var first = range.lowerBound
        while first < range.upperBound {
            let fitting = 63 - (range.upperBound - first).leadingZeroBitCount
            let aligned = first == 0 ? fitting : first.trailingZeroBitCount
            let place = SubtreePlace(first: first, level: min(fitting, aligned, 62))
            places.append(place)
            first = place.end
        }
        return places
    }

    /// How many subtrees ``cover(_:)`` names.
    package static func coverCount(_ range: Range<UInt64>) -> Int { Self.cover(range).count }
}
