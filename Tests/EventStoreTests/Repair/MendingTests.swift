import LMDB
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

/// Rows that follow from others are made again, byte for byte, and nothing else is touched.
@Suite("Mending", .temporaryDirectory)
struct MendingTests {
    /// Which row is damaged.
    enum Target: String, CaseIterable, Sendable {
        case runMoved, runChanged, runRemoved, runAdded
        case headRoot, headSize, headTime, headRemoved
        case labelSequence, labelIndex, labelMoved, labelRemoved
        case genesis, genesisNonce, copy, copyRemoved
    }

    @Test("A row that follows from others is found and made again", arguments: Target.allCases)
    func mended(target: Target) async throws {
        let ledger = try await TamperFixture(seed: 0x3E4D)
        defer { ledger.store.close() }
        let changes = try Self.changes(target, ledger)
        let before = try changes.map { try ledger.rows($0.table).map(\.value) }
        #expect(try await ledger.store.findDamage().count == 0)
        try TamperFixture.apply(changes, in: ledger.store.log)
        let found = try await ledger.store.findDamage()
        #expect(found.count > 0)
        let isAllMendedHere = found.damages.allSatisfy { $0.isMendedHere }
        #expect(isAllMendedHere, "\(found.damages)")
        let mended = try await ledger.store.mendRows(found.damages)
        #expect(Set(mended) == Set(found.damages))
        #expect(try await ledger.store.findDamage().count == 0)
        #expect(try changes.map { try ledger.rows($0.table).map(\.value) } == before)
        let report = try ledger.store.verifyLog()
        #expect(report.isSound, "\(report.findings)")
        // The writer goes on from there.
        let event = StoreFixture.event("case:1", occurred: ledger.fixture.clock.now)
        guard case .appended = await ledger.store.append(AppendRequest(events: [event])) else {
            Issue.record("nothing is appended any more")
            return
        }
        #expect(try ledger.store.verifyLog().isSound)
    }

    @Test("A ledger that does not open for a damaged head opens after it was made again")
    func closed() async throws {
        let ledger = try await TamperFixture(seed: 0x3E4E)
        let configuration = ledger.store.configuration
        let row = try #require(try ledger.rows(ledger.store.tables.heads).last)
        var value = row.value
        value[20] ^= 4
        let change = RowChange(table: ledger.store.tables.heads, key: row.key, value: value)
        try TamperFixture.apply([change], in: ledger.store.log)
        ledger.store.close()
        #expect(throws: EventStoreError.self) {
            let store = try EventStore.open(configuration)
            defer { store.close() }
            _ = try store.read { (snapshot) throws(EventStoreError) in try snapshot.logs() }
        }
        let outcome = try EventStore.mendRows(configuration)
        #expect(outcome.found.count == 1)
        #expect(outcome.mended == outcome.found)
        let store = try EventStore.open(configuration)
        defer { store.close() }
        #expect(try store.verifyLog().isSound)
        #expect(try EventStore.mendRows(configuration).found.isEmpty)
    }

    @Test("A head is not made again of leaves that lead elsewhere than what was signed")
    func contradicted() async throws {
        let ledger = try await TamperFixture(seed: 0x3E4F)
        defer { ledger.store.close() }
        let tables = ledger.store.tables
        let head = try #require(try ledger.rows(tables.heads).first)
        let note = try #require(try ledger.rows(tables.checkpoints).first { $0.key == head.key })
        var other = note.value
        // A digit of the root in the note.
        let line = try #require(other.split(separator: 0x0A).dropFirst(2).first)
        other[line.startIndex] = other[line.startIndex] == 0x41 ? 0x42 : 0x41
        var value = head.value
        value[9] ^= 1
        try TamperFixture.apply(
            [
                RowChange(table: tables.checkpoints, key: note.key, value: other),
                RowChange(table: tables.heads, key: head.key, value: value),
            ],
            in: ledger.store.log
        )
        let found = try await ledger.store.findDamage()
        #expect(found.count == 1)
        #expect(try await ledger.store.mendRows(found.damages).isEmpty)
    }

    private static func changes(
        _ target: Target,
        _ ledger: TamperFixture
    ) throws -> [RowChange] {
        let tables = ledger.store.tables
        let table: Table
        switch target {
        case .runMoved, .runChanged, .runRemoved, .runAdded: table = tables.runs
        case .headRoot, .headSize, .headTime, .headRemoved: table = tables.heads
        case .labelSequence, .labelIndex, .labelMoved, .labelRemoved: table = tables.labels
        case .genesis, .genesisNonce: table = tables.leaves
        case .copy, .copyRemoved: table = tables.meta
        }
        var rows = try ledger.rows(table)
        if table == tables.meta {
            rows.removeAll { !$0.key.starts(with: MetaKey.genesisPrefix) }
        }
        // A run in the middle; for the others the first row is as good as any.
        let row = try #require(table == tables.runs ? rows.dropFirst().first : rows.first)
        func changed(_ place: Int, _ bit: UInt8) -> [RowChange] {
            var value = row.value
            value[place] ^= bit
            return [RowChange(table: table, key: row.key, value: value)]
        }
        func moved(_ place: Int) -> [RowChange] {
            var key = row.key
            key[place] ^= 1
            return [
                RowChange(table: table, key: row.key, value: nil),
                RowChange(table: table, key: key, value: row.value),
            ]
        }
        switch target {
        case .runMoved: return moved(11)
        case .runChanged: return changed(7, 2)
        case .runAdded:
            var key = row.key
            key[11] ^= 8
            return [RowChange(table: table, key: key, value: row.value)]
        case .headRoot: return changed(12, 1)
        case .headSize: return changed(7, 1)
        case .headTime: return changed(46, 1)
        case .labelSequence: return changed(7, 1)
        case .labelIndex: return changed(15, 1)
        case .labelMoved: return moved(row.key.count - 1)
        case .genesis: return changed(LeafPlace.byteCount, 0x40)
        case .genesisNonce:
            let leaf = Array(row.value[LeafPlace.byteCount...])
            let genesis = try Genesis(leaf: leaf.span)
            let place = try #require(row.value.firstRange(of: genesis.nonce)).lowerBound
            return changed(place, 1)
        case .copy: return changed(9, 1)
        case .runRemoved, .headRemoved, .labelRemoved, .copyRemoved:
            return [RowChange(table: table, key: row.key, value: nil)]
        }
    }
}
