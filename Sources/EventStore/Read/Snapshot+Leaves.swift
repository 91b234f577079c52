internal import LMDB
package import LedgerTypes

// Leaves by place, by log and in order of arrival; sections; event ids.
extension Snapshot {
    /// Every log held, by local number.
    package borrowing func logs() throws(EventStoreError) -> [LogState] {
        try self.log.logStates(self.tables)
    }

    /// One log as it stands; `nil` if it is not held.
    package borrowing func log(_ id: LogID) throws(EventStoreError) -> LogState? {
        guard let number = try self.log.logNumber(id, self.tables) else { return nil }
        return try self.log.logState(number, self.tables)
    }

    /// The leaf with this arrival number; `nil` if there is none. Zero-copy.
    @_lifetime(borrow self)
    package borrowing func leaf(arrival: UInt64) throws(EventStoreError) -> Span<UInt8>? {
        let key = Key.leaf(arrival)
        do throws(LMDBError) {
            guard let row = try self.log.value(for: key.span, in: self.tables.leaves) else {
                return nil
            }
            if row.count >= LeafPlace.byteCount {
                return row.extracting(LeafPlace.byteCount..<row.count)
            }
        } catch {
            throw .storage(error)
        }
        throw .damaged(table: "leaves", row: key.span.hex)
    }

    /// The leaf at `address`; `nil` if it is not held. Zero-copy.
    @_lifetime(borrow self)
    package borrowing func leaf(at address: EventAddress) throws(EventStoreError) -> Span<UInt8>? {
        guard let number = try self.number(of: address.log),
            let arrival = try self.log.arrival(log: number, index: address.index, self.tables)
        else { return nil }
        let key = Key.leaf(arrival)
        do throws(LMDBError) {
            guard let row = try self.log.value(for: key.span, in: self.tables.leaves),
                let place = LeafPlace(arrival: arrival, row: row),
                place.logNumber == number, place.index == address.index
            else { return nil }
            return row.extracting(LeafPlace.byteCount..<row.count)
        } catch {
            throw .storage(error)
        }
    }

    /// The local number of a log; `nil` if it is not held.
    private borrowing func number(of log: LogID) throws(EventStoreError) -> UInt32? {
        try self.index.logIDs(self.log).firstIndex(of: log).map { UInt32($0) }
    }

    /// The arrival number of the leaf at `address`; `nil` if it is not held.
    package borrowing func arrival(
        at address: EventAddress
    ) throws(EventStoreError) -> UInt64? {
        guard let number = try self.number(of: address.log),
            let arrival = try self.log.arrival(
                log: number,
                index: address.index,
                self.tables
            ),
            let place = try self.log.place(arrival: arrival, self.tables),
            place.logNumber == number, place.index == address.index
        else { return nil }
        return arrival
    }

    /// The address of the leaf with this arrival number; `nil` if there is none.
    package borrowing func address(
        arrival: UInt64
    ) throws(EventStoreError) -> EventAddress? {
        guard let place = try self.log.place(arrival: arrival, self.tables) else { return nil }
        return try place.address(self.index.logIDs(self.log))
    }

    /// The sealed section in `slot`, from 1, of the leaf with this arrival number; `nil` if it is
    /// not here.
    package borrowing func section(
        arrival: UInt64,
        slot: UInt8
    ) throws(EventStoreError) -> [UInt8]? {
        precondition(slot > 0, "slot 0 is the leaf")
        return try self.log.copy(for: Key.leaf(arrival, slot: slot).span, in: self.tables.leaves)
    }

    /// Where the event `id` first arrived, in any log; `nil` if it is not held.
    package borrowing func find(
        _ id: EventID
    ) throws(EventStoreError) -> (arrival: UInt64, address: EventAddress)? {
        let indexed = try self.viewTables?.find(id, self.views)
        guard let arrival = indexed ?? self.window.find(id) else { return nil }
        guard let address = try self.address(arrival: arrival) else {
            throw .damaged(table: "eventIDs", row: id.hex)
        }
        return (arrival, address)
    }

    /// Gives `body` the leaves of all logs from arrival `first` on in order of arrival until it
    /// returns false; with `backwards` from `first`, or the last, towards arrival 0.
    package borrowing func forEachArrival<Failure: EventStoreFailure>(
        from first: UInt64? = nil,
        backwards: Bool = false,
        _ body: (_ place: StoredLeaf, _ leaf: Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure) {
        let logs: [LogID]
        do throws(EventStoreError) {
            logs = try self.index.logIDs(self.log)
        } catch {
            throw .store(error)
        }
        let start = first ?? (backwards ? .max : 0)
        try self.log.forEachLeaf(from: start, backwards: backwards, self.tables) {
            (place, leaf) throws(Failure) in
            guard place.logNumber < logs.count else { throw .store(place.unknownLog) }
            let address = EventAddress(log: logs[Int(place.logNumber)], index: place.index)
            return try body(StoredLeaf(address: address, arrival: place.arrival), leaf)
        }
    }

    /// Gives `body` the leaves of one log from index `first` on until it returns false; with
    /// `backwards` from `first`, or the last, towards index 0. Nothing for a log that is not held;
    /// of a log of which a part is held the leaves that are.
    package borrowing func forEachLeaf<Failure: EventStoreFailure>(
        inLog id: LogID,
        from first: UInt64? = nil,
        backwards: Bool = false,
        _ body: (_ place: StoredLeaf, _ leaf: Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure) {
        let number: UInt32
        let size: UInt64
        let isPartial: Bool
        do throws(EventStoreError) {
            guard let found = try self.log.logNumber(id, self.tables),
                let head = try self.log.head(found, self.tables), head.size > 0
            else { return }
            number = found
            size = head.size
            isPartial = try self.log.isPartial(found, self.tables)
        } catch {
            throw .store(error)
        }
        if isPartial {
            let log = (id: id, number: number, size: size)
            return try self.forEachHeldLeaf(log, from: first, backwards: backwards, body)
        }
        // One step of the loop for each run: leaves that arrived one after the other.
        var next = min(first ?? (backwards ? .max : 0), backwards ? size - 1 : size)
        var isDone = next >= size
        while !isDone {
            let before = next
            let arrival = try self.arrivalOrDamaged(number, next, Failure.self)
            try self.log.forEachLeaf(from: arrival, backwards: backwards, self.tables) {
                (place, leaf) throws(Failure) in
                guard place.logNumber == number, place.index == next else { return false }
                let address = EventAddress(log: id, index: place.index)
                isDone = try !body(StoredLeaf(address: address, arrival: place.arrival), leaf)
                if backwards && next == 0 || !backwards && next == size - 1 { isDone = true }
                if !isDone { next = backwards ? next - 1 : next + 1 }
                return !isDone
            }
            if next == before && !isDone {
                throw .store(.damaged(table: "leaves", row: Key.leaf(arrival).span.hex))
            }
        }
    }

    private borrowing func arrivalOrDamaged<Failure: EventStoreFailure>(
        _ number: UInt32,
        _ index: UInt64,
        _ failure: Failure.Type
    ) throws(Failure) -> UInt64 {
        do throws(EventStoreError) {
            if let arrival = try self.log.arrival(log: number, index: index, self.tables) {
                return arrival
            }
        } catch {
            throw .store(error)
        }
        let key = Key.run(log: number, firstIndex: index)
        throw .store(.damaged(table: "runs", row: key.span.hex))
    }
}

extension LeafPlace {
    /// The address, given the ids of the logs by local number.
    func address(_ logs: [LogID]) throws(EventStoreError) -> EventAddress {
        guard self.logNumber < logs.count else { throw self.unknownLog }
        return EventAddress(log: logs[Int(self.logNumber)], index: self.index)
    }

    /// The error for a place in a log that has no id.
    var unknownLog: EventStoreError {
        .damaged(table: "logs", row: Key.log(self.logNumber).span.hex)
    }
}
