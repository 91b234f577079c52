internal import LMDB
package import LedgerTypes

// The logs' trees, for proofs.
extension Snapshot {
    /// The hash of the complete subtree `index` of `level` in a log held here: over the leaves
    /// [`index` << `level`, (`index` + 1) << `level`), all of which are held. What Merkle's proofs
    /// ask their node reader.
    ///
    /// Read from full tiles; at the right edge hashed from the leaves.
    package borrowing func node(
        _ log: LogState,
        level: Int,
        index: UInt64
    ) throws(EventStoreError) -> Digest {
        try self.log.node(log: log.number, level: level, index: index, self.tables)
    }

    /// The root over the first `size` leaves of a log, all of which are held.
    package borrowing func root(
        _ log: LogState,
        size: UInt64
    ) throws(EventStoreError) -> Digest {
        precondition(size <= log.position.size, "a root over leaves that are not held")
        if size == log.position.size { return log.position.root }
        return try self.log.root(log: log.number, size: size, self.tables)
    }
}
