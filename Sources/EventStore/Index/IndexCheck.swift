internal import LMDB
internal import LedgerTypes

/// What is wrong with the index.
package enum IndexProblem: Hashable, Sendable, CustomStringConvertible {
    /// The tracking is missing, or not that of a prefix of this log.
    case tracking
    /// No row of `subjectEvents`, or one that names another place.
    case subjectEvent(arrival: UInt64)
    /// No row of `eventIDs`, or one that names an arrival that does not hold the id first.
    case eventID(arrival: UInt64)
    /// A row of `subjects` whose count, newest order or newest indexes are not those of its events,
    /// or a malformed one.
    case subject(String)
    /// Rows that no event accounts for.
    case surplus(table: String, rows: UInt64)

    /// What is wrong, in words.
    package var description: String {
        switch self {
        case .tracking: "the index does not belong to this log"
        case .subjectEvent(let arrival): "arrival \(arrival) is not filed under its subject"
        case .eventID(let arrival): "arrival \(arrival) is not found by its event id"
        case .subject(let subject): "the row of subject \(subject) does not agree with its events"
        case .surplus(let table, let rows): "\(rows) rows of \(table) belong to no event"
        }
    }
}

/// Compares `views/` with the log that it was made from.
///
/// Every indexed arrival must stand once under its subject (and its cross reference) and its id be
/// found; counts, newest orders and newest indexes must be those of the rows; and there must be
/// nothing else. Memory stays flat; each leaf costs three or four look-ups.
///
/// Long; on a thread of the caller's choice.
package struct IndexCheck: Sendable {
    /// The most problems that are listed.
    package static let problemsMax = 100

    /// How many arrivals the index holds; those after it are in memory only and need no check.
    package private(set) var arrivals: UInt64 = 0
    /// How many events were found filed.
    package private(set) var events: UInt64 = 0
    /// How many subjects there are.
    package private(set) var subjects: UInt64 = 0
    /// What is wrong; at most ``problemsMax``.
    package private(set) var problems: [IndexProblem] = []

    /// Checks the index that `snapshot` sees. `progress` is told the arrivals done now and then,
    /// and ends the check early by returning false.
    package init(
        _ snapshot: borrowing Snapshot,
        progress: (UInt64) -> Bool = { _ in true }
    ) throws(EventStoreError) {
        guard let tables = snapshot.viewTables else {
            // Nothing of `views/` is read, so nothing of it can mislead.
            if snapshot.index.views != nil { self.problems.append(.tracking) }
            return
        }
        let tracking = try storing { () throws(LMDBError) in
            try Tracking(snapshot.views, tables)
        }
        guard let tracking, try tracking.isPrefix(of: snapshot.log, snapshot.tables) else {
            self.problems.append(.tracking)
            return
        }
        self.arrivals = tracking.arrivals
        guard let expected = try self.checkArrivals(snapshot, tables, progress) else { return }
        let counted = try self.checkSubjects(snapshot, tables, tracking)
        try self.checkSurplus(snapshot, tables, expected, counted)
    }

    /// How many rows the log accounts for.
    private struct Expected {
        var filed: UInt64 = 0
        var ids: UInt64 = 0
    }

    private mutating func note(_ problem: IndexProblem) {
        if self.problems.count < Self.problemsMax { self.problems.append(problem) }
    }

    /// Looks every arrival up; `nil` if stopped.
    private mutating func checkArrivals(
        _ snapshot: borrowing Snapshot,
        _ tables: ViewTables,
        _ progress: (UInt64) -> Bool
    ) throws(EventStoreError) -> Expected? {
        var expected = Expected()
        var isStopped = false
        let end = self.arrivals
        let crossReference = snapshot.index.crossReference
        try snapshot.log.forEachLeaf(from: 0, snapshot.tables) {
            (place, leaf) throws(EventStoreError) in
            guard place.arrival < end else { return false }
            if place.arrival & 0xFFFF == 0xFFFF, !progress(place.arrival) {
                isStopped = true
                return false
            }
            guard let event = IndexedEvent(leaf: leaf, place: place, crossReference) else {
                return true
            }
            try self.check(event, snapshot, tables, &expected)
            return true
        }
        return isStopped ? nil : expected
    }

    private mutating func check(
        _ event: IndexedEvent,
        _ snapshot: borrowing Snapshot,
        _ tables: ViewTables,
        _ expected: inout Expected
    ) throws(EventStoreError) {
        self.events += 1
        expected.filed += 1
        var isFiled = try Self.isFiled(event.entry, event.subject, snapshot, tables)
        if let second = event.crossReference {
            expected.filed += 1
            if try !Self.isFiled(event.entry, second, snapshot, tables) { isFiled = false }
        }
        if !isFiled { self.note(.subjectEvent(arrival: event.arrival)) }
        let first = try tables.find(event.id, snapshot.views)
        if first == event.arrival {
            expected.ids += 1
            return
        }
        // A copy of an event that arrived before (DOMAIN.md, C1).
        let isCopy = try Self.holds(event.id, before: event.arrival, first, snapshot)
        if !isCopy { self.note(.eventID(arrival: event.arrival)) }
    }

    private static func isFiled(
        _ entry: IndexEntry,
        _ subject: SubjectKey,
        _ snapshot: borrowing Snapshot,
        _ tables: ViewTables
    ) throws(EventStoreError) -> Bool {
        guard let known = try tables.count(of: subject, snapshot.views) else { return false }
        let key = Key.subjectEvent(
            subject: known.number,
            order: entry.order,
            arrival: entry.arrival
        )
        do throws(LMDBError) {
            let row = try snapshot.views.value(for: key.span, in: tables.subjectEvents)
            guard let row else { return false }
            return IndexEntry(key: key.span, value: row) == entry
        } catch {
            throw .storage(error)
        }
    }

    /// Whether the arrival that the index names for `id` comes before `arrival` and holds it.
    private static func holds(
        _ id: EventID,
        before arrival: UInt64,
        _ first: UInt64?,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> Bool {
        guard let first, first < arrival, let leaf = try snapshot.leaf(arrival: first) else {
            return false
        }
        return (try? LeafKeys(leaf: leaf))?.id == id
    }

    /// Compares each subject's row with its events; returns how many events there are.
    private mutating func checkSubjects(
        _ snapshot: borrowing Snapshot,
        _ tables: ViewTables,
        _ tracking: Tracking
    ) throws(EventStoreError) -> UInt64 {
        var counted: UInt64 = 0
        try snapshot.views.forEach(in: tables.subjects) { (key, row) throws(EventStoreError) in
            self.subjects += 1
            guard let stored = SubjectSummary(row: row), let number = stored.number else {
                self.note(.subject(String(decoding: [UInt8](copying: key), as: UTF8.self)))
                return true
            }
            var found = SubjectSummary(number: number)
            try tables.forEachEntry(of: number, snapshot.views) {
                (entry) throws(EventStoreError) in
                found.note(entry)
                return true
            }
            counted += found.version
            let newest = stored.newestByLog.sorted { $0.logNumber < $1.logNumber }
            let foundNewest = found.newestByLog.sorted { $0.logNumber < $1.logNumber }
            if stored.version != found.version || stored.newestOrder != found.newestOrder
                || number >= tracking.subjects
                || !newest.elementsEqual(foundNewest, by: ==)
            {
                self.note(.subject(String(decoding: [UInt8](copying: key), as: UTF8.self)))
            }
            return true
        }
        return counted
    }

    /// Compares the numbers of rows with what the log accounts for.
    private mutating func checkSurplus(
        _ snapshot: borrowing Snapshot,
        _ tables: ViewTables,
        _ expected: Expected,
        _ counted: UInt64
    ) throws(EventStoreError) {
        do throws(LMDBError) {
            let filed = UInt64(try snapshot.views.count(in: tables.subjectEvents))
            let ids = UInt64(try snapshot.views.count(in: tables.eventIDs))
            if filed > expected.filed {
                self.note(.surplus(table: "subjectEvents", rows: filed - expected.filed))
            } else if counted != filed {
                let gap = max(counted, filed) - min(counted, filed)
                self.note(.surplus(table: "subjects", rows: gap))
            }
            if ids > expected.ids {
                self.note(.surplus(table: "eventIDs", rows: ids - expected.ids))
            }
        } catch {
            throw .storage(error)
        }
    }
}
