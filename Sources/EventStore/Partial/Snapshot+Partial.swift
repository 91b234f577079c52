internal import LMDB
package import LedgerTypes
internal import Merkle

// Logs of which a part is held, and what others may hold of the own log.
extension Snapshot {
    /// What is held of `log`, of which only a part is.
    package borrowing func partialState(_ log: LogState) throws(EventStoreError) -> PartialState {
        try self.log.partialState(log, self.tables)
    }

    /// How many leaves of `log`, of which a part is held, are.
    package borrowing func leavesHeld(_ log: LogState) throws(EventStoreError) -> UInt64 {
        try self.log.leavesHeld(log, self.tables)
    }

    /// Where the newest leaf of `log`, which this ledger appends to, with `label` stood when it
    /// had `size` leaves; `nil` if there was none.
    package borrowing func newest(
        _ label: Label,
        in log: LogState,
        size: UInt64
    ) throws(EventStoreError) -> LabelPlace? {
        var newest: LabelPlace?
        if label.name == Label.subjectName, let subject = Subject(label.value) {
            // Not in order of index.
            try self.forEachEvent(of: subject) { (event, leaf) throws(EventStoreError) in
                guard event.address.log == log.id, event.address.index < size,
                    event.address.index >= newest?.index ?? 0,
                    let place = LeafLabels(leaf)?.place(of: label)
                else { return true }
                newest = LabelPlace(sequence: place.sequence, index: event.address.index)
                return true
            }
            return newest
        }
        let key = Key.label(log: log.number, name: label.name, value: label.value)
        guard let bytes = try self.log.copy(for: key.span, in: self.tables.labels) else {
            return nil
        }
        guard let row = LabelRow(bytes.span) else {
            throw .damaged(table: "labels", row: key.hex)
        }
        newest = LabelPlace(sequence: row.sequence, index: row.index)
        while let place = newest, place.index >= size {
            newest = try self.before(place, label, in: log)
        }
        return newest
    }

    /// The leaf before `place` with `label`; `nil` if it is the first.
    package borrowing func before(
        _ place: LabelPlace,
        _ label: Label,
        in log: LogState
    ) throws(EventStoreError) -> LabelPlace? {
        let address = EventAddress(log: log.id, index: place.index)
        guard let leaf = try self.leaf(at: address),
            let found = LeafLabels(leaf)?.place(of: label), found.sequence == place.sequence,
            found.previous <= place.index, (found.previous == 0) == (found.sequence == 0)
        else { throw .damaged(table: "leaves", row: address.description) }
        guard found.previous > 0 else { return nil }
        return LabelPlace(sequence: found.sequence - 1, index: found.previous - 1)
    }

    /// Gives `body` the leaves that are held of a log, in order of index.
    borrowing func forEachHeldLeaf<Failure: EventStoreFailure>(
        _ log: (id: LogID, number: UInt32, size: UInt64),
        from first: UInt64?,
        backwards: Bool,
        _ body: (_ place: StoredLeaf, _ leaf: Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure) {
        var runs: [(indexes: Range<UInt64>, arrival: UInt64)] = []
        let start = backwards ? 0 : first ?? 0
        let end = backwards ? first.map { min($0, log.size - 1) + 1 } ?? log.size : log.size
        guard start < end else { return }
        try self.log.forEachRun(log: log.number, from: start, size: end, self.tables) {
            (indexes, row) throws(Failure) in
            if case .leaves(let arrival) = row { runs.append((indexes, arrival)) }
            return true
        }
        if backwards { runs.reverse() }
        for run in runs {
            let indexes = max(run.indexes.lowerBound, start)..<run.indexes.upperBound
            for offset in 0..<UInt64(indexes.count) {
                let index =
                    backwards ? indexes.upperBound - 1 - offset : indexes.lowerBound + offset
                let arrival = run.arrival + (index - run.indexes.lowerBound)
                let address = EventAddress(log: log.id, index: index)
                let leaf: Span<UInt8>?
                do throws(EventStoreError) {
                    leaf = try self.leaf(at: address)
                } catch {
                    throw .store(error)
                }
                guard let leaf else {
                    let key = Key.leaf(arrival)
                    throw .store(.damaged(table: "leaves", row: key.span.hex))
                }
                guard try body(StoredLeaf(address: address, arrival: arrival), leaf) else {
                    return
                }
            }
        }
    }
}

/// The labels of a leaf, `subject` first, and its place in each.
struct LeafLabels {
    let labels: [Label]
    let places: [LabelSequence]

    /// Reads them; `nil` of a genesis, or of anything else that is no event.
    init?(_ leaf: Span<UInt8>) {
        guard let audit = try? LeafAudit(leaf: leaf) else { return nil }
        let subject = [UInt8](copying: leaf.extracting(audit.subject))
        let text = String(decoding: subject, as: UTF8.self)
        self.labels = [Label(name: Label.subjectName, value: text)] + audit.labels
        self.places = audit.labelSequences
    }

    /// The leaf's place in `label`; `nil` if it does not have it.
    func place(of label: Label) -> LabelSequence? {
        zip(self.labels, self.places).first { $0.0 == label }?.1
    }
}
