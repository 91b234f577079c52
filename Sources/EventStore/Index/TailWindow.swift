internal import LMDB
internal import LedgerTypes

/// The arrivals between a snapshot of `views/` and one of `log/`, found by subject and by id.
///
/// Pins its part of the shared tail until it is gone; or holds a tail of its own, where the shared
/// one does not reach: for a reader older than the index thread's last commit, or without an index.
struct TailWindow: ~Copyable {
    private enum Source {
        case shared(Guarded<SubjectIndex.State>)
        case own(TailEntries)
        case empty
    }

    private let source: Source
    /// The arrivals.
    let range: Range<UInt64>

    /// The window without arrivals, at `end`.
    init(emptyAt end: UInt64) {
        self.source = .empty
        self.range = end..<end
    }

    /// A window on a tail of its own.
    init(own tail: TailEntries) {
        self.source = .own(tail)
        self.range = tail.start..<tail.end
    }

    /// A window on the shared tail, which the caller has pinned at `range.lowerBound`.
    init(pinned range: Range<UInt64>, of state: Guarded<SubjectIndex.State>) {
        self.source = .shared(state)
        self.range = range
    }

    deinit {
        guard case .shared(let state) = self.source else { return }
        let start = self.range.lowerBound
        state.withLock { $0.unpin(start) }
    }

    /// Asks the tail, which is shared for the time of `body` only.
    private borrowing func ask<Success>(_ body: (borrowing TailEntries) -> Success) -> Success? {
        switch self.source {
        case .shared(let state): state.withLock { body($0.tail) }
        case .own(let tail): body(tail)
        case .empty: nil
        }
    }

    /// The first arrival of the window that holds the event `id`.
    borrowing func find(_ id: EventID) -> UInt64? {
        let range = self.range
        return self.ask { $0.find(id, in: range) } ?? nil
    }

    /// No event of the window has a greater id; `nil` if there is none.
    var greatestID: EventID? { self.ask { $0.greatestID } ?? nil }

    /// The events of `subject`, in order of arrival.
    borrowing func entries(of subject: SubjectKey) -> [IndexEntry] {
        let range = self.range
        return self.ask { $0.entries(of: subject, in: range) } ?? []
    }

    /// How many events of `subject` there are.
    borrowing func count(of subject: SubjectKey) -> UInt64 {
        let range = self.range
        return self.ask { $0.count(of: subject, in: range) } ?? 0
    }

    /// Adds what the window says of `subject`. Right only while nothing past the window is in the
    /// tail, as inside the write transaction of `log/`.
    borrowing func add(subject: SubjectKey, to summary: inout SubjectSummary) {
        let start = self.range.lowerBound
        var sum = summary
        _ = self.ask { $0.add(subject: subject, from: start, to: &sum) }
        summary = sum
    }

    /// Every subject that begins with `prefix`, and how many events it has. In no order.
    borrowing func subjects(prefix: [UInt8]) -> [(subject: SubjectKey, count: UInt64)] {
        let range = self.range
        let subjects = self.ask { $0.subjects(in: range) } ?? []
        return subjects.filter { $0.subject.bytes.starts(with: prefix) }
    }
}

extension SubjectIndex.State {
    /// Keeps the tail from `start` on until ``unpin(_:)``.
    mutating func pin(_ start: UInt64) {
        if let place = self.pins.firstIndex(where: { $0.start == start }) {
            self.pins[place].count += 1
        } else {
            self.pins.append((start, 1))
        }
    }

    /// Lets go what ``pin(_:)`` kept.
    mutating func unpin(_ start: UInt64) {
        guard let place = self.pins.firstIndex(where: { $0.start == start }) else { return }
        self.pins[place].count -= 1
        guard self.pins[place].count == 0 else { return }
        self.pins.remove(at: place)
        self.prune()
    }

    /// Makes the tail begin at or before `tracked`, and end at or after it; returns whether it
    /// could.
    mutating func reach(_ tracked: UInt64) -> Bool {
        self.tracked = max(self.tracked, tracked)
        self.prune()
        if self.tail.end < tracked {
            // Another process indexed what was never in this tail.
            guard self.pins.isEmpty else { return false }
            self.tail = TailEntries(start: tracked)
        }
        return self.tail.start <= tracked
    }
}

extension SubjectIndex {
    /// The window from `tracked`, the arrivals in a snapshot of `views/`, to all that `log` holds;
    /// `nil` if that is too much to hold in memory and the index thread is at work: the caller ends
    /// its transactions, waits and tries again.
    func window<Log: LogReading & ~Copyable & ~Escapable>(
        tracked: UInt64,
        held: UInt64,
        _ log: borrowing Log
    ) throws(EventStoreError) -> TailWindow? {
        if tracked >= held { return TailWindow(emptyAt: held) }
        let range = tracked..<held
        let state = self.state
        var next: UInt64? = nil
        let reached = state.withLock { state -> Bool in
            guard state.reach(tracked) else { return false }
            if state.tail.end >= held { state.pin(tracked) } else { next = state.tail.end }
            return true
        }
        if reached && next == nil { return TailWindow(pinned: range, of: state) }
        if held - (next ?? tracked) > UInt64(self.limits.tailMax), self.mayWaitForThread() {
            return nil
        }
        guard reached, let first = next else {
            return TailWindow(own: try self.scan(from: tracked, to: held, log))
        }
        let found = try self.scan(from: first, to: held, log)
        let isShared = state.withLock { state -> Bool in
            guard state.tail.start <= tracked, state.tail.end >= first else { return false }
            state.tail.append(contentsOf: found)
            state.held = max(state.held, held)
            state.pin(tracked)
            return true
        }
        if isShared { return TailWindow(pinned: range, of: state) }
        return TailWindow(own: try self.scan(from: tracked, to: held, log))
    }

    /// Whether the index thread is at work and will come further.
    private func mayWaitForThread() -> Bool {
        guard !self.isReadOnly, self.views != nil else { return false }
        return self.state.withLock { !$0.hasEnded && $0.failure == nil }
    }

    /// Reads the arrivals `first..<end` from the log.
    private func scan<Log: LogReading & ~Copyable & ~Escapable>(
        from first: UInt64,
        to end: UInt64,
        _ log: borrowing Log
    ) throws(EventStoreError) -> TailEntries {
        var tail = TailEntries(start: first)
        try log.forEachLeaf(from: first, self.logTables) {
            (place, leaf) throws(EventStoreError) in
            guard place.arrival < end else { return false }
            if let event = IndexedEvent(leaf: leaf, place: place, self.crossReference) {
                tail.append(event)
            }
            return true
        }
        tail.advance(to: end)
        return tail
    }
}

extension SubjectIndex {
    /// The window for the writer, whose transaction sees everything committed. It cannot wait: what
    /// is too much for memory was kept away by ``waitForRoom()``.
    func writerWindow(
        tracked: UInt64,
        _ transaction: borrowing WriteTransaction
    ) throws(EventStoreError) -> TailWindow {
        let held = try transaction.arrivalsHeld(self.logTables)
        if let window = try self.window(tracked: tracked, held: held, transaction) {
            return window
        }
        return TailWindow(own: try self.scan(from: tracked, to: held, transaction))
    }
}
