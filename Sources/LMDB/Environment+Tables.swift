internal import CLMDB

extension Environment {
    /// The table `name`, opened once for the life of the environment; `nil` if there is none and
    /// `create` is false.
    ///
    /// Uses a transaction of its own, so the calling thread must hold none: it would wait for a
    /// thread that opens a table and waits for it. A transaction that began before cannot use the
    /// table.
    package func table(named name: String, create: Bool) throws(LMDBError) -> Table? {
        try self.requireNoTransaction()
        return try self.withTableLock { () throws(LMDBError) in
            if let known = self.knownTable(name) { return known }
            if let found = try self.openTable(name, create: false) { return found }
            return create ? try self.openTable(name, create: true) : nil
        }
    }

    private func knownTable(_ name: String) -> Table? {
        self.monitor.lock()
        defer { self.monitor.unlock() }
        return self.tables.first { $0.name == name }?.table
    }

    private func openTable(_ name: String, create: Bool) throws(LMDBError) -> Table? {
        let transaction = try unsafe self.begin(isWriting: create)
        var handle = MDB_dbi()
        let code = unsafe mdb_dbi_open(
            transaction,
            name,
            create ? UInt32(MDB_CREATE) : 0,
            &handle
        )
        guard code == MDB_SUCCESS else {
            unsafe mdb_txn_abort(transaction)
            unsafe self.leave(isWriting: create, idle: nil)
            if code == MDB_NOTFOUND { return nil }
            throw LMDBError(rawValue: code)
        }
        // A handle outlives its transaction only if that is committed, reading or not.
        let commit = unsafe mdb_txn_commit(transaction)
        unsafe self.leave(isWriting: create, idle: nil)
        try LMDBError.check(commit)
        let table = Table(handle: handle, environment: self.number)
        self.monitor.lock()
        self.tables.append((name, table))
        self.monitor.unlock()
        return table
    }

    /// Opens the known tables in the new handle, in the old order, so that they keep their numbers.
    @unsafe
    func reopenTables(_ environment: OpaquePointer) throws(LMDBError) {
        var transaction: OpaquePointer?
        try unsafe LMDBError.check(
            mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction)
        )
        for known in self.tables {
            var handle = MDB_dbi()
            let code = unsafe mdb_dbi_open(transaction, known.name, 0, &handle)
            guard code == MDB_SUCCESS, handle == known.table.handle else {
                unsafe mdb_txn_abort(transaction)
                throw code == MDB_SUCCESS ? .badTable : LMDBError(rawValue: code)
            }
        }
        try unsafe LMDBError.check(mdb_txn_commit(transaction))
    }

    /// Runs `body` while no other thread opens a table, which liblmdb does not allow.
    private func withTableLock<Success>(
        _ body: () throws(LMDBError) -> Success
    ) throws(LMDBError) -> Success {
        self.tableMonitor.lock()
        defer { self.tableMonitor.unlock() }
        return try body()
    }
}
