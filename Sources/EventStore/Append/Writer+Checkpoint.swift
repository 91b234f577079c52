internal import LMDB
internal import LedgerTypes
internal import Merkle

// What leaves the host, and what stops the own log (SYNC.md 2).
extension Writer {
    /// Signs a checkpoint of the own log as it stands.
    ///
    /// Order of effects: commit (done), anchor, sign, keep; whoever asked sends it afterwards. If
    /// nothing was appended since the newest checkpoint, that one is returned.
    func checkpoint() throws(EventStoreError) -> LogState {
        try self.noticingSuspicion { () throws(EventStoreError) in
            let log = try self.write { (transaction) throws(EventStoreError) in
                try self.signCheckpoint(&transaction)
            }
            self.forget()
            return log
        }
    }

    /// Runs what raises the anchor, unless appends have stopped; stops them if the anchor was moved
    /// by another copy of this ledger.
    func noticingSuspicion<Success>(
        _ body: () throws(EventStoreError) -> Success
    ) throws(EventStoreError) -> Success {
        if let suspicion = self.suspicion { throw suspicion }
        do throws(EventStoreError) {
            return try body()
        } catch .suspect(let log, let reason) {
            self.forget()
            self.suspicion = .suspect(log, reason)
            throw .suspect(log, reason)
        }
    }

    /// Signs a checkpoint of the own log as part of a transaction.
    func signCheckpoint(
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> LogState {
        guard let number = try transaction.currentLog(self.tables) else {
            throw .damaged(table: "meta", row: "current")
        }
        let log = try transaction.logState(number, self.tables)
        if let note = log.checkpoint, let known = Checkpoint(noteBytes: note),
            known.size == log.position.size, known.root == log.position.root
        {
            return log
        }
        let signer = try self.anchored(log, transaction)
        let checkpoint = Checkpoint(
            origin: signer.name,
            size: log.position.size,
            root: log.position.root
        )
        let note = checkpoint.signed(by: signer).bytes
        let key = Key.log(number)
        do throws(LMDBError) {
            try transaction.put(note.span, for: key.span, in: self.tables.checkpoints)
        } catch {
            throw .storage(error)
        }
        return try transaction.logState(number, self.tables)
    }

    /// Raises the anchor to where `log` stands and returns the key to sign with. The caller holds
    /// the write transaction.
    ///
    /// A second live copy of the ledger that shares STATE has moved the anchor: to a root that this
    /// log never had, or to tokens that this database does not know.
    func anchored(
        _ log: LogState,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> NoteSigner {
        let secrets = self.site.log(log.id)
        let lock = try secrets.lock()
        defer { secrets.unlock(lock) }
        guard var anchor = try secrets.anchor() else { throw .suspect(log.id, .noAnchor) }
        guard let signer = try KeyFile.read(secrets.keyPath),
            signer.key.publicKey == log.genesis.logKey
        else { throw .suspect(log.id, .noKey) }
        guard anchor.size <= log.position.size else { throw .suspect(log.id, .shorter) }
        let root = try transaction.root(log: log.number, size: anchor.size, self.tables)
        guard anchor.root == root else { throw .suspect(log.id, .otherRoot) }
        let key = MetaKey.token
        guard let token = try transaction.copy(for: key.span, in: self.tables.meta),
            anchor.knows(token)
        else { throw .suspect(log.id, .unknownToken) }
        if anchor.size < log.position.size {
            anchor.size = log.position.size
            anchor.root = log.position.root
            try secrets.write(anchor)
        }
        return signer
    }

    /// Takes nothing more into a log; if it is the one that this ledger appends to, appends fail
    /// from now on. The evidence is kept in the same commit.
    func freeze(_ log: LogID, _ record: ForkRecord? = nil) throws(EventStoreError) {
        let isCurrent = try self.write { (transaction) throws(EventStoreError) in
            guard let number = try transaction.logNumber(log, self.tables),
                var row = try transaction.logRow(number, self.tables)
            else { throw .unknownLog(log) }
            if let record { try self.put(record, &transaction) }
            row.flags.insert(.frozen)
            try self.put(row, number: number, &transaction)
            return row.flags.contains(.current)
        }
        self.forget()
        if isCurrent { self.suspicion = .suspect(log, .contradicted) }
    }

    /// Keeps what is known of a fork, together with what was known before.
    func note(_ record: ForkRecord) throws(EventStoreError) {
        try self.write { (transaction) throws(EventStoreError) in
            try self.put(record, &transaction)
        }
        self.forget()
    }

    private func put(
        _ record: ForkRecord,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let key = MetaKey.fork(record.log)
        let known = try transaction.forkRecord(of: record.log, self.tables)
        let row = (known?.learning(record) ?? record).row
        do throws(LMDBError) {
            try transaction.put(row.span, for: key.span, in: self.tables.meta)
        } catch {
            throw .storage(error)
        }
    }

    /// Binds a site's name to a key; throws if it is bound to another.
    func pin(_ site: SiteName, key siteKey: [UInt8]) throws(EventStoreError) {
        try self.write { (transaction) throws(EventStoreError) in
            try self.pin(site, key: siteKey, &transaction)
        }
        self.forget()
    }

    /// Binds a site's name to the key that `successions` lead to from the one that it is bound to.
    func rebind(
        _ site: SiteName,
        to siteKey: [UInt8],
        by successions: [KeySuccession]
    ) throws(EventStoreError) {
        try self.write { (transaction) throws(EventStoreError) in
            let key = MetaKey.pin(site)
            let pinned = try transaction.pinnedKey(of: site, self.tables)
            if pinned == siteKey { return }
            let former = successions.formerKeys(of: siteKey)
            guard let pinned, site != self.site.name, former.contains(pinned) else {
                throw .siteKeyMismatch(site)
            }
            let row = PinRow(key: siteKey, successions: successions.suffix(former.count)).bytes
            do throws(LMDBError) {
                try transaction.put(row.span, for: key.span, in: self.tables.meta)
            } catch {
                throw .storage(error)
            }
        }
        self.forget()
    }

    /// Binds a site's name to a key as part of a transaction.
    func pin(
        _ site: SiteName,
        key siteKey: [UInt8],
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let key = MetaKey.pin(site)
        if let pinned = try transaction.pinnedKey(of: site, self.tables) {
            guard pinned == siteKey else { throw .siteKeyMismatch(site) }
            return
        }
        do throws(LMDBError) {
            try transaction.put(siteKey.span, for: key.span, in: self.tables.meta)
        } catch {
            throw .storage(error)
        }
    }

    /// Writes or replaces wrapped keys, and deletes others, in one commit.
    func changeKeys(put rows: [KeyRow], delete: [KeyID]) throws(EventStoreError) {
        try self.write { (transaction) throws(EventStoreError) in
            for id in delete { try self.delete(id, &transaction) }
            for row in rows {
                try self.delete(row.keyID, &transaction)
                let key = Key.id(row.keyID)
                let owner = Key.keyOwner(row.owner, row.keyID)
                let value = row.row
                let nothing: [UInt8] = []
                do throws(LMDBError) {
                    try transaction.put(value.span, for: key.span, in: self.tables.keys)
                    try transaction.put(nothing.span, for: owner.span, in: self.tables.keyOwners)
                } catch {
                    throw .storage(error)
                }
            }
        }
        self.forget()
    }

    private func delete(
        _ id: KeyID,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let key = Key.id(id)
        guard let row = try transaction.copy(for: key.span, in: self.tables.keys) else { return }
        guard let known = KeyRow(keyID: id, row: row.span) else {
            throw .damaged(table: "keys", row: key.span.hex)
        }
        let owner = Key.keyOwner(known.owner, id)
        do throws(LMDBError) {
            _ = try transaction.delete(key.span, in: self.tables.keys)
            _ = try transaction.delete(owner.span, in: self.tables.keyOwners)
        } catch {
            throw .storage(error)
        }
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// What is known of two histories of a log; `nil` if nothing is.
    borrowing func forkRecord(
        of log: LogID,
        _ tables: LogTables
    ) throws(EventStoreError) -> ForkRecord? {
        let key = MetaKey.fork(log)
        guard let row = try self.copy(for: key.span, in: tables.meta) else { return nil }
        guard let record = ForkRecord(log: log, row: row.span) else {
            throw .damaged(table: "meta", row: "fork/\(log.hex)")
        }
        return record
    }
}
