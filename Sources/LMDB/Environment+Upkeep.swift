internal import CLMDB
internal import Glibc

extension Environment {
    /// What an environment says of itself.
    package struct Information: Sendable, Hashable {
        /// The size of the map in bytes.
        package let mapBytes: Int
        /// The bytes up to the last page in use.
        package let usedBytes: Int
        /// The newest committed transaction.
        package let lastTransaction: UInt64
        /// The most reader slots there can be.
        package let readersMax: Int
        /// The reader slots that were ever in use.
        package let readers: Int
        /// Whether reads are not protected by the lock file.
        package let isLockless: Bool
    }

    /// What the environment says of itself now.
    package func info() throws(LMDBError) -> Information {
        try unsafe self.withHandle { (handle) throws(LMDBError) in
            var info = unsafe MDB_envinfo()
            var statistics = MDB_stat()
            try unsafe LMDBError.check(mdb_env_info(handle, &info))
            try unsafe LMDBError.check(mdb_env_stat(handle, &statistics))
            return unsafe Information(
                mapBytes: info.me_mapsize,
                usedBytes: (info.me_last_pgno + 1) * Int(statistics.ms_psize),
                lastTransaction: UInt64(info.me_last_txnid),
                readersMax: Int(info.me_maxreaders),
                readers: Int(info.me_numreaders),
                isLockless: self.isLockless
            )
        }
    }

    /// Frees the reader slots of processes that are gone; returns how many there were.
    @discardableResult
    package func checkReaders() throws(LMDBError) -> Int {
        try unsafe self.withHandle { (handle) throws(LMDBError) in
            var dead: CInt = 0
            if self.isLockless { return 0 }
            try unsafe LMDBError.check(mdb_reader_check(handle, &dead))
            return Int(dead)
        }
    }

    /// Flushes everything committed so far to the device.
    package func sync() throws(LMDBError) {
        try unsafe self.withHandle { (handle) throws(LMDBError) in
            try unsafe LMDBError.check(mdb_env_sync(handle, 1))
        }
    }

    /// Makes the map at least `mapBytes` large, waiting for every transaction of this process.
    ///
    /// The calling thread must hold no transaction of any environment: a reader it waits for might
    /// be waiting for it.
    package func grow(to mapBytes: Int) throws(LMDBError) {
        let granule = 1 << 16
        let wanted = (mapBytes + granule - 1) / granule * granule
        try self.checkReaders()
        guard try self.info().mapBytes < wanted else { return }
        try self.resize(to: wanted)
    }

    /// Closes and opens the files again, which is the only way on after ``LMDBError/panicked``.
    ///
    /// Waits for every transaction of this process. Tables stay valid. If it fails, every later
    /// call throws ``LMDBError/closed``, except another attempt.
    package func reopen() throws(LMDBError) {
        try self.withExclusive { () throws(LMDBError) in try self.reopenHandle() }
    }

    /// The same, inside `withExclusive`.
    func reopenHandle() throws(LMDBError) {
        self.closeHandle()
        let opened = try unsafe Self.openHandle(self.options, mapBytes: self.mapBytes)
        unsafe self.handle = unsafe opened.handle
        self.isLockless = unsafe opened.isLockless
        do throws(LMDBError) {
            try unsafe self.reopenTables(opened.handle)
        } catch {
            self.closeHandle()
            throw error
        }
    }

    /// The size of the map that `handle` has.
    @unsafe
    static func mapBytes(of handle: OpaquePointer) throws(LMDBError) -> Int {
        var info = unsafe MDB_envinfo()
        try unsafe LMDBError.check(mdb_env_info(handle, &info))
        return unsafe info.me_mapsize
    }

    /// Runs `body` with the handle, which stays open meanwhile.
    func withHandle<Success>(
        _ body: (OpaquePointer) throws(LMDBError) -> Success
    ) throws(LMDBError) -> Success {
        guard self.process == getpid() else { throw .forked }
        self.monitor.lock()
        defer { self.monitor.unlock() }
        guard let handle = unsafe self.handle else { throw .closed }
        return try unsafe body(handle)
    }
}
