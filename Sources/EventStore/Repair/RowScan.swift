internal import LMDB
internal import LedgerTypes

/// Finds rows of `runs` and `heads`, and copies of geneses, that do not fit the leaves: what every
/// read goes through, so what has to be right before anything else is looked at.
///
/// A few leaves for each run; all of them only where a run looks wrong.
struct RowScan {
    let tables: LogTables
    /// What is wrong.
    private(set) var damages: [Damage] = []

    init(tables: LogTables) { self.tables = tables }

    /// Looks at every log.
    mutating func run(
        _ transaction: borrowing some (LogReading & ~Copyable & ~Escapable)
    ) throws(EventStoreError) {
        var doubtful: [(number: UInt32, id: LogID)] = []
        let isWithCopies = try transaction.hasGenesisCopies(self.tables)
        for number in 0..<(try transaction.logCount(self.tables)) {
            guard let row = try transaction.logRow(number, self.tables) else {
                throw .damaged(table: "logs", row: Key.log(number).span.hex)
            }
            if isWithCopies, try transaction.genesisCopy(row.id, self.tables) == nil {
                self.damages.append(.genesisCopy(row.id))
            }
            // Rows of a log of which a part is held are compared by `verify`.
            if row.flags.contains(.partial) { continue }
            let head = try transaction.soundHead(number, self.tables)
            if try !self.areRunsRight(number, head, transaction) {
                doubtful.append((number, row.id))
            }
            var isHeadRight = false
            if let head { isHeadRight = try self.isRight(head, number, transaction) }
            if !isHeadRight { self.damages.append(.head(row.id)) }
        }
        guard !doubtful.isEmpty else { return }
        // A rotten leaf at the end of a run looks like a wrong run.
        let derived = try RunDerivation(transaction, self.tables)
        for (number, id) in doubtful {
            let stored = try transaction.storedRuns(number, self.tables)
            if stored != derived.runs[number] ?? [] { self.damages.append(.runs(id)) }
        }
    }

    /// Whether the leaves at both ends of each run are where the row says.
    private func areRunsRight(
        _ number: UInt32,
        _ head: HeadRow?,
        _ transaction: borrowing some (LogReading & ~Copyable & ~Escapable)
    ) throws(EventStoreError) -> Bool {
        guard let runs = try transaction.storedRuns(number, self.tables),
            runs.first?.firstIndex == 0
        else { return false }
        for (place, run) in runs.enumerated() {
            let end = place + 1 < runs.count ? runs[place + 1].firstIndex : head?.size
            for index in [run.firstIndex, (end ?? run.firstIndex + 1) &- 1] {
                let arrival = run.firstArrival &+ index &- run.firstIndex
                guard let leaf = try transaction.place(arrival: arrival, self.tables),
                    leaf.logNumber == number, leaf.index == index
                else { return false }
            }
        }
        return true
    }

    /// Whether the log ends where its head says, and at the time that it says.
    private func isRight(
        _ head: HeadRow,
        _ number: UInt32,
        _ transaction: borrowing some (LogReading & ~Copyable & ~Escapable)
    ) throws(EventStoreError) -> Bool {
        guard head.size > 0,
            let arrival = try transaction.arrivalIfSound(number, head.size - 1, self.tables),
            let row = try transaction.copy(for: Key.leaf(arrival).span, in: self.tables.leaves),
            let last = LeafPlace(arrival: arrival, row: row.span)
        else { return head.size > 0 }
        // What is wrong with the leaf itself its tile tells.
        guard last.logNumber == number, last.index == head.size - 1 else { return true }
        if let next = try transaction.place(arrival: arrival + 1, self.tables),
            next.logNumber == number, next.index == head.size
        {
            return false
        }
        let recorded = Writer.recorded(Array(row[LeafPlace.byteCount...]))
        return recorded == nil || recorded == head.lastRecorded
    }
}

/// The runs and sizes of all logs as the leaves themselves tell them, in one pass.
///
/// Of leaves whose place is rotten it is believed that they go on where the one before them ended;
/// if that leads to a contradiction nothing is believed (``isClear``).
struct RunDerivation {
    /// By local number.
    private(set) var runs: [UInt32: [LogTail.Run]] = [:]
    private(set) var sizes: [UInt32: UInt64] = [:]
    /// Whether every leaf was told where it belongs.
    private(set) var isClear = true
    private var current: UInt32?
    private var unclear: UInt64 = 0
    private var nextArrival: UInt64 = 0
    /// Logs of which a part is held: their leaves are told by their own places alone.
    private let parts: Set<UInt32>

    init(
        _ transaction: borrowing some (LogReading & ~Copyable & ~Escapable),
        _ tables: LogTables
    ) throws(EventStoreError) {
        var parts: Set<UInt32> = []
        for number in 0..<(try transaction.logCount(tables)) {
            if try transaction.isPartial(number, tables) { parts.insert(number) }
        }
        self.parts = parts
        do throws(LMDBError) {
            try transaction.forEach(in: tables.leaves, from: nil, backwards: false) {
                (key, row) throws(LMDBError) in
                guard key.count == 9, key[8] == 0 else { return true }
                self.take(key.bigEndianWord(at: 0), row)
                return true
            }
        } catch {
            throw .storage(error)
        }
        self.settle()
    }

    private mutating func take(_ arrival: UInt64, _ row: Span<UInt8>) {
        self.unclear += arrival - self.nextArrival
        self.nextArrival = arrival + 1
        guard let place = LeafPlace(arrival: arrival, row: row) else {
            self.unclear += 1
            return
        }
        if self.parts.contains(place.logNumber) {
            self.settle()
            self.current = nil
            return
        }
        let next = self.sizes[place.logNumber] ?? 0
        if place.logNumber == self.current, place.index == next + self.unclear {
            self.unclear = 0
        } else if place.index == next {
            self.settle()
            self.current = place.logNumber
            let run = LogTail.Run(firstIndex: next, firstArrival: arrival)
            self.runs[place.logNumber, default: []].append(run)
        } else {
            self.unclear += 1
            return
        }
        self.sizes[place.logNumber] = place.index + 1
    }

    /// Gives what is unclear to the log that was read last.
    private mutating func settle() {
        guard self.unclear > 0 else { return }
        if let current { self.sizes[current, default: 0] += self.unclear }
        self.isClear = self.isClear && self.current != nil
        self.unclear = 0
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// The head of a log; `nil` if it is missing or damaged.
    borrowing func soundHead(
        _ number: UInt32,
        _ tables: LogTables
    ) throws(EventStoreError) -> HeadRow? {
        let row = try self.copy(for: Key.log(number).span, in: tables.heads)
        return row.flatMap { HeadRow($0.span) }
    }

    /// The rows of `runs` of a log; `nil` if one of them is malformed.
    borrowing func storedRuns(
        _ number: UInt32,
        _ tables: LogTables
    ) throws(EventStoreError) -> [LogTail.Run]? {
        var runs: [LogTail.Run] = []
        var isSound = true
        let bound = [UInt8](copying: Key.run(log: number, firstIndex: 0).span)
        do throws(LMDBError) {
            try self.forEach(in: tables.runs, from: bound, backwards: false) {
                (key, row) throws(LMDBError) in
                guard key.count >= 4, key.bigEndian32(at: 0) == number else { return false }
                guard key.count == 12, row.count == 8 else {
                    isSound = false
                    return false
                }
                runs.append(
                    LogTail.Run(
                        firstIndex: key.bigEndianWord(at: 4),
                        firstArrival: row.bigEndianWord(at: 0)
                    )
                )
                return true
            }
        } catch {
            throw .storage(error)
        }
        return isSound ? runs : nil
    }

    /// The arrival number of a leaf; `nil` also where the row that tells it is damaged.
    borrowing func arrivalIfSound(
        _ number: UInt32,
        _ index: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> UInt64? {
        do throws(EventStoreError) {
            return try self.arrival(log: number, index: index, tables)
        } catch .damaged {
            return nil
        } catch {
            throw error
        }
    }

    /// The copy of a log's leaf 0 that stands apart from it; `nil` if there is none, or it is not
    /// that.
    borrowing func genesisCopy(
        _ log: LogID,
        _ tables: LogTables
    ) throws(EventStoreError) -> [UInt8]? {
        let key = MetaKey.genesis(log)
        guard let leaf = try self.copy(for: key.span, in: tables.meta),
            LogID(genesisLeaf: leaf) == log
        else { return nil }
        return leaf
    }

    /// Whether this program, or a later one, has written copies of geneses here.
    borrowing func hasGenesisCopies(_ tables: LogTables) throws(EventStoreError) -> Bool {
        var isFound = false
        do throws(LMDBError) {
            try self.forEach(in: tables.meta, from: MetaKey.genesisPrefix, backwards: false) {
                (key, _) throws(LMDBError) in
                isFound = [UInt8](copying: key).starts(with: MetaKey.genesisPrefix)
                return false
            }
        } catch {
            throw .storage(error)
        }
        return isFound
    }
}
