import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Times", .temporaryDirectory)
struct TimeTests {
    @Test("More events than a millisecond has counters still rise, ahead of the clock")
    func counterOverflow() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let now = fixture.clock.now
        for _ in 0..<9 {
            let events = (0..<8_000).map { _ in
                StoreFixture.event("case:a", occurred: now, isHistory: true)
            }
            #expect(await store.append(AppendRequest(events: events)).appended?.count == 8_000)
        }
        let log = try store.currentLog()
        #expect(log.lastRecorded.milliseconds == UInt64(now.milliseconds) + 1)
        var previous = log.genesis.recorded
        for event in try store.events(of: log.number) {
            #expect(event.stamp.recorded > previous)
            previous = event.stamp.recorded
        }
    }

    @Test("A clock that jumps a day either way never turns recorded back", arguments: [-1, 1])
    func clockJumps(days: Int64) async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let first = try #require(try store.events(of: 0).last?.stamp.recorded)
        fixture.clock.advance(microseconds: days * 86_400_000_000)
        let event = StoreFixture.event("case:a", occurred: first.timestamp, isHistory: true)
        let outcome = await store.append(AppendRequest(events: [event]))
        #expect(outcome.appended != nil)
        let second = try #require(try store.events(of: 0).last?.stamp.recorded)
        if days < 0 {
            #expect(second.rawValue == first.rawValue + 1)
        } else {
            #expect(second.timestamp == fixture.clock.now)
        }
        let clocks = try store.commitClocks()
        #expect(clocks == clocks.sorted())
        store.close()
        let again = try fixture.open()
        defer { again.close() }
        _ = await again.append(AppendRequest(events: [fixture.event("case:b")]))
        #expect(try again.currentLog().lastRecorded > second)
    }

    @Test("A live event may be five minutes ahead and a day behind, no more")
    func bounds() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        // `recorded` counts whole milliseconds.
        let now = fixture.clock.now
        func append(_ offset: Int64, isHistory: Bool = false) async -> AppendOutcome {
            let event = StoreFixture.event(
                "case:\(offset)",
                occurred: now.adding(microseconds: offset),
                isHistory: isHistory
            )
            return await store.append(AppendRequest(events: [event]))
        }
        let ahead: Int64 = 5 * 60 * 1_000_000
        let behind: Int64 = -24 * 60 * 60 * 1_000_000
        #expect(await append(ahead).appended != nil)
        #expect(await append(behind).appended != nil)
        guard case .occurredAhead = await append(ahead + 1).failure else {
            Issue.record("five minutes and a tick ahead was taken")
            return
        }
        guard case .occurredBehind = await append(behind - 1).failure else {
            Issue.record("a day and a tick behind was taken")
            return
        }
        #expect(await append(behind - 1, isHistory: true).appended != nil)
    }

    @Test("Order saturates at the end of time")
    func saturation() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let end = Timestamp(microseconds: .max)
        let history = StoreFixture.event(
            "case:a",
            occurred: fixture.clock.now,
            isHistory: true,
            order: end
        )
        for event in [history, fixture.event("case:a")] {
            #expect(await store.append(AppendRequest(events: [event])).appended != nil)
        }
        #expect(try store.events(of: 0).last?.stamp.order == end)
    }
}
