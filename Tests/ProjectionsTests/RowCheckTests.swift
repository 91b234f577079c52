import CaseDomain
import EventStore
import LedgerTesting
import LedgerTypes
import Synchronization
import Testing

@testable import Projections

@Suite("Rows compared with a fold anew", .temporaryDirectory)
struct RowCheckTests {
    private static func filled(seed: UInt64) async throws -> EventStore {
        var history = RandomHistory(seed: seed)
        let store = try Stores.make("one")
        for _ in 0..<80 { try await Stores.append(history.event(), to: store) }
        return store
    }

    private static func check(
        _ store: EventStore,
        _ projection: Projection
    ) throws -> (check: RowCheck, findings: [String]) {
        var findings: [String] = []
        let check = try store.checkRows(of: projection, progress: { _ in }) {
            findings.append("\($0): \($1)")
        }
        return (check, findings)
    }

    @Test("Sound rows agree, those that are behind as well", arguments: 0..<3)
    func sound(seed: UInt64) async throws {
        let store = try await Self.filled(seed: seed)
        defer { store.close() }
        for projection in [MetricStore().projection, Overview().projection] {
            #expect(try Self.check(store, projection).check.obstacle == .notKept)
            try store.catchUp(projection)
            let found = try Self.check(store, projection)
            #expect(found.findings == [])
            #expect(found.check.obstacle == nil)
            #expect(found.check.rows > 20)
        }
        try await Stores.append(
            RandomHistory.event(.caseOpened(CaseOpened()), "case:C1", minute: 9_000),
            to: store
        )
        for projection in [MetricStore().projection, Overview().projection] {
            #expect(try Self.check(store, projection).findings == [], "seed \(seed)")
        }
    }

    /// What would be lost without it: a list or a figure that is wrong, and that nobody doubts.
    @Test("A row that does not follow from the log is found, and a rebuild mends it")
    func damaged() async throws {
        let store = try await Self.filled(seed: 3)
        defer { store.close() }
        let isBroken = Mutex(true)
        let sound = Overview().projection
        let projection = Projection(
            number: sound.number,
            name: sound.name,
            version: sound.version,
            kinds: sound.kinds,
            governing: sound.governing,
            derive: sound.derive,
            unit: sound.unit,
            fold: { (units, snapshot) throws(EventStoreError) in
                let folded = try sound.fold(units, snapshot)
                guard isBroken.withLock({ $0 }), let other = folded.last(where: { $0.rows != nil })
                else { return folded }
                // One case has the numbers of another, one has none.
                return folded.enumerated().map { number, unit in
                    number == 0
                        ? FoldedUnit(unit.unit, other.rows)
                        : number == 1 ? FoldedUnit(unit.unit, nil) : unit
                }
            }
        )
        try store.catchUp(projection)
        isBroken.withLock { $0 = false }
        let found = try Self.check(store, projection).findings
        #expect(found.contains { $0.hasPrefix("units-3 case:") && $0.contains("differs") })
        #expect(found.contains { $0.hasPrefix("units-3 case:") && $0.contains("is missing") })
        #expect(found.contains { $0.hasPrefix("lookups-3") })
        #expect(found.contains { $0.hasPrefix("sums-3") })
        try store.rebuild(projection)
        #expect(try Self.check(store, projection).findings == [])
    }
}
