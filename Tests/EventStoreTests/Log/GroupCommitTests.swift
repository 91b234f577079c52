import Glibc
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Group commit", .temporaryDirectory)
struct GroupCommitTests {
    @Test("Callers that wait together share commits, and each gets its own answer")
    func shared() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let addresses = await withTaskGroup(of: [EventAddress].self) { group in
            for caller in 0..<64 {
                group.addTask {
                    var addresses: [EventAddress] = []
                    for _ in 0..<5 {
                        let request = AppendRequest(events: [fixture.event("case:\(caller)")])
                        addresses += await store.append(request).appended ?? []
                    }
                    return addresses
                }
            }
            return await group.reduce(into: [EventAddress]()) { $0 += $1 }
        }
        #expect(Set(addresses.map(\.index)) == Set(2..<322))
        let statistics = try await store.statistics()
        #expect(statistics.events == 321)
        #expect(statistics.commits < 321)
        #expect(try store.commitClocks().count == statistics.commits + 1)
    }

    @Test("A call with more than a commit may hold is appended in several")
    func split() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create { $0.limits.commitEventsMax = 10 }
        defer { store.close() }
        let requests = (0..<35).map { _ in AppendRequest(events: [fixture.event("case:a")]) }
        let outcomes = await store.append(requests)
        #expect(outcomes.compactMap { $0.appended?.first?.index } == Array(2..<37))
        #expect(try await store.statistics().commits == 5)
    }

    @Test("A full queue says so at once, and what was taken is still done")
    func overloaded() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create { $0.limits.queuedEventsMax = 4 }
        defer { store.close() }
        let outcomes = await withTaskGroup(of: AppendOutcome.self) { group in
            group.addTask {
                // Holds the writer thread up while the queue fills.
                _ = try? await store.perform { _ in usleep(300_000) }
                return .failed(.closed)
            }
            for _ in 0..<20 {
                group.addTask {
                    usleep(50_000)
                    return await store.append(AppendRequest(events: [fixture.event("case:a")]))
                }
            }
            return await group.reduce(into: [AppendOutcome]()) { $0.append($1) }
        }
        let taken = outcomes.count { $0.appended != nil }
        let refused = outcomes.count { $0.failure == .overloaded }
        #expect(taken + refused == 20)
        #expect(taken >= 4)
        #expect(try store.currentLog().position.size == UInt64(2 + taken))
    }

    @Test("A request without events, or with too many, is refused")
    func counts() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create { $0.limits.requestEventsMax = 3 }
        defer { store.close() }
        #expect(await store.append(AppendRequest(events: [])).failure == .eventCount(0))
        let events = (0..<4).map { _ in fixture.event("case:a") }
        #expect(await store.append(AppendRequest(events: events)).failure == .eventCount(4))
    }
}
