internal import CLMDB
internal import CPosixShims
internal import Glibc

/// The gate between transactions and whatever needs the map to itself.
///
/// liblmdb may move the map only while no transaction of the process is open. Whoever wants that
/// closes the gate to threads that have no transaction yet, and waits for the others to finish. A
/// thread that holds a transaction passes, so nesting cannot lock up.
extension Environment {
    /// Begins a transaction, following another process that made the map larger.
    func begin(isWriting: Bool) throws(LMDBError) -> OpaquePointer {
        guard self.forks == caseledger_forks() else { throw .forked }
        for _ in 1..<Limits.beginAttemptsMax {
            do throws(LMDBError) {
                return try unsafe self.beginOnce(isWriting: isWriting)
            } catch {
                switch error {
                case .mapResized: try self.followResize()
                case .readersFull where try self.checkReaders() > 0: break
                default: throw error
                }
            }
        }
        return try unsafe self.beginOnce(isWriting: isWriting)
    }

    /// Makes the map as large as another process made it.
    private func followResize() throws(LMDBError) {
        do throws(LMDBError) {
            try self.resize(to: 0)
        } catch {
            throw error == .transactionOpen ? .mapResized : error
        }
    }

    private func beginOnce(isWriting: Bool) throws(LMDBError) -> OpaquePointer {
        let entered = try unsafe self.enter(isWriting: isWriting)
        var transaction: OpaquePointer? = unsafe entered.idle
        let code =
            if let idle = unsafe entered.idle {
                unsafe mdb_txn_renew(idle)
            } else {
                unsafe mdb_txn_begin(
                    entered.handle,
                    nil,
                    isWriting ? 0 : UInt32(MDB_RDONLY),
                    &transaction
                )
            }
        if code == MDB_SUCCESS, let transaction = unsafe transaction { return unsafe transaction }
        if let idle = unsafe entered.idle { unsafe mdb_txn_abort(idle) }
        unsafe self.leave(isWriting: isWriting, idle: nil)
        if !isWriting && code == EAGAIN { throw .processIDClash }
        throw LMDBError(rawValue: code)
    }

    private func enter(
        isWriting: Bool
    ) throws(LMDBError) -> (handle: OpaquePointer, idle: OpaquePointer?) {
        let thread = UInt(pthread_self())
        self.monitor.lock()
        defer { self.monitor.unlock() }
        while true {
            if let place = self.holders.firstIndex(where: { $0.thread == thread }) {
                // The write lock is not recursive: waiting for oneself would never end.
                guard !(isWriting && self.holders[place].isWriting) else { throw .transactionOpen }
                guard let handle = unsafe self.handle else { throw .closed }
                self.holders[place].transactions += 1
                if isWriting { self.holders[place].isWriting = true }
                return unsafe (handle, isWriting ? nil : self.idleReaders.popLast())
            }
            if self.exclusiveWaiters == 0 { break }
            self.monitor.wait()
        }
        guard let handle = unsafe self.handle else { throw .closed }
        self.holders.append(Holder(thread: thread, transactions: 1, isWriting: isWriting))
        return unsafe (handle, isWriting ? nil : self.idleReaders.popLast())
    }

    /// Ends a read transaction, keeping its reader slot for the next one.
    func endRead(_ transaction: OpaquePointer) {
        unsafe mdb_txn_reset(transaction)
        unsafe self.leave(isWriting: false, idle: transaction)
    }

    /// Counts out a transaction of this thread.
    func leave(isWriting: Bool, idle: OpaquePointer?) {
        let thread = UInt(pthread_self())
        var surplus = unsafe idle
        self.monitor.lock()
        if unsafe idle != nil, unsafe self.idleReaders.count < Limits.idleReadersMax {
            if let idle = unsafe idle { unsafe self.idleReaders.append(idle) }
            unsafe surplus = nil
        }
        if let place = self.holders.firstIndex(where: { $0.thread == thread }) {
            self.holders[place].transactions -= 1
            if isWriting { self.holders[place].isWriting = false }
            if self.holders[place].transactions == 0 { self.holders.remove(at: place) }
        } else {
            preconditionFailure("a transaction ended on a thread that had not begun it")
        }
        let isFree = self.holders.isEmpty && self.exclusiveWaiters > 0
        if let surplus = unsafe surplus { unsafe mdb_txn_abort(surplus) }
        if isFree { self.monitor.announce() }
        self.monitor.unlock()
    }

    /// Gives the map `mapBytes`, or with 0 what the newest commit of any process says.
    ///
    /// liblmdb unmaps before it maps. If there is no room for the new map the environment has none
    /// at all, so it is opened again as it was.
    func resize(to mapBytes: Int) throws(LMDBError) {
        try self.withExclusive { () throws(LMDBError) in
            guard let handle = unsafe self.handle else { throw .closed }
            // Another thread may have grown it meanwhile; it never shrinks.
            let wanted = mapBytes == 0 ? 0 : max(mapBytes, try unsafe Self.mapBytes(of: handle))
            let code = unsafe mdb_env_set_mapsize(handle, wanted)
            guard code == MDB_SUCCESS else {
                try? self.reopenHandle()
                throw LMDBError(rawValue: code)
            }
            self.mapBytes = try unsafe Self.mapBytes(of: handle)
        }
    }

    /// Runs `body` while no transaction of this process is open.
    func withExclusive(_ body: () throws(LMDBError) -> Void) throws(LMDBError) {
        guard self.process == getpid() else { throw .forked }
        let thread = UInt(pthread_self())
        self.monitor.lock()
        defer { self.monitor.unlock() }
        guard !self.holders.contains(where: { $0.thread == thread }) else { throw .transactionOpen }
        self.exclusiveWaiters += 1
        defer {
            self.exclusiveWaiters -= 1
            self.monitor.announce()
        }
        while !self.holders.isEmpty { self.monitor.wait() }
        try body()
    }

    /// Throws if this thread has a transaction of this environment open.
    func requireNoTransaction() throws(LMDBError) {
        let thread = UInt(pthread_self())
        self.monitor.lock()
        defer { self.monitor.unlock() }
        guard !self.holders.contains(where: { $0.thread == thread }) else { throw .transactionOpen }
    }

    /// Clears stale readers at every n-th write, before they can make the file grow much.
    func noteWrite() throws(LMDBError) {
        self.monitor.lock()
        self.writesBegun += 1
        let isDue = self.writesBegun % Limits.writesBetweenReaderChecks == 0
        self.monitor.unlock()
        if isDue { try self.checkReaders() }
    }

    /// Whether nothing but reopening helps any more.
    ///
    /// liblmdb does not tell; it refuses the next transaction.
    func isPanicked() -> Bool {
        self.monitor.lock()
        defer { self.monitor.unlock() }
        guard let handle = unsafe self.handle else { return false }
        var probe: OpaquePointer?
        var code = unsafe mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &probe)
        if code == MDB_READERS_FULL { code = unsafe mdb_txn_begin(handle, nil, 0, &probe) }
        if let probe = unsafe probe, code == MDB_SUCCESS { unsafe mdb_txn_abort(probe) }
        return code == MDB_PANIC
    }

    /// Whether the file system of the data file has no room left for other users than root.
    func isDeviceFull() -> Bool {
        var file: CInt = -1
        self.monitor.lock()
        defer { self.monitor.unlock() }
        guard let handle = unsafe self.handle else { return false }
        guard unsafe mdb_env_get_fd(handle, &file) == MDB_SUCCESS else { return false }
        var status = statvfs()
        guard unsafe fstatvfs(file, &status) == 0 else { return false }
        return status.f_bavail == 0
    }
}
