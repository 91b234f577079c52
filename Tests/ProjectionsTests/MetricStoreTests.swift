import CaseDomain
import EventStore
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import Projections

@Suite("Metric store", .temporaryDirectory)
struct MetricStoreTests {
    private static func projection(
        _ store: MetricStore,
        _ change: (inout ProjectionLimits) -> Void = { _ in }
    ) -> Projection {
        var projection = store.projection
        change(&projection.limits)
        return projection
    }

    /// Questions that the sums answer, and questions for which units are added up.
    private static let queries: [MetricQuery] = {
        var queries = [
            MetricQuery(), MetricQuery(by: [.kind]), MetricQuery(by: [.month]),
            MetricQuery(by: [.team]), MetricQuery(by: [.agent, .kind]),
            MetricQuery(metrics: [MetricID(12), MetricID(14)], by: [.site]),
        ]
        var late = MetricQuery()
        late.asOf = Timestamp(microseconds: 1_800_000_000_000_000)
        var early = MetricQuery(by: [.channel])
        early.asOf = Timestamp(microseconds: 1_700_000_000_000_000 + 3_600_000_000)
        var part = MetricQuery(by: [.day])
        part.from = Timestamp(microseconds: 1_700_000_000_000_000)
        part.to = Timestamp(microseconds: 1_700_000_000_000_000 + 2_400_000_000)
        queries += [late, early, part]
        return queries
    }()

    /// Whether the store answers as folding everything anew does; how many figures there are.
    private static func check(
        _ store: EventStore,
        _ metrics: MetricStore,
        _ projection: Projection,
        _ queries: some Sequence<MetricQuery>,
        _ comment: Comment
    ) throws -> Int {
        try store.read(projection) { (snapshot, reading) throws(EventStoreError) in
            var figures = 0
            let units = try metrics.recount(snapshot)
            for query in queries {
                let page = try MetricStore.page(query, snapshot, reading)
                #expect(page == MetricTally.page(query, of: units), comment)
                for metric in page.metrics {
                    figures += metric.figures.count { $0.total?.value != nil }
                }
            }
            return figures
        }
    }

    @Test(
        "The store answers as a full recomputation, whatever came and when",
        arguments: Effort.some(of: 0..<4)
    )
    func incremental(seed: UInt64) async throws {
        var history = RandomHistory(seed: seed)
        let stores = [try Stores.make("one"), try Stores.make("two")]
        defer { for store in stores { store.close() } }
        let metrics = [MetricStore(), MetricStore()]
        // Batches of any size, readers that fold much or nothing, and sweeps.
        let projections = metrics.map { store in
            Self.projection(store) { limits in
                limits.unitsMax = [1, 4, 1_000][history.roll(3)]
                limits.sweepUnitsMax = limits.unitsMax
                limits.arrivalsMax = [1, 7, 10_000][history.roll(3)]
                limits.sweepMin = [3, 40, 10_000][history.roll(3)]
                limits.completedMax = [0, 3, 10_000][history.roll(3)]
            }
        }
        for (store, projection) in zip(stores, projections) { try store.maintain(projection) }
        for round in 0..<120 {
            let place = history.roll(2)
            try await Stores.append(history.event(), to: stores[place])
            switch history.roll(20) {
            case 0: try await Stores.send(from: stores[place], to: stores[1 - place])
            case 1: try stores[place].catchUp(projections[place])
            case 2:
                let comment: Comment = "seed \(seed), round \(round), site \(place)"
                let queries = Self.queries.dropFirst(history.roll(Self.queries.count)).prefix(2)
                _ = try Self.check(
                    stores[place],
                    metrics[place],
                    projections[place],
                    queries,
                    comment
                )
            default: break
            }
        }
        try await Stores.send(from: stores[0], to: stores[1])
        try await Stores.send(from: stores[1], to: stores[0])
        let comment: Comment = "seed \(seed), at the end"
        for place in 0..<2 {
            let figures = try Self.check(
                stores[place],
                metrics[place],
                projections[place],
                Self.queries,
                comment
            )
            #expect(figures > 20, comment)
        }
        let first = try Stores.dump(stores[0], projections[0])
        let second = try Stores.dump(stores[1], projections[1])
        #expect(first == second, comment)
        #expect(first.contains { $0.hasPrefix("sums") }, comment)
        stores[0].close()
        try FileManager.default.removeItem(atPath: stores[0].configuration.directory + "/views")
        let again = try EventStore.open(Stores.configuration("one"))
        defer { again.close() }
        let rebuilt = Self.projection(MetricStore()) { $0.unitsMax = 3 }
        try again.maintain(rebuilt)
        #expect(try Stores.dump(again, rebuilt) == first, comment)
    }

    @Test("Cases and what they are merged into are taken back as they were", arguments: 0..<2)
    func mergeAndBack(seed: UInt64) async throws {
        let store = try Stores.make("one")
        defer { store.close() }
        let metrics = MetricStore()
        func page() throws -> MetricsPage {
            var query = MetricQuery(by: [.kind])
            // The clock goes on meanwhile; windows are not what is looked at.
            query.asOf = Timestamp(microseconds: 1_790_000_000_000_000)
            return try store.read(metrics.projection) {
                (snapshot, reading) throws(EventStoreError) in
                try MetricStore.page(query, snapshot, reading)
            }
        }
        var minute = 0
        func tell(_ payload: EventPayload, _ subject: String) async throws -> EventID {
            minute += 1
            let event = RandomHistory.event(payload, subject, minute: minute)
            try await Stores.append(event, to: store)
            return event.draft.id
        }
        for id in ["A", "B"] {
            _ = try await tell(.caseOpened(CaseOpened()), "case:\(id)")
            var message = MessageRecorded()
            message.visibility = .public
            message.messageID = "m"
            _ = try await tell(.messageRecorded(message), "case:\(id)")
        }
        if seed == 1 { try store.catchUp(metrics.projection) }
        func backlog() throws -> Int64? {
            try page().figure(MetricID(13), "open")?.total?.n
        }
        #expect(try backlog() == 2)
        var merge = CaseLinked()
        merge.otherCaseID = "A"
        merge.relation = .mergedInto
        let link = try await tell(.caseLinked(merge), "case:B")
        #expect(try backlog() == 1)
        if seed == 1 { try store.catchUp(metrics.projection) }
        var undo = CaseUnlinked()
        undo.linkEventID = link
        _ = try await tell(.caseUnlinked(undo), "case:B")
        #expect(try backlog() == 2)
    }

    @Test("A range of values holds greater values than the one before it", arguments: 0..<4)
    func ranges(seed: UInt64) {
        let kind = seed.isMultiple(of: 2) ? ValueRange.eighths : .fine
        var random = SeededRandom(seed: seed)
        var values: [Int64] = [0, 1, -1, 7, 8, 9, 15, 16, -8, -9, .max, .min, .min + 1]
        for _ in 0..<200 {
            let bits = Int64.random(in: 0...62, using: &random)
            values.append(Int64.random(in: .min ... .max, using: &random) >> bits)
        }
        values.sort()
        for (low, high) in zip(values, values.dropFirst()) {
            #expect(kind.number(of: low) <= kind.number(of: high), "\(low) \(high)")
        }
        for value in values {
            let range = kind.number(of: value)
            let least = kind.least(in: range)
            #expect(kind.number(of: least) == range, "\(value)")
            #expect(least <= value)
            if least > .min { #expect(kind.number(of: least - 1) < range, "\(value)") }
            #expect(MetricRows.number(MetricRows.rising(value)[...]) == value)
        }
    }
}
