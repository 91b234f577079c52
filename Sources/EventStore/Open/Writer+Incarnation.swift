internal import LMDB
internal import LedgerTypes
internal import Merkle

// Incarnations and the anchor (SYNC.md 1 and 2).
extension Writer {
    /// Checks the own log against its anchor and takes the next token, or finds out why it may not
    /// be appended to.
    ///
    /// Order of effects: anchor {database's token, new} and then the database takes the new one; a
    /// kill in between leaves a database whose token the anchor knows.
    func openCurrentLog() throws(EventStoreError) {
        self.suspicion = try self.write { (transaction) throws(EventStoreError) in
            _ = try self.refresh(transaction)
            guard let number = try transaction.currentLog(self.tables),
                let row = try transaction.logRow(number, self.tables)
            else { throw .damaged(table: "meta", row: "current") }
            try self.settleSiteKey(transaction)
            try transaction.putMissingGenesisCopies(self.tables)
            let secrets = self.site.log(row.id)
            if let reason = try transaction.suspectReason(number, row, secrets, self.tables) {
                guard self.configuration.onRestore == .newIncarnation else {
                    return .suspect(row.id, reason)
                }
                _ = try self.beginIncarnation(.restore, &transaction)
                return nil
            }
            return nil
        }
        self.forget()
        guard self.suspicion == nil else { return }
        try self.changeToken()
    }

    /// Looks at the anchor again: another copy that shares STATE may have raised it meanwhile.
    private func changeToken() throws(EventStoreError) {
        self.suspicion = try self.write { (transaction) throws(EventStoreError) in
            let key = MetaKey.token
            guard let number = try transaction.currentLog(self.tables),
                let row = try transaction.logRow(number, self.tables),
                let held = try transaction.copy(for: key.span, in: self.tables.meta)
            else { throw .damaged(table: "meta", row: "token") }
            let secrets = self.site.log(row.id)
            let lock = try secrets.lock()
            defer { secrets.unlock(lock) }
            if let reason = try transaction.suspectReason(number, row, secrets, self.tables) {
                return .suspect(row.id, reason)
            }
            guard var anchor = try secrets.anchor() else {
                throw .malformedFile(path: secrets.directory)
            }
            let token = self.configuration.random(Anchor.tokenByteCount)
            anchor.previous = held
            anchor.next = token
            try secrets.write(anchor)
            do throws(LMDBError) {
                try transaction.put(token.span, for: key.span, in: self.tables.meta)
            } catch {
                throw .storage(error)
            }
            return nil
        }
        self.forget()
    }

    /// Begins the site's next log with a genesis that `signer` signed, the site's key if none is
    /// given; the old one ends.
    ///
    /// Order of effects: log key, anchor, then the commit that makes the log known.
    func beginIncarnation(
        _ reason: Genesis.Reason,
        signer: NoteSigner? = nil,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> Position {
        let nextArrival = try self.refresh(transaction)
        let logs = try transaction.logStates(self.tables)
        let parent = logs.first { $0.isCurrent }
        let now = self.configuration.clock()
        let begun = try self.makeGenesis(reason, signer, after: logs, parent: parent, now: now)
        let token = self.configuration.random(Anchor.tokenByteCount)
        try begun.secrets.write(
            Anchor(size: 0, root: MerkleHash.empty, previous: token, next: token)
        )
        var tail = LogTail(number: UInt32(logs.count), id: begun.id)
        if let parent {
            // What it lacks may come back from peers: leaf by leaf the store compares what they
            // have with what is here, and keeps the place where the two differ (``ForkRecord``).
            let row = LogRow(id: parent.id, flags: [.own])
            try self.put(row, number: parent.number, &transaction)
        }
        try self.put(
            LogRow(id: begun.id, flags: [.own, .current]),
            number: tail.number,
            &transaction
        )
        try self.putLeaf(begun.leaf, arrival: nextArrival, &tail, &transaction)
        try transaction.putGenesisCopy(begun.leaf, of: begun.id, self.tables)
        tail.lastRecorded = begun.genesis.recorded
        try tail.write(&transaction, self.tables)
        try self.putMeta(begun.genesis, token: token, number: tail.number, &transaction)
        try self.putCommitClock(first: nextArrival, now: now, &transaction)
        return Position(log: begun.id, size: tail.size, root: tail.root)
    }

    private struct BegunLog {
        let genesis: Genesis
        let leaf: [UInt8]
        let id: LogID
        let secrets: LogSecrets
    }

    private func makeGenesis(
        _ reason: Genesis.Reason,
        _ newSigner: NoteSigner?,
        after logs: [LogState],
        parent: LogState?,
        now: Timestamp
    ) throws(EventStoreError) -> BegunLog {
        let former = try parent.flatMap { (parent) throws(EventStoreError) in
            try self.site.signer(parent.genesis.siteKey)
        }
        guard let signer = newSigner ?? former else {
            throw .permission(path: self.configuration.directory + "/site.key")
        }
        let own = logs.filter { $0.isOwn || $0.site == self.site.name }
        let newest = own.map(\.lastRecorded).max() ?? HybridTime(rawValue: 0)
        guard newest.rawValue < .max,
            let key = SigningKey(seed: self.configuration.random(SigningKey.seedByteCount))
        else { throw .clockExhausted }
        var genesis = Genesis(
            site: self.site.name,
            siteKey: signer.key.publicKey,
            logKey: key.publicKey,
            incarnation: (own.map(\.incarnation).max() ?? 0) + 1,
            nonce: self.configuration.random(16),
            reason: reason,
            parent: parent?.position,
            recorded: HybridTime(after: newest, now: now)
        )
        if let former, former.key.publicKey != signer.key.publicKey {
            let keys = (former.key.publicKey, signer.key.publicKey)
            genesis.predecessorSignature = former.key.sign(
                KeySuccession.signedBytes(former: keys.0, next: keys.1)
            )
        }
        genesis.signature = signer.key.sign(genesis.signedBytes)
        let leaf = genesis.leaf
        let id = LogID(genesisLeaf: leaf)
        guard let name = KeyName(LogState.origin(of: genesis, id: id)) else {
            throw .siteKeyMismatch(self.site.name)
        }
        let secrets = self.site.log(id)
        try Files.makeDirectory(secrets.directory, mode: 0o700)
        try KeyFile.write(NoteSigner(name: name, key: key), to: secrets.keyPath)
        return BegunLog(genesis: genesis, leaf: leaf, id: id, secrets: secrets)
    }

    private func putMeta(
        _ genesis: Genesis,
        token: [UInt8],
        number: UInt32,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        do throws(LMDBError) {
            let current = Key.log(number)
            let format = Key.log(LedgerDirectory.format)
            let keys = (
                current: MetaKey.current, token: MetaKey.token, format: MetaKey.format,
                pin: MetaKey.pin(genesis.site)
            )
            try transaction.put(current.span, for: keys.current.span, in: self.tables.meta)
            try transaction.put(token.span, for: keys.token.span, in: self.tables.meta)
            try transaction.put(format.span, for: keys.format.span, in: self.tables.meta)
            let siteKey = genesis.siteKey
            try transaction.put(siteKey.span, for: keys.pin.span, in: self.tables.meta)
        } catch {
            throw .storage(error)
        }
    }

    /// Writes a log's id and flags.
    func put(
        _ row: LogRow,
        number: UInt32,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let key = Key.log(number)
        let id = Key.id(row.id)
        let bytes = row.bytes
        do throws(LMDBError) {
            try transaction.put(bytes.span, for: key.span, in: self.tables.logs)
            try transaction.put(key.span, for: id.span, in: self.tables.logIDs)
        } catch {
            throw .storage(error)
        }
    }

    /// Puts one leaf at the end of `tail`, beginning a run if it has to.
    func putLeaf(
        _ leaf: [UInt8],
        arrival: UInt64,
        _ tail: inout LogTail,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        try self.beginRun(at: arrival, &tail, &transaction)
        let place = LeafPlace(arrival: arrival, logNumber: tail.number, index: tail.size)
        try self.putRow(leaf, at: place, &transaction)
        tail.append(hash: MerkleHash.leaf(leaf.span))
    }

    /// Begins a run at `arrival` unless the log's last one goes on there.
    func beginRun(
        at arrival: UInt64,
        _ tail: inout LogTail,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        guard tail.beginRun(at: arrival) else { return }
        let run = Key.run(log: tail.number, firstIndex: tail.size)
        let first = Key.arrival(arrival)
        do throws(LMDBError) {
            try transaction.put(first.span, for: run.span, in: self.tables.runs)
        } catch {
            throw .storage(error)
        }
    }

    /// Puts the row of one leaf.
    func putRow(
        _ leaf: [UInt8],
        at place: LeafPlace,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        var row: [UInt8] = []
        row.reserveCapacity(LeafPlace.byteCount + leaf.count)
        row.appendBigEndian(place.logNumber)
        row.appendBigEndian(place.index)
        row.append(contentsOf: leaf)
        let key = Key.leaf(place.arrival)
        do throws(LMDBError) {
            try transaction.append(row.span, for: key.span, in: self.tables.leaves)
        } catch {
            throw .storage(error)
        }
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// Why the log with this number may not be appended to; `nil` if it may.
    borrowing func suspectReason(
        _ number: UInt32,
        _ row: LogRow,
        _ secrets: LogSecrets,
        _ tables: LogTables
    ) throws(EventStoreError) -> SuspectReason? {
        if row.flags.contains(.frozen) { return .contradicted }
        guard let anchor = try secrets.anchor() else { return .noAnchor }
        guard try KeyFile.read(secrets.keyPath) != nil else { return .noKey }
        guard let head = try self.head(number, tables) else {
            let key = Key.log(number)
            throw .damaged(table: "heads", row: key.span.hex)
        }
        if head.size < anchor.size { return .shorter }
        // What the head says: a rotten leaf at the edge is no other history.
        let root =
            head.size == anchor.size
            ? head.root : try self.root(log: number, size: anchor.size, tables)
        if root != anchor.root { return .otherRoot }
        let key = MetaKey.token
        guard let token = try self.copy(for: key.span, in: tables.meta), anchor.knows(token)
        else { return .unknownToken }
        return nil
    }
}
