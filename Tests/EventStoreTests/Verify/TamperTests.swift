import Foundation
import LMDB
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Verify", .temporaryDirectory)
struct TamperTests {
    /// Seeds what is random in a test.
    private static let seed: UInt64 = 0x5EED_0002

    private func leafRows(_ ledger: TamperFixture) throws -> (
        leaves: [StoredRow], sections: [StoredRow]
    ) {
        let rows = try ledger.rows(ledger.store.tables.leaves)
        return (rows.filter { $0.key[8] == 0 }, rows.filter { $0.key[8] != 0 })
    }

    @Test("A ledger that nobody touched is sound, and everything in it is counted")
    func sound() async throws {
        let ledger = try await TamperFixture(seed: Self.seed)
        defer { ledger.store.close() }
        let report = try ledger.store.verify()
        #expect(report.findings == [])
        #expect(report.isSound)
        #expect(report.leaves == 618)
        #expect(report.sections == 65)
        #expect(report.tiles == 2)
        #expect(report.checkpoints == 2)
        #expect(report.logs.count == 2)
        #expect(report.absentSections == 1)
    }

    /// The rows of one kind, and their table.
    private func rows(
        _ kind: String,
        _ ledger: TamperFixture
    ) throws -> (table: Table, rows: [StoredRow]) {
        let tables = ledger.store.tables
        switch kind {
        case "leaf": return (tables.leaves, try self.leafRows(ledger).leaves)
        case "section": return (tables.leaves, try self.leafRows(ledger).sections)
        default: break
        }
        let table =
            switch kind {
            case "tiles": tables.tiles
            case "heads": tables.heads
            case "runs": tables.runs
            case "logs": tables.logs
            case "logIDs": tables.logIDs
            case "labels": tables.labels
            case "absent": tables.absent
            case "commits": tables.commits
            case "keys": tables.keys
            case "keyOwners": tables.keyOwners
            case "meta": tables.meta
            default: tables.checkpoints
            }
        return (table, try ledger.rows(table))
    }

    @Test("A flipped bit of a row's value is found")
    func flipped() async throws {
        var ledger = try await TamperFixture(seed: Self.seed)
        defer { ledger.store.close() }
        let kinds = [
            ("leaf", 6), ("section", 3), ("tiles", 3), ("heads", 5), ("runs", 3), ("logs", 2),
            ("logIDs", 2), ("labels", 4), ("checkpoints", 5),
        ]
        for (kind, count) in kinds {
            let (table, rows) = try self.rows(kind, ledger)
            for _ in 0..<count {
                let row = try #require(rows.randomElement(using: &ledger.random))
                // Flags are tested apart: a frozen log is as good as one that is not.
                let end = kind == "logs" ? 16 : row.value.count
                let position = Int.random(in: 0..<end, using: &ledger.random)
                for change in TamperFixture.flips(of: row, at: position, in: table) {
                    #expect(
                        try !ledger.verdict(change).isSound,
                        "seed \(Self.seed): \(kind) \(row.key.span.hex) byte \(position)"
                    )
                }
            }
        }
        #expect(try ledger.verdict([]).isSound, "the changes were not undone")
    }

    @Test("A row that stands under another key is found")
    func moved() async throws {
        var ledger = try await TamperFixture(seed: Self.seed)
        defer { ledger.store.close() }
        let kinds = [
            "leaf", "section", "tiles", "heads", "runs", "logs", "logIDs", "labels", "absent",
            "commits", "keys", "keyOwners", "meta", "checkpoints",
        ]
        for kind in kinds {
            let (table, rows) = try self.rows(kind, ledger)
            let some = try #require(rows.randomElement(using: &ledger.random))
            let byte = Int.random(in: 0..<some.key.count, using: &ledger.random)
            // The first byte of the last key as well: a number beyond all that are held.
            for (row, position) in [(rows[rows.count - 1], 0), (some, byte)] {
                for change in TamperFixture.moves(of: row, at: position, in: table) {
                    #expect(
                        try !ledger.verdict(change).isSound,
                        "seed \(Self.seed): \(kind) \(row.key.span.hex) byte \(position)"
                    )
                }
            }
        }
        #expect(try ledger.verdict([]).isSound, "the changes were not undone")
    }

    @Test("A row that is gone is found")
    func removed() async throws {
        let ledger = try await TamperFixture(seed: Self.seed)
        defer { ledger.store.close() }
        let kinds = [
            "leaf", "section", "tiles", "heads", "runs", "logs", "logIDs", "labels", "absent",
            "commits", "keys", "keyOwners", "meta",
        ]
        for kind in kinds {
            let (table, rows) = try self.rows(kind, ledger)
            for row in [rows[0], rows[rows.count / 2], rows[rows.count - 1]] {
                let change = RowChange(table: table, key: row.key, value: nil)
                #expect(try !ledger.verdict([change]).isSound, "\(kind) \(row.key.span.hex)")
            }
        }
    }

    @Test(
        "A label that does not go on from the leaf before it is found at its leaf",
        arguments: [1, 1 << 17]
    )
    func sequences(slotCount: Int) async throws {
        let ledger = try await TamperFixture(seed: Self.seed)
        defer { ledger.store.close() }
        #expect(try ledger.findings([], slotCount: slotCount) == [])
        let rows = try self.leafRows(ledger).leaves
        for slot in 0...1 {
            // Some leaf whose label is the fifth or later.
            let found = try rows.dropFirst(300).lazy.compactMap { (row) throws -> Found? in
                let leaf = row.value.span.extracting(12..<row.value.count)
                let envelope = try EventEnvelope(leaf: leaf)
                let sequences = envelope.stamp.labelSequences
                guard slot < sequences.count, sequences[slot].sequence > 4 else { return nil }
                return Found(row: row, envelope: envelope, sequence: sequences[slot])
            }.first
            let (row, envelope, right) = try #require(found).parts
            let wrong: [LabelSequence] = [
                LabelSequence(sequence: 0, previous: 7), LabelSequence(sequence: 7, previous: 0),
                LabelSequence(sequence: 9, previous: 9),
                LabelSequence(sequence: 1, previous: 5_000),
                // A leaf of another label, the leaf itself, and one too many.
                LabelSequence(sequence: right.sequence, previous: right.previous - 1),
                LabelSequence(sequence: right.sequence, previous: right.previous + 1),
                LabelSequence(sequence: right.sequence + 1, previous: right.previous),
                LabelSequence(sequence: .max, previous: .max),
            ]
            for sequence in wrong {
                var stamp = envelope.stamp
                stamp.labelSequences[slot] = sequence
                var leaf = Leaf.encode(envelope.draft)
                Leaf.append(stamp, to: &leaf)
                let change = RowChange(
                    table: ledger.store.tables.leaves,
                    key: row.key,
                    value: Array(row.value.prefix(12)) + leaf
                )
                let findings = try ledger.findings([change], slotCount: slotCount)
                let said = "a label does not go on from the leaf before it"
                #expect(findings.contains { $0.hasSuffix(said) }, "\(sequence): \(findings)")
            }
        }
    }

    private struct Found {
        let row: StoredRow
        let envelope: EventEnvelope
        let sequence: LabelSequence

        var parts: (StoredRow, EventEnvelope, LabelSequence) {
            (self.row, self.envelope, self.sequence)
        }
    }

    @Test("A ledger is sound whose former log got its end back from another site")
    func formerLog() async throws {
        let fixture = StoreFixture()
        let label = Label(name: "queue", value: "billing")
        try fixture.create().close()
        let copy = fixture.root + "/restored"
        try FileManager.default.copyItem(atPath: fixture.root + "/ledger", toPath: copy)
        let store = try fixture.open()
        let event = fixture.event("case:a", labels: [label])
        _ = await store.append(AppendRequest(events: [event]))
        let log = try await store.checkpoint()
        let leaves = try store.leaves(of: log.number)
        store.close()

        let restored = try fixture.open("restored")
        defer { restored.close() }
        _ = try await restored.beginIncarnation(.restore)
        let end = ForeignBatch(
            log: log.id,
            start: 2,
            entries: [ForeignBatch.Entry(leaf: leaves[2])],
            checkpoint: log.checkpoint
        )
        #expect(try await restored.receive([end]) == [log.position])
        #expect(try restored.verify().findings == [])
    }

    @Test("Leaves that changed places are found, with their addresses or without")
    func swapped() async throws {
        let ledger = try await TamperFixture(seed: Self.seed)
        defer { ledger.store.close() }
        let table = ledger.store.tables.leaves
        let leaves = try self.leafRows(ledger).leaves
        // Inside a full tile, at the edge, and from one to the other.
        for (first, second) in [(10, 11), (610, 611), (100, 612)] {
            let (one, other) = (leaves[first], leaves[second])
            let rows = [
                RowChange(table: table, key: one.key, value: other.value),
                RowChange(table: table, key: other.key, value: one.value),
            ]
            #expect(try !ledger.verdict(rows).isSound, "\(first) \(second)")
            let bytes = [
                RowChange(
                    table: table,
                    key: one.key,
                    value: Array(one.value.prefix(12) + other.value.dropFirst(12))
                ),
                RowChange(
                    table: table,
                    key: other.key,
                    value: Array(other.value.prefix(12) + one.value.dropFirst(12))
                ),
            ]
            #expect(try !ledger.verdict(bytes).isSound, "\(first) \(second)")
        }
    }

    @Test("A leaf that was added or cut off the end is found, and the finding says where")
    func length() async throws {
        let ledger = try await TamperFixture(seed: Self.seed)
        defer { ledger.store.close() }
        let table = ledger.store.tables.leaves
        let last = try #require(try self.leafRows(ledger).leaves.last)
        let arrival = last.key.span.bigEndianWord(at: 0)
        var added = last.value
        added[11] += 1
        let key = [UInt8](copying: Key.leaf(arrival + 1).span)
        let more = try ledger.verdict([RowChange(table: table, key: key, value: added)])
        guard case .findings(let findings) = more else {
            Issue.record("\(more)")
            return
        }
        #expect(findings.contains { $0.hasPrefix("heads ") }, "\(findings)")
        let cut = try ledger.verdict([RowChange(table: table, key: last.key, value: nil)])
        guard case .findings(let findings) = cut else {
            Issue.record("\(cut)")
            return
        }
        #expect(findings.contains { $0.hasPrefix("heads ") }, "\(findings)")
    }

    @Test("A log that is shorter than its anchor, or another, is found")
    func anchored() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        _ = try await store.checkpoint()
        #expect(try store.verifyLog().isSound)
        let log = try store.currentLog()
        let secrets = store.site.log(log.id)
        let anchor = try #require(try secrets.anchor())
        var longer = anchor
        longer.size += 1
        var other = anchor
        other.root = StoreFixture.root(of: [])
        for (changed, said) in [(longer, "have left the host"), (other, "has another root")] {
            try secrets.write(changed)
            let findings = try store.verifyLog(.tree).findings
            #expect(findings.contains { $0.what.contains(said) }, "\(findings)")
        }
        try secrets.write(anchor)
        #expect(try store.verifyLog().isSound)
    }

    @Test("A section that is cut short, or that no leaf refers to, is found")
    func sections() async throws {
        let ledger = try await TamperFixture(seed: Self.seed)
        defer { ledger.store.close() }
        let table = ledger.store.tables.leaves
        let (leaves, sections) = try self.leafRows(ledger)
        let section = sections[7]
        let short = Array(section.value.dropLast())
        let cut = try ledger.verdict([RowChange(table: table, key: section.key, value: short)])
        #expect(!cut.isSound)
        for arrival in [leaves[5], leaves[leaves.count - 1]] {
            var key = arrival.key
            key[8] = 4
            let stray = try ledger.verdict([RowChange(table: table, key: key, value: [1, 2, 3])])
            #expect(!stray.isSound)
        }
    }

    @Test("Flags that disagree with the rest of the ledger are found")
    func flags() async throws {
        let ledger = try await TamperFixture(seed: Self.seed)
        defer { ledger.store.close() }
        let table = ledger.store.tables.logs
        for row in try ledger.rows(table) {
            for bit in 0..<8 where bit != 2 {
                var value = row.value
                value[16] ^= 1 << UInt8(bit)
                let change = RowChange(table: table, key: row.key, value: value)
                #expect(try !ledger.verdict([change]).isSound, "log \(row.key) bit \(bit)")
            }
        }
    }

    @Test("A commit clock that goes back, begins late or runs ahead of the leaves is found")
    func commits() async throws {
        let ledger = try await TamperFixture(seed: Self.seed)
        defer { ledger.store.close() }
        let table = ledger.store.tables.commits
        let rows = try ledger.rows(table)
        let (first, last) = (rows[0], rows[rows.count - 1])
        let late = [UInt8](copying: Key.arrival(5_000).span)
        let changes: [[RowChange]] = [
            [RowChange(table: table, key: first.key, value: nil)],
            [RowChange(table: table, key: late, value: last.value)],
            [RowChange(table: table, key: last.key, value: Array(last.value.dropLast()))],
            [
                RowChange(table: table, key: first.key, value: last.value),
                RowChange(table: table, key: last.key, value: first.value),
            ],
            rows.map { RowChange(table: table, key: $0.key, value: nil) },
        ]
        for (number, change) in changes.enumerated() {
            #expect(try !ledger.verdict(change).isSound, "change \(number)")
        }
    }

    @Test(
        "A commit that is not when its leaf says is found, with how far it is from it",
        arguments: [
            (3, ": it is 3 ms after it, as programs from before the first release left it"),
            (1_000, ": it is 1000 ms after it, as programs from before the first release left it"),
            (1_001, ": it is 1001 ms after it"), (-2, ": it is 2 ms before it"),
        ] as [(Int64, String)]
    )
    func commitMoved(milliseconds: Int64, what: String) async throws {
        let ledger = try await TamperFixture(seed: Self.seed)
        defer { ledger.store.close() }
        let table = ledger.store.tables.commits
        // The newest, a second after the one before it: the clock goes on either way.
        let row = try #require(try ledger.rows(table).last)
        let time = Int64(bitPattern: row.value.span.bigEndianWord(at: 0))
        let moved = UInt64(bitPattern: time + milliseconds * 1_000)
        let value = [UInt8](copying: Key.arrival(moved).span)
        let arrival = row.key.span.bigEndianWord(at: 0)
        let finding = "commits: the commit of arrival \(arrival) is not when its leaf says\(what)"
        let verdict = try ledger.verdict([RowChange(table: table, key: row.key, value: value)])
        #expect(verdict == .findings([finding]))
    }

    @Test("Rows of the index that the log does not account for are found")
    func views() async throws {
        var ledger = try await TamperFixture(seed: Self.seed)
        defer { ledger.store.close() }
        let views = try #require(ledger.store.index.views)
        let tables: [(Table, String)] = [
            (views.tables.subjects, "subjects"), (views.tables.subjectEvents, "subjectEvents"),
            (views.tables.eventIDs, "eventIDs"),
        ]
        for (table, name) in tables {
            let rows = try TamperFixture.rows(table, views.environment)
            let row = try #require(rows.randomElement(using: &ledger.random))
            let position = Int.random(in: 0..<row.value.count, using: &ledger.random)
            var changes = TamperFixture.flips(of: row, at: position, in: table)
            changes.append([RowChange(table: table, key: row.key, value: nil)])
            var stray = row.key
            stray[stray.count - 1] ^= 0x55
            changes.append([RowChange(table: table, key: stray, value: row.value)])
            for change in changes {
                let verdict = try ledger.verdict(change, in: views.environment)
                #expect(!verdict.isSound, "seed \(Self.seed): \(name) byte \(position)")
            }
        }
        #expect(try ledger.store.verify().isSound)
    }

    @Test("A ledger that was changed while it was closed is refused, or verified to be changed")
    func closed() async throws {
        let ledger = try await TamperFixture(seed: Self.seed)
        let table = ledger.store.tables.leaves
        var row = try #require(try self.leafRows(ledger).leaves.last)
        row = StoredRow(
            key: row.key,
            value: row.value.dropLast() + [row.value[row.value.count - 1] ^ 1]
        )
        let change = RowChange(table: table, key: row.key, value: row.value)
        try TamperFixture.apply([change], in: ledger.store.log)
        ledger.store.close()
        let store = try ledger.fixture.open { $0.isReadOnly = true }
        defer { store.close() }
        let verdict = try TamperFixture.verdict { try store.verify() }
        #expect(!verdict.isSound)
    }
}
