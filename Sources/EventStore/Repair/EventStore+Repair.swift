package import LedgerTypes
internal import Merkle

extension EventStore {
    /// Rehashes every leaf, section and row of hashes, and tells which are rotten. Changes nothing;
    /// appends go on meanwhile.
    ///
    /// `pace` gets the bytes read so far, after each tile, and may wait as long as it likes.
    package func findDamage(
        _ pace: (_ bytes: UInt64) -> Void = { _ in }
    ) throws(EventStoreError) -> DamageReport {
        var scan = DamageScan(environment: self.log, tables: self.tables)
        try scan.run(pace)
        return scan.report
    }

    /// Makes rows of hashes again from the leaves; returns those that were put right. Needs nobody:
    /// the roots tell whether they are right now.
    package func repairTiles(_ damages: [Damage]) async throws(EventStoreError) -> [Damage] {
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.repairTiles(damages)
        }
    }

    /// Writes what `batch` brings of `damages` in the place of what is rotten; returns what was put
    /// right, and where the batch ends. Nothing but the rows named in `damages` is touched.
    package func repair(
        _ batch: ForeignBatch,
        _ damages: Set<Damage>
    ) async throws(EventStoreError) -> (repaired: [Damage], position: Position) {
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.repair(batch, damages)
        }
    }
}
