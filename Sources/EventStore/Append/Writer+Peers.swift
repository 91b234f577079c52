internal import LMDB
internal import LedgerTypes

// Runs on the writer thread.
extension Writer {
    /// Notes where a peer is reached and, in the same commit, binds its name to `key` and says
    /// whether it is a partner, if that is given.
    func putPeer(
        _ site: SiteName,
        address: String,
        key siteKey: [UInt8]?,
        isPartner: Bool?
    ) throws(EventStoreError) {
        try self.write { (transaction) throws(EventStoreError) in
            if let siteKey { try self.pin(site, key: siteKey, &transaction) }
            if let isPartner { try self.put(site, isPartner: isPartner, &transaction) }
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

    private func put(
        _ site: SiteName,
        isPartner: Bool,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let key = MetaKey.partner(site)
        let nothing: [UInt8] = []
        do throws(LMDBError) {
            if isPartner {
                try transaction.put(nothing.span, for: key.span, in: self.tables.meta)
            } else {
                _ = try transaction.delete(key.span, in: self.tables.meta)
            }
        } catch {
            throw .storage(error)
        }
    }

    /// Forgets where a peer is reached; false if it was not known. The name stays bound to its key,
    /// and a partner stays one.
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
