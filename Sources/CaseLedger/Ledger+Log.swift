internal import CaseDomain
internal import EventStore
public import LedgerTypes
internal import Projections

/// In which order, and how many, events are listed.
public struct LogOrder: Hashable, Sendable {
    /// Newest first.
    public var newestFirst: Bool
    /// Only that many of the newest.
    public var last: Int?

    /// Describes an order.
    public init(newestFirst: Bool = false, last: Int? = nil) {
        self.newestFirst = newestFirst
        self.last = last
    }
}

extension Ledger {
    /// Gives `body` the events in order of arrival until it returns false; returns the arrival
    /// number after the last one, from which ``follow(from:)`` goes on.
    @discardableResult
    public func forEachEvent(
        _ order: LogOrder = LogOrder(),
        _ body: (LoggedEvent) throws -> Bool
    ) throws -> UInt64 {
        let held = try self.reading { (snapshot) throws(EventStoreError) in
            snapshot.arrivals
        }
        let first = order.last.map { held - min(held, UInt64($0)) } ?? 0
        let batch: UInt64 = 1_024
        var done: UInt64 = 0
        let count = held - first
        while done < count {
            let size = min(batch, count - done)
            // Either end of what is left, so that both directions stream.
            let start = order.newestFirst ? held - done - size : first + done
            var events = try self.events(start..<start + size)
            if order.newestFirst { events.reverse() }
            for event in events {
                guard try body(event) else { return event.arrival + 1 }
            }
            done += size
        }
        return held
    }

    /// Gives `body` a case's own events in the order of its story until it returns false.
    ///
    /// - Throws: ``LedgerError/unknownSubject(_:)`` if there are none.
    public func forEachEvent(
        of subject: Subject,
        _ order: LogOrder = LogOrder(),
        _ body: (LoggedEvent) throws -> Bool
    ) throws {
        var events = try self.reading { (snapshot) throws(EventStoreError) in
            var events: [LoggedEvent] = []
            try snapshot.forEachEvent(of: subject) { (stored, leaf) throws(EventStoreError) in
                let place = StoredLeaf(stored)
                events.append(try self.loggedEvent(place, leaf, snapshot))
                return true
            }
            return events
        }
        guard !events.isEmpty else { throw LedgerError.unknownSubject(subject) }
        if let last = order.last { events = events.suffix(last) }
        if order.newestFirst { events.reverse() }
        for event in events {
            guard try body(event) else { return }
        }
    }

    func events(_ arrivals: Range<UInt64>) throws(LedgerError) -> [LoggedEvent] {
        try self.reading { (snapshot) throws(EventStoreError) in
            var events: [LoggedEvent] = []
            try snapshot.forEachArrival(from: arrivals.lowerBound) {
                (stored, leaf) throws(EventStoreError) in
                guard stored.arrival < arrivals.upperBound else { return false }
                events.append(try self.loggedEvent(stored, leaf, snapshot))
                return true
            }
            return events
        }
    }

    func loggedEvent(
        _ stored: StoredLeaf,
        _ leaf: Span<UInt8>,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> LoggedEvent {
        let hash = LeafHash.of(leaf)
        do throws(WireError) {
            if Genesis.isGenesis(leaf) {
                return LoggedEvent(try Genesis(leaf: leaf), at: stored, hash: hash)
            }
            let envelope = try EventEnvelope(leaf: leaf)
            var payload = try EventPayload(
                typeName: envelope.draft.type,
                body: envelope.draft.body
            )
            if let text = try? self.text(of: envelope.draft, stored.arrival, snapshot) {
                payload.open(text)
            }
            return LoggedEvent(envelope, payload, at: stored, hash: hash)
        } catch {
            throw .damaged(table: "leaves", row: "\(stored.address): \(error)")
        }
    }

    func text(
        of draft: EventDraft,
        _ arrival: UInt64,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> SealedText? {
        guard let open = self.reader.openText,
            let slot = draft.sections.firstIndex(where: { $0.kind == SealedText.sectionKind }),
            let section = try snapshot.section(arrival: arrival, slot: UInt8(slot + 1))
        else { return nil }
        return open(draft.id, draft.sections[slot], section)
    }
}
