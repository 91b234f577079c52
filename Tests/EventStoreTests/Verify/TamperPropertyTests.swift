import LMDB
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

/// Any one change to any table of `log/` is found, but for those of which docs/SAFETY.md says why
/// nothing in a ledger can tell them.
@Suite("Verify, property", .temporaryDirectory)
struct TamperPropertyTests {
    private static let trials = 150

    /// What is done to a table.
    private enum Kind: String, CaseIterable {
        case remove, flip, move, insert, swap
    }

    @Test(
        "Every single change to a row is found",
        arguments: [0x5EED_0011, 0x5EED_0012] as [UInt64]
    )
    func anyChange(seed: UInt64) async throws {
        let ledger = try await TamperFixture(seed: seed)
        defer { ledger.store.close() }
        var random = SeededRandom(seed: seed)
        let tables = ledger.store.tables
        var done: [LogTable: Int] = [:]
        for trial in 0..<Self.trials {
            let name = try #require(LogTable.allCases.randomElement(using: &random))
            let kind = try #require(Kind.allCases.randomElement(using: &random))
            let rows = try ledger.rows(tables[name])
            guard let changes = try Self.changes(kind, name, tables[name], rows, &random),
                !Self.isBeyondProof(changes, name, rows)
            else { continue }
            done[name, default: 0] += 1
            let verdict = try ledger.verdict(changes)
            #expect(
                !verdict.isSound,
                """
                seed \(seed), trial \(trial): \(kind) in \(name) of \
                \(changes.map { "\($0.key.hex) \($0.value?.hex.prefix(80) ?? "gone")" }); repeat \
                with swift test --filter TamperPropertyTests
                """
            )
        }
        #expect(Set(done.keys) == Set(LogTable.allCases), "some table was never changed: \(done)")
        #expect(try ledger.verdict([]).isSound, "the changes were not undone")
    }

    /// One change of one row, or two rows that change places; `nil` if the table has too few, or
    /// nothing would change.
    private static func changes(
        _ kind: Kind,
        _ name: LogTable,
        _ table: Table,
        _ rows: [StoredRow],
        _ random: inout SeededRandom
    ) throws -> [RowChange]? {
        guard let row = rows.randomElement(using: &random) else { return nil }
        let keys = Set(rows.map(\.key))
        func flipped(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
            var bytes = bytes
            guard !bytes.isEmpty else { return [1] }
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            return bytes
        }
        switch kind {
        case .remove:
            return [RowChange(table: table, key: row.key, value: nil)]
        case .flip:
            return [RowChange(table: table, key: row.key, value: flipped(row.value, &random))]
        case .move:
            let key = flipped(row.key, &random)
            guard !keys.contains(key) else { return nil }
            return [
                RowChange(table: table, key: row.key, value: nil),
                RowChange(table: table, key: key, value: row.value),
            ]
        case .insert:
            var key = flipped(row.key, &random)
            if Bool.random(using: &random) { key = flipped(key, &random) }
            if Int.random(in: 0..<8, using: &random) == 0 { key.append(0) }
            guard !keys.contains(key) else { return nil }
            let value = Bool.random(using: &random) ? row.value : flipped(row.value, &random)
            return [RowChange(table: table, key: key, value: value)]
        case .swap:
            guard let other = rows.randomElement(using: &random), other.value != row.value else {
                return nil
            }
            return [
                RowChange(table: table, key: row.key, value: other.value),
                RowChange(table: table, key: other.key, value: row.value),
            ]
        }
    }

    /// Whether nothing in the ledger can tell these changes (docs/SAFETY.md, Verification).
    private static func isBeyondProof(
        _ changes: [RowChange],
        _ name: LogTable,
        _ rows: [StoredRow]
    ) -> Bool {
        let change = changes[0]
        let former = rows.first { $0.key == change.key }?.value
        switch name {
        case .checkpoints:
            // A note that is not held.
            return changes.count == 1 && change.value == nil
        case .logs:
            // Frozen or not.
            guard let former, var value = change.value, value.count == 17 else { return false }
            value[16] ^= 4
            return value == former
        case .absent:
            // Another of the words.
            return changes.allSatisfy { change in
                rows.contains { $0.key == change.key } && (1...3).contains(change.value?.first ?? 0)
            }
        case .keys:
            // What is wrapped, which needs the key that it is wrapped under.
            guard let former, let value = change.value, value.count == former.count else {
                return false
            }
            return value.dropLast(64) == former.dropLast(64)
        case .meta:
            // The token is random, and a name may be bound before its first log comes.
            if change.key == MetaKey.token { return change.value?.count == 16 }
            return former == nil && change.key.starts(with: MetaKey.pinPrefix)
        case .commits:
            return self.isWithinMilliseconds(change, former, rows)
        default:
            return false
        }
    }

    /// Whether a time of the commit clock moved less than its leaf's `recorded` shows, or a row
    /// stands where two commits in one millisecond would have left one.
    private static func isWithinMilliseconds(
        _ change: RowChange,
        _ former: [UInt8]?,
        _ rows: [StoredRow]
    ) -> Bool {
        guard let value = change.value, value.count == 8, change.key.count == 8 else {
            return false
        }
        func time(_ row: [UInt8]) -> Int64 { Int64(bitPattern: row.span.bigEndianWord(at: 0)) }
        let before = rows.last { $0.key.lexicographicallyPrecedes(change.key) }
        let after = rows.first { change.key.lexicographicallyPrecedes($0.key) }
        let isInOrder =
            (before.map { time($0.value) } ?? .min) <= time(value)
            && time(value) <= (after.map { time($0.value) } ?? .max)
        guard let former else { return isInOrder && after != nil }
        // Leaves of peers and a genesis do not say when they were committed.
        let isOwn = time(former) % 1_000_000 == 0 && before.map { time($0.value) } != time(former)
        return isInOrder && (!isOwn || time(former) / 1_000 == time(value) / 1_000)
    }
}

extension LogTables {
    /// The open table of this name.
    fileprivate subscript(_ name: LogTable) -> Table {
        switch name {
        case .leaves: self.leaves
        case .runs: self.runs
        case .tiles: self.tiles
        case .heads: self.heads
        case .logs: self.logs
        case .logIDs: self.logIDs
        case .labels: self.labels
        case .commits: self.commits
        case .checkpoints: self.checkpoints
        case .keys: self.keys
        case .keyOwners: self.keyOwners
        case .absent: self.absent
        case .meta: self.meta
        }
    }
}
