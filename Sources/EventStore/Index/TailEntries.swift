internal import LedgerTypes

/// The events that the tables of `views/` do not hold yet, found by subject and by id.
///
/// Covers the arrivals `start..<end`; those without an indexed event (a genesis) have no row.
/// Invariants: rows stand in order of arrival; row r has ordinal `dropped` + r; a subject's slot
/// names its newest row, and each row the one before it of the same slot; `ids` finds the first row
/// of each id that is here.
///
/// Pure; `Tail` shares one between threads.
struct TailEntries: Sendable {
    /// One event under one subject; its subject's text lies in its slot.
    private struct Row {
        let entry: IndexEntry
        let id: EventID
        let slot: Int32
        /// Whether the slot is that of the second subject of the event in the row before.
        let isCross: Bool
        /// The ordinal of the row before it in its slot, which may be pruned by now; or -1.
        let previous: Int
    }

    /// One subject.
    private struct Slot {
        let subject: SubjectKey
        /// The ordinal of its newest row.
        var last = -1
        /// How many rows it has.
        var count = 0
        /// The newest order of any row that the slot ever held; those pruned are in `views/`.
        var newestOrder = Timestamp(microseconds: .min)
        /// The log of its first row, and the highest index in it.
        var firstLog: (logNumber: UInt32, index: UInt64)?
        /// The highest index in each other log.
        var otherLogs: [(logNumber: UInt32, index: UInt64)] = []

        mutating func note(_ entry: IndexEntry) {
            self.newestOrder = max(self.newestOrder, entry.order)
            guard let first = self.firstLog else {
                self.firstLog = (entry.logNumber, entry.index)
                return
            }
            if first.logNumber == entry.logNumber {
                self.firstLog = (entry.logNumber, max(first.index, entry.index))
                return
            }
            for (place, newest) in self.otherLogs.enumerated()
            where newest.logNumber == entry.logNumber {
                self.otherLogs[place].index = max(newest.index, entry.index)
                return
            }
            self.otherLogs.append((entry.logNumber, entry.index))
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
    private var dropped = 0
    private var slots: [Slot] = []
    private var freeSlots: [Int32] = []
    private var slotsOfSubjects: [SubjectKey: Int32] = [:]
    private var ids = IDTable()
    /// No row ever held had a greater id; `nil` before the first.
    private(set) var greatestID: EventID?

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
        let slot = self.slot(for: event.subject)
        self.file(event.entry, event.id, under: slot, isCross: false)
        if let other = event.crossReference {
            let slot = self.slot(for: other)
            self.file(event.entry, event.id, under: slot, isCross: true)
        }
    }

    /// Adds what `other` has from the end of this on, and covers what it covers.
    mutating func append(contentsOf other: TailEntries) {
        var places = [Int32](repeating: -1, count: other.slots.count)
        for place in other.firstPlace(from: self.end)..<other.rows.count {
            let row = other.rows[place]
            if places[Int(row.slot)] < 0 {
                places[Int(row.slot)] = self.slot(for: other.slots[Int(row.slot)].subject)
            }
            self.file(row.entry, row.id, under: places[Int(row.slot)], isCross: row.isCross)
        }
        self.advance(to: other.end)
    }

    /// Adds a row.
    private mutating func file(
        _ entry: IndexEntry,
        _ id: EventID,
        under slot: Int32,
        isCross: Bool
    ) {
        let ordinal = self.dropped + self.rows.count
        let row = Row(
            entry: entry,
            id: id,
            slot: slot,
            isCross: isCross,
            previous: self.slots[Int(slot)].last
        )
        self.rows.append(row)
        self.slots[Int(slot)].last = ordinal
        self.slots[Int(slot)].count += 1
        self.slots[Int(slot)].note(entry)
        if !isCross { self.keepID(id, ordinal) }
    }

    private mutating func slot(for subject: SubjectKey) -> Int32 {
        // Often it is the one before.
        if self.head < self.rows.count, let last = self.rows.last,
            self.slots[Int(last.slot)].subject == subject
        {
            return last.slot
        }
        if let slot = self.slotsOfSubjects[subject] { return slot }
        let slot: Int32
        if let free = self.freeSlots.popLast() {
            slot = free
            self.slots[Int(slot)] = Slot(subject: subject)
        } else {
            slot = Int32(self.slots.count)
            self.slots.append(Slot(subject: subject))
        }
        self.slotsOfSubjects[subject] = slot
        return slot
    }

    /// Forgets every arrival before `bound`, which `views/` now holds.
    mutating func prune(below bound: UInt64) {
        guard bound > self.start else { return }
        guard bound < self.end else {
            let greatestID = self.greatestID
            self = TailEntries(start: bound)
            self.greatestID = greatestID
            return
        }
        self.start = bound
        while self.head < self.rows.count, self.rows[self.head].entry.arrival < bound {
            self.drop(self.rows[self.head].slot)
            self.head += 1
        }
        if self.head >= 1_024, self.head * 2 >= self.rows.count {
            self.rows.removeFirst(self.head)
            self.dropped += self.head
            self.head = 0
        }
    }

    /// Takes back every arrival from `bound` on: they were staged and did not happen.
    mutating func truncate(downTo bound: UInt64) {
        guard bound < self.end else { return }
        precondition(bound >= self.start, "what is pruned cannot be taken back")
        self.end = bound
        while self.rows.count > self.head, let row = self.rows.last, row.entry.arrival >= bound {
            self.rows.removeLast()
            self.slots[Int(row.slot)].last = row.previous
            self.drop(row.slot)
            if self.slots[Int(row.slot)].count > 0 { self.renewNewest(row.slot) }
        }
    }

    /// Takes one row from a slot's count.
    private mutating func drop(_ slot: Int32) {
        self.slots[Int(slot)].count -= 1
        guard self.slots[Int(slot)].count == 0 else { return }
        self.slotsOfSubjects[self.slots[Int(slot)].subject] = nil
        self.freeSlots.append(slot)
    }

    private mutating func renewNewest(_ slot: Int32) {
        var fresh = Slot(subject: self.slots[Int(slot)].subject)
        fresh.last = self.slots[Int(slot)].last
        fresh.count = self.slots[Int(slot)].count
        var ordinal = fresh.last
        while ordinal >= self.dropped + self.head {
            fresh.note(self.row(ordinal).entry)
            ordinal = self.row(ordinal).previous
        }
        self.slots[Int(slot)] = fresh
    }

    private func row(_ ordinal: Int) -> Row { self.rows[ordinal - self.dropped] }
}

// Ids.
extension TailEntries {
    /// The first arrival in `window` that holds the event `id`.
    ///
    /// An id of which an earlier arrival is covered but lies before the window is not found: that
    /// arrival is in `views/`, which the caller has asked first.
    func find(_ id: EventID, in window: Range<UInt64>) -> UInt64? {
        guard let greatest = self.greatestID, id <= greatest else { return nil }
        guard let ordinal = self.ordinal(of: id) else { return nil }
        let arrival = self.row(ordinal).entry.arrival
        return window.contains(arrival) ? arrival : nil
    }

    private func ordinal(of id: EventID) -> Int? {
        self.ids.find(id) { self.holds(id, $0) }
    }

    /// Whether the row with this ordinal is here and has the id. The table also names rows that
    /// are gone.
    private func holds(_ id: EventID, _ ordinal: Int) -> Bool {
        let place = ordinal - self.dropped
        return place >= self.head && place < self.rows.count && self.rows[place].id == id
            && !self.rows[place].isCross
    }

    /// Lists the row that was added last unless an earlier one has its id.
    private mutating func keepID(_ id: EventID, _ ordinal: Int) {
        if self.ids.isFull { self.renewIDs() }
        let isNew = self.greatestID.map { id > $0 } ?? true
        if isNew { self.greatestID = id }
        if self.ordinal(of: id) == nil { self.ids.insert(id, ordinal) }
    }

    /// Makes the table of ids again, larger if need be, without those of rows that are gone.
    private mutating func renewIDs() {
        var table = IDTable(for: 2 * (self.rows.count - self.head))
        // Of two rows with one id only the first was listed, and its successor is not now either.
        for place in self.head..<self.rows.count where !self.rows[place].isCross {
            let id = self.rows[place].id
            let isListed = table.find(id) { self.row($0).id == id } != nil
            if !isListed { table.insert(id, self.dropped + place) }
        }
        self.ids = table
    }
}

// Subjects.
extension TailEntries {
    /// The events of `subject` in `window`, in order of arrival.
    func entries(of subject: SubjectKey, in window: Range<UInt64>) -> [IndexEntry] {
        guard let number = self.slotsOfSubjects[subject] else { return [] }
        var entries: [IndexEntry] = []
        self.forEachRow(of: number, in: window) { entries.append($0.entry) }
        entries.reverse()
        return entries
    }

    /// How many events of `subject` there are in `window`.
    func count(of subject: SubjectKey, in window: Range<UInt64>) -> UInt64 {
        guard let number = self.slotsOfSubjects[subject] else { return 0 }
        return UInt64(self.count(of: number, in: window))
    }

    private func count(of slot: Int32, in window: Range<UInt64>) -> Int {
        let state = self.slots[Int(slot)]
        let isAll =
            window.lowerBound <= self.start
            && self.row(state.last).entry.arrival < window.upperBound
        if isAll { return state.count }
        var count = 0
        self.forEachRow(of: slot, in: window) { _ in count += 1 }
        return count
    }

    /// Gives `body` the rows of `slot` in `window`, newest first.
    private func forEachRow(of slot: Int32, in window: Range<UInt64>, _ body: (Row) -> Void) {
        var ordinal = self.slots[Int(slot)].last
        while ordinal >= self.dropped + self.head {
            let row = self.row(ordinal)
            if row.entry.arrival < window.lowerBound { return }
            if row.entry.arrival < window.upperBound { body(row) }
            ordinal = row.previous
        }
    }

    /// Adds what the rows from `lower` on say of `subject` to what `views/` says of those before.
    func add(subject: SubjectKey, from lower: UInt64, to summary: inout SubjectSummary) {
        guard let number = self.slotsOfSubjects[subject] else { return }
        let count = self.count(of: number, in: lower..<max(lower, self.end))
        guard count > 0 else { return }
        let slot = self.slots[Int(number)]
        summary.version += UInt64(count)
        summary.newestOrder = max(summary.newestOrder ?? slot.newestOrder, slot.newestOrder)
        if let first = slot.firstLog { summary.note(first.index, log: first.logNumber) }
        for newest in slot.otherLogs { summary.note(newest.index, log: newest.logNumber) }
    }

    /// The events from arrival `lower` on, at most `countMax`, in order of arrival.
    func events(from lower: UInt64, to upper: UInt64, countMax: Int) -> [IndexedEvent] {
        let first = self.firstPlace(from: lower)
        var events: [IndexedEvent] = []
        events.reserveCapacity(min(countMax, self.rows.count - first))
        for place in first..<self.rows.count {
            let row = self.rows[place]
            guard row.entry.arrival < upper else { break }
            guard !row.isCross else { continue }
            guard events.count < countMax else { break }
            let hasCross = place + 1 < self.rows.count && self.rows[place + 1].isCross
            events.append(
                IndexedEvent(
                    arrival: row.entry.arrival,
                    logNumber: row.entry.logNumber,
                    index: row.entry.index,
                    id: row.id,
                    order: row.entry.order,
                    subject: self.slots[Int(row.slot)].subject,
                    crossReference: hasCross
                        ? self.slots[Int(self.rows[place + 1].slot)].subject : nil
                )
            )
        }
        return events
    }

    /// Every subject with an event in `window`, and how many it has there. In no order.
    func subjects(in window: Range<UInt64>) -> [(subject: SubjectKey, count: UInt64)] {
        self.slotsOfSubjects.compactMap { subject, slot in
            let count = self.count(of: slot, in: window)
            return count > 0 ? (subject, UInt64(count)) : nil
        }
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
