internal import LMDB
package import LedgerTypes
internal import Merkle

// A new key for the site.
extension Writer {
    /// Gives the site a new key, under which its next log begins; the one before ends with a
    /// checkpoint, so that all of it can be proven to others.
    ///
    /// Order of effects, under the `log/` write transaction: anchor and checkpoint of the old log,
    /// the new key beside the old one (`site.key.next`), the commit that begins the new log, the
    /// new key in the place of the old one. The current log says which of the two files counts, so
    /// a kill anywhere leaves the old key or the new one.
    func rotateSiteKey() throws(EventStoreError) -> Position {
        try self.noticingSuspicion { () throws(EventStoreError) in
            let position = try self.write { (transaction) throws(EventStoreError) in
                _ = try self.refresh(transaction)
                try self.settleSiteKey(transaction)
                _ = try self.signCheckpoint(&transaction)
                let signer = try self.makeNextKey()
                return try self.beginIncarnation(.rekey, signer: signer, &transaction)
            }
            self.forget()
            try self.write { (transaction) throws(EventStoreError) in
                try self.settleSiteKey(transaction)
            }
            self.forget()
            return position
        }
    }

    /// Makes the file of the site's key the one that the current log names.
    func settleSiteKey(_ transaction: borrowing WriteTransaction) throws(EventStoreError) {
        guard let number = try transaction.currentLog(self.tables) else { return }
        let genesis = try transaction.genesis(number, self.tables)
        try self.site.directory?.settleSiteKey(genesis.siteKey)
    }

    private func makeNextKey() throws(EventStoreError) -> NoteSigner {
        guard let directory = self.site.directory,
            let key = SigningKey(seed: self.configuration.random(SigningKey.seedByteCount))
        else { throw .siteKeyMismatch(self.site.name) }
        let signer = NoteSigner(name: try SiteSecrets.keyName(self.site.name), key: key)
        try KeyFile.write(signer, to: directory.nextSiteKey)
        return signer
    }
}

extension EventStore {
    /// Gives the site a new key, under which its next log begins; returns where that stands. Peers
    /// take the key by the old one's signature in the new log's genesis.
    package func rotateSiteKey() async throws(EventStoreError) -> Position {
        do throws(EventStoreError) {
            return try await self.perform { (writer) throws(EventStoreError) in
                try writer.rotateSiteKey()
            }
        } catch {
            if case .suspect = error { self.noteSuspicion(error) }
            throw error
        }
    }
}
