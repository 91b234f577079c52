import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Guards", .temporaryDirectory)
struct GuardTests {
    private struct Broken: Error {}

    private func subject(_ text: String) throws -> Subject { try #require(Subject(text)) }

    @Test("Each expectation is met or not by how many events the subject has")
    func expectations() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let held = try self.subject("case:held")
        let free = try self.subject("case:free")
        for _ in 0..<2 {
            _ = await store.append(AppendRequest(events: [fixture.event("case:held")]))
        }
        let plan: [(Subject, EventStore::Expectation, Bool)] = [
            (held, .any, true), (held, .exists, true), (held, .new, false),
            (held, .version(1), false), (held, .version(3), false),
            (free, .any, true), (free, .exists, false), (free, .new, true),
            (free, .version(0), true), (free, .version(1), false),
        ]
        for (subject, expectation, isMet) in plan {
            // Written to another subject, so that the two under test stay as they are.
            let request = AppendRequest(
                events: [fixture.event("case:other")],
                guards: [(subject, expectation)]
            )
            let outcome = await store.append(request)
            #expect((outcome.appended != nil) == isMet, "\(subject) \(expectation)")
            if !isMet {
                let entry = outcome.conflict?.entries.first
                #expect(entry?.subject == subject)
                #expect(entry?.expected == expectation)
                #expect(entry?.actual == (subject == held ? 2 : 0))
            }
        }
    }

    @Test("A conflict names the events that came in between")
    func between() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let subject = try self.subject("case:a")
        var addresses: [EventAddress] = []
        for _ in 0..<4 {
            let outcome = await store.append(AppendRequest(events: [fixture.event("case:a")]))
            addresses += outcome.appended ?? []
        }
        let outcome = await store.append(
            AppendRequest(events: [fixture.event("case:a")], guards: [(subject, .version(1))])
        )
        #expect(outcome.conflict?.entries.first?.between == Array(addresses.dropFirst()))
    }

    @Test("Of two requests in one call that both expect a new case, one gets it")
    func sameBatch() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let subject = try self.subject("case:a")
        let outcomes = await store.append(
            (0..<2).map { _ in
                AppendRequest(events: [fixture.event("case:a")], guards: [(subject, .new)])
            }
        )
        #expect(outcomes.first?.appended != nil)
        #expect(outcomes.last?.conflict?.entries.first?.actual == 1)
    }

    @Test("A request that fails leaves nothing behind, and the others in its commit go through")
    func alone() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let label = Label(name: "queue", value: "billing")
        let tooLong = String(repeating: "x", count: Leaf.bytesMax - 200)
        let requests = [
            AppendRequest(events: [fixture.event("case:a", labels: [label])]),
            // Its first event is fine and would count the label; its second is too long.
            AppendRequest(events: [
                fixture.event("case:a", labels: [label]),
                fixture.event("case:a", text: tooLong + tooLong),
            ]),
            AppendRequest(events: [fixture.event("case:a", labels: [label])]),
        ]
        let outcomes = await store.append(requests)
        #expect(outcomes.map { $0.appended?.map(\.index) } == [[2], nil, [3]])
        guard case .leafTooLong = outcomes[1].failure else {
            Issue.record("\(outcomes[1])")
            return
        }
        let log = try store.currentLog()
        let last = try #require(try store.events(of: log.number).last)
        #expect(last.stamp.labelSequences.map(\.sequence) == [1, 1])
        #expect(last.stamp.labelSequences.map(\.previous) == [3, 3])
        #expect(try await store.statistics().commits == 2)
    }

    @Test("Recheck is called only if a subject of the basis has moved, and decides")
    func recheck() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let subject = try self.subject("case:a")
        _ = await store.append(AppendRequest(events: [fixture.event("case:a", text: "first")]))
        func append(basis: UInt64, _ verdict: RecheckVerdict?) async -> AppendOutcome {
            var request = AppendRequest(
                events: [fixture.event("case:b")],
                basis: [subject: basis]
            )
            if let verdict {
                request.recheck = { (reader: SubjectReader) -> RecheckVerdict in
                    // The reader shows the case as it stands inside the transaction.
                    guard reader.version(of: subject) == 1 else { return .refused(Broken()) }
                    guard reader.events(of: subject).count == 1 else { return .refused(Broken()) }
                    return verdict
                }
            }
            return await store.append(request)
        }
        #expect(await append(basis: 1, .refused(Broken())).appended != nil)
        #expect(await append(basis: 0, .stands).appended != nil)
        #expect(await append(basis: 0, .stale).conflict?.entries.first?.expected == .version(0))
        #expect(await append(basis: 0, nil).conflict?.entries.first?.actual == 1)
        guard case .refused(let reason) = await append(basis: 0, .refused(Broken())) else {
            Issue.record("not refused")
            return
        }
        #expect(reason is Broken)
    }

    @Test("An event whose sections or labels are not as its draft says is refused")
    func malformed() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        var event = fixture.event("case:a")
        event.sections = [[1]]
        let longName = Label(name: String(repeating: "n", count: 64), value: "v")
        for event in [event, fixture.event("case:a", labels: [longName])] {
            let outcome = await store.append(AppendRequest(events: [event]))
            #expect(outcome.failure == .malformedEvent(event.draft.id))
        }
        #expect(try store.currentLog().position.size == 2)
    }
}
