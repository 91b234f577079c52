internal import LMDB
internal import LedgerTypes
internal import Merkle

// Taking in a part of another site's log.
extension Writer {
    /// Keeps batches of one log in one commit; returns where the copy stands then.
    func receive(_ batches: [PartialBatch]) throws(EventStoreError) -> Position {
        guard let log = batches.first?.log else { preconditionFailure("nothing to keep") }
        try self.index.waitForRoom()
        let kept = try self.write { (transaction) throws(EventStoreError) in
            let first = try self.refresh(transaction)
            let number = try self.number(of: log, batches, &transaction)
            var copy = try PartialCopy(number: number, log: log, first, transaction, self.tables)
            for batch in batches {
                precondition(batch.log == log)
                if batch.goesOn {
                    try self.goOn(batch, &copy, &transaction)
                } else {
                    try self.fillIn(batch, &copy, &transaction)
                }
                try self.putNotes(of: batch, copy, &transaction)
            }
            try copy.write(&transaction, self.tables)
            if copy.arrival > first {
                let now = self.configuration.clock()
                try self.putCommitClock(first: first, now: now, &transaction)
            }
            return (
                position: copy.position, isNew: copy.arrival > first,
                transaction: transaction.identifier, arrival: copy.arrival
            )
        }
        guard kept.isNew else {
            self.forget()
            return kept.position
        }
        self.committed(kept.transaction, nextArrival: kept.arrival)
        self.index.committed(arrivals: kept.arrival)
        return kept.position
    }

    /// The local number of a log of which a part is held, which is made known first if it is new.
    private func number(
        of log: LogID,
        _ batches: [PartialBatch],
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> UInt32 {
        if let number = try transaction.logNumber(log, self.tables) {
            guard let row = try transaction.logRow(number, self.tables) else {
                throw .unknownLog(log)
            }
            guard row.flags.contains(.partial) else { throw .heldWhole(log) }
            if row.flags.contains(.frozen) { throw .frozen(log) }
            return number
        }
        guard let first = batches.first?.entries.first, first.index == 0 else {
            throw .unknownLog(log)
        }
        let genesis = try Self.genesis(first.entry.leaf, of: log)
        try self.bind(genesis, of: log, &transaction)
        if genesis.site == self.site.name { throw .suspect(log, .noKey) }
        let number = try transaction.logCount(self.tables)
        try self.put(LogRow(id: log, flags: [.partial]), number: number, &transaction)
        try transaction.putGenesisCopy(first.entry.leaf, of: log, self.tables)
        return number
    }

    /// Adds leaves and gaps that follow each other at the end of the copy.
    private func goOn(
        _ batch: PartialBatch,
        _ copy: inout PartialCopy,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        var entries = batch.entries[...]
        var gaps = batch.gaps[...]
        while let entry = entries.first {
            while let gap = gaps.first, gap.place.first < entry.index {
                try self.put(gap, &copy, &transaction)
                gaps.removeFirst()
            }
            guard entry.index == copy.range.size else {
                throw .gap(batch.log, held: copy.range.size, start: entry.index)
            }
            let hash = entry.entry.hash ?? MerkleHash.leaf(entry.entry.leaf.span)
            try self.put(entry.entry, at: entry.index, &copy, &transaction)
            copy.range.append(hash)
            copy.lastRecorded = Self.recorded(entry.entry.leaf) ?? copy.lastRecorded
            entries.removeFirst()
        }
        for gap in gaps { try self.put(gap, &copy, &transaction) }
    }

    private func put(
        _ gap: GapNode,
        _ copy: inout PartialCopy,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        guard gap.place.first == copy.range.size else {
            throw .gap(copy.log, held: copy.range.size, start: gap.place.first)
        }
        try copy.put(gap, &transaction, self.tables)
        copy.range.append(gap.hash, level: gap.place.level)
    }

    /// Puts leaves into gaps of the copy, and in place of each such gap what is left of it.
    private func fillIn(
        _ batch: PartialBatch,
        _ copy: inout PartialCopy,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        var filled: [SubtreePlace] = []
        var missing: [(index: UInt64, entry: ForeignBatch.Entry)] = []
        for (index, entry) in batch.entries {
            if let last = filled.last, index < last.end {
                missing.append((index, entry))
                continue
            }
            guard index < copy.range.size,
                let found = try transaction.runRow(log: copy.number, index: index, self.tables)
            else { throw .gap(batch.log, held: copy.range.size, start: index) }
            switch found.row {
            case .leaves(let firstArrival):
                let address = EventAddress(log: batch.log, index: index)
                let arrival = firstArrival + (index - found.first)
                try self.compare(entry, address, arrival: arrival, &transaction)
            case .gap(let level, let hash):
                guard let gap = GapNode(first: found.first, level: level, hash: hash),
                    index < gap.place.end
                else {
                    let key = Key.run(log: copy.number, firstIndex: found.first)
                    throw .damaged(table: "runs", row: key.span.hex)
                }
                filled.append(gap.place)
                missing.append((index, entry))
            }
        }
        for place in filled { try copy.removeGap(place, &transaction, self.tables) }
        for (index, entry) in missing { try self.put(entry, at: index, &copy, &transaction) }
        var places = filled[...]
        for gap in batch.gaps {
            while let place = places.first, place.end <= gap.place.first { places.removeFirst() }
            guard let place = places.first else { break }
            if place.contains(gap.place) { try copy.put(gap, &transaction, self.tables) }
        }
    }

    private func put(
        _ entry: ForeignBatch.Entry,
        at index: UInt64,
        _ copy: inout PartialCopy,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let address = EventAddress(log: copy.log, index: index)
        guard entry.leaf.count <= Leaf.bytesMax else { throw .malformedLeaf(address) }
        let place = LeafPlace(arrival: copy.arrival, logNumber: copy.number, index: index)
        try copy.beginRun(at: index, &transaction, self.tables)
        try self.putRow(entry.leaf, at: place, &transaction)
        try self.putSections(
            of: entry,
            address,
            copy.arrival,
            isVerified: true,
            &transaction
        )
        copy.arrival += 1
    }

    private func putNotes(
        of batch: PartialBatch,
        _ copy: PartialCopy,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        do throws(LMDBError) {
            for (label, newest) in batch.labels {
                let key = Key.label(log: copy.number, name: label.name, value: label.value)
                let row = LabelRow(sequence: newest.sequence, index: newest.index).bytes
                try transaction.put(row.span, for: key.span, in: self.tables.labels)
            }
            if let share = batch.share {
                let key = MetaKey.share(batch.log)
                try transaction.put(share.span, for: key.span, in: self.tables.meta)
            }
            if let note = batch.checkpoint, let checkpoint = Checkpoint(noteBytes: note),
                checkpoint.size == copy.range.size, checkpoint.root == copy.range.root
            {
                let key = Key.log(copy.number)
                try transaction.put(note.span, for: key.span, in: self.tables.checkpoints)
            }
        } catch {
            throw .storage(error)
        }
    }

    /// Signs a text with the key of the log that is appended to, as far as the log has left the
    /// host: the anchor is raised first.
    func sign(_ text: String, as log: LogID) throws(EventStoreError) -> [UInt8] {
        if let suspicion = self.suspicion { throw suspicion }
        let note = try self.write { (transaction) throws(EventStoreError) -> [UInt8] in
            guard let number = try transaction.currentLog(self.tables),
                try transaction.logID(number, self.tables) == log
            else { throw .unknownLog(log) }
            let state = try transaction.logState(number, self.tables)
            let signer = try self.anchored(state, transaction)
            return SignedNote(text: text, signatures: [signer.sign(Array(text.utf8))]).bytes
        }
        self.forget()
        return note
    }

    /// Writes or replaces what is known of a grant.
    func putGrant(_ id: [UInt8], _ row: [UInt8]) throws(EventStoreError) {
        try self.write { (transaction) throws(EventStoreError) in
            let key = MetaKey.grant(id)
            do throws(LMDBError) {
                try transaction.put(row.span, for: key.span, in: self.tables.meta)
            } catch {
                throw .storage(error)
            }
        }
        self.forget()
    }
}

/// A copy of a part of a log while it grows.
private struct PartialCopy {
    let number: UInt32
    let log: LogID
    var range: CompactRange
    var lastRecorded: HybridTime
    /// The next arrival.
    var arrival: UInt64
    /// The run of leaves that was begun last in this commit, and where it would go on.
    private var run: (index: UInt64, arrival: UInt64)?

    init(
        number: UInt32,
        log: LogID,
        _ arrival: UInt64,
        _ transaction: borrowing WriteTransaction,
        _ tables: LogTables
    ) throws(EventStoreError) {
        self.number = number
        self.log = log
        self.arrival = arrival
        let head = try transaction.head(number, tables)
        self.range = head?.range ?? CompactRange()
        self.lastRecorded = head?.lastRecorded ?? HybridTime(rawValue: 0)
    }

    var position: Position {
        Position(log: self.log, size: self.range.size, root: self.range.root)
    }

    /// Writes a row for the leaf that comes next unless it goes on a run.
    mutating func beginRun(
        at index: UInt64,
        _ transaction: inout WriteTransaction,
        _ tables: LogTables
    ) throws(EventStoreError) {
        defer { self.run = (index + 1, self.arrival + 1) }
        if let run = self.run, run.index == index, run.arrival == self.arrival { return }
        try self.put(.leaves(firstArrival: self.arrival), at: index, &transaction, tables)
    }

    mutating func put(
        _ gap: GapNode,
        _ transaction: inout WriteTransaction,
        _ tables: LogTables
    ) throws(EventStoreError) {
        let row = RunRow.gap(level: gap.place.level, hash: gap.hash)
        try self.put(row, at: gap.place.first, &transaction, tables)
    }

    func removeGap(
        _ place: SubtreePlace,
        _ transaction: inout WriteTransaction,
        _ tables: LogTables
    ) throws(EventStoreError) {
        let key = Key.run(log: self.number, firstIndex: place.first)
        do throws(LMDBError) {
            _ = try transaction.delete(key.span, in: tables.runs)
        } catch {
            throw .storage(error)
        }
    }

    private func put(
        _ row: RunRow,
        at index: UInt64,
        _ transaction: inout WriteTransaction,
        _ tables: LogTables
    ) throws(EventStoreError) {
        let key = Key.run(log: self.number, firstIndex: index)
        let bytes = row.bytes
        do throws(LMDBError) {
            try transaction.put(bytes.span, for: key.span, in: tables.runs)
        } catch {
            throw .storage(error)
        }
    }

    /// Writes the head.
    func write(
        _ transaction: inout WriteTransaction,
        _ tables: LogTables
    ) throws(EventStoreError) {
        let key = Key.log(self.number)
        let row = HeadRow(range: self.range, lastRecorded: self.lastRecorded).bytes
        do throws(LMDBError) {
            try transaction.put(row.span, for: key.span, in: tables.heads)
        } catch {
            throw .storage(error)
        }
    }
}
