public import LedgerTypes

/// Which site's log it is, and which of that site's.
public struct LogOrigin: Hashable, Sendable {
    /// The site's name.
    public let site: String
    /// The site's incarnation, from 1.
    public let incarnation: UInt32

    /// Creates an origin.
    public init(site: String, incarnation: UInt32) {
        self.site = site
        self.incarnation = incarnation
    }
}

/// Puts events into fold order and marks the copies that do not count (C1).
public enum CaseHistory {
    /// Arranges `events`, which came in any order, out of logs whose origins are `origins`.
    ///
    /// Of several copies of one event id, the one in the earliest incarnation of its site counts;
    /// between sites the first in fold order. A log without an origin counts as a site of its own.
    public static func arrange(
        _ events: [CaseEvent],
        origins: [LogID: LogOrigin]
    ) -> [CaseEvent] {
        var arranged = events
        if !Self.isArranged(events) { arranged.sort { $0.folds(before: $1) } }
        guard Self.hasCopies(arranged) else { return arranged }
        var places: [EventID: [Int]] = [:]
        for (place, event) in arranged.enumerated() { places[event.id, default: []].append(place) }
        for copies in places.values where copies.count > 1 {
            let counts = Self.copyThatCounts(copies, of: arranged, origins)
            let original = arranged[counts]
            for copy in copies where copy != counts {
                arranged[copy].duplicateOf = original.address
                arranged[copy].differs = !arranged[copy].states(sameAs: original)
            }
        }
        return arranged
    }

    /// Whether `events` are in fold order already, as those of one subject are when they are read.
    private static func isArranged(_ events: [CaseEvent]) -> Bool {
        for place in events.indices.dropFirst()
        where events[place].folds(before: events[place - 1]) {
            return false
        }
        return true
    }

    /// Whether two events have one id. Sorting numbers is quicker than filling a table with them.
    private static func hasCopies(_ events: [CaseEvent]) -> Bool {
        guard events.count > 1 else { return false }
        var ids: [UInt128] = []
        ids.reserveCapacity(events.count)
        for place in events.indices { ids.append(events[place].id.rawValue) }
        ids.sort()
        return ids.indices.dropFirst().contains { ids[$0] == ids[$0 - 1] }
    }

    private static func copyThatCounts(
        _ copies: [Int],
        of events: [CaseEvent],
        _ origins: [LogID: LogOrigin]
    ) -> Int {
        // `copies` is in fold order, so the first candidate wins unless the same site holds an
        // earlier incarnation of it.
        var best = copies[0]
        let site = origins[events[best].address.log]?.site
        for copy in copies.dropFirst() {
            guard let site, let other = origins[events[copy].address.log], other.site == site,
                let held = origins[events[best].address.log]
            else { continue }
            if other.incarnation < held.incarnation { best = copy }
        }
        return best
    }
}

extension CaseEvent {
    /// Whether the caller's part is the same.
    func states(sameAs other: CaseEvent) -> Bool {
        self.subject == other.subject && self.occurred == other.occurred
            && self.actor == other.actor && self.isHistory == other.isHistory
            && self.onBehalfOf == other.onBehalfOf && self.contactID == other.contactID
            && self.handoffID == other.handoffID && self.escalationID == other.escalationID
            && self.causation == other.causation && self.payload == other.payload
    }
}
