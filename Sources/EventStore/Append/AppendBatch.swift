internal import LMDB
internal import LedgerTypes

/// The requests of one commit, decided and stamped one after the other inside the transaction.
///
/// A request is first checked and stamped whole, in memory, and only then put; so one that fails
/// leaves nothing behind, and every later one sees what the earlier ones changed.
///
/// Writer thread.
struct AppendBatch {
    /// What becomes of a request once the commit has succeeded.
    enum Decision {
        /// Its events begin at this index.
        case staged(firstIndex: UInt64, count: Int)
        /// Nothing of it was appended, or nothing had to be.
        case decided(AppendOutcome)
    }

    /// Where the next event goes.
    struct Place {
        var arrival: UInt64
        var index: UInt64
        /// `recorded` of the event before it.
        var recorded: HybridTime
    }

    /// How one subject stands, this batch included.
    struct SubjectState {
        var summary: SubjectSummary
        /// For each other log, the newest index of this subject, by log id.
        var seen: [EventAddress]
        /// The subject's place in the own log; `nil` until an event of it is stamped.
        var next: LabelSequence?
    }

    /// What a request changed of the batch's memory, to take it back.
    private enum Undo {
        case subject(SubjectKey, SubjectState)
        case label([UInt8], LabelRow?)
    }

    /// A leaf of the request at hand: where its row lies in `rows`.
    private struct StampedLeaf {
        let row: Range<Int>
        let event: IndexedEvent
    }

    let tables: LogTables
    private let crossReference: CrossReference?
    /// The own log.
    private let number: UInt32
    private let log: LogID
    private let limits: AppendLimits
    private let now: Timestamp

    /// Where the batch's first event goes.
    let first: Place
    /// Whether the own log's leaves begin a new run with this batch.
    let startsRun: Bool
    /// Where the next event goes.
    private(set) var place: Place
    /// The newest row of each label that the batch touched; `nil` for a label never used.
    private(set) var labels: [[UInt8]: LabelRow?] = [:]
    /// Hashes of the leaves put, in order.
    private(set) var tail: LogTail

    private var subjects: [SubjectKey: SubjectState] = [:]
    private var undo: [Undo] = []
    /// The leaf rows of the request at hand, one after the other.
    private var rows: [UInt8] = []
    private var stamped: [StampedLeaf] = []

    /// Starts a batch that goes on after `tail`.
    init(
        tail: LogTail,
        nextArrival: UInt64,
        now: Timestamp,
        tables: LogTables,
        crossReference: CrossReference?,
        limits: AppendLimits
    ) {
        var tail = tail
        self.tables = tables
        self.crossReference = crossReference
        self.startsRun = tail.beginRun(at: nextArrival)
        self.first = Place(
            arrival: nextArrival,
            index: tail.size,
            recorded: tail.lastRecorded
        )
        self.number = tail.number
        self.log = tail.id
        self.limits = limits
        self.now = now
        self.place = self.first
        self.tail = tail
    }
}

// One request.
extension AppendBatch {
    /// Decides `request` and puts its events; throws only what makes the whole batch fail.
    mutating func process(
        _ request: AppendRequest,
        _ index: inout WriterIndex,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> Decision {
        guard !request.events.isEmpty, request.events.count <= self.limits.requestEventsMax else {
            return .decided(.failed(.eventCount(request.events.count)))
        }
        if let answer = try self.retry(request, index, transaction) { return .decided(answer) }
        if let answer = try self.guarded(request, index, transaction) { return .decided(answer) }
        let first = self.place
        do throws(RequestFailure) {
            self.undo.removeAll(keepingCapacity: true)
            self.rows.removeAll(keepingCapacity: true)
            self.stamped.removeAll(keepingCapacity: true)
            for place in request.events.indices {
                try self.stamp(request.events[place], index, transaction)
            }
        } catch {
            self.takeBack(to: first)
            switch error {
            case .request(let failure): return .decided(.failed(failure))
            case .batch(let failure): throw failure
            }
        }
        try self.put(request, &index, &transaction)
        return .staged(firstIndex: first.index, count: request.events.count)
    }

    private mutating func takeBack(to first: Place) {
        self.place = first
        while let change = self.undo.popLast() {
            switch change {
            case .subject(let key, let state): self.subjects[key] = state
            case .label(let key, let row): self.labels[key] = .some(row)
            }
        }
    }

    private mutating func put(
        _ request: AppendRequest,
        _ index: inout WriterIndex,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let rows = self.rows
        do throws(LMDBError) {
            for (place, leaf) in self.stamped.enumerated() {
                let row = rows.span.extracting(leaf.row)
                let arrival = leaf.event.arrival
                let key = Key.leaf(arrival)
                try transaction.append(row, for: key.span, in: self.tables.leaves)
                self.tail.append(row.extracting(LeafPlace.byteCount..<row.count))
                for (slot, section) in request.events[place].sections.enumerated() {
                    let key = Key.leaf(arrival, slot: UInt8(slot + 1))
                    try transaction.append(section.span, for: key.span, in: self.tables.leaves)
                }
            }
            for row in request.keyRows { try self.put(row, &transaction) }
        } catch {
            throw .storage(error)
        }
        for leaf in self.stamped {
            index.stage(leaf.event)
            if let other = leaf.event.crossReference { self.subjects[other] = nil }
        }
    }

    private func put(
        _ row: KeyRow,
        _ transaction: inout WriteTransaction
    ) throws(LMDBError) {
        let key = Key.id(row.keyID)
        let value = row.row
        guard try transaction.putIfAbsent(value.span, for: key.span, in: self.tables.keys) else {
            return
        }
        let owner = Key.keyOwner(row.owner, row.keyID)
        let nothing: [UInt8] = []
        try transaction.put(nothing.span, for: owner.span, in: self.tables.keyOwners)
    }
}

// The end of the batch.
extension AppendBatch {
    /// Writes the own log's run, tiles and head.
    mutating func finishTail(_ transaction: inout WriteTransaction) throws(EventStoreError) {
        self.tail.lastRecorded = self.place.recorded
        if self.startsRun {
            let key = Key.run(log: self.number, firstIndex: self.first.index)
            let row = Key.arrival(self.first.arrival)
            do throws(LMDBError) {
                try transaction.put(row.span, for: key.span, in: self.tables.runs)
            } catch {
                throw .storage(error)
            }
        }
        try self.tail.write(&transaction, self.tables)
    }
}

/// Why a request could not be stamped: its own fault, or the storage's.
private enum RequestFailure: Error {
    case request(EventStoreError)
    case batch(EventStoreError)
}

// Stamps.
extension AppendBatch {
    /// Adds the writer's fields to one event and the row to `rows`.
    private mutating func stamp(
        _ event: PreparedEvent,
        _ index: borrowing WriterIndex,
        _ transaction: borrowing WriteTransaction
    ) throws(RequestFailure) {
        guard event.sections.count == event.draft.sections.count,
            event.sections.count <= SectionReference.countMax
        else { throw .request(.malformedEvent(event.draft.id)) }
        guard self.place.recorded.rawValue < .max else { throw .request(.clockExhausted) }
        let recorded = HybridTime(after: self.place.recorded, now: self.now)
        try self.checkTimes(event, recorded)
        let key = SubjectKey(event.draft.subject)
        var state: SubjectState
        let next: LabelSequence
        do throws(EventStoreError) {
            state = try self.state(of: event.draft.subject, key, index, transaction)
            if let known = state.next {
                next = known
            } else {
                next = try self.next(after: state.summary, transaction)
            }
        } catch {
            throw .batch(error)
        }
        let order = Self.order(of: event, after: state.summary.newestOrder)
        let stamp = Stamp(
            recorded: recorded,
            order: order,
            seen: state.seen,
            was: event.was,
            labelSequences: try self.stampLabels(event, after: next, transaction)
        )
        let start = self.rows.count
        self.rows.appendBigEndian(self.number)
        self.rows.appendBigEndian(self.place.index)
        self.rows.append(contentsOf: event.callerPart)
        Leaf.append(stamp, to: &self.rows)
        let leafBytes = self.rows.count - start - LeafPlace.byteCount
        guard leafBytes <= Leaf.bytesMax else {
            throw .request(.leafTooLong(event.draft.id, bytes: leafBytes))
        }
        self.stamped.append(
            StampedLeaf(
                row: start..<self.rows.count,
                event: self.indexed(event, order, key, row: start..<self.rows.count)
            )
        )
        self.undo.append(.subject(key, state))
        state.note(order: order, log: self.number, index: self.place.index, sequence: next.sequence)
        self.subjects[key] = state
        self.place.arrival += 1
        self.place.index += 1
        self.place.recorded = recorded
    }

    private func indexed(
        _ event: PreparedEvent,
        _ order: Timestamp,
        _ subject: SubjectKey,
        row: Range<Int>
    ) -> IndexedEvent {
        var other: SubjectKey?
        if let crossReference = self.crossReference {
            let leaf = self.rows.span.extracting(
                row.lowerBound + LeafPlace.byteCount..<row.upperBound
            )
            if let keys = try? LeafKeys(leaf: leaf) {
                other = crossReference(keys, leaf).map { SubjectKey($0) }
            }
        }
        return IndexedEvent(
            arrival: self.place.arrival,
            logNumber: self.number,
            index: self.place.index,
            id: event.draft.id,
            order: order,
            subject: subject,
            crossReference: other
        )
    }

    /// Live events may be up to five minutes ahead of `recorded` and a day behind it.
    private func checkTimes(
        _ event: PreparedEvent,
        _ recorded: HybridTime
    ) throws(RequestFailure) {
        guard !event.draft.isHistory, event.was == nil else { return }
        let (id, occurred) = (event.draft.id, event.draft.occurred)
        let ahead = occurred.microseconds(since: recorded.timestamp)
        guard ahead <= AppendLimits.aheadMicrosecondsMax else {
            throw .request(
                .occurredAhead(id, occurred: occurred, recorded: recorded)
            )
        }
        guard ahead >= -AppendLimits.behindMicrosecondsMax else {
            throw .request(
                .occurredBehind(id, occurred: occurred, recorded: recorded)
            )
        }
    }

    /// The place in the story (DESIGN.md 2): history and re-homed events bring it along; a live
    /// event never sorts before what the writer held of its subject.
    private static func order(of event: PreparedEvent, after newest: Timestamp?) -> Timestamp {
        let occurred = event.draft.occurred
        if event.draft.isHistory || event.was != nil { return event.order ?? occurred }
        guard let newest else { return occurred }
        return max(occurred, newest.adding(microseconds: 1))
    }

    private mutating func stampLabels(
        _ event: PreparedEvent,
        after subject: LabelSequence,
        _ transaction: borrowing WriteTransaction
    ) throws(RequestFailure) -> [LabelSequence] {
        var sequences = [subject]
        for label in event.draft.labels {
            guard (1...Label.nameBytesMax).contains(label.name.utf8.count),
                label.value.utf8.count <= Label.valueBytesMax
            else { throw .request(.malformedEvent(event.draft.id)) }
            let key = Key.label(log: self.number, name: label.name, value: label.value)
            let newest: LabelRow?
            do throws(EventStoreError) {
                newest = try self.newest(label: key, transaction)
            } catch {
                throw .batch(error)
            }
            let sequence = newest.map { $0.sequence + 1 } ?? 0
            let previous = newest.map { $0.index + 1 } ?? 0
            sequences.append(LabelSequence(sequence: sequence, previous: previous))
            self.undo.append(.label(key, newest))
            self.labels[key] = LabelRow(sequence: sequence, index: self.place.index)
        }
        return sequences
    }

    private mutating func newest(
        label key: [UInt8],
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> LabelRow? {
        if let known = self.labels[key] { return known }
        guard let bytes = try transaction.copy(for: key.span, in: self.tables.labels) else {
            return nil
        }
        guard let row = LabelRow(bytes.span) else {
            throw .damaged(table: "labels", row: key.hex)
        }
        return row
    }
}

// Subjects.
extension AppendBatch {
    /// How `subject` stands, this batch included.
    mutating func state(
        of subject: Subject,
        _ key: SubjectKey,
        _ index: borrowing WriterIndex,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> SubjectState {
        if let known = self.subjects[key] { return known }
        let summary = try index.summary(of: subject)
        var seen: [EventAddress] = []
        for newest in summary.newestByLog where newest.logNumber != self.number {
            guard let id = try transaction.logID(newest.logNumber, self.tables) else {
                let key = Key.log(newest.logNumber)
                throw .damaged(table: "logs", row: key.span.hex)
            }
            seen.append(EventAddress(log: id, index: newest.index))
        }
        seen.sort()
        let state = SubjectState(summary: summary, seen: seen, next: nil)
        self.subjects[key] = state
        return state
    }

    /// The place in the label `subject` of the own log that follows the subject's newest leaf.
    ///
    /// There is no row per subject in `labels`: it would touch a page of its own for nearly every
    /// event. The newest leaf, which the index finds, holds the same numbers.
    private func next(
        after summary: SubjectSummary,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> LabelSequence {
        guard let own = summary.newestByLog.first(where: { $0.logNumber == self.number }) else {
            return LabelSequence(sequence: 0, previous: 0)
        }
        let arrival = try self.tail.arrival(of: own.index, transaction, self.tables)
        let key = Key.leaf(arrival)
        do throws(LMDBError) {
            if let row = try transaction.value(for: key.span, in: self.tables.leaves),
                row.count > LeafPlace.byteCount,
                let sequence = Leaf.firstLabelSequence(
                    row.extracting(LeafPlace.byteCount..<row.count)
                )
            {
                return LabelSequence(sequence: sequence + 1, previous: own.index + 1)
            }
        } catch {
            throw .storage(error)
        }
        throw .damaged(table: "leaves", row: key.span.hex)
    }
}

extension AppendBatch.SubjectState {
    /// Takes note of an event of the own log.
    fileprivate mutating func note(
        order: Timestamp,
        log number: UInt32,
        index: UInt64,
        sequence: UInt64
    ) {
        self.summary.version += 1
        self.summary.newestOrder = max(self.summary.newestOrder ?? order, order)
        self.next = LabelSequence(sequence: sequence + 1, previous: index + 1)
        self.summary.note(index, log: number)
    }
}
