import CaseDomain
import EventStore
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import Projections

@Suite("Case summaries", .temporaryDirectory)
struct CaseSummariesTests {
    private static func projection(_ change: (inout ProjectionLimits) -> Void) -> Projection {
        var projection = CaseSummaries(openText: nil, blind: nil, salt: 0).projection
        change(&projection.limits)
        return projection
    }

    /// Whether what a reader finds is what folding every unit anew gives; returns how many units
    /// there are.
    private static func check(
        _ store: EventStore,
        _ projection: Projection,
        _ comment: Comment
    ) throws -> Int {
        try store.read(projection) { (snapshot, reading) throws(EventStoreError) in
            var units: [Subject] = []
            for kind in projection.kinds {
                try snapshot.forEachSubject(kind: kind) { (unit, _) throws(EventStoreError) in
                    units.append(unit)
                    return true
                }
            }
            var owners: [String: [Subject]] = [:]
            var customers: [String: [Subject]] = [:]
            var open: [Subject] = []
            for folded in try projection.fold(units, snapshot) {
                #expect(try snapshot.rows(of: folded.unit, reading) == folded.rows, comment)
                guard folded.unit.isCase, let summary = folded.rows?.caseSummary else { continue }
                for owner in summary.listedWith { owners[owner, default: []].append(folded.unit) }
                if let customer = summary.customerID {
                    customers[customer, default: []].append(folded.unit)
                }
                if summary.state == .open { open.append(folded.unit) }
            }
            for owner in [""] + (0..<4).map({ "agent\($0)" }) {
                let found = try snapshot.units(CaseSummaries.Lookup.owner(owner), reading)
                #expect(found == owners[owner] ?? [], comment)
            }
            for customer in (0..<4).map({ "cust\($0)" }) {
                let found = try snapshot.units(CaseSummaries.Lookup.customer(customer), reading)
                #expect(found == customers[customer] ?? [], comment)
            }
            #expect(try snapshot.units(CaseSummaries.Lookup.open, reading) == open, comment)
            return units.count
        }
    }

    @Test(
        "Rows that were kept up to date are those of a fold from nothing, at two sites",
        arguments: Effort.some(of: 0..<4)
    )
    func incremental(seed: UInt64) async throws {
        var history = RandomHistory(seed: seed)
        let stores = [try Stores.make("one"), try Stores.make("two")]
        defer { for store in stores { store.close() } }
        // Batches of any size, readers that fold much or nothing, and sweeps.
        let projections = (0..<2).map { _ in
            Self.projection { limits in
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
            switch history.roll(14) {
            case 0: try await Stores.send(from: stores[place], to: stores[1 - place])
            case 1: try stores[place].catchUp(projections[place])
            case 2:
                let comment: Comment = "seed \(seed), round \(round), site \(place)"
                let count = try Self.check(stores[place], projections[place], comment)
                #expect(count > 0, comment)
            default: break
            }
        }
        try await Stores.send(from: stores[0], to: stores[1])
        try await Stores.send(from: stores[1], to: stores[0])
        let comment: Comment = "seed \(seed), at the end"
        for place in 0..<2 { _ = try Self.check(stores[place], projections[place], comment) }
        let first = try Stores.dump(stores[0], projections[0])
        let second = try Stores.dump(stores[1], projections[1])
        #expect(first == second, comment)
        #expect(first.count > 10, comment)
        stores[0].close()
        try FileManager.default.removeItem(atPath: stores[0].configuration.directory + "/views")
        let again = try EventStore.open(Stores.configuration("one"))
        defer { again.close() }
        let rebuilt = Self.projection { $0.unitsMax = 3 }
        try again.maintain(rebuilt)
        #expect(try Stores.dump(again, rebuilt) == first, comment)
    }

    @Test("What a case is made of brings it up to date: contacts, and cases merged into it")
    func sources() async throws {
        let store = try Stores.make("one")
        defer { store.close() }
        let projection = Self.projection { _ in }
        var minute = 0
        func tell(_ payload: EventPayload, _ subject: String) async throws {
            minute += 1
            let event = RandomHistory.event(payload, subject, minute: minute)
            try await Stores.append(event, to: store)
        }
        /// How many events each case is made of, by its row.
        func counts() throws -> [UInt64?] {
            try store.read(projection) { (snapshot, reading) throws(EventStoreError) in
                var counts: [UInt64?] = []
                for id in ["T", "S"] {
                    guard let unit = Subject(kind: "case", id: id) else { continue }
                    counts.append(try snapshot.rows(of: unit, reading)?.caseSummary?.events)
                }
                return counts
            }
        }
        try await tell(.caseOpened(CaseOpened()), "case:T")
        try await tell(.caseOpened(CaseOpened()), "case:S")
        var merge = CaseLinked()
        merge.otherCaseID = "T"
        merge.relation = .mergedInto
        try await tell(.caseLinked(merge), "case:S")
        try store.catchUp(projection)
        #expect(try counts() == [3, 2])
        var attachment = ContactAttached()
        attachment.caseID = "S"
        try await tell(.contactAttached(attachment), "contact:K")
        #expect(try counts() == [4, 3])
        try store.catchUp(projection)
        try await tell(.contactStarted(ContactStarted()), "contact:K")
        #expect(try counts() == [5, 4])
        try store.catchUp(projection)
        try await tell(.messageRecorded(MessageRecorded()), "case:S")
        #expect(try counts() == [6, 5])
        try store.catchUp(projection)
        #expect(try counts() == [6, 5])
    }

    @Test("A store that only reads completes what is not written, and needs no views/ at all")
    func readOnly() async throws {
        var history = RandomHistory(seed: 5)
        let projection = Self.projection { _ in }
        do {
            let store = try Stores.make("one")
            defer { store.close() }
            try store.maintain(projection)
            for _ in 0..<50 { try await Stores.append(history.event(), to: store) }
            try store.catchUp(projection)
        }
        do {
            // Without the projection, so that its rows fall behind.
            let store = try EventStore.open(Stores.configuration("one"))
            defer { store.close() }
            for _ in 0..<50 { try await Stores.append(history.event(), to: store) }
        }
        var configuration = Stores.configuration("one")
        configuration.isReadOnly = true
        let views = configuration.directory + "/views"
        for isWithout in [false, true] {
            if isWithout { try FileManager.default.removeItem(atPath: views) }
            let store = try EventStore.open(configuration)
            defer { store.close() }
            #expect(try Self.check(store, projection, "without views: \(isWithout)") > 5)
            let completed = try store.read(projection) { (_, reading) in reading.completed }
            #expect(completed > 0)
        }
        #expect(!FileManager.default.fileExists(atPath: views))
    }

    @Test("Rows of another version or made under another key are dropped and made again")
    func otherVersion() async throws {
        var history = RandomHistory(seed: 6)
        let store = try Stores.make("one")
        defer { store.close() }
        let old = CaseSummaries(openText: nil, blind: nil, salt: 7).projection
        for _ in 0..<60 { try await Stores.append(history.event(), to: store) }
        try store.maintain(old)
        let rows = try Stores.dump(store, old)
        #expect(!rows.isEmpty)
        store.close()
        let again = try EventStore.open(Stores.configuration("one"))
        defer { again.close() }
        let new = Projection(
            number: old.number,
            name: old.name,
            version: old.version + 1,
            kinds: ["case"],
            unit: old.unit,
            fold: { (units, _) in units.map { FoldedUnit($0, UnitRows(failure: "none")) } }
        )
        try again.maintain(new)
        let replaced = try Stores.dump(again, new)
        #expect(!replaced.isEmpty)
        #expect(Set(replaced).isDisjoint(with: rows))
    }

    @Test("A case that cannot be folded is listed as such and stops nothing")
    func failure() async throws {
        var history = RandomHistory(seed: 7)
        let store = try Stores.make("one")
        defer { store.close() }
        let sound = Self.projection { _ in }
        let bad = try #require(Subject("case:C3"))
        var projection = sound
        projection = Projection(
            number: sound.number,
            name: sound.name,
            version: sound.version,
            kinds: sound.kinds,
            unit: sound.unit,
            fold: { (units, snapshot) throws(EventStoreError) in
                try sound.fold(units, snapshot).map { folded in
                    guard folded.unit == bad else { return folded }
                    return FoldedUnit(bad, UnitRows(failure: "damaged"))
                }
            }
        )
        for _ in 0..<120 { try await Stores.append(history.event(), to: store) }
        try store.catchUp(projection)
        try store.read(projection) { (snapshot, reading) throws(EventStoreError) in
            #expect(reading.completed == 0)
            #expect(try snapshot.units(.failed, reading) == [bad])
            #expect(try snapshot.rows(of: bad, reading)?.isFailed == true)
            let other = try snapshot.units(CaseSummaries.Lookup.open, reading)
            #expect(!other.isEmpty)
        }
    }
}
