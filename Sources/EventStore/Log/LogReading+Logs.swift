internal import LMDB
internal import LedgerTypes
internal import Merkle

extension LogReading where Self: ~Copyable & ~Escapable {
    /// A copy of the value under `key`, or `nil`.
    borrowing func copy(
        for key: Span<UInt8>,
        in table: Table
    ) throws(EventStoreError) -> [UInt8]? {
        do throws(LMDBError) {
            guard let value = try self.value(for: key, in: table) else { return nil }
            return [UInt8](copying: value)
        } catch {
            throw .storage(error)
        }
    }

    /// Where the log stands; `nil` if there is no such log.
    borrowing func head(
        _ number: UInt32,
        _ tables: LogTables
    ) throws(EventStoreError) -> HeadRow? {
        let key = Key.log(number)
        do throws(LMDBError) {
            guard let row = try self.value(for: key.span, in: tables.heads) else { return nil }
            if let head = HeadRow(row) { return head }
        } catch {
            throw .storage(error)
        }
        throw .damaged(table: "heads", row: key.span.hex)
    }

    /// The log's id and flags; `nil` if there is no such log.
    borrowing func logRow(
        _ number: UInt32,
        _ tables: LogTables
    ) throws(EventStoreError) -> LogRow? {
        let key = Key.log(number)
        guard let bytes = try self.copy(for: key.span, in: tables.logs) else { return nil }
        guard let row = LogRow(bytes.span) else { throw .damaged(table: "logs", row: key.span.hex) }
        return row
    }

    /// The local number of a log; `nil` if it is not held.
    borrowing func logNumber(
        _ id: LogID,
        _ tables: LogTables
    ) throws(EventStoreError) -> UInt32? {
        let key = Key.id(id)
        guard let bytes = try self.copy(for: key.span, in: tables.logIDs) else { return nil }
        guard bytes.count == 4 else { throw .damaged(table: "logIDs", row: key.span.hex) }
        return bytes.span.bigEndian32(at: 0)
    }

    /// The log that this ledger appends to; `nil` in a ledger without its own log.
    borrowing func currentLog(_ tables: LogTables) throws(EventStoreError) -> UInt32? {
        let key = MetaKey.current
        guard let bytes = try self.copy(for: key.span, in: tables.meta) else { return nil }
        guard bytes.count == 4 else { throw .damaged(table: "meta", row: "current") }
        return bytes.span.bigEndian32(at: 0)
    }

    /// The genesis of a log.
    borrowing func genesis(
        _ number: UInt32,
        _ tables: LogTables
    ) throws(EventStoreError) -> Genesis {
        guard let arrival = try self.arrival(log: number, index: 0, tables) else {
            let key = Key.run(log: number, firstIndex: 0)
            throw .damaged(table: "runs", row: key.span.hex)
        }
        let key = Key.leaf(arrival)
        guard let row = try self.copy(for: key.span, in: tables.leaves),
            row.count > LeafPlace.byteCount
        else { throw .damaged(table: "leaves", row: key.span.hex) }
        do throws(WireError) {
            return try Genesis(leaf: row.span.extracting(LeafPlace.byteCount..<row.count))
        } catch {
            // The log stays readable; a scan finds the leaf and puts it right.
            guard let id = try self.logRow(number, tables)?.id,
                let copy = try self.genesisCopy(id, tables),
                let genesis = try? Genesis(leaf: copy.span)
            else { throw .damaged(table: "leaves", row: key.span.hex) }
            return genesis
        }
    }

    /// The genesis of every log, also of those that this transaction put.
    borrowing func geneses(_ tables: LogTables) throws(EventStoreError) -> [LogID: Genesis] {
        var geneses: [LogID: Genesis] = [:]
        for number in 0..<(try self.logCount(tables)) {
            guard let row = try self.logRow(number, tables) else { continue }
            geneses[row.id] = try self.genesis(number, tables)
        }
        return geneses
    }

    /// One log as it stands.
    borrowing func logState(
        _ number: UInt32,
        _ tables: LogTables
    ) throws(EventStoreError) -> LogState {
        let key = Key.log(number)
        guard let row = try self.logRow(number, tables),
            let head = try self.head(number, tables)
        else { throw .damaged(table: "heads", row: key.span.hex) }
        return LogState(
            number: number,
            id: row.id,
            position: Position(log: row.id, size: head.size, root: head.root),
            lastRecorded: head.lastRecorded,
            isOwn: row.flags.contains(.own),
            isCurrent: row.flags.contains(.current),
            isFrozen: row.flags.contains(.frozen),
            isPartial: row.flags.contains(.partial),
            genesis: try self.genesis(number, tables),
            checkpoint: try self.copy(for: key.span, in: tables.checkpoints)
        )
    }

    /// How many logs are held; their local numbers are 0 to this less one.
    borrowing func logCount(_ tables: LogTables) throws(EventStoreError) -> UInt32 {
        do throws(LMDBError) {
            let greatest = Key.log(.max)
            guard let last = try self.floor(greatest.span, in: tables.logs) else { return 0 }
            guard last.key.count == 4, last.key.span.bigEndian32(at: 0) < .max else {
                throw LMDBError.corrupted
            }
            return last.key.span.bigEndian32(at: 0) + 1
        } catch {
            throw .storage(error)
        }
    }

    /// Every log held, by local number.
    borrowing func logStates(_ tables: LogTables) throws(EventStoreError) -> [LogState] {
        var states: [LogState] = []
        for number in 0..<(try self.logCount(tables)) {
            states.append(try self.logState(number, tables))
        }
        return states
    }

    /// The first `size` leaves of a log as a tree that goes on growing; reads at most 255 leaves.
    borrowing func tree(
        log number: UInt32,
        size: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> TileBuilder {
        var tails: [[Digest]] = []
        var count = size
        while count > 0 {
            let level = tails.count * 8
            var tail: [Digest] = []
            tail.reserveCapacity(TileAddress.width)
            for index in count & ~0xFF..<count {
                tail.append(try self.node(log: number, level: level, index: index, tables))
            }
            tails.append(tail)
            count >>= 8
        }
        guard let tree = TileBuilder(size: size, tails: tails) else {
            preconditionFailure("each level got as many hashes as the size asks for")
        }
        return tree
    }
}
