import CaseDomain
import EventStore
import LedgerTesting
import LedgerTypes
import Testing

@testable import Projections

@Suite("Replay", .temporaryDirectory)
struct CaseReplayTests {
    static func store() throws -> EventStore {
        let directory = TemporaryDirectoryTrait.current
        var configuration = EventStore.Configuration(
            directory: directory + "/ledger",
            stateDirectory: directory + "/state",
            clock: { Timestamp(microseconds: 1_800_000_000_000_000) },
            random: { count in
                var random = SystemRandomNumberGenerator()
                return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
        )
        configuration.mapBytes = 1 << 30
        configuration.crossReference = Attachment.crossReference
        let name = try #require(SiteName("replay.example/one"))
        return try EventStore.create(configuration, site: SiteDescription(name: name)) {
            (_, _) in nil
        }
    }

    private func row(
        _ random: inout SeededRandom,
        caseID: Int,
        minute: Int64
    ) throws -> PreparedEvent {
        var observed = CaseObserved()
        observed.sourceSystem = "replay"
        observed.status =
            [.open, .inProgress, .waiting, .resolved][
                Int.random(in: 0..<4, using: &random)
            ]
        observed.team =
            Bool.random(using: &random) ? "T\(Int.random(in: 0..<3, using: &random))" : nil
        observed.agent = "a\(Int.random(in: 0..<3, using: &random))"
        let occurred = Timestamp(microseconds: 1_700_000_000_000_000 + minute * 60_000_000)
        let event = ProposedEvent(
            id: EventID(unixMilliseconds: occurred.milliseconds, random: random.bytes(10).span),
            subject: try #require(Subject("case:C\(caseID)")),
            occurred: occurred,
            isHistory: true,
            actor: ActorSnapshot(actorID: "replay", kind: .system),
            payload: .caseObserved(observed)
        )
        return PreparedEvent(draft: event.draft(), order: occurred)
    }

    @Test("Rows counted straight from leaves give the facts of the state", arguments: 0..<4)
    func sameFacts(seed: UInt64) async throws {
        let store = try Self.store()
        defer { store.close() }
        var random = SeededRandom(seed: seed)
        var requests: [AppendRequest] = []
        for _ in 0..<300 {
            let caseID = Int.random(in: 0..<30, using: &random)
            let minute = Int64.random(in: 0..<500, using: &random)
            let event = try self.row(&random, caseID: caseID, minute: minute)
            requests.append(AppendRequest(events: [event]))
        }
        for outcome in await store.append(requests) {
            guard case .appended = outcome else {
                Issue.record("seed \(seed): \(outcome)")
                return
            }
        }
        var fromStates: [CaseFacts] = []
        var fromLeaves: [CaseFacts] = []
        let replay = CaseReplay(store)
        try replay.forEachCase { state in
            fromStates.append(state.facts)
            return true
        }
        try replay.forEachFacts { facts in
            fromLeaves.append(facts)
            return true
        }
        #expect(fromLeaves.count == 30)
        #expect(fromLeaves == fromStates, "seed \(seed)")
    }
}
