import Glibc
import LMDB
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Processes", .temporaryDirectory)
struct ProcessTests {
    @Test("What was acknowledged survives SIGKILL", arguments: [1, 10, 300])
    func killed(count: Int) async throws {
        let root = TemporaryDirectoryTrait.current
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [root = root as String, count = count as Int] in
            let fixture = StoreFixture(root: root)
            let store = try fixture.create()
            for number in 0..<count {
                let event = fixture.event("case:\(number % 7)", text: "note \(number)")
                let outcome = await store.append(AppendRequest(events: [event]))
                precondition(outcome.appended != nil)
            }
            kill(getpid(), SIGKILL)
        }
        let store = try StoreFixture(root: root).open()
        defer { store.close() }
        #expect(store.suspicion == nil)
        let texts = try store.events(of: 0).dropFirst().compactMap { event in
            event.draft.body.map { String(decoding: $0.bytes, as: UTF8.self) }
        }
        #expect(texts == (0..<count).map { "note \($0)" })
        let leaves = try store.leaves(of: 0)
        #expect(try store.currentLog().position.root == StoreFixture.root(of: leaves))
    }

    @Test("Two processes append to one ledger at the same time")
    func together() async throws {
        let root = TemporaryDirectoryTrait.current
        let fixture = StoreFixture(root: root)
        let store = try fixture.create()
        defer { store.close() }
        let label = Label(name: "queue", value: "billing")
        let mine = Task {
            var indexes: [UInt64] = []
            for _ in 0..<150 {
                let event = fixture.event("case:shared", labels: [label])
                let outcome = await store.append(AppendRequest(events: [event]))
                indexes += outcome.appended?.map(\.index) ?? []
                usleep(2_000)
            }
            return indexes
        }
        await #expect(processExitsWith: .success) { [root = root as String] in
            let fixture = StoreFixture(root: root)
            let store = try fixture.open()
            let label = Label(name: "queue", value: "billing")
            for _ in 0..<150 {
                let event = fixture.event("case:shared", labels: [label])
                let outcome = await store.append(AppendRequest(events: [event]))
                precondition(outcome.appended != nil, "\(outcome)")
            }
            store.close()
        }
        #expect(await mine.value.count == 150)
        let log = try store.currentLog()
        let leaves = try store.leaves(of: log.number)
        #expect(log.position.size == 302)
        #expect(log.position.root == StoreFixture.root(of: leaves))
        var previous: UInt64 = 0
        for (number, event) in try store.events(of: log.number).dropFirst().enumerated() {
            // Both labels count every event, whoever wrote it.
            let sequences = event.stamp.labelSequences
            #expect(sequences.map(\.sequence) == [UInt64(number), UInt64(number)])
            #expect(sequences.allSatisfy { $0.previous == previous })
            previous = UInt64(number + 2) + 1
        }
    }

    @Test("A new case goes to one of two processes")
    func guarded() async throws {
        let root = TemporaryDirectoryTrait.current
        let fixture = StoreFixture(root: root)
        let store = try fixture.create()
        defer { store.close() }
        let subject = try #require(Subject("case:a"))
        // This store's memory of the log's end is older than what the other process writes.
        _ = await store.append(AppendRequest(events: [fixture.event("case:b")]))
        await #expect(processExitsWith: .success) { [root = root as String] in
            let fixture = StoreFixture(root: root)
            let store = try fixture.open()
            let outcome = await store.append(AppendRequest(events: [fixture.event("case:a")]))
            precondition(outcome.appended != nil)
            store.close()
        }
        let request = AppendRequest(
            events: [fixture.event("case:a")],
            guards: [(subject, .new)]
        )
        #expect(await store.append(request).conflict?.entries.first?.actual == 1)
    }
}
