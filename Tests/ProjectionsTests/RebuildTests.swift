import CaseDomain
import EventStore
import Glibc
import LedgerTesting
import LedgerTypes
import Synchronization
import Testing

@testable import Projections

@Suite("Rows made anew beside those that are read", .temporaryDirectory)
struct RebuildTests {
    private static func filled(_ events: Int, seed: UInt64) async throws -> EventStore {
        var history = RandomHistory(seed: seed)
        let store = try Stores.make("one")
        for _ in 0..<events { try await Stores.append(history.event(), to: store) }
        return store
    }

    private static func cases(_ count: Int) async throws -> EventStore {
        let store = try Stores.make("one")
        for number in 1...count {
            let opened = RandomHistory.event(
                .caseOpened(CaseOpened()),
                "case:C\(number)",
                minute: number
            )
            try await Stores.append(opened, to: store)
        }
        return store
    }

    /// The figures, one unit at a time; `beforeFold` is called first, by whichever thread folds.
    private static func metrics(
        beforeFold: @escaping @Sendable () throws(EventStoreError) -> Void = {}
    ) -> Projection {
        let sound = MetricStore().projection
        var projection = Projection(
            number: sound.number,
            name: sound.name,
            version: sound.version,
            salt: sound.salt,
            kinds: sound.kinds,
            governing: sound.governing,
            derive: sound.derive,
            unit: sound.unit,
            fold: { (units, snapshot) throws(EventStoreError) in
                try beforeFold()
                return try sound.fold(units, snapshot)
            }
        )
        projection.limits.unitsMax = 1
        projection.limits.sweepUnitsMax = 1
        return projection
    }

    /// Lets a few folds through and holds up the others until somebody has read meanwhile.
    private final class Gate: Sendable {
        private struct State {
            var isOpen = true
            var folds = 0
        }

        private let state = Mutex(State())

        func open() { self.state.withLock { $0.isOpen = true } }

        func close() { self.state.withLock { $0 = State(isOpen: false) } }

        func pass() {
            let end = ContinuousClock.now + .seconds(60)
            self.state.withLock { $0.folds += 1 }
            while !self.state.withLock({ $0.isOpen || $0.folds <= 3 }), .now < end { usleep(1_000) }
        }
    }

    private static func group(unitsMax: Int) -> ProjectionGroup {
        let summaries = CaseSummaries(openText: nil, blind: nil, salt: 0)
        let group = CaseProjections(summaries, MetricStore(), Overview()).group
        let members = group.members.map { member in
            var member = member
            member.limits.unitsMax = unitsMax
            member.limits.sweepUnitsMax = unitsMax
            return member
        }
        return ProjectionGroup(members, fold: group.fold)
    }

    @Test("While they are made the old rows are read, and then the new ones", arguments: 0..<2)
    func beside(seed: UInt64) async throws {
        let store = try await Self.filled(60, seed: seed)
        defer { store.close() }
        let gate = Gate()
        let projection = Self.metrics { gate.pass() }
        let before = try Stores.dump(store, projection)
        // From the first side to the second, and back.
        for _ in 0..<2 {
            var steps = 0
            var read = 0
            gate.close()
            try store.rebuild(projection) { _ in
                steps += 1
                // Nothing has to be folded: complete rows lie there all the time.
                let rows = try? store.read(projection, completing: 0) {
                    (snapshot, reading) throws(EventStoreError) in
                    var rows = 0
                    try snapshot.forEachUnit(reading) { (_, _) throws(EventStoreError) in
                        rows += 1
                        return true
                    }
                    return rows
                }
                if let rows, rows == before.count(where: { $0.hasPrefix("units") }) { read += 1 }
                gate.open()
            }
            #expect(steps > 0, "seed \(seed)")
            #expect(read == steps, "seed \(seed)")
            #expect(try Stores.dump(store, projection) == before, "seed \(seed)")
        }
        try await Stores.append(
            RandomHistory.event(.caseOpened(CaseOpened()), "case:C9", minute: 9_000),
            to: store
        )
        let after = try Stores.dump(store, projection)
        #expect(after != before)
        try store.rebuild(projection)
        #expect(try Stores.dump(store, projection) == after)
    }

    /// What would be lost without it: hours, each time a long rebuild is interrupted.
    @Test("A rebuild that was cut goes on where it was")
    func resumed() async throws {
        let store = try await Self.cases(60)
        let foldsLeft = Mutex(Int.max)
        let projection = Self.metrics { () throws(EventStoreError) in
            let isOver = foldsLeft.withLock { left in
                left -= 1
                return left < 0
            }
            if isOver { throw .closed }
        }
        let before = try Stores.dump(store, projection)
        var all = 0
        try store.rebuild(projection) { all = $0 }
        #expect(try Stores.dump(store, projection) == before)
        // However fast it is, it comes no further than this; a close still does a few steps.
        foldsLeft.withLock { $0 = 20 }
        try store.beginRebuild(projection)
        store.close()
        let again = try EventStore.open(Stores.configuration("one"))
        defer { again.close() }
        var left = 0
        try again.rebuild(Self.metrics()) { left = $0 }
        #expect(left > 0)
        #expect(left < all)
        #expect(try Stores.dump(again, projection) == before)
    }

    @Test("Made together, the read models have the rows that each has by itself", arguments: 0..<3)
    func together(seed: UInt64) async throws {
        let store = try await Self.filled(80, seed: seed)
        defer { store.close() }
        let group = Self.group(unitsMax: [1, 5, 1_000][Int(seed) % 3])
        let before = try group.members.map { try Stores.dump(store, $0) }
        // To the second side and back, and once by themselves.
        for _ in 0..<2 {
            try store.rebuild(group)
            #expect(try group.members.map { try Stores.dump(store, $0) } == before, "seed \(seed)")
        }
        for member in group.members { try store.rebuild(member) }
        #expect(try group.members.map { try Stores.dump(store, $0) } == before, "seed \(seed)")
    }

    @Test("Read models of which one was begun before are made together all the same")
    func togetherResumed() async throws {
        let store = try await Self.cases(60)
        let group = Self.group(unitsMax: 1)
        let before = try group.members.map { try Stores.dump(store, $0) }
        try store.beginRebuild(group.members[1])
        store.close()
        let again = try EventStore.open(Stores.configuration("one"))
        defer { again.close() }
        try again.rebuild(Self.group(unitsMax: 1))
        #expect(try group.members.map { try Stores.dump(again, $0) } == before)
    }

    @Test("A unit that cannot be folded stops nothing, but a rebuild that insists")
    func insisting() async throws {
        let store = try await Self.cases(5)
        defer { store.close() }
        let isBroken = Mutex(false)
        let rows = CaseRows(number: 90, name: "broken", version: 1) { ("\($0.eventCount)", []) }
        let sound = rows.projection
        let projection = Projection(
            number: sound.number,
            name: sound.name,
            version: sound.version,
            kinds: sound.kinds,
            unit: sound.unit,
            fold: { (units, snapshot) throws(EventStoreError) in
                let folded = try sound.fold(units, snapshot)
                guard isBroken.withLock({ $0 }) else { return folded }
                return folded.map { unit in
                    unit.unit.id == "C3"
                        ? FoldedUnit(unit.unit, UnitRows(failure: "it is broken")) : unit
                }
            }
        )
        let before = try Stores.dump(store, projection)
        isBroken.withLock { $0 = true }
        #expect {
            try store.rebuild(projection, insisting: true)
        } throws: { error in
            guard case .damaged(_, let row) = error as? EventStoreError else { return false }
            return row.contains("case:C3") && row.contains("it is broken")
        }
        #expect(try Stores.dump(store, projection) == before)
        try store.rebuild(projection)
        let failed = try store.read(projection) { (snapshot, reading) throws(EventStoreError) in
            try snapshot.units(.failed, reading).map(\.id)
        }
        #expect(failed == ["C3"])
        #expect(try Stores.dump(store, projection).count == before.count + 1)
        isBroken.withLock { $0 = false }
        try store.rebuild(projection, insisting: true)
        #expect(try Stores.dump(store, projection) == before)
    }
}
