package import CaseDomain
package import EventStore
package import LedgerTypes

/// What a fold needs beside a case's events: which site each log is of, and what sites decided.
package struct FoldContext: Sendable {
    /// Which site each log is of.
    package let origins: [LogID: LogOrigin]
    /// Policies, and what is known of teams, staff and scripts.
    package let book: PolicyBook
    /// How many events the book was made of.
    package let bookVersion: UInt64

    /// Reads the context of `snapshot`; gives back `known` where nothing has come since. Logs and
    /// events are only ever added, so counting them tells. With a `cut` only what it
    /// includes is read, and nothing may be known.
    package init(
        _ snapshot: borrowing Snapshot,
        known: FoldContext? = nil,
        within cut: ReadingCut = .everything
    ) throws(EventStoreError) {
        let version = try snapshot.version(of: Attachment.policies)
        if let known, known.bookVersion == version,
            try snapshot.logCount() == known.origins.count
        {
            self = known
            return
        }
        var origins: [LogID: LogOrigin] = [:]
        for log in try snapshot.logs() {
            origins[log.id] = LogOrigin(site: log.site.rawValue, incarnation: log.incarnation)
        }
        var events: [CaseEvent] = []
        var actors = ActorPool()
        let reader = CaseReader(cut: cut)
        try snapshot.forEachEvent(of: Attachment.policies) {
            (stored, leaf) throws(EventStoreError) in
            let event = try reader.event(stored, leaf, of: nil, snapshot, &actors)
            if reader.includes(event, stored) { events.append(event) }
            return true
        }
        self.origins = origins
        self.book = PolicyBook(events, origins: origins)
        self.bookVersion = version
    }

    /// Whether a state that was folded in `other` is one of this context as well.
    func judgesAs(_ other: FoldContext) -> Bool {
        self.bookVersion == other.bookVersion && self.origins.count == other.origins.count
    }
}
