import CaseDomain
import EventStore
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import Projections

/// What would be lost without these: a number that two companies quote to each other, and that is
/// another one at each.
@Suite("The same events give the same bytes", .temporaryDirectory)
struct FigureOrderTests {
    /// Out of the sums that are kept, and added up from units.
    private static let queries = [MetricQuery(by: [.month]), MetricQuery(by: [.operator])]

    private static func bytes(_ page: MetricsPage) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(page), as: UTF8.self)
    }

    /// Every report, as it is printed; without the count of broken rules, which grows where what is
    /// added breaks one.
    private static func figures(
        _ store: EventStore,
        _ projection: Projection,
        withFlags: Bool = true
    ) throws -> [String] {
        let pages = try store.read(projection) { (snapshot, reading) throws(EventStoreError) in
            var pages: [MetricsPage] = []
            for query in Self.queries {
                pages.append(try MetricStore.page(query, snapshot, reading))
            }
            return pages
        }
        let overview = try CaseReplay(store).metrics().report
        var members = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(overview))
                as? [String: Any]
        )
        if !withFlags { members["flags"] = nil }
        let bytes = try JSONSerialization.data(withJSONObject: members, options: .sortedKeys)
        return try pages.map(Self.bytes) + [String(decoding: bytes, as: UTF8.self)]
    }

    /// Three sites that each wrote their part of a history, and heard nothing of each other.
    private static func write(
        _ count: Int,
        seed: UInt64
    ) async throws -> [[ForeignBatch]] {
        var history = RandomHistory(seed: seed)
        let names = ["one", "two", "three"]
        let stores = try names.map { try Stores.make($0) }
        defer { for store in stores { store.close() } }
        var batches = [[ForeignBatch]](repeating: [], count: stores.count)
        for (place, store) in stores.enumerated() {
            try await Stores.append(RandomHistory.registration(of: names[place]), to: store)
        }
        for number in 0..<count {
            let place = history.roll(stores.count)
            try await Stores.append(history.event(), to: stores[place])
            guard number.isMultiple(of: 20) || number == count - 1 else { continue }
            for (place, store) in stores.enumerated() {
                let start = batches[place].last.map { $0.start + UInt64($0.entries.count) } ?? 0
                let batch = try await Stores.batch(of: store, from: start)
                if let batch { batches[place].append(batch) }
            }
        }
        return batches
    }

    @Test("Figures are the same in 50 orders of arrival from three sites")
    func orders() async throws {
        let batches = try await Self.write(100, seed: 1)
        var expected: [String]?
        for seed in Effort.some(of: UInt64(0)..<50) {
            var random = SeededRandom(seed: seed)
            let store = try Stores.make("reader\(seed)")
            defer { store.close() }
            var projection = MetricStore().projection
            projection.limits.unitsMax = Int.random(in: 1...40, using: &random)
            projection.limits.sweepUnitsMax = projection.limits.unitsMax
            projection.limits.arrivalsMax = UInt64.random(in: 1...80, using: &random)
            projection.limits.sweepMin = UInt64.random(in: 10...400, using: &random)
            projection.limits.completedMax = Int.random(in: 0...60, using: &random)
            try store.maintain(projection)
            var todo = batches.map { $0[...] }
            while let place = todo.indices.filter({ !todo[$0].isEmpty }).randomElement(
                using: &random
            ) {
                guard let batch = todo[place].popFirst() else { continue }
                _ = try await store.receive([batch])
                if Int.random(in: 0..<6, using: &random) == 0 { try store.catchUp(projection) }
            }
            let found = try Self.figures(store, projection)
            expected = expected ?? found
            #expect(found == expected, "seed \(seed)")
            guard found == expected else { return }
        }
    }

    @Test("Figures are the same once views/ is made again, and once it was deleted")
    func rebuilt() async throws {
        let batches = try await Self.write(160, seed: 2)
        let store = try Stores.make("reader")
        for batch in batches.joined() { _ = try await store.receive([batch]) }
        let projection = MetricStore().projection
        let before = try Self.figures(store, projection)
        try store.catchUp(projection)
        #expect(try Self.figures(store, projection) == before)
        store.close()
        try FileManager.default.removeItem(atPath: store.configuration.directory + "/views")
        let again = try EventStore.open(Stores.configuration("reader"))
        defer { again.close() }
        #expect(try Self.figures(again, MetricStore().projection) == before)
    }

    /// A history at one site, and its figures before and after something is done to it.
    private static func check(
        seed: UInt64,
        _ change: (EventStore, inout Int) async throws -> Void
    ) async throws {
        var history = RandomHistory(seed: seed)
        let store = try Stores.make("one")
        defer { store.close() }
        for _ in 0..<120 { try await Stores.append(history.event(), to: store) }
        let projection = MetricStore().projection
        let before = try Self.figures(store, projection, withFlags: false)
        var minute = 100_000
        try await change(store, &minute)
        let after = try Self.figures(store, projection, withFlags: false)
        for (number, (one, other)) in zip(before, after).enumerated() {
            #expect(one == other, "seed \(seed), report \(number)")
        }
    }

    private static func tell(
        _ payload: EventPayload,
        _ subject: String,
        _ store: EventStore,
        _ minute: inout Int
    ) async throws -> EventID {
        minute += 1
        let event = RandomHistory.event(payload, subject, minute: minute)
        try await Stores.append(event, to: store)
        return event.draft.id
    }

    private static func events(_ store: EventStore) throws -> [(Subject, CaseEvent)] {
        try store.read { (snapshot) throws(EventStoreError) in
            var found: [(Subject, CaseEvent)] = []
            for number in 0..<7 {
                guard let subject = Subject("case:C\(number)") else { continue }
                for event in try CaseReader().load(subject, snapshot).events
                where event.subject == subject {
                    found.append((subject, event))
                }
            }
            return found
        }
    }

    @Test("A redaction changes no figure", arguments: 0..<3)
    func redaction(seed: UInt64) async throws {
        try await Self.check(seed: seed) { store, minute in
            for (subject, event) in try Self.events(store) where event.id.rawValue % 5 == 0 {
                var redaction = RecordRedacted()
                redaction.targetEventID = event.id
                redaction.legalBasis = "GDPR 17"
                _ = try await Self.tell(
                    .recordRedacted(redaction),
                    subject.rawValue,
                    store,
                    &minute
                )
            }
            for number in 0..<2 {
                var redaction = RecordRedacted()
                redaction.customerID = "cust\(number)"
                redaction.legalBasis = "GDPR 17"
                _ = try await Self.tell(
                    .recordRedacted(redaction),
                    "customer:cust\(number)",
                    store,
                    &minute
                )
            }
        }
    }

    @Test("A merge that is undone changes no figure", arguments: 0..<3)
    func merge(seed: UInt64) async throws {
        try await Self.check(seed: seed) { store, minute in
            for (source, target) in [("C0", "C1"), ("C2", "C3"), ("C1", "C4")] {
                var merge = CaseLinked()
                merge.otherCaseID = target
                merge.relation = .mergedInto
                let link = try await Self.tell(.caseLinked(merge), "case:\(source)", store, &minute)
                var undo = CaseUnlinked()
                undo.linkEventID = link
                _ = try await Self.tell(.caseUnlinked(undo), "case:\(source)", store, &minute)
            }
        }
    }

    @Test("A correction that is corrected back changes no figure", arguments: 0..<3)
    func correction(seed: UInt64) async throws {
        try await Self.check(seed: seed) { store, minute in
            for (subject, event) in try Self.events(store) {
                guard case .caseObserved(let row) = event.payload else { continue }
                guard let team = row.team else { continue }
                for team in ["another", team] {
                    var correction = RecordCorrected()
                    correction.targetEventID = event.id
                    correction.field = "team"
                    correction.newValue = team
                    _ = try await Self.tell(
                        .recordCorrected(correction),
                        subject.rawValue,
                        store,
                        &minute
                    )
                }
            }
        }
    }
}
