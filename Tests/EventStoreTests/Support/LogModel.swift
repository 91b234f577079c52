import LMDB
import LedgerTypes
import Testing

@testable import EventStore

/// What reads must answer, worked out from the plans in the plainest way.
struct LogModel {
    /// Every event as planned and where it went.
    private let events: [(plan: LogFixture.Plan, stored: StoredEvent)]
    /// Every leaf in order of arrival.
    let leaves: [StoredLeaf]

    init(_ fixture: LogFixture) {
        var events: [(plan: LogFixture.Plan, stored: StoredEvent)] = []
        var leaves: [StoredLeaf] = []
        var sizes = [UInt64](repeating: 0, count: fixture.ids.count)
        var begun = 0
        for (arrival, plan) in fixture.plans.enumerated() {
            let log = plan?.log ?? begun
            if plan == nil { begun += 1 }
            let address = EventAddress(log: fixture.ids[log], index: sizes[log])
            sizes[log] += 1
            leaves.append(StoredLeaf(address: address, arrival: UInt64(arrival)))
            guard let plan else { continue }
            let stored = StoredEvent(
                address: address,
                arrival: UInt64(arrival),
                order: Timestamp(microseconds: plan.order)
            )
            events.append((plan, stored))
        }
        self.events = events
        self.leaves = leaves
    }

    var subjects: [String] { Set(self.events.map { $0.plan.subject }).sorted() }

    var ids: Set<EventID> { Set(self.events.map { $0.plan.id }) }

    func events(of subject: String, below arrivals: UInt64 = .max) -> [StoredEvent] {
        self.events
            .filter { $0.plan.subject == subject && $0.stored.arrival < arrivals }
            .map { $0.stored }
            .sorted { ($0.order, $0.address) < ($1.order, $1.address) }
    }

    func first(_ id: EventID) -> StoredEvent? {
        self.events.first { $0.plan.id == id }?.stored
    }
}

extension Snapshot {
    /// The events of `text`, collected.
    borrowing func collect(
        _ text: String,
        backwards: Bool = false
    ) throws(EventStoreError) -> [StoredEvent] {
        guard let subject = Subject(text) else { return [] }
        var found: [StoredEvent] = []
        try self.forEachEvent(of: subject, backwards: backwards) {
            (event, leaf) throws(EventStoreError) in
            // The leaf must be the event's own.
            guard let keys = try? LeafKeys(leaf: leaf), keys.order == event.order else {
                throw .damaged(table: "leaves", row: "\(event.arrival)")
            }
            found.append(event)
            return true
        }
        return found
    }
}

extension SubjectIndex {
    /// Every row of `views/`, table by table.
    func rows() throws -> [[Row]] {
        let views = try #require(self.views)
        let tables = views.tables
        return try views.environment.read { (transaction) throws(EventStoreError) in
            var all: [[Row]] = []
            for table in [tables.meta, tables.subjects, tables.subjectEvents, tables.eventIDs] {
                var rows: [Row] = []
                try transaction.forEach(in: table) { (key, value) throws(EventStoreError) in
                    rows.append(
                        Row(key: [UInt8](copying: key), value: [UInt8](copying: value))
                    )
                    return true
                }
                all.append(rows)
            }
            return all
        }
    }

    /// What a check of the whole index says.
    func problems() throws(EventStoreError) -> [IndexProblem] {
        try self.read { (snapshot) throws(EventStoreError) in
            try IndexCheck(snapshot).problems
        }
    }

    struct Row: Hashable {
        let key: [UInt8]
        let value: [UInt8]
    }
}
