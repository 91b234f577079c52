import Foundation
import LMDB
import LedgerTesting
import LedgerTypes
import Merkle

@testable import EventStore

/// A `log/` and its index, written leaf by leaf without guards, stamps or anchor, so that a test
/// chooses arrival, log, order and id of every event.
final class LogFixture {
    /// One event to write.
    struct Plan: Hashable, Sendable {
        var log = 0
        var subject = "case:a"
        var order: Int64 = 0
        var id: EventID
        var type = "case.noted"
        var sections: [[UInt8]] = []
    }

    let directory: String
    let environment: Environment
    let tables: LogTables
    /// The tree of each log, by local number.
    private var trees: [TileBuilder] = []
    private(set) var ids: [LogID] = []
    private(set) var arrivals: UInt64 = 0
    /// The plans written, by arrival; `nil` for a genesis.
    private(set) var plans: [Plan?] = []
    private var recorded: UInt64 = 1
    private var lastLog: Int?
    /// The clock of the next commit.
    var now: Int64 = 1_000

    /// Opens or makes `log/` under `directory`, with what it holds.
    init(_ directory: String) throws {
        self.directory = directory
        try LogFixture.makeDirectory(directory + "/log")
        self.environment = try Environment.open(
            path: directory + "/log",
            mapBytes: 1 << 30,
            tablesMax: 32
        )
        self.tables = try LogTables(self.environment, create: true)
        try self.load()
    }

    private func load() throws {
        let tables = self.tables
        try self.environment.read { (transaction) throws(EventStoreError) in
            try transaction.forEachLeaf(from: 0, tables) { (place, leaf) throws(EventStoreError) in
                let log = Int(place.logNumber)
                if log == self.trees.count {
                    self.trees.append(TileBuilder())
                    self.ids.append(try transaction.logID(place.logNumber, tables) ?? self.ids[0])
                }
                self.trees[log].append(MerkleHash.leaf(leaf)) { _ in }
                self.arrivals = place.arrival + 1
                self.recorded += 1
                self.plans.append(nil)
                return true
            }
        }
    }

    /// The index of this log.
    func openIndex(
        isReadOnly: Bool = false,
        _ change: (inout IndexLimits) -> Void = { _ in },
        crossReference: CrossReference? = nil
    ) throws -> SubjectIndex {
        var limits = IndexLimits()
        change(&limits)
        return try SubjectIndex.open(
            directory: self.directory + "/views",
            mapBytes: 1 << 30,
            isReadOnly: isReadOnly,
            log: self.environment,
            tables: self.tables,
            crossReference: crossReference,
            limits: limits
        )
    }

    /// Writes `plans` in one commit. With `index`, as the writer does it: staged, then announced.
    func append(_ plans: [Plan], _ index: SubjectIndex? = nil) throws {
        let first = self.arrivals
        let now = self.now
        let staged = try self.environment.write {
            (transaction) throws(EventStoreError) -> TailEntries? in
            try storing { () throws(LMDBError) in
                var clock: [UInt8] = []
                clock.appendBigEndian(now)
                try transaction.put(
                    clock.span,
                    for: Key.arrival(first).span,
                    in: self.tables.commits
                )
            }
            guard let index else {
                for plan in plans { _ = try self.put(plan, &transaction) }
                return nil
            }
            return try index.withWriterIndex(&transaction) {
                (transaction, writer) throws(EventStoreError) in
                for plan in plans {
                    let leaf = try self.put(plan, &transaction)
                    writer.stage(
                        leaf: leaf.span,
                        arrival: self.arrivals - 1,
                        logNumber: UInt32(plan.log),
                        index: self.trees[plan.log].size - 1
                    )
                }
                return writer.staged
            }
        }
        if let index, let staged { index.committed(staged) }
    }

    private func put(
        _ plan: Plan,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> [UInt8] {
        while plan.log >= self.trees.count { try self.beginLog(&transaction) }
        guard let subject = Subject(plan.subject) else {
            throw .malformedEvent(plan.id)
        }
        let draft = EventDraft(
            id: plan.id,
            type: plan.type,
            subject: subject,
            occurred: Timestamp(microseconds: plan.order),
            actor: ActorSnapshot(actorID: "tester", kind: .notStated)
        )
        var leaf = Leaf.encode(draft)
        let stamp = Stamp(
            recorded: HybridTime(rawValue: self.recorded << 16),
            order: Timestamp(microseconds: plan.order),
            labelSequences: []
        )
        Leaf.append(stamp, to: &leaf)
        self.plans.append(plan)
        try self.putLeaf(leaf, plan.sections, log: plan.log, &transaction)
        return leaf
    }

    private func beginLog(_ transaction: inout WriteTransaction) throws(EventStoreError) {
        let number = self.trees.count
        guard let site = SiteName("test.example/site/\(number)") else { throw .closed }
        var genesis = Genesis(
            site: site,
            siteKey: [UInt8](repeating: 1, count: 32),
            logKey: [UInt8](repeating: 2, count: 32),
            incarnation: 1,
            nonce: [UInt8](repeating: 3, count: 16),
            reason: .new,
            parent: nil,
            recorded: HybridTime(rawValue: self.recorded << 16)
        )
        genesis.signature = [UInt8](repeating: 4, count: 64)
        let leaf = genesis.leaf
        let digest = Digest.sha256(domain: "cl/log/1", leaf)
        let id = LogID(rawValue: UInt128(digest.words.0) << 64 | UInt128(digest.words.1))
        self.trees.append(TileBuilder())
        self.ids.append(id)
        self.plans.append(nil)
        try storing { () throws(LMDBError) in
            let row = LogRow(id: id, flags: number == 0 ? [.own, .current] : [])
            let key = Key.log(UInt32(number))
            try transaction.put(row.bytes.span, for: key.span, in: self.tables.logs)
            try transaction.put(key.span, for: Key.id(id).span, in: self.tables.logIDs)
        }
        try self.putLeaf(leaf, [], log: number, &transaction)
    }

    private func putLeaf(
        _ leaf: [UInt8],
        _ sections: [[UInt8]],
        log: Int,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let number = UInt32(log)
        let index = self.trees[log].size
        let arrival = self.arrivals
        var row: [UInt8] = []
        row.appendBigEndian(number)
        row.appendBigEndian(index)
        row += leaf
        var tiles: [FullTile] = []
        self.trees[log].append(MerkleHash.leaf(leaf.span)) { tiles.append($0) }
        let head = HeadRow(
            range: self.trees[log].range,
            lastRecorded: HybridTime(rawValue: self.recorded << 16)
        )
        try storing { () throws(LMDBError) in
            try transaction.append(
                row.span,
                for: Key.leaf(arrival).span,
                in: self.tables.leaves
            )
            for (place, section) in sections.enumerated() {
                let key = Key.leaf(arrival, slot: UInt8(place + 1))
                try transaction.append(section.span, for: key.span, in: self.tables.leaves)
            }
            if self.lastLog != log {
                let key = Key.run(log: number, firstIndex: index)
                let value = Key.arrival(arrival)
                try transaction.put(value.span, for: key.span, in: self.tables.runs)
            }
            for tile in tiles {
                let key = Key.tile(log: number, level: UInt8(tile.level), number: tile.number)
                try transaction.put(tile.row.span, for: key.span, in: self.tables.tiles)
            }
            try transaction.put(
                head.bytes.span,
                for: Key.log(number).span,
                in: self.tables.heads
            )
        }
        self.lastLog = log
        self.arrivals += 1
        self.recorded += 1
    }
}

extension LogFixture {
    static func makeDirectory(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Random plans over a few subjects and logs, with many equal orders and some ids that come
    /// again in another log.
    static func plans(_ count: Int, logs: Int = 3, subjects: Int = 7, seed: UInt64) -> [Plan] {
        var random = SeededRandom(seed: seed)
        var plans: [Plan] = []
        var used: [[EventID]] = Array(repeating: [], count: logs)
        for number in 0..<count {
            let log = Int.random(in: 0..<logs, using: &random)
            var id = Self.id(number, seed: seed)
            let other = (log + 1) % logs
            // An id may come again in another log, never in the same one.
            if logs > 1, Int.random(in: 0..<10, using: &random) == 0,
                let copied = used[other].randomElement(using: &random), !used[log].contains(copied)
            {
                id = copied
            }
            used[log].append(id)
            let subject = Int.random(in: 0..<subjects, using: &random)
            plans.append(
                Plan(
                    log: log,
                    subject: "case:\(subject)",
                    order: Int64.random(in: -3...20, using: &random),
                    id: id
                )
            )
        }
        return plans
    }

    /// The id of the event `number`.
    static func id(_ number: Int, seed: UInt64 = 0) -> EventID {
        var random = SeededRandom(seed: UInt64(number) &* 7_919 &+ seed)
        return EventID(unixMilliseconds: Int64(number), random: random.bytes(10).span)
    }
}
