internal import CLMDB
internal import CPosixShims
internal import Glibc

/// What a commit that returned has survived.
package enum Durability: Sendable, Hashable {
    /// A power cut: pages and meta page are on the device.
    case full
    /// A crash of the process; a power cut may undo the last commit, never more, and never damages.
    case noMetaSync
}

/// An open LMDB environment: one directory, one map, any number of readers, one writer.
///
/// Invariants:
/// - One per process and file: ``open(path:mapBytes:tablesMax:readersMax:readOnly:durability:)``
///   returns the one that is open already.
/// - `handle` changes only while no transaction of this process is open (`withExclusive`).
/// - It is closed when the last reference goes, of which every transaction holds one, or after
///   ``release()`` for somebody who opens the file otherwise.
///
/// Any thread. `@safe`: the handles never leave the type but inside a transaction, which retains
/// the environment. `@unchecked Sendable`: all that changes is guarded by `monitor`.
@safe
package final class Environment: @unchecked Sendable {
    /// How the environment was opened.
    struct Options: Sendable {
        let directory: String
        let mapBytes: Int
        let tablesMax: Int
        let readersMax: Int
        let isReadOnly: Bool
        let durability: Durability
    }

    /// One thread's open transactions.
    struct Holder {
        let thread: UInt
        var transactions: Int
        var isWriting: Bool
    }

    let options: Options
    let number: UInt64
    /// The process that opened it.
    let process: pid_t
    /// The same, for where it has to be quick.
    let forks = caseledger_forks()
    let monitor = Monitor()
    /// Held while a table is opened; taken before `monitor`.
    let tableMonitor = Monitor()

    // Guarded by `monitor`.
    var handle: OpaquePointer?
    var isLockless = false
    /// What to open the map with again.
    var mapBytes: Int
    var holders: [Holder] = []
    var idleReaders: [OpaquePointer] = unsafe []
    var exclusiveWaiters = 0
    var writesBegun = 0
    /// Whether it may be closed for somebody who wants to open the file in another way.
    var isReleased = false
    var tables: [(name: String, table: Table)] = []

    /// The directory.
    package var path: String { self.options.directory }

    /// Whether nothing can be written through it.
    package var isReadOnly: Bool { self.options.isReadOnly }

    /// Opens the environment in `path`, an existing directory, or shares the one already open.
    ///
    /// `mapBytes` is the address space to reserve, and so the most the file can hold before
    /// ``grow(to:)``. With `readOnly` a directory that may not be written opens as well; if not
    /// even its lock file may be, a read that a writer overtook fails with
    /// ``LMDBError/snapshotOverwritten`` when it ends.
    package static func open(
        path: String,
        mapBytes: Int = 1 << 30,
        tablesMax: Int = 32,
        readersMax: Int = 126,
        readOnly: Bool = false,
        durability: Durability = .full
    ) throws(LMDBError) -> Environment {
        precondition(mapBytes > 0 && tablesMax > 0 && readersMax > 0)
        let granule = 1 << 16
        let options = Options(
            directory: path,
            mapBytes: (mapBytes + granule - 1) / granule * granule,
            tablesMax: tablesMax,
            readersMax: readersMax,
            isReadOnly: readOnly,
            durability: durability
        )
        while true {
            let found = try EnvironmentRegistry.shared.environment(at: path) {
                (number) throws(LMDBError) in
                try Environment(options, number: number)
            }
            let environment = found.environment
            if found.isNew {
                _ = try environment.checkReaders()
                return environment
            }
            do throws(LMDBError) {
                try environment.requireSharing(options)
                return environment
            } catch {
                guard error == .openedDifferently, try environment.closeIfReleased() else {
                    throw error
                }
            }
        }
    }

    /// Says that whoever opened it needs it no longer. It goes on working until the file is opened
    /// in a way that it cannot serve, such as for writing; then it is closed, and what still uses
    /// it gets ``LMDBError/closed``. Opening it again takes this back.
    package func release() {
        self.monitor.lock()
        self.isReleased = true
        self.monitor.unlock()
    }

    /// Closes it if it was released; whether it was. Waits for its transactions.
    private func closeIfReleased() throws(LMDBError) -> Bool {
        var isClosed = false
        try self.withExclusive { () throws(LMDBError) in
            guard self.isReleased else { return }
            EnvironmentRegistry.shared.remove(self.number) { self.closeHandle() }
            isClosed = true
        }
        return isClosed
    }

    private init(_ options: Options, number: UInt64) throws(LMDBError) {
        // First of all: a refusal must not run `deinit`, which would take the registry's lock.
        let opened = try unsafe Self.openHandle(options, mapBytes: options.mapBytes)
        self.options = options
        self.number = number
        self.process = getpid()
        self.mapBytes = options.mapBytes
        unsafe self.handle = opened.handle
        self.isLockless = unsafe opened.isLockless
    }

    deinit {
        guard self.process == getpid() else { return }
        EnvironmentRegistry.shared.remove(self.number) { self.closeHandle() }
    }

    /// Throws unless whoever wants `wanted` is served by this environment.
    private func requireSharing(_ wanted: Options) throws(LMDBError) {
        guard self.process == getpid() else { throw .forked }
        guard wanted.isReadOnly || !self.options.isReadOnly else { throw .openedDifferently }
        guard wanted.durability == .noMetaSync || self.options.durability == .full else {
            throw .openedDifferently
        }
        guard wanted.tablesMax <= self.options.tablesMax else { throw .openedDifferently }
        // One that was released and lives on only because a thread has not let go yet is not taken
        // over in another way than it was opened.
        self.monitor.lock()
        let isLeft = self.isReleased && wanted.isReadOnly != self.options.isReadOnly
        if !isLeft { self.isReleased = false }
        self.monitor.unlock()
        if isLeft { throw .openedDifferently }
    }

    /// Closes the handle; no transaction may be open.
    func closeHandle() {
        guard let handle = unsafe self.handle else { return }
        while let reader = unsafe self.idleReaders.popLast() { unsafe mdb_txn_abort(reader) }
        unsafe mdb_env_close(handle)
        unsafe self.handle = nil
    }

    /// Opens the files.
    static func openHandle(
        _ options: Options,
        mapBytes: Int
    ) throws(LMDBError) -> (handle: OpaquePointer, isLockless: Bool) {
        if options.isReadOnly, let data = FileIdentity(options.directory + "/data.mdb") {
            guard data.bytes > 0 else { throw .invalid }
        }
        do throws(LMDBError) {
            return unsafe (try Self.openHandle(options, mapBytes, extraFlags: 0), false)
        } catch {
            let isLockDenied = error == .permissionDenied || error == .readOnlyFileSystem
            guard options.isReadOnly, isLockDenied else { throw error }
            let flags = UInt32(MDB_NOLOCK)
            return unsafe (try Self.openHandle(options, mapBytes, extraFlags: flags), true)
        }
    }

    private static func openHandle(
        _ options: Options,
        _ mapBytes: Int,
        extraFlags: UInt32
    ) throws(LMDBError) -> OpaquePointer {
        var created: OpaquePointer?
        try unsafe LMDBError.check(mdb_env_create(&created))
        guard let handle = unsafe created else { throw .outOfMemory }
        do throws(LMDBError) {
            try unsafe LMDBError.check(mdb_env_set_mapsize(handle, mapBytes))
            try unsafe LMDBError.check(mdb_env_set_maxdbs(handle, MDB_dbi(options.tablesMax)))
            try unsafe LMDBError.check(
                mdb_env_set_maxreaders(handle, UInt32(options.readersMax))
            )
            var flags = UInt32(MDB_NOTLS) | extraFlags
            if options.isReadOnly { flags |= UInt32(MDB_RDONLY) }
            if options.durability == .noMetaSync { flags |= UInt32(MDB_NOMETASYNC) }
            assert(flags & UInt32(MDB_WRITEMAP | MDB_MAPASYNC | MDB_NOSYNC) == 0)
            try unsafe LMDBError.check(mdb_env_open(handle, options.directory, flags, 0o644))
            try unsafe Self.requireWholeFile(handle)
        } catch {
            unsafe mdb_env_close(handle)
            throw error
        }
        return unsafe handle
    }

    /// Throws if the data file ends before the last page that the meta page counts.
    ///
    /// liblmdb would map the hole and die of SIGBUS when it reads there.
    @unsafe
    private static func requireWholeFile(_ handle: OpaquePointer) throws(LMDBError) {
        var info = unsafe MDB_envinfo()
        var statistics = MDB_stat()
        try unsafe LMDBError.check(mdb_env_info(handle, &info))
        try unsafe LMDBError.check(mdb_env_stat(handle, &statistics))
        var file: CInt = -1
        try unsafe LMDBError.check(mdb_env_get_fd(handle, &file))
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw LMDBError(rawValue: errno) }
        let needed = unsafe (info.me_last_pgno + 1) * Int(statistics.ms_psize)
        guard Int(status.st_size) >= needed else { throw .truncated }
    }
}
