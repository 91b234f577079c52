internal import LMDB
package import LedgerTypes
internal import Merkle

// What replication and the key store ask of the writer thread.
extension EventStore {
    /// Keeps verified leaves of other sites' logs in one commit, all or none; returns where the
    /// log of each batch stands then.
    package func receive(
        _ batches: [ForeignBatch]
    ) async throws(EventStoreError) -> [Position] {
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.receive(batches)
        }
    }

    /// The log that is appended to, with a signed checkpoint of exactly its position. The anchor
    /// has been raised to it, so it may leave the host.
    package func checkpoint() async throws(EventStoreError) -> LogState {
        do throws(EventStoreError) {
            return try await self.perform { (writer) throws(EventStoreError) in
                try writer.checkpoint()
            }
        } catch {
            if case .suspect = error { self.noteSuspicion(error) }
            throw error
        }
    }

    /// Takes nothing more into a log. If it is the one that this ledger appends to, a peer has
    /// shown that it was written twice, and appends fail until a new incarnation begins.
    ///
    /// `record` is the evidence, which is kept in the same commit.
    package func freeze(
        _ log: LogID,
        _ record: ForkRecord? = nil
    ) async throws(EventStoreError) {
        let suspicion = try await self.perform { (writer) throws(EventStoreError) in
            try writer.freeze(log, record)
            return writer.suspicion
        }
        if let suspicion { self.noteSuspicion(suspicion) }
    }

    /// Keeps what is known of two histories of a log, which goes on taking leaves.
    package func note(_ record: ForkRecord) async throws(EventStoreError) {
        try await self.perform { (writer) throws(EventStoreError) in try writer.note(record) }
    }

    /// Every fork that is known, in the order of the logs' ids.
    package func forkRecords() throws(EventStoreError) -> [ForkRecord] {
        try self.log.read { (transaction) throws(EventStoreError) in
            var records: [ForkRecord] = []
            let prefix = MetaKey.forkPrefix
            try transaction.forEach(in: self.tables.meta, from: prefix, backwards: false) {
                (key, row) throws(EventStoreError) in
                let name = [UInt8](copying: key)
                guard name.starts(with: prefix) else { return false }
                let id = Array(name.dropFirst(prefix.count))
                guard let log = LogID(id.span),
                    let record = ForkRecord(log: log, row: row)
                else { throw .damaged(table: "meta", row: name.hex) }
                records.append(record)
                return true
            }
            return records
        }
    }

    /// Binds a site's name to its key; throws ``EventStoreError/siteKeyMismatch(_:)`` if it is
    /// bound to another.
    package func pin(_ site: SiteName, key: [UInt8]) async throws(EventStoreError) {
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.pin(site, key: key)
        }
    }

    /// Replaces wrapped keys and deletes others, in one commit.
    package func changeKeys(
        put rows: [KeyRow],
        delete: [KeyID] = []
    ) async throws(EventStoreError) {
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.changeKeys(put: rows, delete: delete)
        }
    }

    /// The site that this ledger belongs to.
    package var siteName: SiteName { self.site.name }

    /// The public half of the site's long-term key.
    package func siteKey() throws(EventStoreError) -> [UInt8] {
        try self.siteSigner().key.publicKey
    }

    /// The signature of the site's long-term key over `message`.
    package func signAsSite(_ message: [UInt8]) throws(EventStoreError) -> [UInt8] {
        try self.siteSigner().key.sign(message)
    }

    /// The secret of the site's long-term key, for the security of streams.
    package func siteSeed() throws(EventStoreError) -> [UInt8] {
        try self.siteSigner().key.seed
    }

    /// Every site's name that is bound to a key.
    package func pins() throws(EventStoreError) -> [SiteName: [UInt8]] {
        try self.log.read { (transaction) throws(EventStoreError) in
            var pins: [SiteName: [UInt8]] = [:]
            let prefix = MetaKey.pinPrefix
            try transaction.forEach(in: self.tables.meta, from: prefix, backwards: false) {
                (key, value) throws(EventStoreError) in
                let key = [UInt8](copying: key)
                guard key.starts(with: prefix) else { return false }
                let name = String(decoding: key.dropFirst(prefix.count), as: UTF8.self)
                let row = [UInt8](copying: value)
                if let site = SiteName(name) { pins[site] = Array(row.prefix(32)) }
                return true
            }
            return pins
        }
    }

    /// Binds a site's name to the key that `successions` lead to from the one that it is bound to;
    /// throws ``EventStoreError/siteKeyMismatch(_:)`` if they do not.
    package func rebind(
        _ site: SiteName,
        to siteKey: [UInt8],
        by successions: [KeySuccession]
    ) async throws(EventStoreError) {
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.rebind(site, to: siteKey, by: successions)
        }
    }

    /// The genesis of every log held.
    package func geneses() throws(EventStoreError) -> [LogID: Genesis] {
        try self.log.read { (transaction) throws(EventStoreError) in
            try transaction.geneses(self.tables)
        }
    }

    /// Every key under which logs of `site` are held, and the one that its name is bound to.
    package func keys(of site: SiteName) throws(EventStoreError) -> Set<[UInt8]> {
        var keys = Set(try self.geneses().values.filter { $0.site == site }.map(\.siteKey))
        if let pinned = try self.pinnedKey(of: site) { keys.insert(pinned) }
        return keys
    }

    /// How this site's key came to be what it is, oldest change first.
    package func keySuccessions() throws(EventStoreError) -> [KeySuccession] {
        let logs = try self.read { (snapshot) throws(EventStoreError) in try snapshot.logs() }
        guard let current = logs.first(where: \.isCurrent) else { return [] }
        var own: [LogID: Genesis] = [:]
        for log in logs where log.isOwn { own[log.id] = log.genesis }
        return [KeySuccession](to: current.genesis.siteKey, in: own)
    }

    /// The key that this site had first, by which its folder in STATE is called.
    package func firstSiteKey() throws(EventStoreError) -> [UInt8] {
        let logs = try self.read { (snapshot) throws(EventStoreError) in try snapshot.logs() }
        let first = logs.filter(\.isOwn)
            .min { $0.genesis.incarnation < $1.genesis.incarnation }
        return first?.genesis.siteKey ?? []
    }

    /// The key that the name of `site` is bound to; `nil` if none is.
    package func pinnedKey(of site: SiteName) throws(EventStoreError) -> [UInt8]? {
        try self.log.read { (transaction) throws(EventStoreError) in
            try transaction.pinnedKey(of: site, self.tables)
        }
    }
}
