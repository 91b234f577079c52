internal import LMDB
internal import LedgerTypes

/// One transaction of `views/`: the next arrivals become rows, and the tracking moves on with them.
///
/// The rows depend on the log alone, not on how it is cut into batches: subject numbers are given
/// in order of arrival, and so are the logs in a subject's row.
///
/// Index thread.
struct IndexBatch {
    private let tables: ViewTables
    private let crossReference: CrossReference?
    private var tracking: Tracking
    /// The places in `summaries` of the subjects of this batch.
    private var slots: [SubjectKey: Int] = [:]
    private var summaries: [SubjectSummary] = []
    private var rows: [(subject: UInt64, entry: IndexEntry)] = []
    private var ids: [(id: EventID, arrival: UInt64)] = []
    /// The sizes that logs reach in this batch.
    private var sizes: [UInt32: UInt64] = [:]

    /// Indexes at most `max` arrivals in one transaction; returns how far the index and the log are
    /// now. Empties the index first if it does not belong to the log.
    static func run(
        _ views: (environment: Environment, tables: ViewTables),
        _ log: Environment,
        _ logTables: LogTables,
        _ crossReference: CrossReference?,
        max: Int,
        verified: Tracking?
    ) throws(EventStoreError) -> (tracking: Tracking, held: UInt64) {
        try views.environment.write { (transaction) throws(EventStoreError) in
            try log.read { (log) throws(EventStoreError) in
                let before = try Self.tracking(
                    &transaction,
                    views.tables,
                    log,
                    logTables,
                    verified: verified
                )
                var batch = IndexBatch(
                    tables: views.tables,
                    crossReference: crossReference,
                    tracking: before
                )
                try batch.read(log, logTables, max: max, from: transaction)
                try batch.write(&transaction, log, logTables, replacing: before)
                return (batch.tracking, try log.arrivalsHeld(logTables))
            }
        }
    }

    private init(tables: ViewTables, crossReference: CrossReference?, tracking: Tracking) {
        self.tables = tables
        self.crossReference = crossReference
        self.tracking = tracking
    }

    /// The tracking as this transaction sees it; another process may have moved it. Not checked
    /// again if it is the one that this thread wrote last.
    private static func tracking(
        _ transaction: inout WriteTransaction,
        _ tables: ViewTables,
        _ log: borrowing ReadTransaction,
        _ logTables: LogTables,
        verified: Tracking?
    ) throws(EventStoreError) -> Tracking {
        let found = try storing { () throws(LMDBError) in try Tracking(transaction, tables) }
        if let found {
            if found == verified { return found }
            let known = verified?.logs ?? [:]
            if try found.isPrefix(of: log, logTables, known: known) { return found }
        }
        try storing { () throws(LMDBError) in try tables.clear(&transaction) }
        return Tracking()
    }

    /// Reads the next arrivals from the log.
    private mutating func read(
        _ log: borrowing ReadTransaction,
        _ logTables: LogTables,
        max: Int,
        from transaction: borrowing WriteTransaction
    ) throws(EventStoreError) {
        var events: [IndexedEvent] = []
        var sizes: [UInt32: UInt64] = [:]
        var next = self.tracking.arrivals
        let end = next + UInt64(max)
        try log.forEachLeaf(from: next, logTables) { (place, leaf) throws(EventStoreError) in
            guard place.arrival < end else { return false }
            guard place.arrival == next else {
                throw .damaged(table: "leaves", row: Key.leaf(next).span.hex)
            }
            next += 1
            sizes[place.logNumber] = place.index + 1
            if let event = IndexedEvent(leaf: leaf, place: place, self.crossReference) {
                events.append(event)
            }
            return true
        }
        self.tracking.arrivals = next
        self.sizes = sizes
        self.rows.reserveCapacity(events.count)
        self.ids.reserveCapacity(events.count)
        try storing { () throws(LMDBError) in
            for event in events { try self.add(event, transaction) }
        }
    }

    private mutating func add(
        _ event: IndexedEvent,
        _ transaction: borrowing WriteTransaction
    ) throws(LMDBError) {
        try self.file(event.entry, under: event.subject, transaction)
        if let second = event.crossReference {
            try self.file(event.entry, under: second, transaction)
        }
        self.ids.append((event.id, event.arrival))
    }

    private mutating func file(
        _ entry: IndexEntry,
        under subject: SubjectKey,
        _ transaction: borrowing WriteTransaction
    ) throws(LMDBError) {
        let slot: Int
        if let known = self.slots[subject] {
            slot = known
        } else {
            slot = self.summaries.count
            self.slots[subject] = slot
            self.summaries.append(try self.summary(of: subject, transaction))
        }
        // In place: a copy would allocate for every event.
        self.summaries[slot].note(entry)
        self.rows.append((self.summaries[slot].number ?? .max, entry))
    }

    /// What the tables say of `subject`; with the next number if they do not know it.
    private mutating func summary(
        of subject: SubjectKey,
        _ transaction: borrowing WriteTransaction
    ) throws(LMDBError) -> SubjectSummary {
        if let row = try transaction.value(for: subject.bytes.span, in: self.tables.subjects) {
            guard let summary = SubjectSummary(row: row) else { throw .corrupted }
            return summary
        }
        defer { self.tracking.subjects += 1 }
        return SubjectSummary(number: self.tracking.subjects)
    }

    /// Writes everything in the order of the keys, so that neighbours share pages.
    private mutating func write(
        _ transaction: inout WriteTransaction,
        _ log: borrowing ReadTransaction,
        _ logTables: LogTables,
        replacing before: Tracking
    ) throws(EventStoreError) {
        for (number, size) in self.sizes.sorted(by: { $0.key < $1.key }) {
            self.tracking.logs[number] = try log.tracked(number, size: size, logTables)
        }
        self.rows.sort {
            ($0.subject, $0.entry.order, $0.entry.arrival)
                < ($1.subject, $1.entry.order, $1.entry.arrival)
        }
        self.ids.sort { ($0.id, $0.arrival) < ($1.id, $1.arrival) }
        try storing { () throws(LMDBError) in
            try self.writeRows(&transaction)
            try self.tracking.write(&transaction, self.tables, replacing: before)
        }
    }

    private func writeRows(_ transaction: inout WriteTransaction) throws(LMDBError) {
        for row in self.rows {
            let key = Key.subjectEvent(
                subject: row.subject,
                order: row.entry.order,
                arrival: row.entry.arrival
            )
            try transaction.putNext(
                row.entry.value.span,
                for: key.span,
                in: self.tables.subjectEvents
            )
        }
        for row in self.ids {
            // The first arrival of an id is the one that counts (DOMAIN.md, C1).
            try transaction.putNextIfAbsent(
                Key.arrival(row.arrival).span,
                for: Key.id(row.id).span,
                in: self.tables.eventIDs
            )
        }
        let slots = self.slots.sorted { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }
        for (subject, slot) in slots {
            try transaction.putNext(
                self.summaries[slot].row.span,
                for: subject.bytes.span,
                in: self.tables.subjects
            )
        }
    }
}

extension IndexedEvent {
    /// Reads the event in the leaf at `place`; `nil` if the leaf is not indexed.
    init?(leaf: Span<UInt8>, place: LeafPlace, _ crossReference: CrossReference?) {
        self.init(
            leaf: leaf,
            arrival: place.arrival,
            logNumber: place.logNumber,
            index: place.index,
            crossReference: crossReference
        )
    }
}
