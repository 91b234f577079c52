import LMDB
import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import EventStore

@Suite("Receive", .temporaryDirectory)
struct ReceiveTests {
    /// A ledger with a few events, and what another site would get of it.
    private func sender(
        _ fixture: StoreFixture,
        name: String = "sender",
        sections: [[UInt8]] = []
    ) async throws -> (store: EventStore, batch: ForeignBatch) {
        let store = try fixture.create(name)
        for number in 0..<3 {
            let event = StoreFixture.event(
                "case:\(number)",
                occurred: fixture.clock.now,
                sections: sections
            )
            _ = await store.append(AppendRequest(events: [event]))
        }
        let log = try await store.checkpoint()
        let entries = try store.leaves(of: log.number).map { leaf in
            ForeignBatch.Entry(
                leaf: leaf,
                sections: try Self.references(leaf).isEmpty ? [] : sections.map { .present($0) }
            )
        }
        let batch = ForeignBatch(
            log: log.id,
            start: 0,
            entries: entries,
            checkpoint: log.checkpoint
        )
        return (store, batch)
    }

    @Test("Whole tiles come in with the root that was computed for them, to the same position")
    func tiles() async throws {
        let fixture = StoreFixture()
        let sender = try fixture.create("sender")
        defer { sender.close() }
        let events = (0..<700).map { fixture.event("case:\($0 % 9)") }
        _ = await sender.append(AppendRequest(events: events))
        let log = try await sender.checkpoint()
        let leaves = try sender.leaves(of: log.number)
        let store = try fixture.create("receiver")
        defer { store.close() }
        for start in stride(from: 0, to: leaves.count, by: 256) {
            let part = leaves[start..<min(start + 256, leaves.count)]
            var batch = ForeignBatch(
                log: log.id,
                start: UInt64(start),
                entries: part.map { .init(leaf: $0, hash: MerkleHash.leaf($0.span)) },
                checkpoint: log.checkpoint
            )
            batch.tileRoot = StoreFixture.root(of: Array(part))
            _ = try await store.receive([batch])
        }
        #expect(try store.heldLogs().last?.position == log.position)
        #expect(try store.verify().findings == [])
    }

    @Test("Another site's log comes in whole and in parts, to the same position")
    func parts() async throws {
        let fixture = StoreFixture()
        let (sender, batch) = try await self.sender(fixture)
        defer { sender.close() }
        let store = try fixture.create("receiver")
        defer { store.close() }
        for index in batch.entries.indices {
            let part = ForeignBatch(
                log: batch.log,
                start: UInt64(index),
                entries: [batch.entries[index]],
                checkpoint: batch.checkpoint
            )
            let positions = try await store.receive([part])
            #expect(positions.map(\.size) == [UInt64(index + 1)])
            // Own events in between break the other log's run of arrivals.
            _ = await store.append(AppendRequest(events: [fixture.event("case:own")]))
            // A checkpoint is kept once its size is held.
            let isComplete = index == batch.entries.count - 1
            #expect((try store.heldLogs().last?.checkpoint == batch.checkpoint) == isComplete)
        }
        let log = try #require(try store.heldLogs().last)
        #expect(log.position == (try sender.currentLog().position))
        #expect(!log.isOwn && !log.isCurrent && !log.isFrozen)
        #expect(try store.leaves(of: log.number) == batch.entries.map(\.leaf))
        let own = try store.currentLog()
        #expect(own.position.root == StoreFixture.root(of: try store.leaves(of: own.number)))
    }

    @Test("An event of another site is seen, sorted before the answer, and retried as held")
    func seen() async throws {
        let fixture = StoreFixture()
        let (sender, batch) = try await self.sender(fixture)
        defer { sender.close() }
        let store = try fixture.create("receiver")
        defer { store.close() }
        _ = try await store.receive([batch])
        fixture.clock.advance(microseconds: -1_000)
        let outcome = await store.append(AppendRequest(events: [fixture.event("case:1")]))
        #expect(outcome.appended?.count == 1)
        let answer = try #require(try store.events(of: 0).last)
        let asked = batch.entries[3].leaf
        let question = try EventEnvelope(leaf: asked.span)
        #expect(answer.stamp.seen == [EventAddress(log: batch.log, index: 3)])
        #expect(answer.stamp.order == question.stamp.order.adding(microseconds: 1))
        #expect(answer.stamp.labelSequences == [LabelSequence(sequence: 0, previous: 0)])
        let retry = await store.append(
            AppendRequest(events: [PreparedEvent(draft: question.draft)])
        )
        #expect(retry.alreadyAppended == [EventAddress(log: batch.log, index: 3)])
    }

    @Test("Leaves that are held are passed over; another leaf there is a fork")
    func forks() async throws {
        let fixture = StoreFixture()
        let (sender, batch) = try await self.sender(fixture)
        defer { sender.close() }
        let store = try fixture.create("receiver")
        defer { store.close() }
        let first = try await store.receive([batch])
        let arrivals = try store.log.read { (transaction) throws(EventStoreError) in
            try transaction.arrivalsHeld(store.tables)
        }
        #expect(try await store.receive([batch]) == first)
        let again = try store.log.read { (transaction) throws(EventStoreError) in
            try transaction.arrivalsHeld(store.tables)
        }
        #expect(arrivals == again)

        var forked = batch
        forked.entries[2].leaf[5] ^= 1
        let error = EventStoreError.fork(
            EventAddress(log: batch.log, index: 2),
            held: Self.hash(batch.entries[2].leaf),
            received: Self.hash(forked.entries[2].leaf)
        )
        await #expect(throws: error) { try await store.receive([forked]) }
        #expect(try store.heldLogs().last?.position == first.first)
    }

    @Test("What does not fit is refused whole", arguments: ["gap", "unknown", "genesis", "id"])
    func refused(kind: String) async throws {
        let fixture = StoreFixture()
        let (sender, batch) = try await self.sender(fixture)
        defer { sender.close() }
        let store = try fixture.create("receiver")
        defer { store.close() }
        var wrong = batch
        let error: EventStoreError
        switch kind {
        case "gap":
            wrong.entries = [batch.entries[0]]
            _ = try await store.receive([wrong])
            wrong = batch
            wrong.start = 2
            error = .gap(batch.log, held: 1, start: 2)
        case "unknown":
            wrong.start = 1
            error = .unknownLog(batch.log)
        case "genesis":
            // Another byte of the signature is another log id as well.
            wrong.entries[0].leaf[wrong.entries[0].leaf.count - 1] ^= 1
            wrong.log = LogID(genesisLeaf: wrong.entries[0].leaf)
            error = .genesisRefused(wrong.log)
        default:
            wrong.log = LogID(rawValue: 5)
            error = .genesisRefused(wrong.log)
        }
        await #expect(throws: error) { try await store.receive([wrong]) }
        #expect(try store.heldLogs().count == (kind == "gap" ? 2 : 1))
    }

    @Test("A site's name is bound to its first key")
    func pins() async throws {
        let fixture = StoreFixture()
        let (sender, batch) = try await self.sender(fixture)
        defer { sender.close() }
        let store = try fixture.create("receiver")
        defer { store.close() }
        let site = StoreFixture.site("sender")
        let other = [UInt8](repeating: 3, count: 32)
        try await store.pin(site, key: other)
        #expect(try store.pins()[site] == other)
        let error = EventStoreError.siteKeyMismatch(site)
        await #expect(throws: error) { try await store.receive([batch]) }
        await #expect(throws: error) {
            try await store.pin(site, key: [UInt8](repeating: 4, count: 32))
        }
    }

    @Test("Sections come along, or it is noted why not, and may follow")
    func sections() async throws {
        let fixture = StoreFixture()
        let bytes = [UInt8](repeating: 6, count: 300)
        let (sender, batch) = try await self.sender(fixture, sections: [bytes])
        defer { sender.close() }
        let store = try fixture.create("receiver")
        defer { store.close() }
        var without = batch
        for index in without.entries.indices where !without.entries[index].sections.isEmpty {
            without.entries[index].sections = [.absent(.wanted)]
        }
        _ = try await store.receive([without])
        func stored() throws -> [[UInt8]?] {
            try store.log.read { (transaction) throws(EventStoreError) in
                try transaction.storedEvent(4, store.tables).sections
            }
        }
        #expect(try stored() == [nil])
        #expect(try store.count(in: store.tables.absent) == 1)
        _ = try await store.receive([batch])
        #expect(try stored() == [bytes])
        #expect(try store.count(in: store.tables.absent) == 0)
    }

    @Test("A section that is not what its leaf says is refused")
    func wrongSection() async throws {
        let fixture = StoreFixture()
        let (sender, batch) = try await self.sender(fixture, sections: [[1, 2, 3]])
        defer { sender.close() }
        let store = try fixture.create("receiver")
        defer { store.close() }
        var wrong = batch
        wrong.entries[2].sections = [.present([1, 2, 4])]
        let address = EventAddress(log: batch.log, index: 2)
        await #expect(throws: EventStoreError.sectionMismatch(address, slot: 1)) {
            try await store.receive([wrong])
        }
        wrong.entries[2].sections = [.present([1, 2, 3]), .present([])]
        await #expect(throws: EventStoreError.sectionMismatch(address, slot: 1)) {
            try await store.receive([wrong])
        }
        #expect(try store.heldLogs().count == 1)
    }

    @Test("A frozen log takes nothing more, and keeps what it has")
    func frozen() async throws {
        let fixture = StoreFixture()
        let (sender, batch) = try await self.sender(fixture)
        defer { sender.close() }
        let store = try fixture.create("receiver")
        defer { store.close() }
        var part = batch
        part.entries = Array(batch.entries.prefix(2))
        _ = try await store.receive([part])
        try await store.freeze(batch.log)
        await #expect(throws: EventStoreError.frozen(batch.log)) {
            try await store.receive([batch])
        }
        #expect(try await store.receive([part]).map(\.size) == [2])
        #expect(try store.heldLogs().last?.isFrozen == true)
        #expect(store.suspicion == nil)
    }

    @Test("The lost tail of a former incarnation comes back")
    func formerIncarnation() async throws {
        let fixture = StoreFixture()
        let (sender, batch) = try await self.sender(fixture)
        let friend = try fixture.create("friend")
        defer { friend.close() }
        _ = try await friend.receive([batch])
        defer { sender.close() }
        await #expect(throws: EventStoreError.suspect(batch.log, .contradicted)) {
            var longer = batch
            longer.entries.append(longer.entries[1])
            _ = try await sender.receive([longer])
        }
        _ = try await sender.beginIncarnation(.restore)
        var longer = batch
        longer.entries.append(longer.entries[1])
        #expect(try await sender.receive([longer]).map(\.size) == [6])
        #expect(try sender.heldLogs().map(\.isOwn) == [true, true])
    }

    private static func hash(_ leaf: [UInt8]) -> Digest { MerkleHash.leaf(leaf.span) }

    private static func references(_ leaf: [UInt8]) throws -> [SectionReference] {
        try Leaf.sections(leaf.span)
    }
}

extension EventStore {
    /// How many rows a table has.
    func count(in table: Table) throws -> Int {
        try self.log.read { (transaction) throws(LMDBError) in
            try transaction.count(in: table)
        }
    }
}
