import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Retry", .temporaryDirectory)
struct RetryTests {
    @Test("The same event again is alreadyAppended, at its old address")
    func again() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let request = AppendRequest(events: [fixture.event("case:a"), fixture.event("case:b")])
        let first = await store.append(request)
        let second = await store.append(request)
        #expect(first.appended != nil)
        #expect(second.alreadyAppended == first.appended)
        #expect(try store.currentLog().position == first.position)
    }

    @Test("The same event again in the same call is alreadyAppended")
    func sameBatch() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let request = AppendRequest(events: [fixture.event("case:a")])
        let outcomes = await store.append([request, request])
        #expect(outcomes.first?.appended != nil)
        #expect(outcomes.last?.alreadyAppended == outcomes.first?.appended)
    }

    @Test("A retry is recognised before its guards are looked at")
    func retryBeforeGuards() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let event = fixture.event("case:a")
        let request = AppendRequest(
            events: [event],
            guards: [(event.draft.subject, .new)]
        )
        let first = await store.append(request)
        let second = await store.append(request)
        #expect(second.alreadyAppended == first.appended)
    }

    @Test("The same id with other content is refused")
    func otherContent() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let event = fixture.event("case:a", text: "one")
        let first = await store.append(AppendRequest(events: [event]))
        let other = StoreFixture.event(
            "case:a",
            id: event.draft.id,
            occurred: fixture.clock.now,
            text: "two"
        )
        let second = await store.append(AppendRequest(events: [other]))
        #expect(second.failure == .idReused(event.draft.id, at: first.appended?.first))
    }

    @Test("The same id twice in one request is refused")
    func twiceInOne() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let event = fixture.event("case:a")
        let outcome = await store.append(AppendRequest(events: [event, event]))
        #expect(outcome.failure == .idReused(event.draft.id, at: nil))
    }

    @Test("A request of which only some events are held is a partial retry")
    func partial() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let held = fixture.event("case:a")
        _ = await store.append(AppendRequest(events: [held]))
        let before = try store.currentLog().position
        let request = AppendRequest(events: [held, fixture.event("case:b")])
        let outcome = await store.append(request)
        #expect(outcome.failure == .partialRetry(held: [held.draft.id]))
        #expect(try store.currentLog().position == before)
    }

    @Test("Whether content is the same is for the caller to say")
    func sameContent() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let sections: [[UInt8]] = [[1, 2, 3]]
        let event = StoreFixture.event(
            "case:a",
            occurred: fixture.clock.now,
            sections: sections
        )
        _ = await store.append(AppendRequest(events: [event]))
        // Sealed again, the bytes differ; the closure compares what they stand for.
        let again = StoreFixture.event(
            "case:a",
            id: event.draft.id,
            occurred: fixture.clock.now,
            sections: [[4, 5, 6]]
        )
        let request = AppendRequest(
            events: [again],
            sameContent: { _, stored, _ in stored == sections }
        )
        #expect(await store.append(request).alreadyAppended?.count == 1)
    }
}
