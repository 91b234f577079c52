internal import LMDB
internal import LedgerTypes

// Runs on the writer thread.
extension Writer {
    /// Notes where a peer is reached and, in the same commit, binds its name to `key` if one is
    /// given.
    func putPeer(
        _ site: SiteName,
        address: String,
        key siteKey: [UInt8]?
    ) throws(EventStoreError) {
        try self.write { (transaction) throws(EventStoreError) in
            if let siteKey { try self.pin(site, key: siteKey, &transaction) }
            let key = MetaKey.peer(site)
            let row = Array(address.utf8)
            do throws(LMDBError) {
                try transaction.put(row.span, for: key.span, in: self.tables.meta)
            } catch {
                throw .storage(error)
            }
        }
        self.forget()
    }

    /// Forgets where a peer is reached; false if it was not known. The name stays bound to its key.
    func removePeer(_ site: SiteName) throws(EventStoreError) -> Bool {
        let wasKnown = try self.write { (transaction) throws(EventStoreError) in
            let key = MetaKey.peer(site)
            do throws(LMDBError) {
                return try transaction.delete(key.span, in: self.tables.meta)
            } catch {
                throw .storage(error)
            }
        }
        self.forget()
        return wasKnown
    }
}
