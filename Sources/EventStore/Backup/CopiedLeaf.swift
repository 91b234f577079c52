internal import LMDB
internal import LedgerTypes

/// One leaf with everything that stands beside it, on its way from one `log/` to another.
struct CopiedLeaf: Hashable, Sendable {
    /// Its place.
    let address: EventAddress
    /// Its bytes.
    let leaf: [UInt8]
    /// The sealed sections that are here.
    var sections: [Section] = []
    /// The commit clock, if a commit began with this leaf.
    var clock: Int64?

    /// A sealed section.
    struct Section: Hashable, Sendable {
        let slot: UInt8
        let bytes: [UInt8]
    }

    /// How much memory it takes, roughly.
    var byteCount: Int { self.sections.reduce(64 + self.leaf.count) { $0 + $1.bytes.count } }
}

/// Hands out the leaves of a `log/` in order of arrival, in transactions of a bounded length, so
/// that a reader of everything does not keep pages from being used again.
struct LeafCopier: Sendable {
    /// The most bytes that are read in one transaction.
    static let batchBytesMax = 4 << 20

    let environment: Environment
    let tables: LogTables

    /// Gives `body` the leaves that arrived as `range`, with no transaction open.
    func forEach(
        _ range: Range<UInt64>,
        _ body: (CopiedLeaf) throws(EventStoreError) -> Void
    ) throws(EventStoreError) {
        // What is held of a log in part can be fetched again, and is no log by itself. It is not
        // even looked at: a part that is rotten is left out to get rid of it.
        let parts = try self.environment.read { (transaction) throws(EventStoreError) in
            try transaction.arrivalsOfParts(self.tables)
        }
        var next = range.lowerBound
        for part in parts + [range.upperBound..<range.upperBound] {
            let end = min(max(part.lowerBound, next), range.upperBound)
            try self.forEach(wholly: next..<end, body)
            next = max(next, part.upperBound)
        }
    }

    private func forEach(
        wholly range: Range<UInt64>,
        _ body: (CopiedLeaf) throws(EventStoreError) -> Void
    ) throws(EventStoreError) {
        var next = range.lowerBound
        while next < range.upperBound {
            let leaves = try self.environment.read { (transaction) throws(EventStoreError) in
                try self.batch(next..<range.upperBound, transaction)
            }
            guard !leaves.isEmpty else {
                throw .damaged(table: "leaves", row: Key.leaf(next).span.hex)
            }
            next += UInt64(leaves.count)
            for leaf in leaves { try body(leaf) }
        }
    }

    private func batch(
        _ range: Range<UInt64>,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) -> [CopiedLeaf] {
        var logs: [LogID] = []
        for number in 0..<(try transaction.logCount(self.tables)) {
            logs.append(try transaction.logID(number, self.tables) ?? LogID(rawValue: 0))
        }
        var leaves: [CopiedLeaf] = []
        var byteCount = 0
        var next = range.lowerBound
        let bound = [UInt8](copying: Key.leaf(next).span)
        try transaction.forEach(in: self.tables.leaves, from: bound, backwards: false) {
            (key, row) throws(EventStoreError) in
            guard key.count == 9 else { throw .damaged(table: "leaves", row: key.hex) }
            let arrival = key.bigEndianWord(at: 0)
            guard key[8] == 0 else {
                let section = CopiedLeaf.Section(slot: key[8], bytes: [UInt8](copying: row))
                guard arrival + 1 == next, !leaves.isEmpty else {
                    throw .damaged(table: "leaves", row: key.hex)
                }
                leaves[leaves.count - 1].sections.append(section)
                byteCount += section.bytes.count
                return true
            }
            guard arrival < range.upperBound, byteCount < Self.batchBytesMax else { return false }
            guard arrival == next, let place = LeafPlace(arrival: arrival, row: row),
                place.logNumber < logs.count
            else { throw .damaged(table: "leaves", row: key.hex) }
            let clock = Key.arrival(arrival)
            let commit = try transaction.copy(for: clock.span, in: self.tables.commits)
            let leaf = CopiedLeaf(
                address: EventAddress(log: logs[Int(place.logNumber)], index: place.index),
                leaf: [UInt8](copying: row.extracting(LeafPlace.byteCount..<row.count)),
                clock: commit.flatMap { row in
                    row.count == 8 ? Int64(bitPattern: row.span.bigEndianWord(at: 0)) : nil
                }
            )
            byteCount += leaf.byteCount
            leaves.append(leaf)
            next += 1
            return true
        }
        return leaves
    }
}
