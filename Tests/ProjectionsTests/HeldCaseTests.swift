import CaseDomain
import EventStore
import LedgerTesting
import LedgerTypes
import Testing

@testable import Projections

@Suite("Held cases", .temporaryDirectory)
struct HeldCaseTests {
    private static let start: Int64 = 1_700_000_000_000_000

    private func proposal(
        _ payload: EventPayload,
        about subject: Subject,
        minute: Int64,
        _ random: inout SeededRandom
    ) -> PreparedEvent {
        let occurred = Timestamp(microseconds: Self.start + minute * 60_000_000)
        let event = ProposedEvent(
            id: EventID(unixMilliseconds: occurred.milliseconds, random: random.bytes(10).span),
            subject: subject,
            occurred: occurred,
            isHistory: true,
            actor: ActorSnapshot(actorID: "held", kind: .agent),
            payload: payload
        )
        return PreparedEvent(draft: event.draft(), order: occurred)
    }

    private func append(_ event: PreparedEvent, to store: EventStore) async throws {
        let outcome = await store.append(AppendRequest(events: [event]))
        guard case .appended = outcome else { throw Failure(outcome: "\(outcome)") }
    }

    private struct Failure: Error { let outcome: String }

    @Test("Going on from a held case gives what a fresh read gives", arguments: 0..<6)
    func sameAsFresh(seed: UInt64) async throws {
        let store = try CaseReplayTests.store()
        defer { store.close() }
        let reader = CaseReader()
        var random = SeededRandom(seed: seed)
        let caseID = try #require(Subject("case:H"))
        let contact = try #require(Subject("contact:K"))
        var held: HeldCase?
        var refreshed = 0
        for round in 0..<60 {
            // Mostly in order; now and then something late, or a contact that belongs to it.
            let late = Int.random(in: 0..<8, using: &random) == 0
            let minute = late ? Int64.random(in: 0..<60, using: &random) : Int64(round)
            var event: PreparedEvent
            switch Int.random(in: 0..<12, using: &random) {
            case 0:
                var attached = ContactAttached()
                attached.caseID = "H"
                event = self.proposal(
                    .contactAttached(attached),
                    about: contact,
                    minute: minute,
                    &random
                )
            case 1:
                event = self.proposal(
                    .contactStarted(ContactStarted()),
                    about: contact,
                    minute: minute,
                    &random
                )
            case 2:
                var opened = CaseOpened()
                opened.firstContactID = Bool.random(using: &random) ? "K" : nil
                event = self.proposal(
                    .caseOpened(opened),
                    about: caseID,
                    minute: minute,
                    &random
                )
            default:
                var message = MessageRecorded()
                message.messageID = "m\(round)"
                event = self.proposal(
                    .messageRecorded(message),
                    about: caseID,
                    minute: minute,
                    &random
                )
            }
            try await self.append(event, to: store)
            if Int.random(in: 0..<3, using: &random) == 0 { continue }
            try store.read { (snapshot) throws(EventStoreError) in
                let context = try FoldContext(snapshot)
                let fresh = try reader.hold(caseID, context, snapshot)
                if var going = held, try reader.refresh(&going, context, snapshot) {
                    refreshed += 1
                    #expect(going.state == fresh.state, "seed \(seed), round \(round)")
                    #expect(going.basis == fresh.basis, "seed \(seed), round \(round)")
                    held = going
                } else {
                    held = fresh
                }
            }
        }
        #expect(refreshed > 5, "seed \(seed): going on was hardly tried")
    }
}
