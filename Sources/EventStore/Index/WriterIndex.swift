internal import LMDB
internal import LedgerTypes

/// The index as the writer sees it inside the write transaction of `log/`: what is committed, and
/// what this batch has staged so far.
///
/// Writer thread.
struct WriterIndex: ~Copyable, ~Escapable {
    private let index: SubjectIndex
    private let views: ReadTransaction
    /// `nil` if `views/` holds rows of another version.
    private let tables: ViewTables?
    private let window: TailWindow
    /// The events of this batch; handed to ``SubjectIndex/committed(_:transaction:)`` after the
    /// commit.
    private(set) var staged: TailEntries
    /// No event that the tables and the window hold has a greater id. Live ids grow with time, so a
    /// new one needs no look-up.
    private let greatestIDs: (tables: EventID?, window: EventID?)

    @_lifetime(copy views)
    init(
        _ index: SubjectIndex,
        views: consuming ReadTransaction,
        _ tables: ViewTables?,
        window: consuming TailWindow
    ) throws(EventStoreError) {
        self.greatestIDs = (try tables?.greatestID(views), window.greatestID)
        self.index = index
        self.views = views
        self.tables = tables
        self.staged = TailEntries(start: window.range.upperBound)
        self.window = window
    }

    /// The first arrival that holds the event `id`, of any log.
    borrowing func find(_ id: EventID) throws(EventStoreError) -> UInt64? {
        if let tables = self.tables, let greatest = self.greatestIDs.tables, id <= greatest,
            let arrival = try tables.find(id, self.views)
        {
            return arrival
        }
        if let greatest = self.greatestIDs.window, id <= greatest,
            let arrival = self.window.find(id)
        {
            return arrival
        }
        return self.staged.find(id, in: self.staged.start..<self.staged.end)
    }

    /// What is known of `subject`.
    borrowing func summary(of key: SubjectKey) throws(EventStoreError) -> SubjectSummary {
        var summary = try self.tables?.summary(of: key, self.views) ?? SubjectSummary()
        self.window.add(subject: key, to: &summary)
        self.staged.add(subject: key, from: self.staged.start, to: &summary)
        return summary
    }

    /// The events of `subject` in fold order; `transaction` tells the ids of the logs.
    borrowing func entries(
        of subject: Subject,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> [IndexEntry] {
        let key = SubjectKey(subject)
        var entries = try self.tables?.entries(of: key, self.views) ?? []
        entries += self.window.entries(of: key)
        entries += self.staged.entries(of: key, in: self.staged.start..<self.staged.end)
        let logs = try self.index.logIDs(transaction, keeping: false)
        entries.sort { $0.precedes($1, logs) }
        return entries
    }

    /// Adds a leaf of this batch, which the transaction has put.
    mutating func stage(
        leaf: Span<UInt8>,
        arrival: UInt64,
        logNumber: UInt32,
        index: UInt64
    ) {
        let event = IndexedEvent(
            leaf: leaf,
            arrival: arrival,
            logNumber: logNumber,
            index: index,
            crossReference: self.index.crossReference
        )
        if let event { self.staged.append(event) } else { self.staged.advance(to: arrival + 1) }
    }

    /// Adds an event of this batch, described by the caller.
    mutating func stage(_ event: IndexedEvent) {
        self.staged.append(event)
    }

    /// Counts arrivals before `end` that are not indexed, such as a genesis.
    mutating func advance(to end: UInt64) {
        self.staged.advance(to: end)
    }

    /// Takes back what was staged from arrival `bound` on.
    mutating func unstage(downTo bound: UInt64) {
        self.staged.truncate(downTo: bound)
    }
}

extension SubjectIndex {
    /// Runs `body` with the index inside the write transaction of `log/`, before anything is put:
    /// what other processes appended is taken in first.
    func withWriterIndex<Success, Failure: EventStoreFailure>(
        _ transaction: inout WriteTransaction,
        _ body: (inout WriteTransaction, inout WriterIndex) throws(Failure) -> Success
    ) throws(Failure) -> Success {
        guard let views = self.views else { throw .store(.readOnly) }
        let environment = views.environment
        let tables: ViewTables?
        let snapshot: ReadTransaction
        let window: TailWindow
        do throws(LMDBError) {
            snapshot = try ReadTransaction(environment)
        } catch {
            throw .store(.storage(error))
        }
        do throws(EventStoreError) {
            let tracked = try views.tables.arrivals(snapshot)
            tables = tracked == nil ? nil : views.tables
            window = try self.writerWindow(tracked: tracked ?? 0, transaction)
        } catch {
            throw .store(error)
        }
        var writer: WriterIndex
        do throws(EventStoreError) {
            writer = try WriterIndex(self, views: snapshot, tables, window: window)
        } catch {
            throw .store(error)
        }
        return try body(&transaction, &writer)
    }
}
