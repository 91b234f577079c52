internal import LMDB
package import LedgerTypes

// Subjects and their events.
extension Snapshot {
    /// How many events of `subject` are held, over all logs.
    package borrowing func version(of subject: Subject) throws(EventStoreError) -> UInt64 {
        let key = SubjectKey(subject)
        let indexed = try self.viewTables?.count(of: key, self.views)?.count ?? 0
        return indexed + self.window.count(of: key)
    }

    /// Gives `body` the events of `subject` in fold order (`order`, log id, index) with their
    /// leaves until it returns false; with `backwards` from the newest.
    ///
    /// `order` is the leaf's own; to clamp it is the fold's business.
    package borrowing func forEachEvent(
        of subject: Subject,
        backwards: Bool = false,
        _ body: (_ event: StoredEvent, _ leaf: Span<UInt8>) throws(EventStoreError) -> Bool
    ) throws(EventStoreError) {
        let logs = try self.index.logIDs(self.log)
        // Of one error type, and so compiled once for it: replays spend their time in here.
        try self.forEachEntry(of: subject, backwards: backwards, logs) {
            (entry) throws(EventStoreError) in
            let key = Key.leaf(entry.arrival)
            let row: Span<UInt8>?
            do throws(LMDBError) {
                row = try self.log.value(for: key.span, in: self.tables.leaves)
            } catch {
                throw .storage(error)
            }
            guard let row, let place = LeafPlace(arrival: entry.arrival, row: row),
                place.logNumber == entry.logNumber, place.index == entry.index
            else { throw .damaged(table: "leaves", row: key.span.hex) }
            let event = StoredEvent(
                address: EventAddress(log: logs[Int(entry.logNumber)], index: entry.index),
                arrival: entry.arrival,
                order: entry.order
            )
            return try body(event, row.extracting(LeafPlace.byteCount..<row.count))
        }
    }

    /// Gives `body` the places of the subject's events in fold order.
    ///
    /// The rows of `views/` come by order and arrival; those of the tail by arrival. Events of one
    /// order are gathered and sorted by log id and index, whatever brought them.
    private borrowing func forEachEntry(
        of subject: Subject,
        backwards: Bool,
        _ logs: [LogID],
        _ body: (IndexEntry) throws(EventStoreError) -> Bool
    ) throws(EventStoreError) {
        let key = SubjectKey(subject)
        let number = try self.viewTables?.count(of: key, self.views)?.number
        var merge = EntryMerge(self.window.entries(of: key), logs, backwards: backwards)
        if let error = merge.unknownLog { throw error }
        var goesOn = true
        if let tables = self.viewTables, let number {
            try tables.forEachEntry(of: number, backwards: backwards, self.views) {
                (entry) throws(EventStoreError) in
                guard entry.logNumber < logs.count else { throw entry.place.unknownLog }
                if merge.takes(entry) { return true }
                goesOn = try merge.flush(body)
                merge.begin(with: entry)
                return goesOn
            }
        }
        guard goesOn, try merge.flush(body) else { return }
        try merge.finish(body)
    }

    /// Gives `body` the subjects of `kind` in the order of their ids' bytes, each with its number
    /// of events, until it returns false: from `first` (an id) on, or with `backwards` from `first`
    /// or the last, towards the first.
    package borrowing func forEachSubject<Failure: EventStoreFailure>(
        kind: String,
        from first: String? = nil,
        backwards: Bool = false,
        _ body: (_ subject: Subject, _ version: UInt64) throws(Failure) -> Bool
    ) throws(Failure) {
        let prefix = Array("\(kind):".utf8)
        // ";" follows ":", so that is past every id.
        let past = Array("\(kind);".utf8)
        let bound = first.map { prefix + Array($0.utf8) } ?? (backwards ? past : prefix)
        var fresh = SubjectMerge(self.window.subjects(prefix: prefix), from: bound, backwards)
        var goesOn = true
        if let tables = self.viewTables {
            do throws(ScanFailure<Failure>) {
                try self.views.forEach(in: tables.subjects, from: bound, backwards: backwards) {
                    (key, row) throws(ScanFailure<Failure>) in
                    guard key.count > prefix.count,
                        key.extracting(..<prefix.count).equals(prefix.span)
                    else { return false }
                    guard row.count >= 16, let subject = SubjectKey(key) else {
                        throw .damaged(table: "subjects", row: key.hex)
                    }
                    do throws(Failure) {
                        goesOn = try fresh.emit(before: subject, body)
                        guard goesOn else { return false }
                        let version = row.bigEndianWord(at: 8) + fresh.takeCount(of: subject)
                        if let subject = subject.subject { goesOn = try body(subject, version) }
                        return goesOn
                    } catch {
                        throw .body(error)
                    }
                }
            } catch {
                throw error.unwrapped
            }
        }
        if goesOn { _ = try fresh.emit(before: nil, body) }
    }
}

extension SubjectKey {
    /// The subject; `nil` if the bytes are not one.
    var subject: Subject? {
        Subject(String(decoding: self.bytes, as: UTF8.self))
    }
}

extension IndexEntry {
    /// The place of the leaf.
    var place: LeafPlace {
        LeafPlace(arrival: self.arrival, logNumber: self.logNumber, index: self.index)
    }
}
