internal import LMDB
internal import LedgerTypes
internal import Merkle

/// The growing end of one log, as the writer holds it between commits.
///
/// Writer thread. Whatever happens to a commit, it can be read again from the tables.
struct LogTail {
    /// Where the leaves from an index on lie, in order of arrival.
    struct Run: Hashable {
        let firstIndex: UInt64
        let firstArrival: UInt64
    }

    /// The log's local number.
    let number: UInt32
    /// The log.
    let id: LogID
    /// `recorded` of the last leaf.
    var lastRecorded: HybridTime
    /// The log's last run; `nil` before the first leaf.
    var run: Run?
    /// Tiles that became full since they were taken.
    private(set) var fullTiles: [FullTile] = []
    private var tree: TileBuilder

    /// The number of leaves.
    var size: UInt64 { self.tree.size }

    /// The root over them.
    var root: Digest { self.tree.root }

    /// The row of `heads`.
    var head: HeadRow { HeadRow(range: self.tree.range, lastRecorded: self.lastRecorded) }

    /// A log without leaves.
    init(number: UInt32, id: LogID) {
        self.number = number
        self.id = id
        self.lastRecorded = HybridTime(rawValue: 0)
        self.run = nil
        self.tree = TileBuilder()
    }

    /// Reads the end of a log; rehashes at most 255 leaves and finds the stored root again.
    init(
        number: UInt32,
        _ transaction: borrowing some (LogReading & ~Copyable & ~Escapable),
        _ tables: LogTables
    ) throws(EventStoreError) {
        guard let row = try transaction.logRow(number, tables),
            let head = try transaction.head(number, tables)
        else {
            let key = Key.log(number)
            throw .damaged(table: "heads", row: key.span.hex)
        }
        self.number = number
        self.id = row.id
        self.lastRecorded = head.lastRecorded
        self.run = try transaction.lastRun(number, tables)
        self.tree = try transaction.tree(log: number, size: head.size, tables)
        guard self.tree.root == head.root else {
            let key = Key.log(number)
            throw .damaged(table: "heads", row: key.span.hex)
        }
    }

    /// Adds the leaves of a block that has been hashed.
    mutating func append(_ block: HashBlock) {
        guard let root = block.root, self.size.isMultiple(of: UInt64(block.hashes.count)) else {
            for hash in block.hashes { self.append(hash: hash) }
            return
        }
        self.append(subtree: block.hashes, root: root)
    }

    /// Adds a complete subtree of at most a tile.
    mutating func append(subtree leafHashes: [Digest], root: Digest) {
        var full: [FullTile] = []
        swap(&full, &self.fullTiles)
        self.tree.append(subtree: leafHashes, root: root) { full.append($0) }
        swap(&full, &self.fullTiles)
    }

    /// Adds a leaf that hashes to `hash`.
    mutating func append(hash: Digest) {
        var full: [FullTile] = []
        swap(&full, &self.fullTiles)
        self.tree.append(hash) { full.append($0) }
        swap(&full, &self.fullTiles)
    }

    /// The arrival number of leaf `index`, this batch's included.
    func arrival(
        of index: UInt64,
        _ transaction: borrowing some (LogReading & ~Copyable & ~Escapable),
        _ tables: LogTables
    ) throws(EventStoreError) -> UInt64 {
        if let run = self.run, index >= run.firstIndex {
            return run.firstArrival + (index - run.firstIndex)
        }
        guard let arrival = try transaction.arrival(log: self.number, index: index, tables) else {
            let key = Key.run(log: self.number, firstIndex: index)
            throw .damaged(table: "runs", row: key.span.hex)
        }
        return arrival
    }

    /// Begins a new run at `arrival` unless the log's last run goes on there; whether it did.
    mutating func beginRun(at arrival: UInt64) -> Bool {
        if let run = self.run, arrival - run.firstArrival == self.size - run.firstIndex {
            return false
        }
        self.run = Run(firstIndex: self.size, firstArrival: arrival)
        return true
    }

    /// Writes full tiles and the head.
    mutating func write(
        _ transaction: inout WriteTransaction,
        _ tables: LogTables
    ) throws(EventStoreError) {
        do throws(LMDBError) {
            for tile in self.fullTiles {
                let key = Key.tile(log: self.number, level: UInt8(tile.level), number: tile.number)
                let row = tile.row
                try transaction.put(row.span, for: key.span, in: tables.tiles)
            }
            let key = Key.log(self.number)
            let row = self.head.bytes
            try transaction.put(row.span, for: key.span, in: tables.heads)
        } catch {
            throw .storage(error)
        }
        self.fullTiles.removeAll(keepingCapacity: true)
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// The last run of a log; `nil` for a log without leaves.
    borrowing func lastRun(
        _ number: UInt32,
        _ tables: LogTables
    ) throws(EventStoreError) -> LogTail.Run? {
        let greatest = Key.run(log: number, firstIndex: .max)
        let row: Row?
        do throws(LMDBError) {
            row = try self.floor(greatest.span, in: tables.runs)
        } catch {
            throw .storage(error)
        }
        guard let row, row.key.count == 12, row.key.span.bigEndian32(at: 0) == number else {
            return nil
        }
        guard row.value.count == 8 else { throw .damaged(table: "runs", row: row.key.hex) }
        return LogTail.Run(
            firstIndex: row.key.span.bigEndianWord(at: 4),
            firstArrival: row.value.span.bigEndianWord(at: 0)
        )
    }

    /// The newest row of the commit clock, in microseconds; `nil` before the first commit.
    borrowing func lastCommitClock(_ tables: LogTables) throws(EventStoreError) -> Int64? {
        let greatest = Key.arrival(.max)
        let row: Row?
        do throws(LMDBError) {
            row = try self.floor(greatest.span, in: tables.commits)
        } catch {
            throw .storage(error)
        }
        guard let row else { return nil }
        guard row.value.count == 8 else { throw .damaged(table: "commits", row: row.key.hex) }
        return Int64(bitPattern: row.value.span.bigEndianWord(at: 0))
    }
}
