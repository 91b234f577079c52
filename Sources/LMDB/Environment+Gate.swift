internal import CLMDB
internal import Glibc

/// The gate between transactions and whatever needs the map to itself.
///
/// liblmdb may move the map only while no transaction of the process is open. Whoever wants that
/// closes the gate to threads that have no transaction yet, and waits for the others to finish. A
/// thread that holds a transaction passes, so nesting cannot lock up.
extension Environment {
    /// Begins a transaction, following another process that made the map larger.
    func begin(isWriting: Bool) throws(LMDBError) -> OpaquePointer {
        guard self.process == getpid() else { throw .forked }
        do throws(LMDBError) {
            return try unsafe self.beginOnce(isWriting: isWriting)
        } catch {
            switch error {
            case .mapResized: try unsafe self.withExclusive { unsafe mdb_env_set_mapsize($0, 0) }
            case .readersFull: _ = try self.checkReaders()
            default: throw error
            }
        }
        return try unsafe self.beginOnce(isWriting: isWriting)
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

    /// Runs `body` while no transaction of this process is open; throws the code it returns.
    func withExclusive(_ body: (OpaquePointer) throws(LMDBError) -> CInt) throws(LMDBError) {
        try self.withExclusiveClosed { () throws(LMDBError) in
            guard let handle = unsafe self.handle else { throw .closed }
            try unsafe LMDBError.check(body(handle))
        }
    }

    /// The same, whether or not the handle is open.
    func withExclusiveClosed(_ body: () throws(LMDBError) -> Void) throws(LMDBError) {
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
}
