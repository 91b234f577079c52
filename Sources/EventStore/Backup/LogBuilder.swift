internal import LMDB
internal import LedgerTypes
internal import Merkle

/// Writes a new `log/` out of leaves in order of arrival: what a backup is restored by, and what a
/// branch is left out by.
///
/// Trees, runs, tiles, heads and labels are made again from the leaves, so whoever compares the
/// roots afterwards has compared everything. One caller.
final class LogBuilder {
    /// What stands in the tables beside the leaves.
    struct Rest: Sendable {
        /// A row of `logs`, and the note that is held.
        struct Log: Hashable, Sendable {
            let id: LogID
            let isCurrent: Bool
            let isFrozen: Bool
            /// The newest note; left out if it is for more leaves than there are.
            let note: [UInt8]?
        }

        var logs: [Log] = []
        /// Rows of `keys`, by key id.
        var keys: [(id: KeyID, row: [UInt8])] = []
        /// Rows of `absent`.
        var absent: [(digest: [UInt8], row: [UInt8])] = []
        /// Rows of `meta`, without `current` and `format`.
        var meta: [(key: [UInt8], value: [UInt8])] = []
    }

    /// The most bytes that share a commit.
    private static let batchBytesMax = 4 << 20

    private let environment: Environment
    private let tables: LogTables
    /// The site that the ledger belongs to.
    private let site: SiteName
    /// How many leaves of each own log were appended by this ledger; the others came from peers.
    private let written: [LogID: UInt64]
    private var numbers: [LogID: UInt32] = [:]
    private var tails: [LogTail] = []
    private var geneses: [Genesis] = []
    private var arrivals: UInt64 = 0
    private var waiting: [CopiedLeaf] = []
    private var waitingBytes = 0

    /// Makes an empty `log/` in the directory `path`, which must be missing.
    init(
        path: String,
        mapBytes: Int,
        site: SiteName,
        written: [LogID: UInt64]
    ) throws(EventStoreError) {
        guard !Files.exists(path) else { throw .alreadyExists(path: path) }
        try Files.makeDirectory(path)
        do throws(LMDBError) {
            self.environment = try Environment.open(path: path, mapBytes: mapBytes, tablesMax: 32)
        } catch {
            throw .storage(error)
        }
        self.tables = try LogTables(self.environment, create: true)
        self.site = site
        self.written = written
    }

    /// Takes the next leaf.
    func append(_ leaf: CopiedLeaf) throws(EventStoreError) {
        self.waiting.append(leaf)
        self.waitingBytes += leaf.byteCount
        if self.waitingBytes >= Self.batchBytesMax { try self.flush() }
    }

    /// Where each log stands, as far as it was flushed.
    var positions: [LogID: Position] {
        var positions: [LogID: Position] = [:]
        for tail in self.tails {
            positions[tail.id] = Position(log: tail.id, size: tail.size, root: tail.root)
        }
        return positions
    }

    /// Writes what waits and `rest`, and closes the environment.
    func finish(_ rest: Rest) throws(EventStoreError) {
        try self.flush()
        try self.environment.write { (transaction) throws(EventStoreError) in
            try self.put(rest, &transaction)
        }
        do throws(LMDBError) {
            try self.environment.sync()
        } catch {
            throw .storage(error)
        }
        self.environment.release()
    }

    /// Writes what waits in one commit.
    func flush() throws(EventStoreError) {
        guard !self.waiting.isEmpty else { return }
        let leaves = self.waiting
        self.waiting = []
        self.waitingBytes = 0
        try self.environment.write { (transaction) throws(EventStoreError) in
            for leaf in leaves { try self.put(leaf, &transaction) }
            for number in self.tails.indices {
                try self.tails[number].write(&transaction, self.tables)
            }
        }
    }

    private func put(
        _ copied: CopiedLeaf,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let number = try self.number(of: copied)
        var tail = self.tails[Int(number)]
        guard copied.address.index == tail.size else {
            throw .gap(copied.address.log, held: tail.size, start: copied.address.index)
        }
        var row: [UInt8] = []
        row.reserveCapacity(LeafPlace.byteCount + copied.leaf.count)
        row.appendBigEndian(number)
        row.appendBigEndian(copied.address.index)
        row.append(contentsOf: copied.leaf)
        let key = Key.leaf(self.arrivals)
        let first = Key.arrival(self.arrivals)
        let startsRun = tail.beginRun(at: self.arrivals)
        let run = Key.run(log: number, firstIndex: tail.size)
        do throws(LMDBError) {
            try transaction.append(row.span, for: key.span, in: self.tables.leaves)
            for section in copied.sections {
                let key = Key.leaf(self.arrivals, slot: section.slot)
                try transaction.append(section.bytes.span, for: key.span, in: self.tables.leaves)
            }
            if startsRun { try transaction.put(first.span, for: run.span, in: self.tables.runs) }
            if let clock = copied.clock {
                var value: [UInt8] = []
                value.appendBigEndian(clock)
                try transaction.append(value.span, for: first.span, in: self.tables.commits)
            }
            try self.putLabels(of: copied, number, &transaction)
        } catch {
            throw .storage(error)
        }
        tail.append(hash: MerkleHash.leaf(copied.leaf.span))
        tail.lastRecorded = Writer.recorded(copied.leaf) ?? tail.lastRecorded
        self.tails[Int(number)] = tail
        self.arrivals += 1
    }

    private func number(of copied: CopiedLeaf) throws(EventStoreError) -> UInt32 {
        let log = copied.address.log
        if let number = self.numbers[log] { return number }
        let genesis = try Writer.genesis(copied.leaf, of: log)
        let number = UInt32(self.tails.count)
        self.numbers[log] = number
        self.tails.append(LogTail(number: number, id: log))
        self.geneses.append(genesis)
        return number
    }

    private func putLabels(
        of copied: CopiedLeaf,
        _ number: UInt32,
        _ transaction: inout WriteTransaction
    ) throws(LMDBError) {
        let (log, index) = (copied.address.log, copied.address.index)
        guard index > 0, index < self.written[log] ?? 0,
            let audit = try? LeafAudit(leaf: copied.leaf.span)
        else { return }
        for (label, place) in zip(audit.labels, audit.labelSequences.dropFirst()) {
            let key = Key.label(log: number, name: label.name, value: label.value)
            let row = LabelRow(sequence: place.sequence, index: index).bytes
            try transaction.put(row.span, for: key.span, in: self.tables.labels)
        }
    }

    private func put(
        _ rest: Rest,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        do throws(LMDBError) {
            for log in rest.logs {
                guard let number = self.numbers[log.id] else { continue }
                try self.put(log, number, &transaction)
            }
            for (id, row) in rest.keys {
                guard let known = KeyRow(keyID: id, row: row.span) else { continue }
                let nothing: [UInt8] = []
                let (key, owner) = (Key.id(id), Key.keyOwner(known.owner, id))
                try transaction.put(row.span, for: key.span, in: self.tables.keys)
                try transaction.put(nothing.span, for: owner.span, in: self.tables.keyOwners)
            }
            for (digest, row) in rest.absent {
                try transaction.put(row.span, for: digest.span, in: self.tables.absent)
            }
            // What counts arrivals holds for the log that it was counted in.
            for (key, value) in rest.meta
            where !MetaKey.countsArrivals(key) && !self.isOfAbsentLog(key) {
                try transaction.put(value.span, for: key.span, in: self.tables.meta)
            }
            let format = Key.log(LedgerDirectory.format)
            let name = MetaKey.format
            try transaction.put(format.span, for: name.span, in: self.tables.meta)
        } catch {
            throw .storage(error)
        }
    }

    /// Whether a row of `meta` belongs to a log that was left out.
    private func isOfAbsentLog(_ key: [UInt8]) -> Bool {
        for prefix in [MetaKey.sharePrefix, MetaKey.genesisPrefix] where key.starts(with: prefix) {
            guard let log = LogID(Array(key.dropFirst(prefix.count)).span) else { return false }
            return self.numbers[log] == nil
        }
        return false
    }

    private func put(
        _ log: Rest.Log,
        _ number: UInt32,
        _ transaction: inout WriteTransaction
    ) throws(LMDBError) {
        var flags: LogRow.Flags = []
        if self.geneses[Int(number)].site == self.site { flags.insert(.own) }
        if log.isCurrent { flags.insert(.current) }
        if log.isFrozen { flags.insert(.frozen) }
        let key = Key.log(number)
        let id = Key.id(log.id)
        let row = LogRow(id: log.id, flags: flags).bytes
        try transaction.put(row.span, for: key.span, in: self.tables.logs)
        try transaction.put(key.span, for: id.span, in: self.tables.logIDs)
        if log.isCurrent {
            let name = MetaKey.current
            try transaction.put(key.span, for: name.span, in: self.tables.meta)
        }
        let tail = self.tails[Int(number)]
        if let note = log.note, let checkpoint = Checkpoint(noteBytes: note),
            checkpoint.size <= tail.size
        {
            try transaction.put(note.span, for: key.span, in: self.tables.checkpoints)
        }
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// How many leaves of each own log this ledger appended itself, up to the log that it appends
    /// to. Each was appended to until its child began; what a former log has beyond that, or from
    /// where a branch of it was set aside, came back from peers.
    borrowing func leavesWritten(
        _ tables: LogTables
    ) throws(EventStoreError) -> [LogID: UInt64] {
        let logs = try self.logStates(tables)
        guard var log = logs.last(where: \.isCurrent) else { return [:] }
        var counts: [LogID: UInt64] = [log.id: .max]
        while let parent = log.genesis.parent,
            let former = logs.last(where: { $0.number < log.number && $0.id == parent.log })
        {
            let fork = try self.forkRecord(of: former.id, tables)
            let cut = fork.flatMap { $0.isResolved ? $0.forkIndex : nil } ?? .max
            counts[former.id] = min(parent.size, cut)
            log = former
        }
        return counts
    }
}
