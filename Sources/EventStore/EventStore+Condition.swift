internal import Glibc
internal import LMDB
internal import LedgerTypes

/// How the log that is appended to stands to its anchor.
package struct OwnLogCondition: Hashable, Sendable {
    /// The log.
    package var log: LogState
    /// Why it may not be appended to; `nil` if it may.
    package var reason: SuspectReason?
    /// How far it has left the host; `nil` where the anchor cannot be read.
    package var anchored: UInt64?
}

/// What the files of a ledger take, and what stands in them beside the leaves.
package struct StorageCondition: Hashable, Sendable {
    /// The address space of `log/`.
    package var mapBytes: UInt64
    /// The bytes of it that are in use.
    package var usedBytes: UInt64
    /// What is free on the device for this user.
    package var freeBytes: UInt64
    /// Leaves that are held.
    package var arrivals: UInt64
    /// Leaves that the index of `views/` does not have yet.
    package var arrivalsBehind: UInt64
    /// Sections that are not here, by why.
    package var absent: [Absence: UInt64]
}

extension EventStore {
    /// How the log that is appended to stands to its anchor. Changes nothing.
    package func ownLogCondition() throws(EventStoreError) -> OwnLogCondition {
        var condition = try self.readOwnLogCondition()
        // A program that opens the ledger between the two readings changes the tokens.
        var attempts = 0
        while condition.reason != nil, attempts < 2 {
            condition = try self.readOwnLogCondition()
            attempts += 1
        }
        return condition
    }

    private func readOwnLogCondition() throws(EventStoreError) -> OwnLogCondition {
        try self.log.read { (transaction) throws(EventStoreError) in
            guard let number = try transaction.currentLog(self.tables),
                let row = try transaction.logRow(number, self.tables)
            else { throw .damaged(table: "meta", row: "current") }
            let secrets = self.site.log(row.id)
            return OwnLogCondition(
                log: try transaction.logState(number, self.tables),
                reason: try transaction.suspectReason(number, row, secrets, self.tables),
                anchored: try? secrets.anchor()?.size
            )
        }
    }

    /// What the files take, and what stands in them beside the leaves.
    package func storageCondition() throws(EventStoreError) -> StorageCondition {
        let information: Environment.Information
        do throws(LMDBError) {
            information = try self.log.info()
        } catch {
            throw .storage(error)
        }
        var status = statvfs()
        let path = self.configuration.directory
        guard unsafe statvfs(path, &status) == 0 else { throw Files.failure(path) }
        let counts = try self.log.read {
            (transaction) throws(EventStoreError) -> (UInt64, [Absence: UInt64]) in
            var absent: [Absence: UInt64] = [:]
            try transaction.forEach(in: self.tables.absent, from: nil) {
                (_, row) throws(EventStoreError) in
                if row.count == 1, let why = Absence(rawValue: row[0]) {
                    absent[why, default: 0] += 1
                }
                return true
            }
            return (try transaction.arrivalsHeld(self.tables), absent)
        }
        let tracked = try self.index.trackedArrivals()
        return StorageCondition(
            mapBytes: UInt64(information.mapBytes),
            usedBytes: UInt64(information.usedBytes),
            freeBytes: UInt64(status.f_bavail) * UInt64(status.f_frsize),
            arrivals: counts.0,
            arrivalsBehind: counts.0 - min(counts.0, tracked),
            absent: counts.1
        )
    }
}

extension SubjectIndex {
    /// How many arrivals `views/` has; 0 where there is none.
    fileprivate func trackedArrivals() throws(EventStoreError) -> UInt64 {
        guard let views = self.views else { return 0 }
        return try views.environment.read { (transaction) throws(EventStoreError) in
            try views.tables.arrivals(transaction) ?? 0
        }
    }
}
