internal import LMDB
internal import LedgerTypes
internal import Merkle

/// Makes rows again that follow from others: geneses from their copies and the other way round,
/// runs, heads and labels from the leaves. Needs nobody.
struct RowMending {
    let tables: LogTables
    /// How far a log has left the host, as STATE says; `nil` if it says nothing.
    let anchor: (LogID) throws(EventStoreError) -> Anchor?
    private var derived: RunDerivation?

    init(
        tables: LogTables,
        anchor: @escaping (LogID) throws(EventStoreError) -> Anchor?
    ) {
        self.tables = tables
        self.anchor = anchor
    }

    /// Puts right what of `damages` follows from other rows; returns what it was. The rest stays
    /// as it is.
    mutating func mend(
        _ damages: [Damage],
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> [Damage] {
        var mended: [Damage] = []
        // Where leaves lie comes before what is read out of them.
        for damage in damages {
            guard case .runs(let log) = damage else { continue }
            if try self.mendRuns(log, &transaction) { mended.append(damage) }
        }
        let written = try transaction.writtenIfSound(self.tables)
        for damage in damages {
            let isMended: Bool
            switch damage {
            case .leaf(let address) where address.index == 0:
                isMended = try self.mendGenesis(address.log, &transaction)
            case .genesisCopy(let log): isMended = try self.mendCopy(log, &transaction)
            case .head(let log): isMended = try self.mendHead(log, &transaction)
            case .label(_, let key): isMended = try self.mendLabel(key, written, &transaction)
            case .leaf, .section, .tile, .runs, .part: isMended = false
            }
            if isMended { mended.append(damage) }
        }
        return mended
    }

    /// What the leaves tell, read once.
    private mutating func derivation(
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> RunDerivation {
        if let derived { return derived }
        let derived = try RunDerivation(transaction, self.tables)
        self.derived = derived
        return derived
    }

    private mutating func mendRuns(
        _ log: LogID,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> Bool {
        let derived = try self.derivation(transaction)
        guard let number = try transaction.logNumber(log, self.tables), derived.isClear,
            let runs = derived.runs[number], runs.first?.firstIndex == 0
        else { return false }
        if let head = try transaction.soundHead(number, self.tables),
            head.size != derived.sizes[number]
        {
            return false
        }
        do throws(LMDBError) {
            var old: [[UInt8]] = []
            let bound = [UInt8](copying: Key.run(log: number, firstIndex: 0).span)
            try transaction.forEach(in: self.tables.runs, from: bound, backwards: false) {
                (key, _) throws(LMDBError) in
                guard key.count >= 4, key.bigEndian32(at: 0) == number else { return false }
                old.append([UInt8](copying: key))
                return true
            }
            for key in old { _ = try transaction.delete(key.span, in: self.tables.runs) }
            for run in runs {
                let key = Key.run(log: number, firstIndex: run.firstIndex)
                let first = Key.arrival(run.firstArrival)
                try transaction.put(first.span, for: key.span, in: self.tables.runs)
            }
        } catch {
            throw .storage(error)
        }
        return true
    }

    /// Writes leaf 0 again from its copy, whose hash is the log's id.
    private func mendGenesis(
        _ log: LogID,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> Bool {
        guard let number = try transaction.logNumber(log, self.tables),
            let leaf = try transaction.genesisCopy(log, self.tables),
            let arrival = try transaction.arrivalIfSound(number, 0, self.tables)
        else { return false }
        var row: [UInt8] = []
        row.appendBigEndian(number)
        row.appendBigEndian(UInt64(0))
        row += leaf
        do throws(LMDBError) {
            let key = Key.leaf(arrival)
            try transaction.put(row.span, for: key.span, in: self.tables.leaves)
        } catch {
            throw .storage(error)
        }
        return true
    }

    private func mendCopy(
        _ log: LogID,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> Bool {
        guard let number = try transaction.logNumber(log, self.tables),
            let arrival = try transaction.arrivalIfSound(number, 0, self.tables),
            let row = try transaction.copy(for: Key.leaf(arrival).span, in: self.tables.leaves),
            row.count > LeafPlace.byteCount
        else { return false }
        let leaf = Array(row[LeafPlace.byteCount...])
        guard LogID(genesisLeaf: leaf) == log else { return false }
        try transaction.putGenesisCopy(leaf, of: log, self.tables)
        return true
    }

    /// Makes a head again: the size from the places of the leaves, the tree from rows of hashes and
    /// the last leaves. It has to agree with whatever was signed.
    private mutating func mendHead(
        _ log: LogID,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> Bool {
        let derived = try self.derivation(transaction)
        guard let number = try transaction.logNumber(log, self.tables), derived.isClear,
            let size = derived.sizes[number], size > 0,
            let arrival = try transaction.arrivalIfSound(number, size - 1, self.tables),
            let row = try transaction.copy(for: Key.leaf(arrival).span, in: self.tables.leaves),
            row.count > LeafPlace.byteCount,
            let recorded = Writer.recorded(Array(row[LeafPlace.byteCount...]))
        else { return false }
        do throws(EventStoreError) {
            let tree = try transaction.tree(log: number, size: size, self.tables)
            guard try self.isSigned(tree.root, size, log, number, transaction) else { return false }
            let bytes = HeadRow(range: tree.range, lastRecorded: recorded).bytes
            do throws(LMDBError) {
                let key = Key.log(number)
                try transaction.put(bytes.span, for: key.span, in: self.tables.heads)
            } catch {
                throw .storage(error)
            }
            return true
        } catch .damaged {
            // Hashes that it is made of are damaged as well.
            return false
        }
    }

    /// Whether the leaves lead to what the log's key signed of them, and to the anchor.
    private func isSigned(
        _ root: Digest,
        _ size: UInt64,
        _ log: LogID,
        _ number: UInt32,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> Bool {
        var known: [(size: UInt64, root: Digest)] = []
        let note = try transaction.copy(for: Key.log(number).span, in: self.tables.checkpoints)
        if let checkpoint = note.flatMap({ Checkpoint(noteBytes: $0) }) {
            known.append((checkpoint.size, checkpoint.root))
        }
        if let anchor = try self.anchor(log) { known.append((anchor.size, anchor.root)) }
        for state in known {
            guard state.size <= size else { return false }
            let here =
                state.size == size
                ? root : try transaction.root(log: number, size: state.size, self.tables)
            guard here == state.root else { return false }
        }
        return true
    }

    /// Finds the newest leaf with a label, from the end on; a row of a label that no leaf has goes.
    private func mendLabel(
        _ key: [UInt8],
        _ written: [UInt32: UInt64],
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> Bool {
        var newest: LabelRow?
        if let label = StoredLabel(key), var index = written[label.log] {
            while newest == nil, index > 1 {
                index -= 1
                guard
                    let audit = try transaction.leafAudit(label.log, index, self.tables)
                else { return false }
                newest = audit.row(of: label, at: index)
            }
        }
        do throws(LMDBError) {
            if let newest {
                try transaction.put(newest.bytes.span, for: key.span, in: self.tables.labels)
            } else {
                _ = try transaction.delete(key.span, in: self.tables.labels)
            }
        } catch {
            throw .storage(error)
        }
        return true
    }
}

/// The label that a row of `labels` is about.
struct StoredLabel {
    let log: UInt32
    let name: String
    let value: String

    /// Reads a key; `nil` if it is not one.
    init?(_ key: [UInt8]) {
        guard key.count > 5, 5 + Int(key[4]) <= key.count else { return nil }
        let end = 5 + Int(key[4])
        self.log = key.span.bigEndian32(at: 0)
        self.name = String(decoding: key[5..<end], as: UTF8.self)
        self.value = String(decoding: key[end...], as: UTF8.self)
        guard key == Key.label(log: self.log, name: self.name, value: self.value) else {
            return nil
        }
    }
}

extension LeafAudit {
    /// The row of a label that names this leaf; `nil` if the leaf does not have it.
    func row(of label: StoredLabel, at index: UInt64) -> LabelRow? {
        for (own, place) in zip(self.labels, self.labelSequences.dropFirst())
        where own.name.utf8.elementsEqual(label.name.utf8)
            && own.value.utf8.elementsEqual(label.value.utf8)
        {
            return LabelRow(sequence: place.sequence, index: index)
        }
        return nil
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// What a leaf ties to other rows; `nil` if it cannot be read.
    borrowing func leafAudit(
        _ log: UInt32,
        _ index: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> LeafAudit? {
        guard let arrival = try self.arrivalIfSound(log, index, tables),
            let row = try self.copy(for: Key.leaf(arrival).span, in: tables.leaves),
            let place = LeafPlace(arrival: arrival, row: row.span),
            place.logNumber == log, place.index == index
        else { return nil }
        return try? LeafAudit(leaf: row.span.extracting(LeafPlace.byteCount..<row.count))
    }

    /// Leaves 0 that are not what their log's id says.
    borrowing func rottenGeneses(_ tables: LogTables) throws(EventStoreError) -> [Damage] {
        var damages: [Damage] = []
        for number in 0..<(try self.logCount(tables)) {
            guard let row = try self.logRow(number, tables),
                let arrival = try self.arrivalIfSound(number, 0, tables),
                let stored = try self.copy(for: Key.leaf(arrival).span, in: tables.leaves),
                stored.count > LeafPlace.byteCount,
                LogID(genesisLeaf: Array(stored[LeafPlace.byteCount...])) != row.id
            else { continue }
            damages.append(.leaf(EventAddress(log: row.id, index: 0)))
        }
        return damages
    }

    /// How many leaves of each own log this ledger appended itself, by local number; of none if
    /// that cannot be read.
    borrowing func writtenIfSound(
        _ tables: LogTables
    ) throws(EventStoreError) -> [UInt32: UInt64] {
        do throws(EventStoreError) {
            let counts = try self.leavesWritten(tables)
            var written: [UInt32: UInt64] = [:]
            for log in try self.logStates(tables) {
                guard let count = counts[log.id] else { continue }
                written[log.number] = min(count, log.position.size)
            }
            return written
        } catch .damaged {
            return [:]
        } catch {
            throw error
        }
    }
}

extension WriteTransaction {
    /// Keeps a copy of a log's leaf 0 apart from it: without its keys nothing of the log could be
    /// believed, and nobody could be asked for it.
    mutating func putGenesisCopy(
        _ leaf: [UInt8],
        of log: LogID,
        _ tables: LogTables
    ) throws(EventStoreError) {
        let key = MetaKey.genesis(log)
        do throws(LMDBError) {
            try self.put(leaf.span, for: key.span, in: tables.meta)
        } catch {
            throw .storage(error)
        }
    }

    /// Writes the copies that a ledger of an earlier program lacks.
    mutating func putMissingGenesisCopies(_ tables: LogTables) throws(EventStoreError) {
        for number in 0..<(try self.logCount(tables)) {
            guard let row = try self.logRow(number, tables),
                try self.genesisCopy(row.id, tables) == nil,
                let arrival = try self.arrivalIfSound(number, 0, tables),
                let stored = try self.copy(for: Key.leaf(arrival).span, in: tables.leaves),
                stored.count > LeafPlace.byteCount
            else { continue }
            let leaf = Array(stored[LeafPlace.byteCount...])
            guard LogID(genesisLeaf: leaf) == row.id else { continue }
            try self.putGenesisCopy(leaf, of: row.id, tables)
        }
    }
}
