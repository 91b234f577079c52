internal import LMDB
internal import LedgerTypes
internal import Merkle

/// Rehashes every leaf and section of `log/` and finds out which rows are rotten: unlike `verify`,
/// which tells that something is wrong, it tells what has to be fetched again.
///
/// One tile of one log in each transaction, so that it can go on for as long as its caller makes it
/// wait in between.
struct DamageScan {
    let environment: Environment
    let tables: LogTables
    /// Whether sections and labels are looked at as well as what proves the history.
    var scope = VerificationScope.everything
    var report = DamageReport()
    private var written: [UInt32: UInt64] = [:]

    init(environment: Environment, tables: LogTables, scope: VerificationScope) {
        self.environment = environment
        self.tables = tables
        self.scope = scope
    }

    /// Scans every log; `pace` gets the bytes read so far, and may wait.
    ///
    /// Of a log of which it is not certain where its leaves lie nothing more is said. Throws
    /// ``EventStoreError/closed`` when the task is cancelled.
    mutating func run(_ pace: (_ bytes: UInt64) async -> Void) async throws(EventStoreError) {
        let (rows, logs) = try self.environment.read { (transaction) throws(EventStoreError) in
            var scan = RowScan(tables: self.tables)
            try scan.run(transaction)
            let unreadable = Set(scan.damages.filter(\.hidesLeaves).map(\.log))
            var logs: [LogState] = []
            for number in 0..<(try transaction.logCount(self.tables)) {
                guard let row = try transaction.logRow(number, self.tables),
                    !unreadable.contains(row.id)
                else { continue }
                logs.append(try transaction.logState(number, self.tables))
            }
            return (scan.damages, logs)
        }
        for damage in rows { self.report.add(damage) }
        if self.scope == .everything, !rows.contains(where: \.hidesLeaves) {
            let labels = try self.environment.read { (transaction) throws(EventStoreError) in
                try transaction.writtenIfSound(self.tables)
            }
            self.written = labels
            try self.scanLabels()
        }
        for log in logs {
            guard !log.isPartial else {
                try self.scanPart(log)
                await pace(self.report.bytes)
                guard !Task.isCancelled else { throw .closed }
                continue
            }
            var tile: UInt64 = 0
            while tile << 8 < log.position.size {
                try self.scan(log, tile: tile)
                await pace(self.report.bytes)
                guard !Task.isCancelled else { throw .closed }
                tile += 1
            }
            try self.scanHigherTiles(log)
        }
    }

    /// Scans the leaves of one tile, or of the right edge.
    mutating func scan(_ log: LogState, tile: UInt64) throws(EventStoreError) {
        let found = try self.environment.read { (transaction) throws(EventStoreError) in
            var reading = TileReading(
                log: log,
                tile: tile,
                tables: self.tables,
                scope: self.scope,
                written: self.written[log.number] ?? 0
            )
            try reading.read(transaction)
            return reading
        }
        self.report.leaves += UInt64(found.range.count)
        self.report.sections += found.sections
        self.report.bytes += found.bytes
        for damage in found.damages { self.report.add(damage) }
    }

    /// Scans what is held of a log in part. No rows of hashes tell one leaf of it from another, so
    /// it is right or rotten as a whole; its sections tell each for itself.
    private mutating func scanPart(_ log: LogState) throws(EventStoreError) {
        let (check, sections) = try self.environment.read {
            (transaction) throws(EventStoreError) -> (PartCheck, SectionScan) in
            var check = PartCheck(state: log, tables: self.tables)
            try check.run(transaction)
            var sections = SectionScan(tables: self.tables)
            guard self.scope == .everything, check.findings.isEmpty else {
                return (check, sections)
            }
            let size = log.position.size
            try transaction.forEachRun(log: log.number, from: 0, size: size, self.tables) {
                (indexes, row) throws(EventStoreError) in
                guard case .leaves(let first) = row else { return true }
                for index in indexes {
                    let arrival = first + (index - indexes.lowerBound)
                    let stored = try transaction.storedLeaf(arrival, self.tables)
                    let address = EventAddress(log: log.id, index: index)
                    try sections.read(of: stored.leaf, address, arrival, transaction)
                }
                return true
            }
            return (check, sections)
        }
        self.report.leaves += check.leaves
        self.report.sections += sections.count
        self.report.bytes += check.bytes + sections.bytes
        if !check.findings.isEmpty { self.report.add(.part(log.id)) }
        for damage in sections.damages { self.report.add(damage) }
    }

    /// Finds rows of `labels` that name another leaf than one that has the label.
    private mutating func scanLabels() throws(EventStoreError) {
        let written = self.written
        let found = try self.environment.read { (transaction) throws(EventStoreError) in
            var found: [Damage] = []
            let states = try transaction.logStates(self.tables)
            let ids = states.map(\.id)
            // `verify` compares those of logs of which a part is held.
            let parts = Set(states.filter(\.isPartial).map(\.number))
            try transaction.forEach(in: self.tables.labels, from: nil) {
                (key, row) throws(EventStoreError) in
                let bytes = [UInt8](copying: key)
                let label = StoredLabel(bytes)
                if let label, parts.contains(label.log) { return true }
                if let label, let row = LabelRow(row), row.index < written[label.log] ?? 0,
                    let leaf = try transaction.leafAudit(label.log, row.index, self.tables)
                {
                    if leaf.row(of: label, at: row.index) == row { return true }
                } else if let label, let row = LabelRow(row), row.index < written[label.log] ?? 0 {
                    // The leaf is rotten, which its tile tells; its row may be right.
                    return true
                }
                let number = Int(label?.log ?? 0)
                found.append(.label(number < ids.count ? ids[number] : ids[0], key: bytes))
                return found.count < DamageReport.listedMax
            }
            return found
        }
        for damage in found { self.report.add(damage) }
    }

    /// Compares the rows above level 0 with the roots of the rows below them.
    private mutating func scanHigherTiles(_ log: LogState) throws(EventStoreError) {
        var level: UInt8 = 1
        while log.position.size >> (8 * UInt64(level) + 8) > 0 {
            for number in 0..<log.position.size >> (8 * UInt64(level) + 8) {
                let isRight = try self.environment.read { (transaction) throws(EventStoreError) in
                    let row = try transaction.tileRow(log.number, level, number, self.tables)
                    let below = try transaction.hashesBelow(
                        log.number,
                        level,
                        number,
                        self.tables
                    )
                    // Below is damaged then, which was found.
                    guard let below else { return true }
                    return row == TileRow(hashes: below)
                }
                if !isRight {
                    self.report.add(.tile(log.id, level: level, number: number))
                }
            }
            level += 1
        }
    }
}

/// A row of `tiles`.
struct TileRow: Hashable, Sendable {
    let hashes: [Digest]
    let root: Digest

    /// The row over 256 hashes.
    init(hashes: [Digest]) {
        self.hashes = hashes
        self.root = MerkleTree.root(of: hashes.span)
    }

    /// Reads a row; `nil` if it is not one, or its root is not that of its hashes.
    init?(_ row: [UInt8]) {
        guard row.count == 257 * Digest.byteCount else { return nil }
        var hashes: [Digest] = []
        hashes.reserveCapacity(256)
        for place in 0..<257 {
            let start = place * Digest.byteCount
            guard let digest = Digest(row.span.extracting(start..<start + Digest.byteCount)) else {
                return nil
            }
            hashes.append(digest)
        }
        let root = hashes.removeLast()
        guard MerkleTree.root(of: hashes.span) == root else { return nil }
        self.hashes = hashes
        self.root = root
    }

    /// The row's bytes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(257 * Digest.byteCount)
        for hash in self.hashes { hash.append(to: &bytes) }
        self.root.append(to: &bytes)
        return bytes
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// A row of `tiles` that agrees with itself; `nil` if there is none.
    borrowing func tileRow(
        _ log: UInt32,
        _ level: UInt8,
        _ number: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> TileRow? {
        let key = Key.tile(log: log, level: level, number: number)
        return try self.copy(for: key.span, in: tables.tiles).flatMap { TileRow($0) }
    }

    /// The 256 hashes that the tile `number` of `level` (1 or more) should have: the roots of the
    /// tiles below; `nil` if one of these does not agree with itself.
    borrowing func hashesBelow(
        _ log: UInt32,
        _ level: UInt8,
        _ number: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> [Digest]? {
        var hashes: [Digest] = []
        for place in number << 8..<(number + 1) << 8 {
            guard let row = try self.tileRow(log, level - 1, place, tables) else { return nil }
            hashes.append(row.root)
        }
        return hashes
    }
}

/// The leaves of one tile as they are read from their rows.
private struct TileReading {
    let log: LogState
    let tile: UInt64
    let tables: LogTables
    /// Whether sections and labels are looked at.
    let scope: VerificationScope
    /// How many leaves of the log this ledger appended itself: those whose labels are kept.
    let written: UInt64
    /// The indexes of the leaves.
    let range: Range<UInt64>
    var damages: [Damage] = []
    var sections: UInt64 = 0
    var bytes: UInt64 = 0

    init(
        log: LogState,
        tile: UInt64,
        tables: LogTables,
        scope: VerificationScope,
        written: UInt64
    ) {
        self.log = log
        self.scope = scope
        self.written = written
        self.tile = tile
        self.tables = tables
        self.range = tile << 8..<min((tile + 1) << 8, log.position.size)
    }

    mutating func read(_ transaction: borrowing ReadTransaction) throws(EventStoreError) {
        var leaves: [(arrival: UInt64?, leaf: [UInt8])] = []
        var hashes: [Digest] = []
        for index in self.range {
            let stored = try self.leaf(index, transaction)
            leaves.append(stored)
            hashes.append(MerkleHash.leaf(stored.leaf.span))
        }
        var rotten = Set<UInt64>()
        for index in self.range where leaves[Int(index - self.range.lowerBound)].arrival == nil {
            rotten.insert(index)
        }
        rotten.formUnion(
            self.range.count == 256
                ? try self.compareTile(hashes, transaction)
                : self.compareEdge(hashes, try transaction.head(self.log.number, self.tables))
        )
        var labels: [[UInt8]: LabelRow] = [:]
        for index in self.range {
            let address = EventAddress(log: self.log.id, index: index)
            if rotten.contains(index) {
                self.damages.append(.leaf(address))
                continue
            }
            let stored = leaves[Int(index - self.range.lowerBound)]
            guard self.scope == .everything, index > 0, let arrival = stored.arrival else {
                continue
            }
            try self.readSections(of: stored.leaf, address, arrival, transaction)
            guard index < self.written, let audit = try? LeafAudit(leaf: stored.leaf.span) else {
                continue
            }
            for (label, place) in zip(audit.labels, audit.labelSequences.dropFirst()) {
                let key = Key.label(log: self.log.number, name: label.name, value: label.value)
                labels[key] = LabelRow(sequence: place.sequence, index: index)
            }
        }
        try self.compareLabels(labels, transaction)
    }

    /// Each label of these leaves has a row that names the newest of them, or a later one.
    private mutating func compareLabels(
        _ labels: [[UInt8]: LabelRow],
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        for (key, newest) in labels.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let bytes = try transaction.copy(for: key.span, in: self.tables.labels)
            if let row = bytes.flatMap({ LabelRow($0.span) }), row.index >= newest.index {
                continue
            }
            self.damages.append(.label(self.log.id, key: key))
        }
    }

    /// The leaf at `index`, empty and without an arrival if its row is missing or another's.
    private mutating func leaf(
        _ index: UInt64,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) -> (arrival: UInt64?, leaf: [UInt8]) {
        guard
            let arrival = try transaction.arrival(
                log: self.log.number,
                index: index,
                self.tables
            ),
            let row = try transaction.copy(for: Key.leaf(arrival).span, in: self.tables.leaves),
            let place = LeafPlace(arrival: arrival, row: row.span),
            place.logNumber == self.log.number, place.index == index
        else { return (nil, []) }
        self.bytes += UInt64(row.count)
        return (arrival, Array(row[LeafPlace.byteCount...]))
    }

    /// The indexes of leaves that are not what their tile says. If the tile is not to be believed,
    /// its row is the damage, or every leaf that it is over may be.
    private mutating func compareTile(
        _ hashes: [Digest],
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) -> Set<UInt64> {
        let number = self.log.number
        let row = try transaction.tileRow(number, 0, self.tile, self.tables)
        if let row, row.hashes == hashes { return [] }
        let above = try transaction.tileRow(number, 1, self.tile >> 8, self.tables)
        let expected = above?.hashes[Int(self.tile & 0xFF)]
        if let row, expected == nil || expected == row.root {
            let first = self.range.lowerBound
            return Set(
                hashes.indices.filter { hashes[$0] != row.hashes[$0] }.map { first + UInt64($0) }
            )
        }
        self.damages.append(.tile(self.log.id, level: 0, number: self.tile))
        if let expected, MerkleTree.root(of: hashes.span) != expected { return Set(self.range) }
        return []
    }

    /// The same at the right edge, where the head has the roots of a few subtrees only.
    private func compareEdge(_ hashes: [Digest], _ head: HeadRow?) -> Set<UInt64> {
        guard let head, head.size >= self.range.upperBound else { return Set(self.range) }
        // A head that has gone on meanwhile says nothing of these leaves' subtrees.
        guard head.size == self.range.upperBound else { return [] }
        let edge = (head.size & 0xFF).nonzeroBitCount
        let peaks = head.range.hashes.suffix(edge)
        var rotten = Set<UInt64>()
        var start = 0
        for (peak, bit) in zip(peaks, (0..<8).reversed().filter { head.size & (1 << $0) != 0 }) {
            let end = start + 1 << bit
            if MerkleTree.root(of: Array(hashes[start..<end]).span) != peak {
                for place in start..<end { rotten.insert(self.range.lowerBound + UInt64(place)) }
            }
            start = end
        }
        return rotten
    }

    private mutating func readSections(
        of leaf: [UInt8],
        _ address: EventAddress,
        _ arrival: UInt64,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        var scan = SectionScan(tables: self.tables)
        try scan.read(of: leaf, address, arrival, transaction)
        self.sections += scan.count
        self.bytes += scan.bytes
        self.damages += scan.damages
    }
}

/// The sections of leaves, rehashed.
private struct SectionScan {
    let tables: LogTables
    private(set) var count: UInt64 = 0
    private(set) var bytes: UInt64 = 0
    private(set) var damages: [Damage] = []

    init(tables: LogTables) { self.tables = tables }

    mutating func read(
        of leaf: [UInt8],
        _ address: EventAddress,
        _ arrival: UInt64,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        guard let references = try? Leaf.sections(leaf.span) else { return }
        for (place, reference) in references.enumerated() {
            let slot = UInt8(place + 1)
            let key = Key.leaf(arrival, slot: slot)
            if let bytes = try transaction.copy(for: key.span, in: self.tables.leaves) {
                self.count += 1
                self.bytes += UInt64(bytes.count)
                if SectionReference.digest(of: bytes.span) == reference.digest { continue }
            } else {
                let digest = Key.digest(reference.digest)
                let row = try transaction.copy(for: digest.span, in: self.tables.absent)
                if row != nil { continue }
            }
            self.damages.append(.section(address, slot: slot))
        }
    }
}

extension Damage {
    /// Whether it hides where the leaves of its log lie.
    fileprivate var hidesLeaves: Bool {
        switch self {
        case .runs, .head: true
        default: false
        }
    }
}
