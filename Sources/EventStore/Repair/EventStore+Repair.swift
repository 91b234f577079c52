internal import LMDB
package import LedgerTypes
internal import Merkle

extension EventStore {
    /// Rehashes every leaf, section and row of hashes, and tells which are rotten. Changes nothing;
    /// appends go on meanwhile.
    ///
    /// `pace` gets the bytes read so far, after each tile, and may wait as long as it likes. Ends
    /// with ``EventStoreError/closed`` when the task is cancelled.
    package func findDamage(
        _ scope: VerificationScope = .everything,
        _ pace: (_ bytes: UInt64) async -> Void = { _ in }
    ) async throws(EventStoreError) -> DamageReport {
        var scan = DamageScan(environment: self.log, tables: self.tables, scope: scope)
        try await scan.run(pace)
        return scan.report
    }

    /// Makes rows again that follow from others; returns those that were put right.
    package func mendRows(_ damages: [Damage]) async throws(EventStoreError) -> [Damage] {
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.mendRows(damages)
        }
    }

    /// The same in a ledger that cannot be opened for them: of which no other process has it open
    /// needs to know. Returns what was wrong, and what of it was put right.
    package static func mendRows(
        _ configuration: Configuration
    ) throws(EventStoreError) -> (found: [Damage], mended: [Damage]) {
        let directory = LedgerDirectory(path: configuration.directory)
        try directory.check(writing: true)
        let environment = try Self.openEnvironment(configuration, directory)
        let tables = try LogTables(environment, create: false)
        let found = try environment.read { (transaction) throws(EventStoreError) in
            var scan = RowScan(tables: tables)
            try scan.run(transaction)
            return scan.damages + (try transaction.rottenGeneses(tables))
        }
        guard !found.isEmpty else { return ([], []) }
        let state = configuration.stateDirectory
        var mending = RowMending(tables: tables) { (log) throws(EventStoreError) in
            try LogSecrets(state: state, log: log).anchor()
        }
        let mended = try environment.write { (transaction) throws(EventStoreError) in
            try mending.mend(found, &transaction)
        }
        return (found, mended)
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
