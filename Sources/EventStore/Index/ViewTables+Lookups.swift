internal import LMDB
internal import LedgerTypes

extension ViewTables {
    /// The arrival that holds the event `id`; `nil` if it is not indexed.
    func find(
        _ id: EventID,
        _ views: borrowing ReadTransaction
    ) throws(EventStoreError) -> UInt64? {
        let key = Key.id(id)
        do throws(LMDBError) {
            guard let row = try views.value(for: key.span, in: self.eventIDs) else { return nil }
            guard row.count == 8 else { throw LMDBError.corrupted }
            return row.bigEndianWord(at: 0)
        } catch {
            throw .storage(error)
        }
    }

    /// The greatest id that is indexed; `nil` if none is.
    func greatestID(_ views: borrowing ReadTransaction) throws(EventStoreError) -> EventID? {
        do throws(LMDBError) {
            guard let row = try views.last(in: self.eventIDs) else { return nil }
            guard let id = EventID(row.key.span) else { throw LMDBError.corrupted }
            return id
        } catch {
            throw .storage(error)
        }
    }

    /// What the index says of `subject`; `nil` if it does not know it.
    func summary(
        of subject: SubjectKey,
        _ views: borrowing ReadTransaction
    ) throws(EventStoreError) -> SubjectSummary? {
        do throws(LMDBError) {
            let key = subject.bytes
            guard let row = try views.value(for: key.span, in: self.subjects) else { return nil }
            guard let summary = SubjectSummary(row: row) else { throw LMDBError.corrupted }
            return summary
        } catch {
            throw .storage(error)
        }
    }

    /// The number and the count of events of `subject`, without the rest of its row.
    func count(
        of subject: SubjectKey,
        _ views: borrowing ReadTransaction
    ) throws(EventStoreError) -> (number: UInt64, count: UInt64)? {
        do throws(LMDBError) {
            let key = subject.bytes
            guard let row = try views.value(for: key.span, in: self.subjects) else { return nil }
            guard row.count >= 16 else { throw LMDBError.corrupted }
            return (row.bigEndianWord(at: 0), row.bigEndianWord(at: 8))
        } catch {
            throw .storage(error)
        }
    }

    /// Gives `body` the events of the subject numbered `number` by order, then arrival, until it
    /// returns false.
    func forEachEntry(
        of number: UInt64,
        backwards: Bool = false,
        _ views: borrowing ReadTransaction,
        _ body: (IndexEntry) throws(EventStoreError) -> Bool
    ) throws(EventStoreError) {
        let bound = Key.subjectEvent(
            subject: number,
            order: Timestamp(microseconds: backwards ? .max : .min),
            arrival: backwards ? .max : 0
        )
        // The body's error goes round the scan, whose own error is cheap to pass.
        var failure: EventStoreError?
        do throws(LMDBError) {
            try views.forEach(
                in: self.subjectEvents,
                from: [UInt8](copying: bound.span),
                backwards: backwards
            ) { (key, value) throws(LMDBError) in
                guard let entry = IndexEntry(key: key, value: value) else {
                    failure = .damaged(table: "subjectEvents", row: key.hex)
                    return false
                }
                guard key.bigEndianWord(at: 0) == number else { return false }
                do throws(EventStoreError) {
                    return try body(entry)
                } catch {
                    failure = error
                    return false
                }
            }
        } catch {
            throw .storage(error)
        }
        if let failure { throw failure }
    }

    /// The events of `subject` by order, then arrival.
    func entries(
        of subject: SubjectKey,
        _ views: borrowing ReadTransaction
    ) throws(EventStoreError) -> [IndexEntry] {
        guard let known = try self.count(of: subject, views) else { return [] }
        var entries: [IndexEntry] = []
        entries.reserveCapacity(Int(min(known.count, 1 << 20)))
        try self.forEachEntry(of: known.number, views) { (entry) throws(EventStoreError) in
            entries.append(entry)
            return true
        }
        return entries
    }
}

extension IndexEntry {
    /// Whether this event comes before `other` in the fold: by order, log id, index. Both logs
    /// stand in `logs`.
    func precedes(_ other: IndexEntry, _ logs: [LogID]) -> Bool {
        if self.order != other.order { return self.order < other.order }
        if self.logNumber == other.logNumber { return self.index < other.index }
        return logs[Int(self.logNumber)] < logs[Int(other.logNumber)]
    }
}

extension SubjectIndex {
    /// The ids of all logs that `log` sees, by local number. Numbers are dense and never change
    /// their meaning once committed, so a reader keeps what it found; a write transaction, which
    /// may yet be aborted, must not be `keeping` them.
    func logIDs<Log: LogReading & ~Copyable & ~Escapable>(
        _ log: borrowing Log,
        keeping: Bool = true
    ) throws(EventStoreError) -> [LogID] {
        let (known, seen) = self.state.withLock { ($0.logIDs, $0.logIDsSeen) }
        let transaction = log.identifier
        if keeping && seen >= transaction { return known }
        var ids = known
        while let id = try log.logID(UInt32(ids.count), self.logTables) { ids.append(id) }
        if keeping {
            let found = ids
            self.state.withLock { state in
                if state.logIDs.count < found.count { state.logIDs = found }
                state.logIDsSeen = max(state.logIDsSeen, transaction)
            }
        }
        return ids
    }
}
