import LMDB
import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import EventStore

@Suite("Append", .temporaryDirectory)
struct AppendTests {
    @Test("A new ledger holds a signed genesis and the site's event")
    func create() throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }

        let log = try store.currentLog()
        let leaves = try store.leaves(of: log.number)
        #expect(log.position.size == 2)
        #expect(log.incarnation == 1)
        #expect(log.origin == "test.example/site/ledger/e1-\(log.id.hex.prefix(8))")
        #expect(log.id == LogID(genesisLeaf: leaves[0]))
        let key = try #require(VerifyingKey(log.genesis.siteKey))
        #expect(key.isValid(log.genesis.signature, for: log.genesis.signedBytes))
        #expect(try store.events(of: log.number).first?.draft.type == "site.registered")
        #expect(log.position.root == StoreFixture.root(of: leaves))
    }

    @Test("What was appended is there after opening again, under the same root")
    func reopen() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        var last: Position?
        for number in 0..<20 {
            let event = fixture.event("case:\(number % 3)", text: "note \(number)")
            let outcome = await store.append(AppendRequest(events: [event]))
            #expect(outcome.appended?.map(\.index) == [UInt64(number + 2)])
            last = outcome.position
        }
        store.close()

        let again = try fixture.open()
        defer { again.close() }
        let log = try again.currentLog()
        #expect(log.position == last)
        #expect(try again.events(of: log.number).count == 21)
        let next = await again.append(AppendRequest(events: [fixture.event("case:0")]))
        #expect(next.appended?.map(\.index) == [22])
    }

    @Test("A store opened twice in a process is one store, open until both have closed it")
    func shared() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        let other = try fixture.open()
        #expect(store === other)
        store.close()
        let outcome = await other.append(AppendRequest(events: [fixture.event("case:1")]))
        #expect(outcome.appended != nil)
        other.close()
        let closed = await other.append(AppendRequest(events: [fixture.event("case:1")]))
        #expect(closed.failure == .closed)
    }

    @Test("Stamps count the subject's and the caller's labels")
    func labels() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let first = Label(name: "queue", value: "billing")
        let second = Label(name: "queue", value: "returns")
        let plan: [(String, Label)] = [
            ("case:a", first), ("case:b", first), ("case:a", second), ("case:a", first),
        ]
        // The first two in one commit, the others in one each.
        let together = await store.append(
            plan.prefix(2).map { AppendRequest(events: [fixture.event($0.0, labels: [$0.1])]) }
        )
        #expect(together.compactMap(\.appended).count == 2)
        for (subject, label) in plan.dropFirst(2) {
            _ = await store.append(
                AppendRequest(events: [fixture.event(subject, labels: [label])])
            )
        }
        let log = try store.currentLog()
        let sequences = try store.events(of: log.number).dropFirst().map {
            $0.stamp.labelSequences
        }
        let expected: [[(UInt64, UInt64)]] = [
            [(0, 0), (0, 0)], [(0, 0), (1, 3)], [(1, 3), (0, 0)], [(2, 5), (2, 4)],
        ]
        for (found, expected) in zip(sequences, expected) {
            #expect(found.map(\.sequence) == expected.map(\.0))
            #expect(found.map(\.previous) == expected.map(\.1))
        }
    }

    @Test("An answer sorts after what it answers, and history where it is told to")
    func order() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let now = fixture.clock.now
        let early = now.adding(microseconds: -60_000_000)
        let events = [
            StoreFixture.event("case:a", occurred: now),
            StoreFixture.event("case:a", occurred: early),
            StoreFixture.event("case:b", occurred: early),
            StoreFixture.event(
                "case:a",
                occurred: early,
                isHistory: true,
                order: early.adding(microseconds: 5)
            ),
        ]
        for event in events { _ = await store.append(AppendRequest(events: [event])) }
        let log = try store.currentLog()
        let orders = try store.events(of: log.number).dropFirst().map(\.stamp.order)
        #expect(
            orders == [
                now, now.adding(microseconds: 1), early, early.adding(microseconds: 5),
            ]
        )
    }

    @Test("Sections lie beside their leaf")
    func sections() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let sections: [[UInt8]] = [[1, 2, 3], [UInt8](repeating: 4, count: 10_000)]
        let event = StoreFixture.event(
            "case:a",
            occurred: fixture.clock.now,
            sections: sections
        )
        let outcome = await store.append(AppendRequest(events: [event]))
        #expect(outcome.appended?.count == 1)
        let stored = try store.log.read { (transaction) throws(EventStoreError) in
            try transaction.storedEvent(2, store.tables)
        }
        #expect(stored.sections == sections)
        #expect(stored.leaf.starts(with: event.callerPart))
    }

    @Test("Many events fill tiles, and opening finds the same root")
    func tiles() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        for batch in 0..<7 {
            let events = (0..<100).map { fixture.event("case:\($0)", text: "\(batch)") }
            let outcome = await store.append(AppendRequest(events: events))
            #expect(outcome.appended?.count == 100)
        }
        let log = try store.currentLog()
        let leaves = try store.leaves(of: log.number)
        #expect(log.position.size == 702)
        #expect(log.position.root == StoreFixture.root(of: leaves))
        store.close()
        let again = try fixture.open()
        defer { again.close() }
        let outcome = await again.append(AppendRequest(events: [fixture.event("case:1")]))
        let grown = try again.leaves(of: log.number)
        #expect(outcome.position?.root == StoreFixture.root(of: grown))
    }
}
