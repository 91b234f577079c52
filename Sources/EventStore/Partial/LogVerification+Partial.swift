internal import LMDB
internal import LedgerTypes
internal import Merkle

// Logs of which a part is held: a gap is no damage; a leaf that should be there is.
extension LogVerification {
    /// Compares the rows of a log of which a part is held with each other: runs and gaps cover its
    /// indexes once, their roots make up the head's, every leaf of a label that is held up to a
    /// place is here. Returns how many rows of `runs` there should be.
    mutating func comparePart(
        _ state: LogState,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) -> UInt64 {
        var check = PartCheck(state: state, tables: self.tables)
        try check.run(transaction)
        for finding in check.findings { self.report.add(finding.place, finding.what) }
        return check.rows
    }
}

/// A log of which a part is held, put together again from its rows.
struct PartCheck {
    let state: LogState
    let tables: LogTables
    /// The labels that are held whole, and up to where.
    private var expected: [Label: LabelRow] = [:]
    private(set) var findings: [(place: String, what: String)] = []
    private(set) var rows: UInt64 = 0
    /// What was read: leaves, and their bytes.
    private(set) var leaves: UInt64 = 0
    private(set) var bytes: UInt64 = 0
    private var newest: [Label: LabelRow] = [:]
    private var broken: Set<Label> = []
    private var tree = CompactRange()
    private var lastRecorded = HybridTime(rawValue: 0)

    init(state: LogState, tables: LogTables) {
        self.state = state
        self.tables = tables
    }

    /// Reads all of the part.
    mutating func run(_ transaction: borrowing ReadTransaction) throws(EventStoreError) {
        let key = Key.log(self.state.number)
        let row = try transaction.copy(for: key.span, in: self.tables.heads)
        guard let head = row.flatMap({ HeadRow($0.span) }) else {
            self.findings.append(
                ("heads \(self.state.origin)", "the row is missing or malformed")
            )
            return
        }
        var expected: [Label: LabelRow] = [:]
        try transaction.forEachLabel(log: self.state.number, self.tables) { (label, row) in
            expected[label] = row
        }
        self.expected = expected
        var check = self
        try transaction.forEachRun(log: self.state.number, from: 0, size: head.size, self.tables) {
            (indexes, row) throws(EventStoreError) in
            try check.take(indexes, row, transaction)
            return true
        }
        check.finish(head)
        self = check
    }

    private mutating func take(
        _ indexes: Range<UInt64>,
        _ row: RunRow,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        self.rows += 1
        // What does not follow was found already, and is one finding.
        guard self.tree.size == indexes.lowerBound else { return }
        switch row {
        case .gap(let level, let hash):
            guard let gap = GapNode(first: indexes.lowerBound, level: level, hash: hash),
                gap.place.end == indexes.upperBound
            else {
                return self.add("a gap does not end where the next row begins", indexes.lowerBound)
            }
            self.tree.append(hash, level: level)
        case .leaves(let firstArrival):
            for index in indexes {
                let arrival = firstArrival + (index - indexes.lowerBound)
                let key = Key.leaf(arrival)
                guard
                    let row = try transaction.copy(for: key.span, in: self.tables.leaves),
                    let place = LeafPlace(arrival: arrival, row: row.span),
                    place.logNumber == self.state.number, place.index == index
                else { return self.add("it should be held and is missing", index) }
                let leaf = Array(row[LeafPlace.byteCount...])
                self.leaves += 1
                self.bytes += UInt64(row.count)
                self.tree.append(MerkleHash.leaf(leaf.span))
                self.follow(leaf, index)
            }
        }
    }

    private mutating func follow(_ leaf: [UInt8], _ index: UInt64) {
        self.lastRecorded = Writer.recorded(leaf) ?? self.lastRecorded
        guard let labels = LeafLabels(leaf.span) else { return }
        for (label, place) in zip(labels.labels, labels.places) {
            guard let end = self.expected[label], index <= end.index else { continue }
            let last = self.newest[label]
            self.newest[label] = LabelRow(sequence: place.sequence, index: index)
            let follows =
                place.sequence == last.map { $0.sequence + 1 } ?? 0
                && place.previous == last.map { $0.index + 1 } ?? 0
            if !follows, self.broken.insert(label).inserted {
                self.add("a leaf before it with \(label.name) \(label.value) is missing", index)
            }
        }
    }

    private mutating func finish(_ head: HeadRow) {
        let place = "heads \(self.state.origin)"
        if self.tree.size != head.size {
            self.findings.append((place, "runs and gaps end at \(self.tree.size)"))
        } else if self.tree.root != head.root || self.tree != head.range {
            self.findings.append((place, "its root or right edge is not that of leaves and gaps"))
        }
        let labels = self.expected.sorted { $0.key.value < $1.key.value }
        for (label, row) in labels where self.newest[label] != row {
            let what = "its newest leaf is not the one that should be held"
            self.findings.append(("labels \(label.name) \(label.value)", what))
        }
    }

    private mutating func add(_ what: String, _ index: UInt64) {
        let address = EventAddress(log: self.state.id, index: index)
        self.findings.append((address.description, what))
    }
}
