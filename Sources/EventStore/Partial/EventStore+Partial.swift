internal import LMDB
package import LedgerTypes

// Parts of logs, and the grants under which others hold parts of the own log.
extension EventStore {
    /// Keeps verified leaves of a part of another site's log, all of one log, in one commit, all or
    /// none; returns where the copy stands then.
    package func receive(
        _ batches: [PartialBatch]
    ) async throws(EventStoreError) -> Position {
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.receive(batches)
        }
    }

    /// A note of `text`, signed by the key of `log`, which is appended to. The anchor has been
    /// raised to where the log stands, so what the note says of it may leave the host.
    package func sign(
        _ text: String,
        as log: LogID
    ) async throws(EventStoreError) -> [UInt8] {
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.sign(text, as: log)
        }
    }

    /// Writes or replaces what is known of a grant, opaque here; `id` has 16 bytes.
    package func putGrant(_ id: [UInt8], _ row: [UInt8]) async throws(EventStoreError) {
        precondition(id.count == 16 && !row.isEmpty)
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.putGrant(id, row)
        }
    }

    /// What is known of each grant, in ascending order of its id.
    package func grantRows() throws(EventStoreError) -> [[UInt8]] {
        try self.log.read { (transaction) throws(EventStoreError) in
            var rows: [[UInt8]] = []
            let prefix = MetaKey.grantPrefix
            try transaction.forEach(in: self.tables.meta, from: prefix, backwards: false) {
                (key, row) throws(EventStoreError) in
                guard [UInt8](copying: key).starts(with: prefix) else { return false }
                rows.append([UInt8](copying: row))
                return true
            }
            return rows
        }
    }
}
