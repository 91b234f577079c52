import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

/// Appends that are decided and sealed on several cores, case by case.
@Suite("Large appends", .temporaryDirectory)
struct LargeAppendTests {
    private static let cases = 60
    private static let text = "It rings once and stops."

    private let ledger: Ledger
    private let agent = ActorSnapshot(actorID: "anna", kind: .agent, tier: "t1", team: "one")

    init() throws {
        self.ledger = try Ledger.create(
            at: TemporaryDirectoryTrait.current + "/office",
            state: TemporaryDirectoryTrait.current + "/state",
            site: SiteProfile(name: #require(SiteName("large.example/office")))
        )
    }

    private func subject(_ number: Int) throws -> Subject {
        try #require(Subject("case:large-\(number)"))
    }

    /// Three events a case; four cases have one customer.
    private func proposals(unopened: Set<Int> = []) throws -> [ProposedEvent] {
        try (0..<Self.cases).flatMap { number in
            var opened = CaseOpened()
            opened.initiation = .proactive
            opened.customerID = "customer-\(number / 4)"
            var assigned = OwnerAssigned()
            assigned.ownerID = self.agent.actorID
            assigned.how = .claimed
            var message = MessageRecorded()
            message.messageID = "message-\(number)"
            message.author = .customer
            message.visibility = .public
            message.body = .open("\(Self.text) \(number)")
            var payloads: [EventPayload] = [
                .caseOpened(opened), .ownerAssigned(assigned), .messageRecorded(message),
            ]
            if unopened.contains(number) { payloads.removeFirst() }
            let subject = try self.subject(number)
            return payloads.map { self.ledger.propose($0, about: subject, by: self.agent) }
        }
    }

    @Test("Events stand in the order of their cases, one after the other, and their texts open")
    func order() async throws {
        let proposals = try self.proposals()
        let receipt = try await self.ledger.append(proposals)
        #expect(receipt.ids == proposals.map(\.id))
        let first = try #require(receipt.addresses.first)
        let expected = proposals.indices.map {
            EventAddress(log: first.log, index: first.index + UInt64($0))
        }
        #expect(receipt.addresses == expected)
        for number in 0..<Self.cases {
            let state = try self.ledger.caseState(of: try self.subject(number))
            #expect(state.eventCount == 3)
            let view = state.view(at: try #require(proposals.last).occurred)
            #expect("\(view)".contains("\(Self.text) \(number)"))
        }
        #expect(try self.ledger.verify().isSound)
    }

    @Test("A repeat of a large append is known as one")
    func repeats() async throws {
        let proposals = try self.proposals()
        let first = try await self.ledger.append(proposals)
        let again = try await self.ledger.append(proposals)
        #expect(again.isRepeat)
        #expect(again.addresses == first.addresses)
    }

    @Test("What is broken in the first and in the last case comes back together, and only that")
    func violations() async throws {
        let broken: Set<Int> = [0, Self.cases - 1]
        let proposals = try self.proposals(unopened: broken)
        let before = try self.ledger.logs()
        let error = await #expect(throws: LedgerError.self) {
            try await self.ledger.append(proposals)
        }
        guard case .refused(let violations)? = error else {
            Issue.record("\(String(describing: error)) is no refusal")
            return
        }
        let events = violations.filter { $0.rule == .l1 }.map(\.event)
        let subjects = try Set(broken.map { try self.subject($0) })
        #expect(events == proposals.filter { subjects.contains($0.subject) }.map(\.id))
        #expect(try self.ledger.logs() == before)
    }
}
