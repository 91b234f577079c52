internal import LMDB
internal import LedgerTypes

/// How far `views/` has come, and what tells whether it belongs to this `log/`.
///
/// Stored in `meta` of `views/`, in the transaction that wrote the rows it speaks of: one row for
/// the whole and one for each log.
struct Tracking: Hashable, Sendable {
    /// The version of the rows that this code writes. Other rows are dropped and built again.
    static let version: UInt32 = 3

    /// One log, as far as it is indexed.
    struct Log: Hashable, Sendable {
        /// The log.
        var id: LogID
        /// How many of its leaves are indexed.
        var size: UInt64
        /// The root over those.
        var root: Digest
    }

    /// How many arrivals are indexed: the first one that is not.
    var arrivals: UInt64 = 0
    /// How many subjects have a number: the next number.
    var subjects: UInt64 = 0
    /// The logs by local number.
    var logs: [UInt32: Log] = [:]

    static let wholeKey = Array("tracking".utf8)
    private static let logKey = Array("log".utf8)
    static let wholeBytes = 20
    private static let logBytes = 56

    /// Nothing indexed.
    init() {}

    /// Reads the tracking; `nil` if there is none, or of another version, or a damaged one.
    init?<Views: LogReading & ~Copyable & ~Escapable>(
        _ transaction: borrowing Views,
        _ tables: ViewTables
    ) throws(LMDBError) {
        guard let row = try transaction.value(for: Self.wholeKey.span, in: tables.meta),
            row.count == Self.wholeBytes, row.bigEndian32(at: 0) == Self.version
        else { return nil }
        self.arrivals = row.bigEndianWord(at: 4)
        self.subjects = row.bigEndianWord(at: 12)
        var logs: [UInt32: Log] = [:]
        var isWhole = true
        try transaction.forEach(in: tables.meta, from: Self.logKey, backwards: false) {
            (key, value) throws(LMDBError) in
            let prefix = Self.logKey.count
            guard key.count == prefix + 4, key.extracting(..<prefix).equals(Self.logKey.span)
            else { return false }
            guard value.count == Self.logBytes, let id = LogID(value.extracting(..<16)),
                let root = Digest(value.extracting(24...))
            else {
                isWhole = false
                return false
            }
            logs[key.bigEndian32(at: prefix)] = Log(
                id: id,
                size: value.bigEndianWord(at: 16),
                root: root
            )
            return true
        }
        guard isWhole else { return nil }
        self.logs = logs
    }

    /// Writes the tracking; only the logs that differ from `previous`.
    func write(
        _ transaction: inout WriteTransaction,
        _ tables: ViewTables,
        replacing previous: Tracking
    ) throws(LMDBError) {
        var whole: [UInt8] = []
        whole.appendBigEndian(Self.version)
        whole.appendBigEndian(self.arrivals)
        whole.appendBigEndian(self.subjects)
        try transaction.put(whole.span, for: Self.wholeKey.span, in: tables.meta)
        for (number, log) in self.logs.sorted(by: { $0.key < $1.key })
        where previous.logs[number] != log {
            var key = Self.logKey
            key.appendBigEndian(number)
            var value = log.id.bytes
            value.appendBigEndian(log.size)
            log.root.append(to: &value)
            try transaction.put(value.span, for: key.span, in: tables.meta)
        }
    }

    /// Whether the log begins with exactly what is indexed: as many arrivals, the same logs under
    /// the same numbers, the same roots.
    ///
    /// Each log's last indexed leaf must have arrived before ``arrivals``, and the sizes must add
    /// up to it; then every log has exactly that size there. The roots of logs that stand in
    /// `known` were found right before and are not computed again.
    func isPrefix<Log: LogReading & ~Copyable & ~Escapable>(
        of log: borrowing Log,
        _ tables: LogTables,
        known: [UInt32: Tracking.Log] = [:]
    ) throws(EventStoreError) -> Bool {
        guard try self.arrivals <= log.arrivalsHeld(tables) else { return false }
        var sum: UInt64 = 0
        var hasParts = false
        for number in self.logs.keys where !hasParts {
            hasParts = try log.isPartial(number, tables)
        }
        for (number, tracked) in self.logs {
            if hasParts, try log.isPartial(number, tables) {
                guard try log.logID(number, tables) == tracked.id else { return false }
                continue
            }
            let (total, overflow) = sum.addingReportingOverflow(tracked.size)
            guard !overflow, tracked.size > 0 else { return false }
            sum = total
            guard try log.logID(number, tables) == tracked.id,
                let last = try log.arrival(log: number, index: tracked.size - 1, tables),
                last < self.arrivals,
                try log.place(arrival: last, tables)
                    == LeafPlace(arrival: last, logNumber: number, index: tracked.size - 1)
            else { return false }
            if hasParts, let next = try log.arrival(log: number, index: tracked.size, tables),
                next < self.arrivals,
                try log.place(arrival: next, tables)
                    == LeafPlace(arrival: next, logNumber: number, index: tracked.size)
            {
                return false
            }
            if known[number] == tracked { continue }
            guard try log.root(log: number, size: tracked.size, tables) == tracked.root else {
                return false
            }
        }
        // How many leaves of a part are indexed is not known; of every other log exactly its size.
        return hasParts ? sum <= self.arrivals : sum == self.arrivals
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// A log of which `size` leaves are indexed, or, of one held in part, all that arrived so far:
    /// such a log has no root at a size, as its leaves do not come in order of index.
    borrowing func tracked(
        _ number: UInt32,
        size: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> Tracking.Log {
        guard let row = try self.logRow(number, tables) else {
            let key = Key.log(number)
            throw .damaged(table: "logs", row: key.span.hex)
        }
        if row.flags.contains(.partial) {
            return Tracking.Log(id: row.id, size: 1, root: Digest(words: 0, 0, 0, 0))
        }
        let root = try self.root(log: number, size: size, tables)
        return Tracking.Log(id: row.id, size: size, root: root)
    }
}

extension ViewTables {
    /// How many arrivals are indexed in the snapshot that `views` sees; `nil` if there is no
    /// tracking, or of another version.
    func arrivals(_ views: borrowing ReadTransaction) throws(EventStoreError) -> UInt64? {
        do throws(LMDBError) {
            guard let row = try views.value(for: Tracking.wholeKey.span, in: self.meta),
                row.count == Tracking.wholeBytes, row.bigEndian32(at: 0) == Tracking.version
            else { return nil }
            return row.bigEndianWord(at: 4)
        } catch {
            throw .storage(error)
        }
    }
}
