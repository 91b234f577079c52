package import EventStore
package import LedgerTypes

extension KeyStore.Rows {
    /// Reads the key table of `store`. Each call opens a snapshot: not to be made inside another
    /// one.
    package init(_ store: EventStore) {
        self.init(
            ofOwner: { owner throws(EventStoreError) in
                try store.read { (snapshot) throws(EventStoreError) in
                    try snapshot.keys(of: owner)
                }
            },
            ofKey: { id throws(EventStoreError) in
                try store.read { (snapshot) throws(EventStoreError) in try snapshot.key(id) }
            }
        )
    }
}

extension KeyStore {
    /// The key `id`, looked up in a snapshot that is open already; throws `keyGone` where it has no
    /// wrap there.
    package func key(
        _ id: KeyID,
        in snapshot: borrowing Snapshot
    ) throws(SealingError) -> DataKey {
        if let held = self.held(id) { return held }
        let row: KeyRow?
        do throws(EventStoreError) {
            row = try snapshot.key(id)
        } catch {
            throw .store(error)
        }
        return try self.hold(row, id)
    }
}
