internal import LedgerTypes

/// The events that the tables of `views/` do not hold yet, found by subject and by id.
///
/// Covers the arrivals `start..<end`; those without an indexed event (a genesis) have no row.
/// Invariants: rows stand in order of arrival; row r has ordinal `dropped` + r; a subject's slot
/// lists the ordinals of its rows, rising; `arrivalsOfIDs` names the first row of each id.
///
/// Pure; `Tail` shares one between threads.
struct TailEntries: Sendable {
    /// One event; its subject's text lies in its slot.
    private struct Row {
        let entry: IndexEntry
        let id: EventID
        let slot: Int32
        /// The slot of the second subject, or -1.
        let crossSlot: Int32
    }

    /// One subject.
    private struct Slot {
        var subject: SubjectKey
        /// The ordinals of its rows, from `gone` on.
        var ordinals: [UInt64]
        /// How many ordinals at the front are pruned.
        var gone: Int
        /// The newest order of any row that the slot ever held; those pruned are in `views/`.
        var newestOrder: Timestamp
        /// The highest index in each log, likewise.
        var newestByLog: [(logNumber: UInt32, index: UInt64)]

        mutating func note(_ entry: IndexEntry) {
            self.newestOrder = max(self.newestOrder, entry.order)
            for (place, newest) in self.newestByLog.enumerated()
            where newest.logNumber == entry.logNumber {
                self.newestByLog[place].index = max(newest.index, entry.index)
                return
            }
            self.newestByLog.append((entry.logNumber, entry.index))
        }
    }

    /// The first arrival covered.
    private(set) var start: UInt64
    /// The arrival after the last one covered.
    private(set) var end: UInt64
    /// Rows before `head` are pruned and taken away now and then.
    private var rows: [Row] = []
    private var head = 0
    /// The ordinal of `rows[0]`.
    private var dropped: UInt64 = 0
    private var slots: [Slot] = []
    private var freeSlots: [Int32] = []
    private var slotsOfSubjects: [SubjectKey: Int32] = [:]
    private var arrivalsOfIDs: [EventID: UInt64] = [:]

    /// Covers nothing, from `start` on.
    init(start: UInt64 = 0) {
        self.start = start
        self.end = start
    }

    /// How many arrivals are covered.
    var count: Int { Int(self.end - self.start) }

    /// Covers everything before `end`; arrivals not appended have no event.
    mutating func advance(to end: UInt64) {
        self.end = max(self.end, end)
    }

    /// Adds an event that arrived after everything covered.
    mutating func append(_ event: IndexedEvent) {
        precondition(event.arrival >= self.end, "arrivals are appended in order")
        self.end = event.arrival + 1
        let slot = self.file(event.entry, under: event.subject)
        let second = event.crossReference.map { self.file(event.entry, under: $0) } ?? -1
        self.rows.append(Row(entry: event.entry, id: event.id, slot: slot, crossSlot: second))
        if self.arrivalsOfIDs[event.id] == nil { self.arrivalsOfIDs[event.id] = event.arrival }
    }

    /// Lists the row that comes next in the slot of `subject`.
    private mutating func file(_ entry: IndexEntry, under subject: SubjectKey) -> Int32 {
        let slot = self.slot(for: subject, entry.order)
        self.slots[Int(slot)].ordinals.append(self.dropped + UInt64(self.rows.count))
        self.slots[Int(slot)].note(entry)
        return slot
    }

    private mutating func slot(for subject: SubjectKey, _ order: Timestamp) -> Int32 {
        if let slot = self.slotsOfSubjects[subject] { return slot }
        let fresh = Slot(
            subject: subject,
            ordinals: [],
            gone: 0,
            newestOrder: order,
            newestByLog: []
        )
        let slot: Int32
        if let free = self.freeSlots.popLast() {
            slot = free
            self.slots[Int(slot)] = fresh
        } else {
            slot = Int32(self.slots.count)
            self.slots.append(fresh)
        }
        self.slotsOfSubjects[subject] = slot
        return slot
    }

    /// Forgets every arrival before `bound`, which `views/` now holds.
    mutating func prune(below bound: UInt64) {
        guard bound > self.start else { return }
        guard bound < self.end else {
            self = TailEntries(start: bound)
            return
        }
        self.start = bound
        while self.head < self.rows.count, self.rows[self.head].entry.arrival < bound {
            self.pruneFirst()
        }
        if self.head >= 1_024, self.head * 2 >= self.rows.count {
            self.rows.removeFirst(self.head)
            self.dropped += UInt64(self.head)
            self.head = 0
        }
    }

    private mutating func pruneFirst() {
        let row = self.rows[self.head]
        self.head += 1
        if self.arrivalsOfIDs[row.id] == row.entry.arrival { self.arrivalsOfIDs[row.id] = nil }
        self.pruneFirst(of: row.slot)
        if row.crossSlot >= 0 { self.pruneFirst(of: row.crossSlot) }
    }

    private mutating func pruneFirst(of slot: Int32) {
        let place = Int(slot)
        self.slots[place].gone += 1
        let gone = self.slots[place].gone
        if gone == self.slots[place].ordinals.count {
            self.release(slot)
        } else if gone >= 64, gone * 2 >= self.slots[place].ordinals.count {
            self.slots[place].ordinals.removeFirst(gone)
            self.slots[place].gone = 0
        }
    }

    private mutating func release(_ slot: Int32) {
        self.slotsOfSubjects[self.slots[Int(slot)].subject] = nil
        self.slots[Int(slot)].ordinals = []
        self.slots[Int(slot)].gone = 0
        self.freeSlots.append(slot)
    }

    /// Takes back every arrival from `bound` on: they were staged and did not happen.
    mutating func truncate(downTo bound: UInt64) {
        guard bound < self.end else { return }
        precondition(bound >= self.start, "what is pruned cannot be taken back")
        self.end = bound
        while self.rows.count > self.head, let row = self.rows.last, row.entry.arrival >= bound {
            self.rows.removeLast()
            if self.arrivalsOfIDs[row.id] == row.entry.arrival { self.arrivalsOfIDs[row.id] = nil }
            self.dropLast(of: row.slot)
            if row.crossSlot >= 0 { self.dropLast(of: row.crossSlot) }
        }
    }

    private mutating func dropLast(of slot: Int32) {
        let place = Int(slot)
        self.slots[place].ordinals.removeLast()
        if self.slots[place].ordinals.count == self.slots[place].gone {
            self.release(slot)
        } else {
            self.renewNewest(place)
        }
    }

    private mutating func renewNewest(_ place: Int) {
        self.slots[place].newestByLog = []
        self.slots[place].newestOrder = Timestamp(microseconds: .min)
        for ordinal in self.slots[place].ordinals.dropFirst(self.slots[place].gone) {
            self.slots[place].note(self.row(ordinal).entry)
        }
    }

    private func row(_ ordinal: UInt64) -> Row { self.rows[Int(ordinal - self.dropped)] }
}

extension TailEntries {
    /// The first arrival in `window` that holds the event `id`.
    ///
    /// An id of which an earlier arrival is covered but lies before the window is not found: that
    /// arrival is in `views/`, which the caller has asked first.
    func find(_ id: EventID, in window: Range<UInt64>) -> UInt64? {
        guard let arrival = self.arrivalsOfIDs[id], window.contains(arrival) else { return nil }
        return arrival
    }

    /// The events of `subject` in `window`, in order of arrival.
    func entries(of subject: SubjectKey, in window: Range<UInt64>) -> [IndexEntry] {
        guard let (slot, places) = self.places(of: subject, in: window) else { return [] }
        return slot.ordinals[places].map { self.row($0).entry }
    }

    /// How many events of `subject` there are in `window`.
    func count(of subject: SubjectKey, in window: Range<UInt64>) -> UInt64 {
        UInt64(self.places(of: subject, in: window)?.1.count ?? 0)
    }

    /// Adds what the rows from `lower` on say of `subject` to what `views/` says of those before.
    func add(subject: SubjectKey, from lower: UInt64, to summary: inout SubjectSummary) {
        let window = lower..<max(lower, self.end)
        guard let (slot, places) = self.places(of: subject, in: window) else { return }
        summary.version += UInt64(places.count)
        summary.newestOrder = max(summary.newestOrder ?? slot.newestOrder, slot.newestOrder)
        for newest in slot.newestByLog { summary.note(newest.index, log: newest.logNumber) }
    }

    /// The events from arrival `lower` on, at most `countMax`, in order of arrival.
    func events(from lower: UInt64, to upper: UInt64, countMax: Int) -> [IndexedEvent] {
        let first = self.firstPlace(from: lower)
        var events: [IndexedEvent] = []
        events.reserveCapacity(min(countMax, self.rows.count - first))
        for row in self.rows[first...] {
            guard row.entry.arrival < upper, events.count < countMax else { break }
            events.append(
                IndexedEvent(
                    arrival: row.entry.arrival,
                    logNumber: row.entry.logNumber,
                    index: row.entry.index,
                    id: row.id,
                    order: row.entry.order,
                    subject: self.slots[Int(row.slot)].subject,
                    crossReference: row.crossSlot < 0
                        ? nil : self.slots[Int(row.crossSlot)].subject
                )
            )
        }
        return events
    }

    /// Every subject with an event in `window`, and how many it has there. In no order.
    func subjects(in window: Range<UInt64>) -> [(subject: SubjectKey, count: UInt64)] {
        self.slotsOfSubjects.keys.compactMap { subject in
            let count = self.count(of: subject, in: window)
            return count > 0 ? (subject, count) : nil
        }
    }

    /// The subject's slot and the places of its ordinals in `window`; `nil` if there are none.
    private func places(
        of subject: SubjectKey,
        in window: Range<UInt64>
    ) -> (Slot, Range<Int>)? {
        guard let number = self.slotsOfSubjects[subject] else { return nil }
        let slot = self.slots[Int(number)]
        let first = self.place(in: slot, from: window.lowerBound)
        let last = self.place(in: slot, from: window.upperBound)
        return first < last ? (slot, first..<last) : nil
    }

    /// The place in `slot` of the first ordinal whose row arrived at `arrival` or later.
    private func place(in slot: Slot, from arrival: UInt64) -> Int {
        if arrival >= self.end { return slot.ordinals.count }
        var low = slot.gone
        var high = slot.ordinals.count
        while low < high {
            let middle = (low + high) / 2
            if self.row(slot.ordinals[middle]).entry.arrival < arrival {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// The place of the first row that arrived at `arrival` or later.
    private func firstPlace(from arrival: UInt64) -> Int {
        var low = self.head
        var high = self.rows.count
        while low < high {
            let middle = (low + high) / 2
            if self.rows[middle].entry.arrival < arrival { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension SubjectSummary {
    /// Notes that the log holds an event of the subject at `index`.
    mutating func note(_ index: UInt64, log number: UInt32) {
        for (place, newest) in self.newestByLog.enumerated() where newest.logNumber == number {
            self.newestByLog[place].index = max(newest.index, index)
            return
        }
        self.newestByLog.append((number, index))
    }
}
