import LMDB
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

/// A row as it is stored.
struct StoredRow: Sendable {
    let key: [UInt8]
    let value: [UInt8]
}

/// A row that a test writes behind the store's back; without a value it is deleted.
struct RowChange: Sendable {
    let table: Table
    let key: [UInt8]
    let value: [UInt8]?
}

/// What verification says of a ledger.
enum Verdict: Hashable, Sendable, CustomStringConvertible {
    case sound
    case findings([String])
    case damaged(String)

    var isSound: Bool { self == .sound }

    var description: String {
        switch self {
        case .sound: "sound"
        case .findings(let findings): findings.prefix(5).joined(separator: "; ")
        case .damaged(let place): "damaged: \(place)"
        }
    }
}

/// A ledger of two logs that full tiles, sections, labels, checkpoints and several runs are in.
struct TamperFixture {
    let fixture: StoreFixture
    let store: EventStore
    var random: SeededRandom

    /// Makes the ledger; what is random in it comes from `seed`.
    init(seed: UInt64) async throws {
        self.fixture = StoreFixture()
        self.random = SeededRandom(seed: seed)
        let sender = try self.fixture.create("sender")
        defer { sender.close() }
        let (sealed, withheld) = (self.random.bytes(256), self.random.bytes(256))
        for number in 0..<4 {
            let event = StoreFixture.event(
                "case:1",
                occurred: self.fixture.clock.now,
                sections: [number == 3 ? withheld : sealed]
            )
            _ = await sender.append(AppendRequest(events: [event]))
        }
        let log = try await sender.checkpoint()
        var entries = try sender.leaves(of: log.number).map { leaf in
            let isSealed = try !Leaf.sections(leaf.span).isEmpty
            return ForeignBatch.Entry(leaf: leaf, sections: isSealed ? [.present(sealed)] : [])
        }
        // One section stays with its sender.
        entries[entries.count - 1].sections = [.absent(.withheld)]
        self.store = try self.fixture.create()
        // 600 leaves and more: two full tiles and an edge, in commits of 50.
        for part in 0..<12 {
            // Otherwise two commits look like one (``CommitVerifier``).
            self.fixture.clock.advance(microseconds: 1_000_000)
            await self.append(part * 50..<(part + 1) * 50)
            guard part == 3 || part == 9 else { continue }
            let held = part == 3 ? 0..<2 : 2..<entries.count
            let batch = ForeignBatch(
                log: log.id,
                start: UInt64(held.lowerBound),
                entries: Array(entries[held]),
                checkpoint: log.checkpoint
            )
            _ = try await self.store.receive([batch])
        }
        _ = try await self.store.checkpoint()
        self.fixture.clock.advance(microseconds: 1_000_000)
        await self.append(600..<610)
        try await self.store.changeKeys(put: try (1...4).map(Self.keyRow))
        try self.store.catchUpIndex()
    }

    /// A key of one of two owners, wrapped in bytes of the right shape.
    private static func keyRow(_ number: Int) throws -> KeyRow {
        let owner = try #require(Subject("customer:c\(number % 2)"))
        let body = [UInt8](repeating: UInt8(number), count: 64)
        return KeyRow(
            keyID: KeyID(rawValue: UInt128(number) << 100),
            owner: owner,
            wrap: [1, 0, 64] + body
        )
    }

    private mutating func append(_ numbers: Range<Int>) async {
        var events: [PreparedEvent] = []
        for number in numbers {
            events.append(
                StoreFixture.event(
                    "case:\(number % 37)",
                    occurred: self.fixture.clock.now,
                    text: "note \(number)",
                    labels: number.isMultiple(of: 3)
                        ? [Label(name: "queue", value: "q\(number % 5)")] : [],
                    sections: number.isMultiple(of: 20)
                        ? [self.random.bytes(256), self.random.bytes(496)] : []
                )
            )
        }
        _ = await self.store.append(AppendRequest(events: events))
    }

    /// The rows of a table of `log/`.
    func rows(_ table: Table) throws -> [StoredRow] {
        try Self.rows(table, self.store.log)
    }

    /// The rows of a table of `environment`.
    static func rows(_ table: Table, _ environment: Environment) throws -> [StoredRow] {
        try environment.read { (transaction) throws(LMDBError) in
            var rows: [StoredRow] = []
            try transaction.forEach(in: table) { (key, value) throws(LMDBError) in
                rows.append(StoredRow(key: [UInt8](copying: key), value: [UInt8](copying: value)))
                return true
            }
            return rows
        }
    }

    /// What verification says after `changes` to `log/`, which are undone.
    func verdict(_ changes: [RowChange]) throws -> Verdict {
        try Self.change(changes, in: self.store.log) { try Self.verdict { try store.verifyLog() } }
    }

    /// What verification says, index and all, after `changes` to `environment`, which are undone.
    func verdict(_ changes: [RowChange], in environment: Environment) throws -> Verdict {
        try Self.change(changes, in: environment) { try Self.verdict { try store.verify() } }
    }

    /// What verification finds after `changes` to `log/`, which are undone, when it remembers
    /// `slotCount` labels.
    func findings(_ changes: [RowChange], slotCount: Int) throws -> [String] {
        try Self.change(changes, in: self.store.log) {
            var verification = LogVerification(
                tables: self.store.tables,
                scope: .everything,
                anchor: nil
            )
            verification.places = LabelPlaces(slotCount: slotCount)
            var isDone = false
            while !isDone {
                isDone = try self.store.log.read { (transaction) throws(EventStoreError) in
                    try verification.step(transaction)
                }
            }
            return verification.report.findings.map { "\($0.place): \($0.what)" }
        }
    }

    /// The verdict on a ledger.
    static func verdict(_ verify: () throws -> VerificationReport) throws -> Verdict {
        do {
            let report = try verify()
            if report.isSound { return .sound }
            return .findings(report.findings.map { "\($0.place): \($0.what)" })
        } catch EventStoreError.damaged(let table, let row) {
            return .damaged("\(table) \(row)")
        }
    }

    private static func change<Result>(
        _ changes: [RowChange],
        in environment: Environment,
        _ body: () throws -> Result
    ) throws -> Result {
        let former = try Self.apply(changes, in: environment)
        let result = Swift.Result { try body() }
        _ = try Self.apply(former.reversed(), in: environment)
        return try result.get()
    }

    /// Makes `changes` and returns those that undo them, in the same order.
    @discardableResult
    static func apply(_ changes: [RowChange], in environment: Environment) throws -> [RowChange] {
        try environment.write { (transaction) throws(LMDBError) in
            var former: [RowChange] = []
            for change in changes {
                var held: [UInt8]?
                if let value = try transaction.value(for: change.key.span, in: change.table) {
                    held = [UInt8](copying: value)
                }
                former.append(RowChange(table: change.table, key: change.key, value: held))
                if let value = change.value {
                    try transaction.put(value.span, for: change.key.span, in: change.table)
                } else {
                    _ = try transaction.delete(change.key.span, in: change.table)
                }
            }
            return former
        }
    }

    /// One change for each bit of one byte of `row`'s value.
    static func flips(of row: StoredRow, at position: Int, in table: Table) -> [[RowChange]] {
        (0..<8).map { bit in
            var value = row.value
            value[position] ^= 1 << UInt8(bit)
            return [RowChange(table: table, key: row.key, value: value)]
        }
    }

    /// One pair of changes for each bit of one byte of `row`'s key: the row moves.
    static func moves(of row: StoredRow, at position: Int, in table: Table) -> [[RowChange]] {
        (0..<8).map { bit in
            var key = row.key
            key[position] ^= 1 << UInt8(bit)
            return [
                RowChange(table: table, key: row.key, value: nil),
                RowChange(table: table, key: key, value: row.value),
            ]
        }
    }
}
