internal import Glibc
internal import LMDB
internal import LedgerTypes

/// How much the index does at once, and how much it may leave undone.
struct IndexLimits: Sendable {
    /// Commit once this many arrivals are not indexed.
    var batchMax = 8_192
    /// At this many arrivals not indexed, appends wait.
    var unindexedMax = 65_536
    /// Beyond this many, readers wait for the index thread instead of holding them in memory.
    var tailMax = 131_072
    /// Commit what there is when nothing was appended for so long.
    var idleMilliseconds = 1_000
    /// How often to look whether another process committed, while somebody follows.
    var pollMilliseconds = 50
    /// How many batches a close may still commit; the rest is done by whoever opens next.
    var closingBatchesMax = 16
}

/// The index of subjects and event ids in `views/`, and the tail that it does not hold yet.
///
/// Derived from `log/` alone; deleting `views/` loses nothing. A reader takes a snapshot of
/// `views/`, then one of `log/`, and finds the arrivals between the two in the tail, so a read
/// after an append always sees it, whichever process appended.
///
/// Invariants:
/// - `views/` is read only after its tracking was found to be a prefix of `log/`.
/// - The tail covers `state.tail.start..<state.tail.end`; it is pruned only below what `views/` has
///   committed and below the start of every pinned window.
/// - Rows and tracking change in one transaction of `views/`, on the index thread; the tracking is
///   read again in each, because other processes index too. So no arrival is indexed twice.
///
/// Any thread, except where a function says otherwise.
final class SubjectIndex: Sendable {
    /// What the threads share.
    struct State: Sendable {
        /// The newest arrivals, parsed.
        var tail: TailEntries
        /// How many windows begin at an arrival; few, so in no order.
        var pins: [(start: UInt64, count: Int)] = []
        /// The arrivals that `views/` holds, as last seen.
        var tracked: UInt64
        /// The arrivals that `log/` holds, as last seen.
        var held: UInt64
        /// Index up to here without waiting for a full batch.
        var wanted: UInt64 = 0
        /// Whether a commit wakes the index thread.
        var isAsleep = false
        var isClosing = false
        var hasEnded = false
        /// Why the last batch failed; `nil` once one succeeded.
        var failure: EventStoreError?
        /// What else is kept in `views/`.
        var projections: [KeptProjection] = []
        /// Those who follow, by number.
        var followers: [UInt64: AsyncStream<UInt64>.Continuation] = [:]
        var followersEver: UInt64 = 0
        /// The ids of the logs by local number.
        var logIDs: [LogID] = []
        /// The transaction of `log/` in which there were no others.
        var logIDsSeen: UInt64 = 0
        /// How many arrivals a transaction of `log/` holds, as last looked up or committed.
        var heldSeen: (transaction: UInt64, arrivals: UInt64) = (0, 0)

        /// How many arrivals are not indexed.
        var unindexed: UInt64 { self.held > self.tracked ? self.held - self.tracked : 0 }
    }

    let log: Environment
    let logTables: LogTables
    /// `nil` if `views/` cannot be used: read-only, and missing, damaged or of another log. Readers
    /// then fold the whole log.
    let views: (environment: Environment, tables: ViewTables)?
    let isReadOnly: Bool
    let crossReference: CrossReference?
    let limits: IndexLimits
    let state: Guarded<State>

    private init(
        log: Environment,
        logTables: LogTables,
        views: (environment: Environment, tables: ViewTables)?,
        isReadOnly: Bool,
        crossReference: CrossReference?,
        limits: IndexLimits,
        tracked: UInt64,
        held: UInt64
    ) {
        self.log = log
        self.logTables = logTables
        self.views = views
        self.isReadOnly = isReadOnly
        self.crossReference = crossReference
        self.limits = limits
        self.state = Guarded(State(tail: TailEntries(start: tracked), tracked: tracked, held: held))
    }

    /// Opens the index in `directory` and starts its thread. The calling thread holds no
    /// transaction.
    ///
    /// An index that is missing, damaged, of another version or of another log is built again in
    /// the background.
    static func open(
        directory: String,
        mapBytes: Int,
        isReadOnly: Bool,
        log: Environment,
        tables logTables: LogTables,
        crossReference: CrossReference? = nil,
        limits: IndexLimits = IndexLimits()
    ) throws(EventStoreError) -> SubjectIndex {
        let views: (environment: Environment, tables: ViewTables)?
        if isReadOnly {
            // Whatever is wrong with it, the log holds the truth.
            views = try? Self.openViews(directory, mapBytes, isReadOnly: true)
        } else {
            views = try Self.openOrReplace(directory, mapBytes)
        }
        let found = try Self.tracked(views, log, logTables, mayClear: !isReadOnly)
        let index = SubjectIndex(
            log: log,
            logTables: logTables,
            views: found.tracked == nil ? nil : views,
            isReadOnly: isReadOnly,
            crossReference: crossReference,
            limits: limits,
            tracked: found.tracked ?? 0,
            held: found.held
        )
        index.startThread()
        return index
    }

    /// Commits what is there, ends the thread and the followers. The calling thread holds no
    /// transaction. Reading goes on working.
    func close() {
        self.state.withLock { $0.isClosing = true }
        self.state.wake()
        _ = self.state.wait { $0.hasEnded ? true : nil }
    }

    private static func openViews(
        _ directory: String,
        _ mapBytes: Int,
        isReadOnly: Bool
    ) throws(LMDBError) -> (environment: Environment, tables: ViewTables)? {
        let environment = try Environment.open(
            path: directory,
            mapBytes: mapBytes,
            tablesMax: 64,
            readOnly: isReadOnly,
            durability: .noMetaSync
        )
        guard let tables = try ViewTables(environment, create: !isReadOnly) else { return nil }
        return (environment, tables)
    }

    /// Opens `views/`, starting afresh if its files are damaged.
    private static func openOrReplace(
        _ directory: String,
        _ mapBytes: Int
    ) throws(EventStoreError) -> (environment: Environment, tables: ViewTables)? {
        if unsafe mkdir(directory, 0o755) != 0, errno != EEXIST {
            throw .file(path: directory, code: errno)
        }
        do throws(LMDBError) {
            return try Self.openViews(directory, mapBytes, isReadOnly: false)
        } catch {
            switch error {
            case .invalid, .versionMismatch, .truncated, .corrupted, .pageNotFound: break
            default: throw .storage(error)
            }
        }
        _ = unsafe unlink(directory + "/data.mdb")
        _ = unsafe unlink(directory + "/lock.mdb")
        do throws(LMDBError) {
            return try Self.openViews(directory, mapBytes, isReadOnly: false)
        } catch {
            throw .storage(error)
        }
    }

    /// How far `views/` has come, and how many arrivals there are. Empties an index that does not
    /// belong to the log if `mayClear`; otherwise `tracked` is `nil`.
    private static func tracked(
        _ views: (environment: Environment, tables: ViewTables)?,
        _ log: Environment,
        _ logTables: LogTables,
        mayClear: Bool
    ) throws(EventStoreError) -> (tracked: UInt64?, held: UInt64) {
        var known: Tracking?
        if let views {
            known = try views.environment.read { (transaction) throws(EventStoreError) in
                do throws(LMDBError) {
                    return try Tracking(transaction, views.tables)
                } catch {
                    throw .storage(error)
                }
            }
        }
        let tracking = known
        let found = try log.read { (transaction) throws(EventStoreError) in
            let held = try transaction.arrivalsHeld(logTables)
            let fits = try tracking?.isPrefix(of: transaction, logTables) ?? false
            return (tracked: fits ? tracking?.arrivals : nil, held: held)
        }
        if found.tracked != nil { return found }
        guard mayClear, let views else { return (nil, found.held) }
        try views.environment.write { (transaction) throws(EventStoreError) in
            do throws(LMDBError) {
                try views.tables.clear(&transaction)
                try Tracking().write(&transaction, views.tables, replacing: Tracking())
            } catch {
                throw .storage(error)
            }
        }
        return (0, found.held)
    }
}

// What readers and the writer ask.
extension SubjectIndex {
    /// Waits until fewer than ``IndexLimits/unindexedMax`` arrivals are not indexed. The calling
    /// thread holds no transaction. Throws why the index cannot be written, if it cannot.
    func waitForRoom() throws(EventStoreError) {
        guard !self.isReadOnly else { return }
        let limit = UInt64(self.limits.unindexedMax)
        let failure: EventStoreError?? = self.state.wait { (state) -> EventStoreError?? in
            if state.unindexed < limit || state.hasEnded { return .some(nil) }
            return state.failure.map { .some($0) }
        }
        if let failure, let failure { throw failure }
    }

    /// Takes note that the arrivals in `staged` are committed: readers find them in the tail, and
    /// followers wake.
    func committed(_ staged: TailEntries, transaction: UInt64? = nil) {
        self.committed(arrivals: staged.end) { state in
            if let transaction { state.heldSeen = (transaction, staged.end) }
            guard state.tail.end >= staged.start else { return }
            state.tail.append(contentsOf: staged)
        }
    }

    /// Takes note that the log holds `arrivals` leaves; what is not in the tail is read from the
    /// log when somebody wants it.
    func committed(arrivals: UInt64) {
        self.committed(arrivals: arrivals) { _ in }
    }

    private func committed(arrivals: UInt64, _ change: (inout State) -> Void) {
        let batchMax = UInt64(self.limits.batchMax)
        let (followers, wakes) = self.state.withLock { state in
            change(&state)
            state.held = max(state.held, arrivals)
            let wakes = state.isAsleep || state.unindexed >= batchMax
            state.isAsleep = false
            return (Array(state.followers.values), wakes)
        }
        if wakes { self.state.wake() }
        for follower in followers { follower.yield(arrivals) }
    }

    /// Waits until `views/` holds every arrival that the log held when this was called, indexing
    /// now rather than when idle. The calling thread holds no transaction.
    func catchUp() throws(EventStoreError) {
        guard !self.isReadOnly else { throw .readOnly }
        let held = try self.log.read { (transaction) throws(EventStoreError) in
            try transaction.arrivalsHeld(self.logTables)
        }
        try self.waitUntilTracked(held)
    }

    /// Waits until `views/` holds `arrivals`, indexing now.
    func waitUntilTracked(_ arrivals: UInt64) throws(EventStoreError) {
        self.state.withLock { state in
            state.held = max(state.held, arrivals)
            state.wanted = max(state.wanted, arrivals)
            state.isAsleep = false
        }
        self.state.wake()
        let failure: EventStoreError?? = self.state.wait { (state) -> EventStoreError?? in
            if state.tracked >= arrivals { return .some(nil) }
            if state.hasEnded { return .some(.closed) }
            return state.failure.map { .some($0) }
        }
        if let failure, let failure { throw failure }
    }
}
