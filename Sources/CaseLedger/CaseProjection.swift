public import CaseDomain
internal import EventStore
public import LedgerTypes
internal import Projections

/// What a service keeps of one case: a text of its own making, and what it is found by.
public struct CaseRow: Hashable, Sendable {
    /// The text, such as a number or JSON.
    public var value: String
    /// What the case is found by.
    public var keys: [String]

    /// Creates a row.
    public init(_ value: String, keys: [String] = []) {
        self.value = value
        self.keys = keys
    }
}

/// A read model of a service's own, kept in `views/` beside the log.
///
/// The service says what each case comes to. The ledger folds a case again when something came for
/// it, writes rows and position in one transaction, goes on after a kill where it was, and makes
/// the rows of another version anew. A read completes what is not written yet, so it always sees
/// every append before it. Rows are made of what the log holds alone: the fold sees no clock, and
/// sealed texts are withheld from it. It may be called again for any case at any time, so it must
/// have no effect outside.
public struct CaseProjection: Sendable {
    /// The numbers that services choose from; some ten can be kept at once.
    public static let numbers: ClosedRange<UInt8> = 1...100

    let rows: CaseRows

    /// Describes a read model.
    ///
    /// - Parameters:
    ///   - number: where its rows are kept, for ever; another for each of the service's.
    ///   - name: what it is called.
    ///   - version: of the fold: one that gives other rows needs another.
    ///   - fold: what a case comes to, `nil` for no row. Pure.
    public init(
        number: UInt8,
        name: String,
        version: UInt32,
        fold: @escaping @Sendable (CaseState) -> CaseRow?
    ) {
        precondition(Self.numbers.contains(number), "a service's projections are 1 to 100")
        // The ledger's own have the numbers below.
        self.rows = CaseRows(number: 100 + number, name: name, version: version) { state in
            fold(state).map { ($0.value, $0.keys) }
        }
    }
}

extension Ledger {
    /// Keeps the rows of `projection` up to date in the background for as long as the ledger is
    /// open. Not needed for a right answer: reads complete what is missing.
    ///
    /// - Throws: errors of storage.
    public func keep(_ projection: CaseProjection) throws(LedgerError) {
        do throws(EventStoreError) {
            try self.store.maintain(projection.rows.projection)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// Brings the rows of `projection` up to date with everything appended so far. `progress` gets
    /// how many cases were folded. A ledger that is open for reading only does nothing.
    ///
    /// - Throws: errors of storage.
    public func catchUp(
        _ projection: CaseProjection,
        progress: (Int) -> Void = { _ in }
    ) throws(LedgerError) {
        try self.catchUp(projection.rows.projection, progress: progress)
    }

    /// The text of one case; `nil` if it has none.
    ///
    /// - Throws: errors of storage.
    public func row(
        of caseID: Subject,
        in projection: CaseProjection
    ) throws(LedgerError) -> String? {
        try self.reading(projection) { (snapshot, reading) throws(EventStoreError) in
            try snapshot.rows(of: caseID, reading).flatMap(CaseRows.text)
        }
    }

    /// The cases found by `key` with their texts, in the order of their ids.
    ///
    /// - Throws: errors of storage.
    public func rows(
        of projection: CaseProjection,
        under key: String
    ) throws(LedgerError) -> [(caseID: Subject, value: String)] {
        try self.reading(projection) { (snapshot, reading) throws(EventStoreError) in
            var found: [(caseID: Subject, value: String)] = []
            for unit in try snapshot.units(CaseRows.key(key), reading) {
                guard let rows = try snapshot.rows(of: unit, reading),
                    let text = CaseRows.text(rows)
                else { continue }
                found.append((unit, text))
            }
            return found
        }
    }

    /// The cases that `projection` leaves out because they cannot be read.
    ///
    /// - Throws: errors of storage.
    public func unreadableCases(
        in projection: CaseProjection
    ) throws(LedgerError) -> [UnreadableCase] {
        try self.reading(projection) { (snapshot, reading) throws(EventStoreError) in
            try snapshot.unreadable(reading)
        }
    }

    private func reading<Value>(
        _ projection: CaseProjection,
        _ body: (borrowing Snapshot, ProjectionReading) throws(EventStoreError) -> Value
    ) throws(LedgerError) -> Value {
        do throws(EventStoreError) {
            return try self.store.read(projection.rows.projection, body)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }
}

extension Snapshot {
    /// The units that could not be folded, and why.
    borrowing func unreadable(
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> [UnreadableCase] {
        var cases: [UnreadableCase] = []
        for unit in try self.units(.failed, reading) {
            guard let rows = try self.rows(of: unit, reading) else { continue }
            let reason = String(decoding: rows.value, as: UTF8.self)
            cases.append(UnreadableCase(subject: unit, reason: reason))
        }
        return cases
    }
}
