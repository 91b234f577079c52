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
        /// Its events begin at this index; their leaves, if they were asked for.
        case staged(firstIndex: UInt64, count: Int, leaves: [[UInt8]])
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
        /// The last request that changed it.
        var changedBy = 0
    }

    /// How one label of the own log stands, this batch included.
    private struct LabelState {
        /// Its key in `labels`.
        let key: [UInt8]
        /// Its newest leaf; `nil` if it was never used.
        var newest: LabelRow?
        /// The last request that changed it.
        var changedBy = 0
    }

    /// What a request changed of the batch's memory, to take it back.
    private enum Undo {
        case subject(Int, SubjectState)
        case label(Int, LabelRow?)
    }

    let tables: LogTables
    private let crossReference: CrossReference?
    private let crossReferenceTypes: [String]?
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
    /// Where the log stands; behind ``place`` until ``finishTail(_:)``.
    private(set) var tail: LogTail

    /// The states of the subjects that the batch asked for.
    private var subjects: [SubjectState] = []
    private var slots: [SubjectKey: Int] = [:]
    /// The subject that was asked for last: most often it is the next one too.
    private var latest: (subject: Subject, key: SubjectKey, slot: Int)?
    /// The states of the labels that the batch touched.
    private var labels: [LabelState] = []
    private var labelSlots: [Label: Int] = [:]
    private var latestLabel: (label: Label, slot: Int)?
    /// The number of the request at hand, from 1.
    private var request = 0
    private var undo: [Undo] = []
    /// Whether a subject that the request at hand was decided on has moved.
    var hasMoved = false

    private let crew: HashCrew
    /// The rows of this batch's leaves, in order; the last ones stand in `open`.
    private var blocks: [HashBlock] = []
    private var open = LeafRows()
    /// The events of the request at hand.
    private var stamped: [IndexedEvent] = []

    /// Starts a batch that goes on after `tail`.
    init(
        tail: LogTail,
        nextArrival: UInt64,
        now: Timestamp,
        tables: LogTables,
        configuration: EventStore.Configuration,
        crew: HashCrew
    ) {
        var tail = tail
        self.tables = tables
        self.crossReference = configuration.crossReference
        self.crossReferenceTypes = configuration.crossReferenceTypes
        self.startsRun = tail.beginRun(at: nextArrival)
        self.first = Place(
            arrival: nextArrival,
            index: tail.size,
            recorded: tail.lastRecorded
        )
        self.number = tail.number
        self.log = tail.id
        self.limits = configuration.limits
        self.crew = crew
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
        let firstRow = (block: self.blocks.count, place: self.open.count)
        self.request += 1
        self.undo.removeAll(keepingCapacity: true)
        self.stamped.removeAll(keepingCapacity: true)
        do throws(RequestFailure) {
            for place in request.events.indices {
                try self.stamp(request.events[place], index, transaction)
            }
        } catch {
            self.takeBack(to: first, firstRow)
            switch error {
            case .request(let failure): return .decided(.failed(failure))
            case .batch(let failure): throw failure
            }
        }
        let leaves = try self.put(request, from: firstRow, &transaction)
        self.stage(&index)
        return .staged(firstIndex: first.index, count: request.events.count, leaves: leaves)
    }

    private mutating func takeBack(to first: Place, _ firstRow: (block: Int, place: Int)) {
        self.place = first
        if firstRow.block < self.blocks.count {
            // What was closed since then is hashed in vain.
            self.open = self.blocks[firstRow.block].rows
            self.blocks.removeSubrange(firstRow.block...)
        }
        self.open.truncate(to: firstRow.place)
        while let change = self.undo.popLast() {
            switch change {
            case .subject(let slot, let state): self.subjects[slot] = state
            case .label(let slot, let row): self.labels[slot].newest = row
            }
        }
    }

    /// Puts the rows of the request at hand, the first of which is `firstRow`; gives back the
    /// leaves, if they were asked for.
    private mutating func put(
        _ request: AppendRequest,
        from firstRow: (block: Int, place: Int),
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> [[UInt8]] {
        let wantsLeaves = request.wantsLeaves && !self.hasMoved
        var leaves: [[UInt8]] = []
        var (block, place) = firstRow
        var next = 0
        do throws(LMDBError) {
            while next < self.stamped.count {
                let rows = block < self.blocks.count ? self.blocks[block].rows : self.open
                while place < rows.count, next < self.stamped.count {
                    let arrival = self.stamped[next].arrival
                    let key = Key.leaf(arrival)
                    let row = rows.bytes.span.extracting(rows.row(place))
                    try transaction.append(row, for: key.span, in: self.tables.leaves)
                    if wantsLeaves { leaves.append(Array(rows.bytes[rows.leaf(place)])) }
                    for slot in request.events[next].sections.indices {
                        let key = Key.leaf(arrival, slot: UInt8(slot + 1))
                        let section = request.events[next].sections[slot]
                        try transaction.append(section.span, for: key.span, in: self.tables.leaves)
                    }
                    place += 1
                    next += 1
                }
                block += 1
                place = 0
            }
            for row in request.keyRows { try self.put(row, &transaction) }
        } catch {
            throw .storage(error)
        }
        return leaves
    }

    private mutating func stage(_ index: inout WriterIndex) {
        for event in self.stamped {
            index.stage(event)
            guard let other = event.crossReference else { continue }
            // It has one more event than its state says; to be read again.
            self.slots[other] = nil
            self.latest = nil
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
        self.closeBlock()
        self.crew.finish()
        for block in self.blocks { self.tail.append(block) }
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

    /// Writes the rows of the labels that the batch touched.
    func putLabels(_ transaction: inout WriteTransaction) throws(EventStoreError) {
        // Sorted, so that the same requests always write the same pages.
        let touched = self.labels.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        do throws(LMDBError) {
            for label in touched where label.changedBy > 0 {
                guard let bytes = label.newest?.bytes else { continue }
                try transaction.put(bytes.span, for: label.key.span, in: self.tables.labels)
            }
        } catch {
            throw .storage(error)
        }
    }

    /// Ends the block at hand: a long batch's go to the crew, the few leaves of a short one are
    /// hashed sooner than anybody wakes up.
    private mutating func closeBlock() {
        guard self.open.count > 0 else { return }
        var next = LeafRows(capacity: self.open.bytes.count)
        swap(&next, &self.open)
        let block = HashBlock(next)
        self.blocks.append(block)
        if block.isFull { self.crew.post(block) } else { block.hash() }
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
        let slot: Int
        let next: LabelSequence
        do throws(EventStoreError) {
            slot = try self.slot(of: event.draft.subject, index, transaction)
            if let known = self.subjects[slot].next {
                next = known
            } else {
                next = try self.next(after: self.subjects[slot].summary, transaction)
            }
        } catch {
            throw .batch(error)
        }
        let order = Self.order(of: event, after: self.subjects[slot].summary.newestOrder)
        let stamp = Stamp(
            recorded: recorded,
            order: order,
            seen: self.subjects[slot].seen,
            was: event.was,
            labelSequences: try self.stampLabels(event, after: next, transaction)
        )
        let start = self.open.bytes.count
        self.open.bytes.appendBigEndian(self.number)
        self.open.bytes.appendBigEndian(self.place.index)
        self.open.bytes.append(contentsOf: event.callerPart)
        Leaf.append(stamp, to: &self.open.bytes)
        let leafBytes = self.open.bytes.count - start - LeafPlace.byteCount
        guard leafBytes <= Leaf.bytesMax else {
            throw .request(.leafTooLong(event.draft.id, bytes: leafBytes))
        }
        self.open.endRow()
        self.stamped.append(self.indexed(event, order, slot))
        self.note(order, next.sequence, slot)
        self.place.arrival += 1
        self.place.index += 1
        self.place.recorded = recorded
        if self.place.index.isMultiple(of: UInt64(HashBlock.leavesMax)) { self.closeBlock() }
    }

    /// Takes note of the event at hand in the state of its subject.
    private mutating func note(_ order: Timestamp, _ sequence: UInt64, _ slot: Int) {
        if self.subjects[slot].changedBy != self.request {
            self.undo.append(.subject(slot, self.subjects[slot]))
            self.subjects[slot].changedBy = self.request
        }
        self.subjects[slot].note(
            order: order,
            log: self.number,
            index: self.place.index,
            sequence: sequence
        )
    }

    /// The event whose row was stamped last.
    private func indexed(_ event: PreparedEvent, _ order: Timestamp, _ slot: Int) -> IndexedEvent {
        var other: SubjectKey?
        if let crossReference = self.crossReference,
            self.crossReferenceTypes?.contains(event.draft.type) ?? true
        {
            let leaf = self.open.bytes.span.extracting(self.open.leaf(self.open.count - 1))
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
            subject: self.latest?.key ?? SubjectKey(event.draft.subject),
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
            let slot: Int
            do throws(EventStoreError) {
                slot = try self.slot(of: label, transaction)
            } catch {
                throw .batch(error)
            }
            let newest = self.labels[slot].newest
            let sequence = newest.map { $0.sequence + 1 } ?? 0
            let previous = newest.map { $0.index + 1 } ?? 0
            sequences.append(LabelSequence(sequence: sequence, previous: previous))
            if self.labels[slot].changedBy != self.request {
                self.undo.append(.label(slot, newest))
                self.labels[slot].changedBy = self.request
            }
            self.labels[slot].newest = LabelRow(sequence: sequence, index: self.place.index)
        }
        return sequences
    }

    /// The place of `label` in `labels`.
    private mutating func slot(
        of label: Label,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> Int {
        if let latest = self.latestLabel, latest.label == label { return latest.slot }
        let slot: Int
        if let known = self.labelSlots[label] {
            slot = known
        } else {
            let key = Key.label(log: self.number, name: label.name, value: label.value)
            var newest: LabelRow?
            if let bytes = try transaction.copy(for: key.span, in: self.tables.labels) {
                newest = LabelRow(bytes.span)
                if newest == nil { throw .damaged(table: "labels", row: key.hex) }
            }
            slot = self.labels.count
            self.labels.append(LabelState(key: key, newest: newest))
            self.labelSlots[label] = slot
        }
        self.latestLabel = (label, slot)
        return slot
    }
}

// Subjects.
extension AppendBatch {
    /// How many events of `subject` there are, this batch included.
    mutating func version(
        of subject: Subject,
        _ index: borrowing WriterIndex,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> UInt64 {
        let slot = try self.slot(of: subject, index, transaction)
        return self.subjects[slot].summary.version
    }

    /// The place of `subject` in `subjects`.
    private mutating func slot(
        of subject: Subject,
        _ index: borrowing WriterIndex,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> Int {
        if let latest = self.latest, latest.subject == subject { return latest.slot }
        let key = SubjectKey(subject)
        let slot: Int
        if let known = self.slots[key] {
            slot = known
        } else {
            slot = self.subjects.count
            self.subjects.append(try self.state(of: key, index, transaction))
            self.slots[key] = slot
        }
        self.latest = (subject, key, slot)
        return slot
    }

    private func state(
        of subject: SubjectKey,
        _ index: borrowing WriterIndex,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> SubjectState {
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
        return SubjectState(summary: summary, seen: seen, next: nil)
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
