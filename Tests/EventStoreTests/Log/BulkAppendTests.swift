import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Bulk append", .temporaryDirectory)
struct BulkAppendTests {
    private func request(
        _ fixture: StoreFixture,
        _ count: Int,
        _ last: String = ""
    ) -> AppendRequest {
        AppendRequest(
            events: (0..<count).map { number in
                fixture.event(
                    "case:\(number % 7)",
                    text: number == count - 1 ? last : "note \(number)",
                    labels: [Label(name: "queue", value: "billing \(number % 3)")]
                )
            }
        )
    }

    @Test(
        "However many events a call has, the tree over them is that of their leaves",
        arguments: [1, 29, 30, 31, 32, 33, 62, 255, 600]
    )
    func sizes(count: Int) async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let outcomes = await store.append([self.request(fixture, count), self.request(fixture, 40)])
        #expect(outcomes.map { $0.appended?.count } == [count, 40])
        let log = try store.currentLog()
        #expect(log.position == outcomes.last?.position)
        let leaves = try store.leaves(of: log.number)
        #expect(leaves.count == count + 42)
        #expect(log.position.root == StoreFixture.root(of: leaves))
        #expect(try store.verify().findings == [])
    }

    @Test(
        "A long request that fails at its end is taken back, and the next goes on before it",
        arguments: [0, 5, 29, 30, 31, 90]
    )
    func takenBack(before: Int) async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let tooLong = String(repeating: "x", count: Leaf.bytesMax)
        var requests = [self.request(fixture, 100, tooLong), self.request(fixture, 50)]
        if before > 0 { requests.insert(self.request(fixture, before), at: 0) }
        let outcomes = await store.append(requests)
        guard case .leafTooLong = outcomes[outcomes.count - 2].failure else {
            Issue.record("not refused: \(outcomes[outcomes.count - 2])")
            return
        }
        #expect(outcomes.last?.appended?.first?.index == UInt64(before + 2))
        let log = try store.currentLog()
        #expect(log.position.size == UInt64(before + 52))
        let leaves = try store.leaves(of: log.number)
        #expect(log.position.root == StoreFixture.root(of: leaves))
        #expect(try store.verify().findings == [])
    }

    @Test("A caller that was alone and callers that come together find the same log")
    func together() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        for _ in 0..<40 {
            let outcome = await store.append(AppendRequest(events: [fixture.event("case:a")]))
            #expect(outcome.appended != nil)
        }
        let appended = await withTaskGroup(of: Int.self) { group in
            for caller in 0..<8 {
                group.addTask {
                    var count = 0
                    for _ in 0..<20 {
                        let event = fixture.event("case:\(caller)")
                        let outcome = await store.append(AppendRequest(events: [event]))
                        count += outcome.appended?.count ?? 0
                    }
                    return count
                }
            }
            return await group.reduce(0, +)
        }
        #expect(appended == 160)
        let log = try store.currentLog()
        #expect(log.position.size == 202)
        let statistics = try await store.statistics()
        #expect(statistics.events == 201)
        #expect(try store.verify().findings == [])
    }
}
