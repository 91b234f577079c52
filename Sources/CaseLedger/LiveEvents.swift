internal import EventStore
internal import LedgerTypes

/// Where a live stream begins.
public enum LiveStart: Hashable, Sendable {
    /// With the next event that arrives.
    case now
    /// With the event that has this arrival number, as ``LoggedEvent/arrival`` gives it.
    case arrival(UInt64)
    /// With the first event that is held.
    case beginning
}

/// The events of a ledger in order of arrival, without an end: those held already from where it
/// begins, then each new one, of this process at once and of others within 50 ms.
///
/// Nothing is kept for a slow reader: events are read from the log when they are asked for. Ends
/// when the task that iterates is cancelled or the ledger is closed; cancelling loses nothing, and
/// a new stream from the arrival number after the last event goes on without a gap.
public struct LiveEvents: AsyncSequence, Sendable {
    /// The next event.
    public typealias Element = LoggedEvent

    /// Goes through the events.
    public struct Iterator: AsyncIteratorProtocol {
        private let ledger: Ledger
        private let start: LiveStart
        private var arrivals: NewArrivals.Iterator?
        private var pending: Range<UInt64> = 0..<0
        /// Events that were read, the next one last.
        private var read: [LoggedEvent] = []

        fileprivate init(_ ledger: Ledger, _ start: LiveStart) {
            self.ledger = ledger
            self.start = start
        }

        /// The next event; `nil` when the task is cancelled or the ledger closed.
        public mutating func next() async throws -> LoggedEvent? {
            try await self.next(isolation: #isolation)
        }

        /// The next event; `nil` when the task is cancelled or the ledger closed.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws -> LoggedEvent? {
            while !Task.isCancelled {
                if let event = self.read.popLast() { return event }
                if self.pending.isEmpty {
                    guard let range = try await self.nextRange(isolation: actor) else { return nil }
                    self.pending = range
                }
                let end = Swift.min(self.pending.lowerBound + 1_024, self.pending.upperBound)
                self.read = try self.ledger.events(self.pending.lowerBound..<end).reversed()
                self.pending = end..<self.pending.upperBound
            }
            return nil
        }

        private mutating func nextRange(
            isolation actor: isolated (any Actor)?
        ) async throws -> Range<UInt64>? {
            if self.arrivals == nil { self.arrivals = try self.ledger.arrivals(self.start) }
            return await self.arrivals?.next(isolation: actor)
        }
    }

    private let ledger: Ledger
    private let start: LiveStart

    init(_ ledger: Ledger, _ start: LiveStart) {
        self.ledger = ledger
        self.start = start
    }

    /// Begins where it was asked to. Each iterator is a stream of its own.
    public func makeAsyncIterator() -> Iterator { Iterator(self.ledger, self.start) }
}

/// One owner's worklist, and again each time an event changed it.
///
/// Lists that nobody took in time are left out: the next one is always the newest. Ends when the
/// task that iterates is cancelled or the ledger is closed. What only time changes, such as a
/// promise that becomes overdue, shows with the next event.
public struct WorklistUpdates: AsyncSequence, Sendable {
    /// The list.
    public typealias Element = [WorklistItem]

    /// Goes through the lists.
    public struct Iterator: AsyncIteratorProtocol {
        private let ledger: Ledger
        private let ownerID: String
        private var arrivals: NewArrivals.Iterator?
        private var last: [WorklistItem]?

        fileprivate init(_ ledger: Ledger, _ ownerID: String) {
            self.ledger = ledger
            self.ownerID = ownerID
        }

        /// The next list; `nil` when the task is cancelled or the ledger closed.
        public mutating func next() async throws -> [WorklistItem]? {
            try await self.next(isolation: #isolation)
        }

        /// The next list; `nil` when the task is cancelled or the ledger closed.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws -> [WorklistItem]? {
            while !Task.isCancelled {
                if self.arrivals == nil {
                    // First the stream, then the list: what comes in between is in both.
                    self.arrivals = try self.ledger.arrivals(.now)
                } else if await self.arrivals?.next(isolation: actor) == nil {
                    return nil
                }
                let list = try self.ledger.worklist(of: self.ownerID)
                guard list != self.last else { continue }
                self.last = list
                return list
            }
            return nil
        }
    }

    private let ledger: Ledger
    private let ownerID: String

    init(_ ledger: Ledger, _ ownerID: String) {
        self.ledger = ledger
        self.ownerID = ownerID
    }

    /// Begins with the list as it is. Each iterator is a stream of its own.
    public func makeAsyncIterator() -> Iterator { Iterator(self.ledger, self.ownerID) }
}

extension Ledger {
    /// The events as they arrive, from this process and others. See ``LiveEvents`` for how it ends.
    public func events(live start: LiveStart = .now) -> LiveEvents { LiveEvents(self, start) }

    /// The events from arrival `first` on, as they arrive.
    public func follow(from first: UInt64) -> LiveEvents { LiveEvents(self, .arrival(first)) }

    /// One owner's worklist, and again each time an event changed it. See ``WorklistUpdates``.
    public func worklists(live ownerID: String) -> WorklistUpdates {
        WorklistUpdates(self, ownerID)
    }

    fileprivate func arrivals(_ start: LiveStart) throws(LedgerError) -> NewArrivals.Iterator {
        do throws(EventStoreError) {
            let first: UInt64
            switch start {
            case .beginning: first = 0
            case .arrival(let arrival): first = arrival
            case .now:
                first = try self.store.read { (snapshot) throws(EventStoreError) in
                    snapshot.arrivals
                }
            }
            return try self.store.follow(from: first).makeAsyncIterator()
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }
}
