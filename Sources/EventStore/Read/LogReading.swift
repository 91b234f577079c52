internal import LMDB
internal import LedgerTypes

/// What reading and writing transactions of `log/` have in common for those who only read.
protocol LogReading: ~Copyable, ~Escapable {
    /// The value under `key`, or `nil`.
    @_lifetime(borrow self)
    borrowing func value(
        for key: Span<UInt8>,
        in table: Table
    ) throws(LMDBError) -> Span<UInt8>?

    /// Gives `body` the rows from `bound` on until it returns false.
    borrowing func forEach<Failure: StorageFailure>(
        in table: Table,
        from bound: [UInt8]?,
        backwards: Bool,
        _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure)

    /// The row with the greatest key that is at most `key`.
    borrowing func floor(_ key: Span<UInt8>, in table: Table) throws(LMDBError) -> Row?

    /// What `body` makes of that row.
    borrowing func floor<Success>(
        _ key: Span<UInt8>,
        in table: Table,
        _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) -> Success
    ) throws(LMDBError) -> Success?

    /// The number of the newest transaction that it sees.
    var identifier: UInt64 { get }
}

extension ReadTransaction: LogReading {}
extension WriteTransaction: LogReading {}

/// Where one leaf stands: in order of arrival and in its log.
struct LeafPlace: Hashable, Sendable {
    /// The local arrival number.
    let arrival: UInt64
    /// The log's local number.
    let logNumber: UInt32
    /// The index in that log.
    let index: UInt64

    /// The bytes of a leaf row before the leaf.
    static let byteCount = 12

    /// Reads the place in a leaf row; `nil` if the row is too short.
    init?(arrival: UInt64, row: Span<UInt8>) {
        guard row.count >= Self.byteCount else { return nil }
        self.arrival = arrival
        self.logNumber = row.bigEndian32(at: 0)
        self.index = row.bigEndianWord(at: 4)
    }
}

extension Span<UInt8> {
    /// The four bytes at `offset` as a number, most significant first. The caller has checked that
    /// they are there.
    func bigEndian32(at offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset + 4 <= self.count)
        var word: UInt32 = 0
        for index in offset..<offset + 4 { word = word << 8 | UInt32(self[index]) }
        return word
    }
}

/// An error of a scan: the storage's, or that of the scan's body.
enum ScanFailure<Failure: Error>: StorageFailure {
    /// The storage failed.
    case storage(LMDBError)
    /// A row is not what it should be.
    case damaged(table: String, row: String)
    /// The body threw.
    case body(Failure)
}

extension ScanFailure where Failure: EventStoreFailure {
    /// The error to throw outside the scan.
    var unwrapped: Failure {
        switch self {
        case .storage(let error): .store(.storage(error))
        case .damaged(let table, let row): .store(.damaged(table: table, row: row))
        case .body(let failure): failure
        }
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// How many leaves are held, over all logs: the next arrival number.
    borrowing func arrivalsHeld(_ tables: LogTables) throws(EventStoreError) -> UInt64 {
        var held: UInt64 = 0
        try self.forEach(in: tables.leaves, from: nil, backwards: true) {
            (key, _) throws(EventStoreError) in
            guard key.count == 9, key.bigEndianWord(at: 0) < .max else {
                throw .damaged(table: "leaves", row: key.hex)
            }
            held = key.bigEndianWord(at: 0) + 1
            return false
        }
        return held
    }

    /// Gives `body` the leaves from arrival `first` on in order of arrival, or, with `backwards`,
    /// from arrival `first` down to 0, until it returns false.
    borrowing func forEachLeaf<Failure: EventStoreFailure>(
        from first: UInt64,
        backwards: Bool = false,
        _ tables: LogTables,
        _ body: (_ place: LeafPlace, _ leaf: Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure) {
        let bound = [UInt8](copying: Key.leaf(first).span)
        // The body's error goes round the scan, whose own error is concrete and so cheap to pass.
        var failure: Failure?
        do throws(LMDBError) {
            try self.forEach(in: tables.leaves, from: bound, backwards: backwards) {
                (key, row) throws(LMDBError) in
                // Sections follow their leaf.
                guard key.count != 9 || key[8] == 0 else { return true }
                guard key.count == 9,
                    let place = LeafPlace(arrival: key.bigEndianWord(at: 0), row: row)
                else {
                    failure = .store(.damaged(table: "leaves", row: key.hex))
                    return false
                }
                do throws(Failure) {
                    return try body(place, row.extracting(LeafPlace.byteCount..<row.count))
                } catch {
                    failure = error
                    return false
                }
            }
        } catch {
            throw .store(.storage(error))
        }
        if let failure { throw failure }
    }

    /// The arrival number of leaf `index` of the log; `nil` if `index` lies before every run.
    ///
    /// Does not know where the log ends: the caller compares `index` with the log's size, or the
    /// leaf's own row with the address.
    borrowing func arrival(
        log number: UInt32,
        index: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> UInt64? {
        let bound = Key.run(log: number, firstIndex: index)
        let run: LogTail.Run??
        do throws(LMDBError) {
            run = try self.floor(bound.span, in: tables.runs) { (key, value) -> LogTail.Run? in
                guard key.count == 12, key.bigEndian32(at: 0) == number, value.count == 8 else {
                    return nil
                }
                return LogTail.Run(
                    firstIndex: key.bigEndianWord(at: 4),
                    firstArrival: value.bigEndianWord(at: 0)
                )
            }
        } catch {
            throw .storage(error)
        }
        // Wraps only if the row is damaged; no leaf is found there then.
        if case .some(.some(let run)) = run { return run.firstArrival &+ index &- run.firstIndex }
        return try self.undamaged(bound.span, log: number, tables)
    }

    /// Tells a log without a run from one whose row of `runs` at or before `bound` is damaged.
    private borrowing func undamaged(
        _ bound: Span<UInt8>,
        log number: UInt32,
        _ tables: LogTables
    ) throws(EventStoreError) -> UInt64? {
        let row: Row?
        do throws(LMDBError) {
            row = try self.floor(bound, in: tables.runs)
        } catch {
            throw .storage(error)
        }
        guard let row, row.key.count == 12, row.key.span.bigEndian32(at: 0) == number else {
            return nil
        }
        // The leaf is in a gap of a log of which a part is held.
        if case .gap = RunRow(row.value.span) { return nil }
        throw .damaged(table: "runs", row: row.key.hex)
    }
}

extension Span<UInt8> {
    /// The bytes as lower-case hexadecimal digits.
    var hex: String { [UInt8](copying: self).hex }
}
