internal import LMDB
internal import LedgerTypes
internal import Merkle

/// A row of `runs`: where leaves lie in order of arrival, or, in a log of which a part is held, the
/// root over leaves that are not here.
///
/// ```
/// first arrival u64                       a run of leaves, up to the log's next row
/// level u8 ‖ root 32                      a gap: the complete subtree that begins here
/// ```
enum RunRow: Hashable, Sendable {
    case leaves(firstArrival: UInt64)
    case gap(level: Int, hash: Digest)

    /// Reads a row; `nil` if it is not one.
    init?(_ row: Span<UInt8>) {
        if row.count == 8 {
            self = .leaves(firstArrival: row.bigEndianWord(at: 0))
        } else if row.count == Self.gapByteCount, Int(row[0]) <= SubtreePlace.levelMax,
            let hash = Digest(row.extracting(1...))
        {
            self = .gap(level: Int(row[0]), hash: hash)
        } else {
            return nil
        }
    }

    static let gapByteCount = 33

    /// The row's bytes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .leaves(let firstArrival): bytes.appendBigEndian(firstArrival)
        case .gap(let level, let hash):
            bytes.append(UInt8(level))
            hash.append(to: &bytes)
        }
        return bytes
    }
}

extension GapNode {
    /// The gap that the row at `first` is; `nil` if it is none that can be there.
    init?(first: UInt64, level: Int, hash: Digest) {
        guard first & (1 << UInt64(level) &- 1) == 0 else { return nil }
        self.init(place: SubtreePlace(first: first, level: level), hash: hash)
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// Whether only a part of a log is held.
    borrowing func isPartial(
        _ number: UInt32,
        _ tables: LogTables
    ) throws(EventStoreError) -> Bool {
        try self.logRow(number, tables)?.flags.contains(.partial) ?? false
    }

    /// The row of `runs` of a log that `index` falls into, and where it begins.
    borrowing func runRow(
        log number: UInt32,
        index: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> (first: UInt64, row: RunRow)? {
        let bound = Key.run(log: number, firstIndex: index)
        let found: Row?
        do throws(LMDBError) {
            found = try self.floor(bound.span, in: tables.runs)
        } catch {
            throw .storage(error)
        }
        guard let found, found.key.count == 12, found.key.span.bigEndian32(at: 0) == number else {
            return nil
        }
        guard let row = RunRow(found.value.span) else {
            throw .damaged(table: "runs", row: found.key.hex)
        }
        return (found.key.span.bigEndianWord(at: 4), row)
    }

    /// Gives `body` the rows of `runs` of a log in order of index, from the one that `index` falls
    /// into, until it returns false: the indexes that a row speaks of, up to `size`, and the row.
    borrowing func forEachRun<Failure: EventStoreFailure>(
        log number: UInt32,
        from index: UInt64,
        size: UInt64,
        _ tables: LogTables,
        _ body: (_ indexes: Range<UInt64>, _ row: RunRow) throws(Failure) -> Bool
    ) throws(Failure) {
        var waiting: (first: UInt64, row: RunRow)?
        do throws(EventStoreError) {
            waiting = try self.runRow(log: number, index: index, tables)
        } catch {
            throw .store(error)
        }
        guard let start = waiting, start.first < size else { return }
        let bound = [UInt8](copying: Key.run(log: number, firstIndex: start.first + 1).span)
        var failure: Failure?
        do throws(LMDBError) {
            try self.forEach(in: tables.runs, from: bound, backwards: false) {
                (key, value) throws(LMDBError) in
                guard key.count == 12, key.bigEndian32(at: 0) == number,
                    key.bigEndianWord(at: 4) < size, let before = waiting
                else { return false }
                let first = key.bigEndianWord(at: 4)
                do throws(Failure) {
                    guard let row = RunRow(value) else {
                        throw .store(.damaged(table: "runs", row: key.hex))
                    }
                    waiting = nil
                    guard try body(before.first..<first, before.row) else { return false }
                    waiting = (first, row)
                } catch {
                    failure = error
                    return false
                }
                return true
            }
        } catch {
            throw .store(.storage(error))
        }
        if let failure { throw failure }
        if let waiting { _ = try body(waiting.first..<size, waiting.row) }
    }

    /// The root over a complete subtree of a log of which a part is held: made of leaves and gaps.
    borrowing func partialNode(
        log number: UInt32,
        _ place: SubtreePlace,
        _ tables: LogTables
    ) throws(EventStoreError) -> Digest {
        var tree = CompactRange()
        try self.forEachRun(log: number, from: place.first, size: place.end, tables) {
            (indexes, row) throws(EventStoreError) in
            switch row {
            case .gap(let level, let hash):
                let end = indexes.lowerBound &+ (1 << UInt64(level))
                guard indexes.lowerBound >= place.first, end <= place.end else {
                    // The gap is wider: this node was never here.
                    guard let id = try self.logID(number, tables) else {
                        let key = Key.log(number)
                        throw .damaged(table: "logs", row: key.span.hex)
                    }
                    throw .heldInPart(id)
                }
                tree.append(hash, level: level)
            case .leaves(let firstArrival):
                let first = max(indexes.lowerBound, place.first)
                for index in first..<indexes.upperBound {
                    let arrival = firstArrival + (index - indexes.lowerBound)
                    let hash = try self.heldLeafHash(number, index: index, arrival, tables)
                    tree.append(hash)
                }
            }
            return true
        }
        guard tree.size == place.count else {
            let key = Key.run(log: number, firstIndex: place.first)
            throw .damaged(table: "runs", row: key.span.hex)
        }
        return tree.root
    }

    private borrowing func heldLeafHash(
        _ number: UInt32,
        index: UInt64,
        _ arrival: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> Digest {
        let key = Key.leaf(arrival)
        do throws(LMDBError) {
            if let row = try self.value(for: key.span, in: tables.leaves),
                let place = LeafPlace(arrival: arrival, row: row),
                place.logNumber == number, place.index == index
            {
                return MerkleHash.leaf(row.extracting(LeafPlace.byteCount..<row.count))
            }
        } catch {
            throw .storage(error)
        }
        throw .damaged(table: "leaves", row: key.span.hex)
    }

    /// The same, by level and number.
    borrowing func partialNode(
        log number: UInt32,
        level: Int,
        index: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> Digest {
        let place = SubtreePlace(first: index << UInt64(level), level: level)
        return try self.partialNode(log: number, place, tables)
    }

    /// What is held of a log of which only a part is.
    borrowing func partialState(
        _ state: LogState,
        _ tables: LogTables
    ) throws(EventStoreError) -> PartialState {
        guard let head = try self.head(state.number, tables) else {
            let key = Key.log(state.number)
            throw .damaged(table: "heads", row: key.span.hex)
        }
        var labels: [Label: LabelPlace] = [:]
        try self.forEachLabel(log: state.number, tables) {
            (label, row) throws(EventStoreError) in
            labels[label] = LabelPlace(sequence: row.sequence, index: row.index)
        }
        let share = MetaKey.share(state.id)
        return PartialState(
            range: head.range,
            labels: labels,
            share: try self.copy(for: share.span, in: tables.meta) ?? []
        )
    }

    /// The arrivals of leaves of logs of which parts are held, in ascending order.
    borrowing func arrivalsOfParts(
        _ tables: LogTables
    ) throws(EventStoreError) -> [Range<UInt64>] {
        var arrivals: [Range<UInt64>] = []
        for log in try self.logStates(tables) where log.isPartial {
            let size = log.position.size
            try self.forEachRun(log: log.number, from: 0, size: size, tables) {
                (indexes, row) throws(EventStoreError) in
                if case .leaves(let first) = row {
                    arrivals.append(first..<first + UInt64(indexes.count))
                }
                return true
            }
        }
        return arrivals.sorted { $0.lowerBound < $1.lowerBound }
    }

    /// How many leaves of a log of which a part is held are, of those that arrived before `end`.
    borrowing func leavesHeld(
        _ state: LogState,
        before end: UInt64 = .max,
        _ tables: LogTables
    ) throws(EventStoreError) -> UInt64 {
        var count: UInt64 = 0
        let size = state.position.size
        try self.forEachRun(log: state.number, from: 0, size: size, tables) {
            (indexes, row) throws(EventStoreError) in
            if case .leaves(let arrival) = row, arrival < end {
                count += min(UInt64(indexes.count), end - arrival)
            }
            return true
        }
        return count
    }

    /// Gives `body` the rows of `labels` of one log.
    borrowing func forEachLabel(
        log number: UInt32,
        _ tables: LogTables,
        _ body: (Label, LabelRow) throws(EventStoreError) -> Void
    ) throws(EventStoreError) {
        let bound = [UInt8](copying: Key.log(number).span)
        try self.forEach(in: tables.labels, from: bound, backwards: false) {
            (key, value) throws(EventStoreError) in
            guard key.count > 5, key.bigEndian32(at: 0) == number else { return false }
            let nameEnd = 5 + Int(key[4])
            guard nameEnd <= key.count, let row = LabelRow(value) else {
                throw .damaged(table: "labels", row: key.hex)
            }
            let name = [UInt8](copying: key.extracting(5..<nameEnd))
            let value = [UInt8](copying: key.extracting(nameEnd...))
            let label = Label(
                name: String(decoding: name, as: UTF8.self),
                value: String(decoding: value, as: UTF8.self)
            )
            try body(label, row)
            return true
        }
    }
}
