import CaseDomain
import EventStore
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import Projections

@Suite("Overview", .temporaryDirectory)
struct OverviewTests {
    private static func encoded(_ report: MetricsReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }

    private static func cases(_ store: EventStore, _ projection: Projection) throws -> [CaseFacts] {
        var found: [CaseFacts] = []
        var next: String?
        repeat {
            let first = next
            let part = try store.read(projection) { (snapshot, reading) throws(EventStoreError) in
                try Overview.facts(from: first, max: 2, snapshot, reading)
            }
            found += part.facts
            next = part.next
        } while next != nil
        return found
    }

    /// Whether the store answers as counting anew does; how many cases there are.
    private static func check(
        _ store: EventStore,
        _ projection: Projection,
        _ comment: Comment
    ) throws -> Int64 {
        let report = try store.read(projection) { (snapshot, reading) throws(EventStoreError) in
            try Overview.report(snapshot, reading)
        }
        let counted = try CaseReplay(store).metrics().report
        #expect(try Self.encoded(report) == Self.encoded(counted), comment)
        var facts: [CaseFacts] = []
        try CaseReplay(store).forEachFacts {
            facts.append($0)
            return true
        }
        #expect(try Self.cases(store, projection) == facts, comment)
        return report.cases
    }

    @Test("The store answers as counting anew, whatever came and when", arguments: 0..<4)
    func incremental(seed: UInt64) async throws {
        var history = RandomHistory(seed: seed)
        let stores = [try Stores.make("one"), try Stores.make("two")]
        defer { for store in stores { store.close() } }
        let projections = stores.map { _ in
            var projection = Overview().projection
            projection.limits.unitsMax = [1, 4, 1_000][history.roll(3)]
            projection.limits.sweepUnitsMax = projection.limits.unitsMax
            projection.limits.arrivalsMax = [1, 7, 10_000][history.roll(3)]
            projection.limits.sweepMin = [3, 40, 10_000][history.roll(3)]
            projection.limits.completedMax = [0, 3, 10_000][history.roll(3)]
            return projection
        }
        for (store, projection) in zip(stores, projections) { try store.maintain(projection) }
        for round in 0..<120 {
            let place = history.roll(2)
            try await Stores.append(history.event(), to: stores[place])
            let comment: Comment = "seed \(seed), round \(round), site \(place)"
            switch history.roll(16) {
            case 0: try await Stores.send(from: stores[place], to: stores[1 - place])
            case 1: try stores[place].catchUp(projections[place])
            case 2: _ = try Self.check(stores[place], projections[place], comment)
            default: break
            }
        }
        try await Stores.send(from: stores[0], to: stores[1])
        try await Stores.send(from: stores[1], to: stores[0])
        for place in 0..<2 {
            let cases = try Self.check(stores[place], projections[place], "seed \(seed), the end")
            #expect(cases > 3)
            try stores[place].catchUp(projections[place])
        }
        let rows = try Stores.dump(stores[0], projections[0])
        #expect(rows == (try Stores.dump(stores[1], projections[1])), "seed \(seed)")
        try stores[0].rebuild(projections[0])
        #expect(rows == (try Stores.dump(stores[0], projections[0])), "seed \(seed)")
    }

    @Test("A word of another system comes back whole, however long it is")
    func longWords() async throws {
        let store = try Stores.make("one")
        defer { store.close() }
        let words = [
            "short", String(repeating: "a", count: 300), String(repeating: "ä", count: 90),
        ]
        for (number, word) in (words + words).enumerated() {
            for minute in [0, 30] {
                var row = CaseObserved()
                row.status = .waiting
                row.waitingOn = .vendor
                row.subStatus = word
                try await Stores.append(
                    RandomHistory.event(
                        .caseObserved(row),
                        "case:C\(number)",
                        minute: number * 100 + minute
                    ),
                    to: store
                )
            }
        }
        let projection = Overview().projection
        try store.catchUp(projection)
        #expect(try Self.check(store, projection, "long words") == 6)
        let report = try store.read(projection) { (snapshot, reading) throws(EventStoreError) in
            try Overview.report(snapshot, reading)
        }
        #expect(Set(report.waits.map(\.subStatus)) == Set(words))
        #expect(report.waits.map(\.seconds) == [3_600, 3_600, 3_600])
    }

    @Test("Every number of a case comes back out of its row")
    func rows() throws {
        let subject = try #require(Subject("case:C1"))
        var facts = CaseFacts(caseID: subject)
        #expect(CaseFacts(row: facts.row, of: subject) == facts)
        facts.events = 300
        facts.observed = 7
        facts.unknown = 1
        facts.firstAt = Timestamp(microseconds: -5)
        facts.lastAt = Timestamp(microseconds: 1_700_000_000_000_000)
        facts.teams = CaseFacts.Custody(holders: 3, handoffs: 4, pingPongs: 1, returns: 2)
        facts.sites = CaseFacts.Custody(holders: 1, handoffs: 0, pingPongs: 0, returns: 0)
        facts.reopens = 2
        facts.firstResolvedAt = Timestamp(microseconds: 12)
        facts.lastTerminalAt = Timestamp(microseconds: 13)
        facts.isTerminal = true
        facts.slaMet = false
        facts.waits = [
            CaseFacts.Wait(waitingOn: .vendor, subStatus: "Wait - Vendor", microseconds: 9),
            CaseFacts.Wait(waitingOn: .customer, subStatus: nil, microseconds: -9),
        ]
        facts.flags = [RuleCount(rule: .l15, count: 200)]
        #expect(CaseFacts(row: facts.row, of: subject) == facts)
        // A row that is cut anywhere is none.
        for end in 0..<facts.row.count {
            #expect(CaseFacts(row: Array(facts.row[..<end]), of: subject) == nil)
        }
    }
}
