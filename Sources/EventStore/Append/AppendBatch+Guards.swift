internal import LMDB
internal import LedgerTypes

// Retries, guards and rechecks: everything that answers a request before it is stamped.
extension AppendBatch {
    /// The answer to a request of which some event is held already; `nil` if none is.
    func retry(
        _ request: AppendRequest,
        _ index: borrowing WriterIndex,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> AppendOutcome? {
        var held: [(event: PreparedEvent, arrival: UInt64)] = []
        // By index: a copy of an event retains a dozen parts of it.
        for place in request.events.indices {
            guard let arrival = try index.find(request.events[place].draft.id) else { continue }
            held.append((request.events[place], arrival))
        }
        if let twice = Self.repeatedID(request) { return .failed(.idReused(twice, at: nil)) }
        if held.isEmpty { return nil }
        var addresses: [EventAddress] = []
        for (event, arrival) in held {
            let stored = try transaction.storedEvent(arrival, self.tables)
            guard request.sameContent(stored.leaf, stored.sections, event) else {
                return .failed(.idReused(event.draft.id, at: stored.address))
            }
            addresses.append(stored.address)
        }
        guard held.count == request.events.count else {
            return .failed(.partialRetry(held: held.map(\.event.draft.id)))
        }
        return .alreadyAppended(addresses)
    }

    private static func repeatedID(_ request: AppendRequest) -> EventID? {
        let count = request.events.count
        guard count > 1 else { return nil }
        var seen = IDTable(for: count)
        for place in request.events.indices {
            let id = request.events[place].draft.id
            if seen.find(id, { request.events[$0].draft.id == id }) != nil { return id }
            seen.insert(id, place)
        }
        return nil
    }

    /// The answer to a request whose guards are not met or whose decision does not stand; `nil` to
    /// go on.
    mutating func guarded(
        _ request: AppendRequest,
        _ index: borrowing WriterIndex,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> AppendOutcome? {
        var entries: [ConflictReport.Entry] = []
        for (subject, expectation) in request.guards where expectation != .any {
            let version = try self.version(of: subject, index, transaction)
            guard !expectation.isMet(by: version) else { continue }
            let known: UInt64? =
                switch expectation {
                case .new: 0
                case .version(let expected): expected
                case .any, .exists: nil
                }
            entries.append(
                ConflictReport.Entry(
                    subject: subject,
                    expected: expectation,
                    actual: version,
                    between: try self.events(of: subject, after: known, index, transaction)
                )
            )
        }
        if !entries.isEmpty { return .conflict(ConflictReport(entries: entries)) }
        return try self.rechecked(request, index, transaction)
    }

    private mutating func rechecked(
        _ request: AppendRequest,
        _ index: borrowing WriterIndex,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> AppendOutcome? {
        var moved: [(subject: Subject, basis: UInt64, actual: UInt64)] = []
        for (subject, basis) in request.basis {
            let version = try self.version(of: subject, index, transaction)
            if version != basis { moved.append((subject, basis, version)) }
        }
        self.hasMoved = !moved.isEmpty
        if moved.isEmpty { return nil }
        if let recheck = request.recheck {
            switch recheck(try self.reader(for: request, index, transaction)) {
            case .stands: return nil
            case .refused(let reason): return .refused(reason)
            case .stale: break
            }
        }
        // A dictionary has no order; people and tests want one.
        moved.sort { $0.subject.rawValue < $1.subject.rawValue }
        var entries: [ConflictReport.Entry] = []
        for (subject, basis, actual) in moved {
            entries.append(
                ConflictReport.Entry(
                    subject: subject,
                    expected: .version(basis),
                    actual: actual,
                    between: try self.events(of: subject, after: basis, index, transaction)
                )
            )
        }
        return .conflict(ConflictReport(entries: entries))
    }

    /// The events of `subject` that arrived after the first `known`; none without a number.
    private func events(
        of subject: Subject,
        after known: UInt64?,
        _ index: borrowing WriterIndex,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> [EventAddress] {
        guard let known, let skipped = Int(exactly: known) else { return [] }
        let entries = try index.entries(of: subject, transaction).sorted {
            $0.arrival < $1.arrival
        }
        var addresses: [EventAddress] = []
        for entry in entries.dropFirst(skipped).prefix(ConflictReport.addressesMax) {
            guard let log = try transaction.logID(entry.logNumber, self.tables) else { continue }
            addresses.append(EventAddress(log: log, index: entry.index))
        }
        return addresses
    }

    /// The subjects that `request` names, with their events.
    private func reader(
        for request: AppendRequest,
        _ index: borrowing WriterIndex,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> SubjectReader {
        var subjects = Set(request.basis.keys)
        for event in request.events { subjects.insert(event.draft.subject) }
        for (subject, _) in request.guards { subjects.insert(subject) }
        var events: [Subject: [SubjectReader.Event]] = [:]
        for subject in subjects {
            var found: [SubjectReader.Event] = []
            for entry in try index.entries(of: subject, transaction) {
                let stored = try transaction.storedLeaf(entry.arrival, self.tables)
                found.append(
                    SubjectReader.Event(
                        address: stored.address,
                        order: entry.order,
                        arrival: entry.arrival,
                        leaf: stored.leaf
                    )
                )
            }
            events[subject] = found
        }
        return SubjectReader(events: events)
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// The leaf with this arrival number, which the index named.
    borrowing func storedLeaf(
        _ arrival: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> (address: EventAddress, leaf: [UInt8]) {
        let key = Key.leaf(arrival)
        guard let row = try self.copy(for: key.span, in: tables.leaves),
            let place = LeafPlace(arrival: arrival, row: row.span),
            let log = try self.logID(place.logNumber, tables)
        else { throw .damaged(table: "leaves", row: key.span.hex) }
        let address = EventAddress(log: log, index: place.index)
        return (address, Array(row[LeafPlace.byteCount...]))
    }

    /// The leaf with this arrival number and its sections, `nil` for each that is not here.
    borrowing func storedEvent(
        _ arrival: UInt64,
        _ tables: LogTables
    ) throws(EventStoreError) -> (address: EventAddress, leaf: [UInt8], sections: [[UInt8]?]) {
        let stored = try self.storedLeaf(arrival, tables)
        var sections: [[UInt8]?] = []
        let references: [SectionReference]
        do throws(WireError) {
            references = try Leaf.sections(stored.leaf.span)
        } catch {
            let key = Key.leaf(arrival)
            throw .damaged(table: "leaves", row: key.span.hex)
        }
        for slot in references.indices {
            let key = Key.leaf(arrival, slot: UInt8(slot + 1))
            sections.append(try self.copy(for: key.span, in: tables.leaves))
        }
        return (stored.address, stored.leaf, sections)
    }
}
