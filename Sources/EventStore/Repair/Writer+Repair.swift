internal import LMDB
internal import LedgerTypes
internal import Merkle

// Putting rows right that were found rotten (SYNC.md 5).
extension Writer {
    /// Writes what `batch` brings of `damages` in the place of what is rotten; nothing else of it
    /// is written. The batch was verified against a checkpoint of the log's own key.
    ///
    /// Returns what was put right. Throws ``EventStoreError/fork(_:held:received:)``, and writes
    /// nothing, if what came is not what the log's own tree says: then it is not rot.
    func repair(
        _ batch: ForeignBatch,
        _ damages: Set<Damage>
    ) throws(EventStoreError) -> (repaired: [Damage], position: Position) {
        let result = try self.write {
            (transaction) throws(EventStoreError) -> ([Damage], Position) in
            _ = try self.refresh(transaction)
            guard let number = try transaction.logNumber(batch.log, self.tables) else {
                throw .unknownLog(batch.log)
            }
            let log = try transaction.logState(number, self.tables)
            guard batch.end <= log.position.size else {
                throw .gap(batch.log, held: log.position.size, start: batch.end)
            }
            var repaired = try self.repairTile(batch, number, damages, &transaction)
            for (offset, entry) in batch.entries.enumerated() {
                let address = EventAddress(log: batch.log, index: batch.start + UInt64(offset))
                repaired += try self.repair(entry, address, number, damages, &transaction)
            }
            if repaired.contains(where: { if case .leaf = $0 { true } else { false } }) {
                try self.compare(batch, log, transaction)
            }
            let root = try transaction.root(log: number, size: batch.end, self.tables)
            return (repaired, Position(log: log.id, size: batch.end, root: root))
        }
        self.forget()
        return result
    }

    /// Makes rows again that follow from others (``RowMending``).
    func mendRows(_ damages: [Damage]) throws(EventStoreError) -> [Damage] {
        let site = self.site
        let mended = try self.write { (transaction) throws(EventStoreError) in
            var mending = RowMending(tables: self.tables) { (log) throws(EventStoreError) in
                try site.log(log).anchor()
            }
            return try mending.mend(damages, &transaction)
        }
        self.forget()
        return mended
    }

    /// Writes the row of hashes of a whole tile that was proven, if it is rotten too: what the
    /// leaves are compared with afterwards.
    private func repairTile(
        _ batch: ForeignBatch,
        _ number: UInt32,
        _ damages: Set<Damage>,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> [Damage] {
        let damage = Damage.tile(batch.log, level: 0, number: batch.start >> 8)
        guard damages.contains(damage), let tile = batch.tile else { return [] }
        let above = try transaction.tileRow(number, 1, batch.start >> 16, self.tables)
        if let above, above.hashes[Int(batch.start >> 8 & 0xFF)] != tile.root { return [] }
        let row = TileRow(hashes: tile.hashes).bytes
        let key = Key.tile(log: number, level: 0, number: batch.start >> 8)
        do throws(LMDBError) {
            try transaction.put(row.span, for: key.span, in: self.tables.tiles)
        } catch {
            throw .storage(error)
        }
        return [damage]
    }

    private func repair(
        _ entry: ForeignBatch.Entry,
        _ address: EventAddress,
        _ number: UInt32,
        _ damages: Set<Damage>,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> [Damage] {
        var repaired: [Damage] = []
        guard
            let arrival = try transaction.arrival(log: number, index: address.index, self.tables)
        else { return [] }
        do throws(LMDBError) {
            if damages.contains(.leaf(address)) {
                var row: [UInt8] = []
                row.appendBigEndian(number)
                row.appendBigEndian(address.index)
                row += entry.leaf
                let key = Key.leaf(arrival)
                try transaction.put(row.span, for: key.span, in: self.tables.leaves)
                repaired.append(.leaf(address))
            }
            let isLeafRotten = !repaired.isEmpty
            for (place, section) in entry.sections.enumerated() {
                let slot = UInt8(place + 1)
                let damage = Damage.section(address, slot: slot)
                guard isLeafRotten || damages.contains(damage) else { continue }
                guard case .present(let bytes) = section else { continue }
                let key = Key.leaf(arrival, slot: slot)
                // Of a leaf that was rotten nobody could tell which sections it should have.
                var isHeld = false
                if let held = try transaction.value(for: key.span, in: self.tables.leaves) {
                    isHeld = held.equals(bytes.span)
                }
                if isHeld { continue }
                try transaction.put(bytes.span, for: key.span, in: self.tables.leaves)
                repaired.append(damage)
            }
        } catch {
            throw .storage(error)
        }
        return repaired
    }

    /// Compares the leaves of the tiles that `batch` touches with the hashes that are stored.
    private func compare(
        _ batch: ForeignBatch,
        _ log: LogState,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) {
        for (offset, entry) in batch.entries.enumerated() {
            let index = batch.start + UInt64(offset)
            let row = try transaction.tileRow(log.number, 0, index >> 8, self.tables)
            guard let expected = row?.hashes[Int(index & 0xFF)] else { continue }
            let hash = entry.hash ?? MerkleHash.leaf(entry.leaf.span)
            let above = try transaction.tileRow(log.number, 1, index >> 16, self.tables)
            let isRowRight = above.map { $0.hashes[Int(index >> 8 & 0xFF)] == row?.root } ?? true
            guard hash != expected, isRowRight else { continue }
            let address = EventAddress(log: log.id, index: index)
            throw .fork(address, held: expected, received: hash)
        }
    }

    /// Makes rows of hashes again from what is below them, lowest level first. Throws and writes
    /// nothing if the root of a log is not what its head says afterwards.
    func repairTiles(_ damages: [Damage]) throws(EventStoreError) -> [Damage] {
        let repaired = try self.write { (transaction) throws(EventStoreError) in
            var repaired: [Damage] = []
            var logs: [LogID: LogState] = [:]
            for level in UInt8(0)..<8 {
                for case .tile(let log, level, let number) in damages {
                    let state = try self.state(log, &logs, transaction)
                    guard
                        let hashes = try self.hashes(state, level, number, transaction)
                    else { continue }
                    let row = TileRow(hashes: hashes).bytes
                    let key = Key.tile(log: state.number, level: level, number: number)
                    do throws(LMDBError) {
                        try transaction.put(row.span, for: key.span, in: self.tables.tiles)
                    } catch {
                        throw .storage(error)
                    }
                    repaired.append(.tile(log, level: level, number: number))
                }
            }
            for log in logs.values {
                let size = log.position.size
                let root = try transaction.root(log: log.number, size: size, self.tables)
                guard root == log.position.root else {
                    throw .damaged(table: "tiles", row: log.origin)
                }
            }
            return repaired
        }
        self.forget()
        return repaired
    }

    private func state(
        _ log: LogID,
        _ known: inout [LogID: LogState],
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> LogState {
        if let state = known[log] { return state }
        guard let number = try transaction.logNumber(log, self.tables) else {
            throw .unknownLog(log)
        }
        let state = try transaction.logState(number, self.tables)
        known[log] = state
        return state
    }

    /// The 256 hashes of a tile as what is below has them; `nil` if that is not whole.
    private func hashes(
        _ log: LogState,
        _ level: UInt8,
        _ number: UInt64,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> [Digest]? {
        guard level == 0 else {
            return try transaction.hashesBelow(log.number, level, number, self.tables)
        }
        var hashes: [Digest] = []
        for index in number << 8..<(number + 1) << 8 {
            guard
                let arrival = try transaction.arrival(
                    log: log.number,
                    index: index,
                    self.tables
                ),
                let row = try transaction.copy(
                    for: Key.leaf(arrival).span,
                    in: self.tables.leaves
                ), row.count >= LeafPlace.byteCount
            else { return nil }
            hashes.append(MerkleHash.leaf(row.span.extracting(LeafPlace.byteCount..<row.count)))
        }
        return hashes
    }
}
