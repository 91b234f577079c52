package import LedgerTypes

/// Leaves of another site's log, verified against a signed checkpoint by whoever received them.
package struct ForeignBatch: Sendable {
    /// One leaf with its sections.
    package struct Entry: Sendable {
        /// The leaf's bytes.
        package var leaf: [UInt8]
        /// Its hash, if it has been computed already; `nil` to compute it here.
        package var hash: Digest?
        /// One for each reference of the leaf, in order.
        package var sections: [Section]

        /// Creates an entry.
        package init(leaf: [UInt8], hash: Digest? = nil, sections: [Section] = []) {
            self.leaf = leaf
            self.hash = hash
            self.sections = sections
        }
    }

    /// One section of a leaf.
    package enum Section: Hashable, Sendable {
        /// Its sealed bytes.
        case present([UInt8])
        /// It did not come along, and why.
        case absent(Absence)
    }

    /// The log.
    package var log: LogID
    /// The index of the first entry. A log that is new here begins at 0, with its genesis.
    package var start: UInt64
    /// The leaves, in order.
    package var entries: [Entry]
    /// The signed note that the leaves were verified against; kept once its size is held.
    package var checkpoint: [UInt8]?
    /// The root over the entries' hashes, if these are a whole tile of 256 and it is known.
    package var tileRoot: Digest?
    /// Whether every section that is here has been found to have its leaf's digest.
    package var areSectionsVerified = false

    /// Creates a batch.
    package init(log: LogID, start: UInt64, entries: [Entry], checkpoint: [UInt8]? = nil) {
        self.log = log
        self.start = start
        self.entries = entries
        self.checkpoint = checkpoint
    }

    /// The hashes and the root of the whole tile that the batch is, if it is known to be one.
    var tile: (hashes: [Digest], root: Digest)? {
        guard let root = self.tileRoot, self.start & 0xFF == 0, self.entries.count == 256 else {
            return nil
        }
        let hashes = self.entries.compactMap(\.hash)
        return hashes.count == self.entries.count ? (hashes, root) : nil
    }

    /// The index after the last entry.
    package var end: UInt64 { self.start + UInt64(self.entries.count) }
}
