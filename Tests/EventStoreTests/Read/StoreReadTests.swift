import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Reading a store", .temporaryDirectory, .timeLimit(.minutes(2)))
struct StoreReadTests {
    private func orders(_ store: EventStore, _ text: String) throws -> [StoredEvent] {
        try store.read { (snapshot) throws(EventStoreError) in
            let forwards = try snapshot.collect(text)
            #expect(try snapshot.collect(text, backwards: true) == forwards.reversed())
            return forwards
        }
    }

    @Test("A read after an append sees it, by subject, id, address and arrival")
    func readsOwnAppends() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        for count in 1...30 {
            let event = fixture.event("case:a", text: "\(count)")
            let outcome = await store.append(AppendRequest(events: [event]))
            guard case .appended(let addresses, let position, _) = outcome else {
                Issue.record("not appended: \(outcome)")
                return
            }
            try store.read { (snapshot) throws(EventStoreError) in
                let events = try snapshot.collect("case:a")
                #expect(events.count == count)
                #expect(events.last?.address == addresses.first)
                let found = try snapshot.find(event.draft.id)
                #expect(found?.address == addresses.first)
                if let address = addresses.first, let leaf = try snapshot.leaf(at: address) {
                    #expect([UInt8](copying: leaf).starts(with: event.callerPart))
                } else {
                    Issue.record("no leaf")
                }
                #expect(try snapshot.logs().first?.position == position)
                #expect(snapshot.arrivals == position.size)
            }
        }
        try store.catchUpIndex()
        let check = try store.checkIndex()
        #expect(check.problems == [])
        #expect(check.events == 31)
    }

    @Test("What another process appends is read at once and followed, both ways")
    func otherProcess() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        _ = await store.append(AppendRequest(events: [fixture.event("case:a")]))
        let held = try store.read { (snapshot) throws(EventStoreError) in snapshot.arrivals }
        var iterator = try store.follow(from: held).makeAsyncIterator()
        let root = fixture.root
        await #expect(processExitsWith: .success) { [root = root as String] in
            let other = StoreFixture(root: root)
            let store = try other.open()
            let seen = try store.read { (snapshot) throws(EventStoreError) in
                try snapshot.collect("case:a").count
            }
            guard seen == 1 else { fatalError("the first process's event is not there") }
            for _ in 0..<5 {
                let request = AppendRequest(events: [other.event("case:a")])
                guard case .appended = await store.append(request) else { fatalError() }
            }
            store.close()
        }
        #expect(try self.orders(store, "case:a").count == 6)
        var next = held
        while next < held + 5, let range = await iterator.next() {
            #expect(range.lowerBound == next)
            next = range.upperBound
        }
        #expect(next == held + 5)
        let outcome = await store.append(AppendRequest(events: [fixture.event("case:a")]))
        guard case .appended = outcome else {
            Issue.record("not appended: \(outcome)")
            return
        }
        #expect(try self.orders(store, "case:a").count == 7)
        try store.catchUpIndex()
        #expect(try store.checkIndex().problems == [])
    }

    @Test("A store that only reads sees what another appends")
    func readOnly() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        _ = await store.append(AppendRequest(events: [fixture.event("case:a")]))
        store.close()
        let reader = try fixture.open { $0.isReadOnly = true }
        defer { reader.close() }
        #expect(try self.orders(reader, "case:a").count == 1)
        #expect(throws: EventStoreError.readOnly) { try reader.catchUpIndex() }
        let root = fixture.root
        await #expect(processExitsWith: .success) { [root = root as String] in
            let other = StoreFixture(root: root)
            let store = try other.open()
            let request = AppendRequest(events: [other.event("case:a")])
            guard case .appended = await store.append(request) else { fatalError() }
            store.close()
        }
        #expect(try self.orders(reader, "case:a").count == 2)
    }
}
