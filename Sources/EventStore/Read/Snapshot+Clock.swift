internal import LMDB
package import LedgerTypes

// The commit clock: what this ledger held when.
extension Snapshot {
    /// When the leaf with this arrival number was committed here, by the local clock; `nil` if
    /// there is none.
    package borrowing func committed(arrival: UInt64) throws(EventStoreError) -> Timestamp? {
        guard arrival < self.arrivals else { return nil }
        return try self.commit(atOrBefore: arrival)?.time
    }

    /// How many leaves were held at `moment`: those of every commit whose clock reading is at most
    /// `moment`.
    ///
    /// The readings never fall, so this is a binary search; commits, not leaves, are what it finds.
    package borrowing func arrivals(heldAt moment: Timestamp) throws(EventStoreError) -> UInt64 {
        // Every arrival below `low` was held, none from `high` on.
        var low: UInt64 = 0
        var high = self.arrivals
        while low < high {
            let middle = low + (high - low) / 2
            guard let commit = try self.commit(atOrBefore: middle) else {
                throw .damaged(table: "commits", row: Key.arrival(middle).span.hex)
            }
            if commit.time <= moment { low = middle + 1 } else { high = commit.first }
        }
        return low
    }

    /// Every log as it stood when `arrivalsEnd` leaves were held; those that came later left out.
    package borrowing func logs(
        before arrivalsEnd: UInt64
    ) throws(EventStoreError) -> [LogState] {
        var logs: [LogState] = []
        for log in try self.logs() {
            if log.isPartial {
                // Its leaves do not come in order of index; it is given as it stands now.
                let first = try self.arrival(at: EventAddress(log: log.id, index: 0))
                if let first, first < arrivalsEnd { logs.append(log) }
                continue
            }
            let size = try self.size(of: log, before: arrivalsEnd)
            guard size > 0 else { continue }
            logs.append(log.cut(at: size, root: try self.root(log, size: size)))
        }
        return logs
    }

    /// How many leaves of `log` arrived before `arrivalsEnd`. They arrive in the order of their
    /// indexes, so this is a binary search.
    private borrowing func size(
        of log: LogState,
        before arrivalsEnd: UInt64
    ) throws(EventStoreError) -> UInt64 {
        var low: UInt64 = 0
        var high = log.position.size
        while low < high {
            let middle = low + (high - low) / 2
            let address = EventAddress(log: log.id, index: middle)
            guard let arrival = try self.arrival(at: address) else {
                throw .damaged(table: "runs", row: "\(address)")
            }
            if arrival < arrivalsEnd { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private borrowing func commit(
        atOrBefore arrival: UInt64
    ) throws(EventStoreError) -> (first: UInt64, time: Timestamp)? {
        let row: Row?
        do throws(LMDBError) {
            row = try self.log.floor(Key.arrival(arrival).span, in: self.tables.commits)
        } catch {
            throw .storage(error)
        }
        guard let row else { return nil }
        guard row.key.count == 8, row.value.count == 8 else {
            throw .damaged(table: "commits", row: row.key.hex)
        }
        let time = Int64(bitPattern: row.value.span.bigEndianWord(at: 0))
        return (row.key.span.bigEndianWord(at: 0), Timestamp(microseconds: time))
    }
}
