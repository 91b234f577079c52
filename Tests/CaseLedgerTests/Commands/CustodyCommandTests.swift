import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Commands on owner and holder", .temporaryDirectory)
struct CustodyCommandTests {
    @Test("An offer carries what the receiver must know, filled in by the ledger")
    func context() async throws {
        let office = try Office()
        let call = try await office.anna.startContact(.phone, mood: .annoyed)
        let caseID = office.ledger.makeCaseID()
        try await call.decide(
            caseID,
            .open(title: "No calls"),
            .recordStatement("no calls", facts: ["model": "X2"], statementID: "s-1"),
            .recordStep("restart", .failed),
            .determineEntitlement(.warranty, rule: "demarcation", version: 3),
            .promise(.callback, by: office.clock.later(days: 1), commitmentID: "p-1"),
            .tellCustomer("We look into it", messageID: "m-1"),
            .linkKnownIssue("K-7")
        )
        try await call.decide(
            caseID,
            .offerHandoff(
                to: .team("team t2", tier: .t2),
                .warm,
                because: .skill,
                summary: "restarted in vain",
                next: "check the network",
                expectation: "a call tomorrow",
                handoffID: "h-1"
            )
        )
        let offer = try #require(office.ledger.caseView(of: caseID).openOffers.first)
        let context = try #require(offer.context)
        #expect(offer.from?.actor == "anna")
        #expect(offer.customerOnLine)
        #expect(offer.completenessPercent == 100)
        #expect(context.problemInCustomersWords == "s-1")
        #expect(context.doNotAskAgain == ["model"])
        #expect(context.stepsTried.count == 1)
        #expect(context.openCommitments == ["p-1"])
        #expect(context.entitlement == .warranty)
        #expect(context.whatWeToldTheCustomer == "m-1")
        #expect(context.knownIssueIDs == ["K-7"])
        #expect(context.mood == .annoyed)
        #expect(context.caseHead != nil)
    }

    @Test("Accepting without a name takes the offer that is addressed to one's team")
    func accept() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.offer(caseID, "consult", .team("team t3"), .consult)
        try await office.offer(caseID, "move", .team("team t2"), .warm)
        try await office.bert.decide(caseID, .acceptHandoff(missing: ["serial"]))
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.header.holder?.value.agent == "bert")
        #expect(view.header.owner?.value == "anna")
        #expect(view.path.handoffs.map(\.outcome) == [.open, .accepted])
        #expect(view.path.handoffs.last?.missing == ["serial"])
    }

    @Test("Ownership moves with an offer that says so, and the ledger writes who owns the case")
    func ownershipMoves() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.anna.decide(
            caseID,
            .offerHandoff(
                to: .person("bert"),
                .warm,
                because: .longAbsence,
                summary: "mine until today",
                next: "go on",
                movesOwnership: true
            )
        )
        let receipt = try await office.bert.decide(caseID, .acceptHandoff())
        #expect(receipt.ids.count == 2)
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.header.owner?.value == "bert")
        #expect(view.header.originalOwner?.value == "anna")
    }

    @Test("An offer is declined by its receiver or taken back, and the case stays")
    func decline() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.offer(caseID, "one", .team("team t2"), .warm)
        try await office.bert.decide(caseID, .declineHandoff(because: .noCapacity))
        try await office.offer(caseID, "two", .team("team t2"), .warm)
        try await office.anna.decide(caseID, .withdrawHandoff())
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.path.handoffs.map(\.outcome) == [.declined, .declined])
        #expect(view.path.handoffs.map(\.declineReason) == [.noCapacity, .withdrawn])
        #expect(view.header.owner?.value == "anna")
    }

    @Test("With two offers to choose from one has to say which")
    func ambiguous() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.offer(caseID, "one", .team("team t3"), .consult)
        try await office.offer(caseID, "two", .team("team t3"), .consult)
        let broken = await office.broken {
            try await office.bert.decide(caseID, .acceptHandoff())
        }
        #expect(broken == [.malformed])
        try await office.bert.decide(caseID, .acceptHandoff("two"))
    }

    @Test("Without an offer there is nothing to accept")
    func noOffer() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        #expect(
            await office.broken { try await office.bert.decide(caseID, .acceptHandoff()) } == [.l11]
        )
    }

    @Test("An owner is released and another one assigned; between them nobody owns the case")
    func release() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.anna.decide(caseID, .releaseOwner(because: .longAbsence))
        #expect(try office.ledger.caseView(of: caseID).header.owner == nil)
        office.clock.pass(minutes: 2)
        try await office.bert.decide(caseID, .claim())
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.header.owner?.value == "bert")
        #expect(view.path.ownerlessSeconds == 120)
        try await office.lea.decide(caseID, .assignOwner("anna", .returned))
        #expect(try office.ledger.caseView(of: caseID).header.owner?.value == "anna")
    }

    @Test("An escalation's final report closes it and gives the work back to the owner")
    func escalation() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.anna.decide(
            caseID,
            .escalate(
                to: .team("team t3", tier: .t3),
                because: .skill,
                question: "why no calls?",
                reportBackBy: office.clock.later(days: 3),
                escalationID: "e-1"
            )
        )
        #expect(
            await office.broken {
                try await office.anna.decide(caseID, .resolve(.fixed, notes: "hope"))
            } == [.l3]
        )
        try await office.bert.decide(caseID, .reportBack(.interim, findings: "measuring"))
        #expect(try office.ledger.caseState(of: caseID).owingEscalations.count == 1)
        try await office.bert.decide(caseID, .reportBack(.fixed, findings: "cell restarted"))
        let line = try #require(office.ledger.caseView(of: caseID).work.escalations.first)
        #expect(line.reports.map(\.to) == ["anna", "anna"])
        #expect(line.reports.map(\.final) == [false, true])
        #expect(line.closeReason == .answered)
        try await office.anna.decide(caseID, .resolve(.fixed, notes: "cell restarted"))
    }

    @Test("An answer is waived by the owner with a reason, and by nobody else")
    func waive() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        let escalate = CaseCommand.escalate(
            to: .team("team t3"),
            because: .skill,
            question: "why?",
            reportBackBy: office.clock.later(days: 3)
        )
        try await office.anna.decide(caseID, escalate)
        #expect(
            await office.broken {
                try await office.bert.decide(caseID, .waiveEscalation(because: "no need"))
            } == [.l3]
        )
        try await office.anna.decide(caseID, .waiveEscalation(because: "customer found it"))
        try await office.anna.decide(caseID, escalate)
        try await office.anna.decide(caseID, .withdrawEscalation())
        let lines = try office.ledger.caseView(of: caseID).work.escalations
        #expect(lines.map(\.closeReason) == [.waived, .withdrawn])
    }
}

extension Office {
    fileprivate func offer(
        _ caseID: Subject,
        _ name: String,
        _ place: CustodyPlace,
        _ kind: HandoffKind
    ) async throws {
        try await self.anna.decide(
            caseID,
            .offerHandoff(
                to: place,
                kind,
                because: .skill,
                summary: "no calls",
                next: "look",
                handoffID: name
            )
        )
    }
}
