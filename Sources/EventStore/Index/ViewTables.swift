internal import LMDB
internal import LedgerTypes

/// The open tables of `views/`.
struct ViewTables: Sendable {
    /// ``ViewTable/meta``.
    let meta: Table
    /// ``ViewTable/subjects``.
    let subjects: Table
    /// ``ViewTable/subjectEvents``.
    let subjectEvents: Table
    /// ``ViewTable/eventIDs``.
    let eventIDs: Table

    /// Opens the tables; `nil` if one is missing and `create` is not set. The calling thread holds
    /// no transaction.
    init?(_ environment: Environment, create: Bool) throws(LMDBError) {
        guard
            let meta = try environment.table(named: ViewTable.meta.rawValue, create: create),
            let subjects = try environment.table(
                named: ViewTable.subjects.rawValue,
                create: create
            ),
            let subjectEvents = try environment.table(
                named: ViewTable.subjectEvents.rawValue,
                create: create
            ),
            let eventIDs = try environment.table(
                named: ViewTable.eventIDs.rawValue,
                create: create
            )
        else { return nil }
        self.meta = meta
        self.subjects = subjects
        self.subjectEvents = subjectEvents
        self.eventIDs = eventIDs
    }

    /// Empties every table.
    func clear(_ transaction: inout WriteTransaction) throws(LMDBError) {
        try transaction.clear(self.meta)
        try transaction.clear(self.subjects)
        try transaction.clear(self.subjectEvents)
        try transaction.clear(self.eventIDs)
    }
}

/// The rows of `subjects`: number ‖ count ‖ newest order ‖ (log number ‖ newest index) for each log
/// that holds events of the subject, in the order in which they first came.
extension SubjectSummary {
    /// The bytes of a row for a subject in one log.
    private static let headBytes = 24
    private static let logBytes = 12

    /// Reads a row; `nil` if it is malformed.
    init?(row: Span<UInt8>) {
        let rest = row.count - Self.headBytes
        guard rest >= Self.logBytes, rest.isMultiple(of: Self.logBytes) else { return nil }
        self.init(
            number: row.bigEndianWord(at: 0),
            version: row.bigEndianWord(at: 8),
            newestOrder: Timestamp(
                microseconds: Int64(bitPattern: row.bigEndianWord(at: 16))
            )
        )
        for offset in stride(from: Self.headBytes, to: row.count, by: Self.logBytes) {
            self.newestByLog.append(
                (row.bigEndian32(at: offset), row.bigEndianWord(at: offset + 4))
            )
        }
    }

    /// The row; the subject has a number and at least one event.
    var row: [UInt8] {
        precondition(self.version > 0 && !self.newestByLog.isEmpty)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headBytes + Self.logBytes * self.newestByLog.count)
        bytes.appendBigEndian(self.number ?? .max)
        bytes.appendBigEndian(self.version)
        bytes.appendBigEndian((self.newestOrder ?? Timestamp(microseconds: .min)).microseconds)
        for newest in self.newestByLog {
            bytes.appendBigEndian(newest.logNumber)
            bytes.appendBigEndian(newest.index)
        }
        return bytes
    }

    /// Adds one event.
    mutating func note(_ entry: IndexEntry) {
        self.version += 1
        self.newestOrder = max(self.newestOrder ?? entry.order, entry.order)
        self.note(entry.index, log: entry.logNumber)
    }
}

/// The rows of `subjectEvents`.
extension IndexEntry {
    /// The bytes of the key and of the value.
    static let keyBytes = 24
    static let valueBytes = 12

    /// Reads a row; `nil` if it is malformed.
    init?(key: Span<UInt8>, value: Span<UInt8>) {
        guard key.count == Self.keyBytes, value.count == Self.valueBytes else { return nil }
        let place = key.bigEndianWord(at: 8) ^ (1 << 63)
        self.init(
            order: Timestamp(microseconds: Int64(bitPattern: place)),
            arrival: key.bigEndianWord(at: 16),
            logNumber: value.bigEndian32(at: 0),
            index: value.bigEndianWord(at: 4)
        )
    }

    /// The value of the row.
    var value: [12 of UInt8] {
        let log = self.logNumber
        let index = self.index
        return [12 of UInt8] { position in
            position < 4
                ? UInt8(truncatingIfNeeded: log >> UInt32(24 - 8 * position))
                : UInt8(truncatingIfNeeded: index >> UInt64(56 - 8 * (position - 4)))
        }
    }
}
