import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Commands on promises, waits and outcomes", .temporaryDirectory)
struct PromiseCommandTests {
    @Test("A call back keeps the callback that was promised, and the same person rings")
    func callBack() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.anna.decide(
            caseID,
            .promise(.callback, by: office.clock.later(hours: 4), samePerson: true)
        )
        office.clock.pass(hours: 3)
        let call = try await office.anna.callBack(caseID)
        try await call.decide(caseID, .tellCustomer("It is the network"))
        try await call.endContact()
        let view = try office.ledger.caseView(of: caseID)
        let promise = try #require(view.commitments.first)
        #expect(promise.standing == .kept)
        #expect(promise.isSameRep == true)
        #expect(promise.fulfilledBy == view.path.contacts.first?.event)
        #expect(view.path.contacts.map(\.initiation) == [.callback])
        #expect(view.path.contacts.first?.endedBy != nil)
    }

    @Test("A call back that reaches nobody attempts the promise, and without one is a follow-up")
    func attempted() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.anna.decide(caseID, .promise(.callback, by: office.clock.later(hours: 4)))
        let vain = try await office.anna.callBack(caseID, isAnswered: false)
        try await vain.endContact(.noAnswer)
        _ = try await office.anna.callBack(caseID)
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.commitments.map(\.standing) == [.attempted])
        #expect(view.path.contacts.map(\.initiation) == [.callback, .followUp])
    }

    @Test("A promise that gets another time leaves a new promise in its place")
    func reschedule() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.anna.decide(caseID, .promise(.visit, by: office.clock.later(hours: 4)))
        try await office.anna.decide(
            caseID,
            .reschedulePromise(to: office.clock.later(days: 2), askedBy: .customer)
        )
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.commitments.map(\.standing) == [.open, .rescheduled])
        #expect(view.commitments.map(\.kind) == [.visit, .visit])
        #expect(view.commitments.last?.newCommitmentID == view.commitments.first?.commitmentID)
    }

    @Test("A case is resolved over a promise only if that is carried over or settled with it")
    func carriedOver() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        let made = try await office.anna.decide(
            caseID,
            .promise(.part, by: office.clock.later(days: 4))
        ).made
        #expect(
            await office.broken {
                try await office.anna.decide(caseID, .resolve(.workaround, notes: "a spare"))
            } == [.l4]
        )
        try await office.anna.decide(
            caseID,
            .resolve(.workaround, notes: "a spare", carryingOver: made)
        )
        try await office.anna.decide(caseID, .reopen(.recurred))
        // In either order: what settles the promise counts first.
        try await office.anna.decide(caseID, .resolve(.fixed, notes: "new part"), .keepPromise())
        #expect(try office.ledger.caseView(of: caseID).header.state == .resolved)
    }

    @Test("A wait on the customer ends by itself when the customer calls")
    func wait() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        let made = try await office.anna.decide(caseID, .tellCustomer("Which model?")).made
        try await office.anna.decide(caseID, .wait(on: .customer, question: made.first))
        #expect(try office.ledger.caseView(of: caseID).header.status == .pending)
        office.clock.pass(minutes: 5)
        try await office.anna.decide(caseID, .hearCustomer("The X2", inReplyTo: made.first))
        #expect(try office.ledger.caseView(of: caseID).header.status == .inProgress)
        try await office.anna.decide(caseID, .wait(on: .part))
        try await office.anna.decide(caseID, .endWait())
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.integrity.flags.isEmpty)
        #expect(view.path.waits.map(\.waitingOn) == [.customer, .part])
    }

    @Test("Reopening while the last owner is away needs somebody it is routed to")
    func reopenAway() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.anna.decide(caseID, .resolve(.fixed, notes: "x"), .close(.confirmed))
        _ = try await office.ledger.append([
            office.ledger.propose(
                .agentLeft(AgentLeft()),
                about: #require(Subject("agent:anna")),
                by: office.lea.actor
            )
        ])
        office.clock.pass(minutes: 1)
        try await office.bert.decide(
            caseID,
            .reopen(.recurred, routedTo: "bert", because: .agentLeft)
        )
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.header.owner?.value == "bert")
        #expect(!view.integrity.flags.contains { $0.rule == .l7 })
    }

    @Test("Entitlement, remedy, return, answer, signal and feedback show in their panes")
    func outcomes() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.anna.decide(
            caseID,
            .determineEntitlement(.warranty, rule: "terms", version: 2),
            .decideRemedy(
                .replacement,
                .granted,
                value: Money(minor: 4_900, "EUR"),
                approvedBy: ["lea"]
            ),
            .recordReturn(.received, because: "does not call"),
            .raiseSignal(.defect, to: "hardware", component: "antenna"),
            .requestFeedback(.csat),
            .resolve(.replaced),
            .linkAnswer("A-4", version: 1, .solved)
        )
        try await office.anna.decide(
            caseID,
            .recordReturn(.inspected, finding: .faultConfirmed),
            .recordFeedback(.csat, score: 5)
        )
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.header.entitlement?.ruleVersion == 2)
        #expect(view.outcomes.remedies.map(\.requestedBy) == ["anna"])
        #expect(view.outcomes.returns.map(\.finding) == [.faultConfirmed])
        #expect(view.outcomes.returns.map(\.stages.count) == [2])
        #expect(view.outcomes.answers.map(\.relation) == [.solved])
        #expect(view.customer.signals.map(\.component) == ["antenna"])
        #expect(view.customer.feedback.last?.solicited == true)
        #expect(view.integrity.flags.isEmpty)
    }

    @Test("A correction and a redaction change what is read, and both values stay")
    func records() async throws {
        let office = try Office()
        let caseID = try await office.opened("Mister Miller has no calls")
        let opening = try #require(office.ledger.caseView(of: caseID).events.first?.event)
        try await office.anna.decide(
            caseID,
            .classify("category", as: "network", because: "measured"),
            .correct(opening, "severity", to: "1", because: "was not asked"),
            .correctText(opening, "title", to: "No calls")
        )
        #expect(try office.ledger.caseView(of: caseID).header.severity?.value == 1)
        #expect(try office.ledger.caseView(of: caseID).header.title?.value.value == "No calls")
        try await office.lea.decide(
            caseID,
            .redact(opening, legalBasis: "GDPR 17", requestedBy: "the customer")
        )
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.header.title?.value.isPresent == true)
        #expect(view.header.title?.value.value == nil)
        #expect(view.header.severity?.value == 1)
        #expect(view.header.category?.value == "network")
    }
}
