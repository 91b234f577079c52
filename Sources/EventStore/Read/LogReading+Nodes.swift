internal import LMDB
internal import LedgerTypes
internal import Merkle

extension LeafPlace {
    /// Creates a place.
    init(arrival: UInt64, logNumber: UInt32, index: UInt64) {
        self.arrival = arrival
        self.logNumber = logNumber
        self.index = index
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// The place of the leaf with this arrival number; `nil` if there is none.
    borrowing func place(
        arrival: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> LeafPlace? {
        let row: Span<UInt8>?
        do throws(LMDBError) {
            row = try self.value(for: Key.leaf(arrival).span, in: tables.leaves)
        } catch {
            throw .storage(error)
        }
        guard let row else { return nil }
        return LeafPlace(arrival: arrival, row: row)
    }

    /// The id of the log with this local number; `nil` if there is none.
    borrowing func logID(
        _ number: UInt32,
        _ tables: LogTables
    ) throws(EventStoreError) -> LogID? {
        do throws(LMDBError) {
            let row = try self.value(for: Key.log(number).span, in: tables.logs)
            guard let row, row.count >= 16 else { return nil }
            return LogID(row.extracting(..<16))
        } catch {
            throw .storage(error)
        }
    }

    /// The hash of the complete subtree `index` of `level` in a log: over the leaves
    /// [`index` << `level`, (`index` + 1) << `level`), all of which are held.
    ///
    /// Read from a full tile where there is one; at the right edge hashed from the leaves.
    borrowing func node(
        log number: UInt32,
        level: Int,
        index: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> Digest {
        let inTile = level & 7
        let tileLevel = UInt8(truncatingIfNeeded: level >> 3)
        if inTile == 0 && level > 0 {
            // The whole of one tile, whose root stands in its row.
            let key = Key.tile(log: number, level: tileLevel - 1, number: index)
            if let hash = try self.tileHash(at: 256, count: 1, key, tables) { return hash }
            if try self.isPartial(number, tables) {
                return try self.partialNode(log: number, level: level, index: index, tables)
            }
            throw .damaged(table: "tiles", row: key.span.hex)
        }
        let first = index << UInt64(inTile)
        let key = Key.tile(log: number, level: tileLevel, number: first >> 8)
        let place = Int(first & 0xFF)
        if let hash = try self.tileHash(at: place, count: 1 << inTile, key, tables) { return hash }
        if try self.isPartial(number, tables) {
            return try self.partialNode(log: number, level: level, index: index, tables)
        }
        return try self.edgeNode(log: number, level: level, index: index, tables)
    }

    /// A node of which no tile is stored: hashed from the whole tiles below it, or from the leaves
    /// behind the last one.
    private borrowing func edgeNode(
        log number: UInt32,
        level: Int,
        index: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> Digest {
        if level == 0 { return try self.leafHash(log: number, index: index, tables) }
        let below = level - 1
        // The roots of whole tiles stand in their rows.
        if below > 0 && below & 7 == 0 {
            return MerkleHash.node(
                try self.node(log: number, level: below, index: index * 2, tables),
                try self.node(log: number, level: below, index: index * 2 + 1, tables)
            )
        }
        return MerkleHash.node(
            try self.edgeNode(log: number, level: below, index: index * 2, tables),
            try self.edgeNode(log: number, level: below, index: index * 2 + 1, tables)
        )
    }

    /// The root over the first `size` leaves of a log, all of which are held.
    borrowing func root(
        log number: UInt32,
        size: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> Digest {
        var root: Digest?
        // From the right edge's smallest complete subtree to the largest.
        for level in 0..<64 where size & (1 << UInt64(level)) != 0 {
            let index = (size >> UInt64(level)) - 1
            let node = try self.node(log: number, level: level, index: index, tables)
            root = root.map { MerkleHash.node(node, $0) } ?? node
        }
        return root ?? MerkleHash.empty
    }

    /// The root over `count` hashes of a full tile, from `place` on; `nil` if it is not stored.
    private borrowing func tileHash(
        at place: Int,
        count: Int,
        _ key: [13 of UInt8],
        _ tables: LogTables
    ) throws(EventStoreError) -> Digest? {
        let row: Span<UInt8>?
        do throws(LMDBError) {
            row = try self.value(for: key.span, in: tables.tiles)
        } catch {
            throw .storage(error)
        }
        guard let row else { return nil }
        guard row.count == 257 * Digest.byteCount else {
            throw .damaged(table: "tiles", row: key.span.hex)
        }
        let start = place * Digest.byteCount
        let hashes = row.extracting(start..<start + count * Digest.byteCount)
        return MerkleTree.root(ofHashBytes: hashes)
    }

    private borrowing func leafHash(
        log number: UInt32,
        index: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> Digest {
        let arrival = try self.arrival(log: number, index: index, tables)
        let key = Key.leaf(arrival ?? .max)
        do throws(LMDBError) {
            if let row = try self.value(for: key.span, in: tables.leaves),
                let place = LeafPlace(arrival: 0, row: row),
                place.logNumber == number, place.index == index
            {
                return MerkleHash.leaf(row.extracting(LeafPlace.byteCount..<row.count))
            }
        } catch {
            throw .storage(error)
        }
        throw .damaged(table: "leaves", row: key.span.hex)
    }
}
