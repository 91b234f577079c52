internal import LMDB
package import LedgerTypes
internal import Merkle

/// One ledger's log on disk: append, read, follow, verify.
///
/// A directory opened twice in one process is shared; several processes may use it at once. Reads
/// run on the caller's thread, appends and everything else that writes `log/` on the writer thread,
/// the index of `views/` on a thread of its own.
package final class EventStore: Sendable {
    /// What was given at opening.
    package let configuration: Configuration
    /// The environment of `log/`.
    let log: Environment
    /// Its tables.
    let tables: LogTables
    /// The index of subjects and event ids.
    let index: SubjectIndex
    /// `nil` in a store that only reads.
    private let thread: WriterThread?
    let site: SiteSecrets
    private let life: Guarded<Life>

    /// How many have opened the store, and why it cannot be appended to.
    private struct Life {
        var openCount = 1
        var suspicion: EventStoreError?
        var statistics = Statistics()
    }

    /// What the writer has done since the store was opened.
    package struct Statistics: Hashable, Sendable {
        /// Events made durable.
        package var events = 0
        /// Commits that made events durable.
        package var commits = 0
        /// How often the map grew.
        package var growths = 0
    }

    private init(
        _ opened: Opened,
        suspicion: EventStoreError?,
        thread: WriterThread?
    ) {
        self.configuration = opened.configuration
        self.log = opened.environment
        self.tables = opened.tables
        self.index = opened.index
        self.site = opened.site
        self.thread = thread
        self.life = Guarded(Life(suspicion: suspicion))
    }

    deinit {
        guard self.life.withLock({ $0.openCount }) > 0 else { return }
        self.thread?.stop()
        self.index.close()
    }

    /// Why the own log may not be appended to; `nil` if it may.
    package var suspicion: EventStoreError? { self.life.withLock { $0.suspicion } }

    /// Makes a new ledger in a directory that is missing or empty, with the site's first log.
    ///
    /// `firstEvent` gives the event that stands at index 1, the site's own description.
    package static func create(
        _ configuration: Configuration,
        site: SiteDescription,
        firstEvent: (_ log: LogID, _ now: Timestamp) throws(EventStoreError) -> PreparedEvent?
    ) throws(EventStoreError) -> EventStore {
        guard !configuration.isReadOnly else { throw .readOnly }
        let directory = LedgerDirectory(path: configuration.directory)
        try directory.make()
        guard let key = SigningKey(seed: configuration.random(SigningKey.seedByteCount)) else {
            throw .malformedFile(path: directory.siteKey)
        }
        let signer = NoteSigner(name: try SiteSecrets.keyName(site.name), key: key)
        try KeyFile.write(signer, to: directory.siteKey)
        return try StoreRegistry.shared.create(directory.path) { () throws(EventStoreError) in
            let environment = try Self.openEnvironment(configuration, directory)
            let tables = try LogTables(environment, create: true)
            let secrets = SiteSecrets(
                name: site.name,
                directory: directory,
                state: configuration.stateDirectory
            )
            let opened = try Opened(configuration, directory, environment, tables, secrets)
            let writer = opened.writer()
            do throws(EventStoreError) {
                let position = try writer.begin(.new, signer: signer)
                if let event = try firstEvent(position.log, configuration.clock()) {
                    try writer.appendFirst(event)
                }
                try directory.writeMarker()
            } catch {
                opened.index.close()
                throw error
            }
            return Self(opened, suspicion: nil, thread: opened.thread(writer))
        }
    }

    /// Opens the ledger in a directory, or shares the store that has it open already.
    ///
    /// `firstEvent` gives the event that stands at index 1 of a log that has only its genesis: of a
    /// new incarnation, or of one whose first event a kill prevented.
    package static func open(
        _ configuration: Configuration,
        firstEvent: (
            borrowing Snapshot, _ now: Timestamp
        ) throws(EventStoreError) -> PreparedEvent? = { _, _ in nil }
    ) throws(EventStoreError) -> EventStore {
        let directory = LedgerDirectory(path: configuration.directory)
        try directory.check(writing: !configuration.isReadOnly)
        return try StoreRegistry.shared.open(configuration) { () throws(EventStoreError) in
            let environment = try Self.openEnvironment(configuration, directory)
            let tables = try LogTables(environment, create: false)
            let secrets = try Self.secrets(configuration, directory, environment, tables)
            let opened = try Opened(configuration, directory, environment, tables, secrets)
            guard !configuration.isReadOnly else {
                return Self(opened, suspicion: nil, thread: nil)
            }
            let writer = opened.writer()
            do throws(EventStoreError) {
                try writer.openCurrentLog()
                if writer.suspicion == nil, try opened.holdsGenesisOnly() {
                    let event = try opened.index.read { (snapshot) throws(EventStoreError) in
                        try firstEvent(snapshot, configuration.clock())
                    }
                    if let event { try writer.appendFirst(event) }
                }
            } catch {
                opened.index.close()
                throw error
            }
            return Self(opened, suspicion: writer.suspicion, thread: opened.thread(writer))
        }
    }

    static func openEnvironment(
        _ configuration: Configuration,
        _ directory: LedgerDirectory
    ) throws(EventStoreError) -> Environment {
        do throws(LMDBError) {
            return try Environment.open(
                path: directory.log,
                mapBytes: configuration.mapBytes,
                tablesMax: 32,
                readOnly: configuration.isReadOnly,
                durability: .full
            )
        } catch {
            switch error {
            case .permissionDenied, .readOnlyFileSystem: throw .permission(path: directory.log)
            case .noSuchFile: throw .notALedger(path: directory.path)
            default: throw .storage(error)
            }
        }
    }

    private static func secrets(
        _ configuration: Configuration,
        _ directory: LedgerDirectory,
        _ environment: Environment,
        _ tables: LogTables
    ) throws(EventStoreError) -> SiteSecrets {
        let genesis = try environment.read { (transaction) throws(EventStoreError) in
            guard let current = try transaction.currentLog(tables) else {
                throw .damaged(table: "meta", row: "current")
            }
            return try transaction.genesis(current, tables)
        }
        if !configuration.isReadOnly, try KeyFile.read(directory.siteKey) != nil,
            try directory.signer(genesis.siteKey) == nil
        {
            throw .siteKeyMismatch(genesis.site)
        }
        return SiteSecrets(
            name: genesis.site,
            directory: configuration.isReadOnly ? nil : directory,
            state: configuration.stateDirectory
        )
    }

    /// Ends the threads once everybody who opened the store has closed it; waits for what was
    /// queued. Reading goes on working until somebody opens the ledger in another way. Not on a
    /// thread of the store.
    package func close() {
        let isLast = StoreRegistry.shared.close(self) {
            self.life.withLock { life in
                life.openCount -= 1
                return life.openCount == 0
            }
        }
        guard isLast else { return }
        self.thread?.close()
        self.index.close()
        self.log.release()
        self.index.views?.environment.release()
    }

    /// Counts one more who opened the store.
    func retainOpen() {
        self.life.withLock { $0.openCount += 1 }
    }
}

// What runs on the writer thread.
extension EventStore {
    /// Appends requests, each alone; one answer each, in order, once they are durable.
    ///
    /// Concurrent, because a call that finds nobody else does the commit on its own thread, and an
    /// actor's should not wait for a disk.
    @concurrent
    package func append(_ requests: [AppendRequest]) async -> [AppendOutcome] {
        guard !requests.isEmpty else { return [] }
        guard let thread = self.thread else { return requests.map { _ in .failed(.readOnly) } }
        var eventCount = 0
        var byteCount = 0
        for request in requests {
            eventCount += request.events.count
            byteCount += request.byteCount
        }
        if thread.enter() { await Task.yield() }
        defer { thread.leave() }
        if eventCount <= Self.aloneEventsMax, let outcomes = thread.appendAlone(requests) {
            return outcomes
        }
        return await withCheckedContinuation { reply in
            let call = WriterThread.Call(
                requests: requests,
                eventCount: eventCount,
                byteCount: byteCount,
                reply: reply
            )
            let refusal: EventStoreError
            switch thread.post(call) {
            case .accepted: return
            case .overloaded: refusal = .overloaded
            case .closed: refusal = .closed
            }
            reply.resume(returning: requests.map { _ in .failed(refusal) })
        }
    }

    /// The most events that a caller appends on its own thread. What takes longer than the commit
    /// belongs onto the writer thread.
    private static let aloneEventsMax = 16

    /// Appends one request.
    @concurrent
    package func append(_ request: AppendRequest) async -> AppendOutcome {
        await self.append([request]).first ?? .failed(.closed)
    }

    /// Begins the site's next log; the one before it ends.
    package func beginIncarnation(
        _ reason: Genesis.Reason
    ) async throws(EventStoreError) -> Position {
        let position = try await self.perform { (writer) throws(EventStoreError) in
            try writer.begin(reason)
        }
        self.life.withLock { $0.suspicion = nil }
        return position
    }

    /// What the writer has done since the store was opened.
    package func statistics() async throws(EventStoreError) -> Statistics {
        try await self.perform { (writer) throws(EventStoreError) in
            Statistics(
                events: writer.statistics.events,
                commits: writer.statistics.commits,
                growths: writer.statistics.growths
            )
        }
    }

    /// Runs `body` on the writer thread, after what was queued before.
    func perform<Success: Sendable>(
        _ body: @escaping @Sendable (Writer) throws(EventStoreError) -> Success
    ) async throws(EventStoreError) -> Success {
        guard let thread = self.thread else { throw .readOnly }
        let result: Result<Success, EventStoreError> = await withCheckedContinuation { reply in
            let isAccepted = thread.post { writer in
                do throws(EventStoreError) {
                    reply.resume(returning: .success(try body(writer)))
                } catch {
                    reply.resume(returning: .failure(error))
                }
            }
            if !isAccepted { reply.resume(returning: .failure(.closed)) }
        }
        return try result.get()
    }

    /// The site's long-term key, as the log that is appended to names it.
    func siteSigner() throws(EventStoreError) -> NoteSigner {
        let publicKey = try self.log.read { (transaction) throws(EventStoreError) in
            guard let current = try transaction.currentLog(self.tables) else {
                throw .damaged(table: "meta", row: "current")
            }
            return try transaction.genesis(current, self.tables).siteKey
        }
        guard let signer = try self.site.signer(publicKey) else {
            throw .permission(path: LedgerDirectory(path: self.configuration.directory).siteKey)
        }
        return signer
    }

    /// Takes note that the own log may no longer be appended to.
    func noteSuspicion(_ suspicion: EventStoreError) {
        self.life.withLock { $0.suspicion = suspicion }
    }
}

/// The parts of a store that is being opened.
private struct Opened {
    let configuration: EventStore.Configuration
    let environment: Environment
    let tables: LogTables
    let index: SubjectIndex
    let site: SiteSecrets

    init(
        _ configuration: EventStore.Configuration,
        _ directory: LedgerDirectory,
        _ environment: Environment,
        _ tables: LogTables,
        _ site: SiteSecrets
    ) throws(EventStoreError) {
        self.configuration = configuration
        self.environment = environment
        self.tables = tables
        self.site = site
        self.index = try SubjectIndex.open(
            directory: directory.views,
            mapBytes: configuration.mapBytes,
            isReadOnly: configuration.isReadOnly,
            log: environment,
            tables: tables,
            crossReference: configuration.crossReference
        )
    }

    /// Whether nothing was appended yet to the log that is appended to.
    func holdsGenesisOnly() throws(EventStoreError) -> Bool {
        try self.environment.read { (transaction) throws(EventStoreError) in
            guard let number = try transaction.currentLog(self.tables) else { return false }
            return try transaction.head(number, self.tables)?.size == 1
        }
    }

    func writer() -> Writer {
        Writer(
            environment: self.environment,
            tables: self.tables,
            index: self.index,
            configuration: self.configuration,
            site: self.site
        )
    }

    func thread(_ writer: Writer) -> WriterThread {
        WriterThread(writer, limits: self.configuration.limits)
    }
}

extension Writer {
    /// Begins the site's next log.
    fileprivate func begin(
        _ reason: Genesis.Reason,
        signer: NoteSigner? = nil
    ) throws(EventStoreError) -> Position {
        let position = try self.write { (transaction) throws(EventStoreError) in
            try self.beginIncarnation(reason, signer: signer, &transaction)
        }
        self.forget()
        self.suspicion = nil
        return position
    }

    /// Appends the event that stands at index 1.
    fileprivate func appendFirst(_ event: PreparedEvent) throws(EventStoreError) {
        switch self.append([AppendRequest(events: [event])]).first {
        case .appended: return
        case .failed(let error): throw error
        default: throw .malformedEvent(event.draft.id)
        }
    }
}
