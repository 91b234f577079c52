internal import LMDB
internal import LedgerTypes

/// Everything that is written to `log/`.
///
/// What it remembers between commits (the own log's end, the next arrival) is only a shortcut: each
/// transaction finds out by its number whether another process committed in between, and reads it
/// again if so, or if the last transaction failed.
///
/// Writer thread, after the store is open, or a caller that stands in for it.
/// `@unchecked Sendable`: handed from the thread that opens the store to ``WriterThread``, which
/// lets one thread at a time use it.
final class Writer: @unchecked Sendable {
    /// What the writer has done since it was opened.
    struct Statistics: Hashable, Sendable {
        /// Events made durable.
        var events = 0
        /// Commits that made events durable.
        var commits = 0
        /// How often the map grew.
        var growths = 0
    }

    let environment: Environment
    let tables: LogTables
    let index: SubjectIndex
    let configuration: EventStore.Configuration
    let site: SiteSecrets
    /// Hashes what is appended.
    let crew = HashCrew()
    private(set) var statistics = Statistics()

    /// Why the own log may not be appended to; `nil` if it may.
    var suspicion: EventStoreError?
    /// The own log's end; `nil` when it has to be read again.
    var tail: LogTail?
    /// The ends of other logs, by local number.
    var foreignTails: [UInt32: LogTail] = [:]
    /// The arrival number of the next leaf, as of `lastTransaction`.
    private var nextArrival: UInt64 = 0
    /// The newest row of the commit clock, likewise.
    private var commitClock: Int64 = .min
    /// The last transaction that this writer committed; 0 when nothing may be relied on.
    private var lastTransaction: UInt64 = 0
    private var probes: UInt64 = 0

    /// Creates the writer of an open store.
    init(
        environment: Environment,
        tables: LogTables,
        index: SubjectIndex,
        configuration: EventStore.Configuration,
        site: SiteSecrets
    ) {
        self.environment = environment
        self.tables = tables
        self.index = index
        self.configuration = configuration
        self.site = site
    }

    deinit { self.crew.stop() }

    /// Forgets what is remembered; the next transaction reads it again.
    func forget() {
        self.tail = nil
        self.foreignTails = [:]
        self.lastTransaction = 0
    }

    /// Makes sure that what is remembered is what the tables hold; returns the next arrival.
    func refresh(
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> UInt64 {
        if self.lastTransaction == 0 || transaction.identifier != self.lastTransaction + 1 {
            self.tail = nil
            self.foreignTails = [:]
            self.nextArrival = try transaction.arrivalsHeld(self.tables)
            self.commitClock = try transaction.lastCommitClock(self.tables) ?? .min
        }
        return self.nextArrival
    }

    /// The end of the log that this ledger appends to.
    func currentTail(
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> LogTail {
        if let tail = self.tail { return tail }
        guard let number = try transaction.currentLog(self.tables) else {
            throw .damaged(table: "meta", row: "current")
        }
        return try LogTail(number: number, transaction, self.tables)
    }

    /// Notes that the leaves from `first` on were committed when the local clock showed `now`, the
    /// reading that they were stamped from. The commit clock never goes back.
    func putCommitClock(
        first: UInt64,
        now: Timestamp,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let time = max(now.microseconds, self.commitClock)
        var row: [UInt8] = []
        row.appendBigEndian(time)
        let key = Key.arrival(first)
        do throws(LMDBError) {
            try transaction.append(row.span, for: key.span, in: self.tables.commits)
        } catch {
            throw .storage(error)
        }
        self.commitClock = time
    }

    /// Remembers what `transaction` committed.
    func committed(_ transaction: UInt64, nextArrival: UInt64) {
        self.lastTransaction = transaction
        self.nextArrival = nextArrival
    }

    /// Runs `body` in a write transaction, growing the map as often as it is full, and coming back
    /// from a failed write of the meta page.
    ///
    /// Throws ``EventStoreError/outcomeUnknown`` if nobody can tell whether it was committed.
    func write<Success>(
        _ body: (inout WriteTransaction) throws(EventStoreError) -> Success
    ) throws(EventStoreError) -> Success {
        var growths = 0
        while true {
            do throws(WriteFailure) {
                return try self.environment.write { (transaction) throws(WriteFailure) in
                    do throws(EventStoreError) {
                        return try body(&transaction)
                    } catch {
                        throw .body(error)
                    }
                }
            } catch {
                self.forget()
                guard error.isMapFull, growths < self.configuration.limits.growthsMax else {
                    throw error.reported
                }
                growths += 1
                self.statistics.growths += 1
                do throws(LMDBError) {
                    try self.environment.grow(to: self.environment.info().mapBytes * 2)
                } catch {
                    throw .storage(error)
                }
            }
        }
    }

    /// Opens the files again and commits one changed row durably, after a commit of which LMDB
    /// itself cannot tell the outcome. Only then do lookups tell the truth (SYNC.md 9).
    func recover() throws(EventStoreError) {
        self.forget()
        do throws(LMDBError) {
            try self.environment.reopen()
            self.probes &+= 1
            try self.environment.write { (transaction) throws(LMDBError) in
                var row = self.configuration.random(8)
                row.appendBigEndian(self.probes)
                let key = MetaKey.probe
                try transaction.put(row.span, for: key.span, in: self.tables.meta)
            }
        } catch {
            throw .outcomeUnknown
        }
    }

    /// Counts a commit of events.
    func count(events: Int) {
        self.statistics.events += events
        self.statistics.commits += 1
    }
}

/// A failure of a write transaction: LMDB's, or that of the body.
private enum WriteFailure: StorageFailure {
    case storage(LMDBError)
    case body(EventStoreError)

    /// Whether the map is too small.
    var isMapFull: Bool {
        switch self {
        case .storage(let error): error == .mapFull
        case .body(.storage(let error)): error.code == LMDBError.mapFull.rawValue
        case .body: false
        }
    }

    /// The error to tell.
    var reported: EventStoreError {
        switch self {
        case .storage(let error): .storage(error)
        case .body(let error): error
        }
    }
}
