import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

@Suite("How a case stood", .temporaryDirectory)
struct PastStories {
    @Test("As of a time the view has what had happened; as known, what this site held by then")
    func twoPasts() async throws {
        let clock = TestClock()
        let berlin = try StoryOffice("berlin", clock: clock)
        let manila = try StoryOffice("manila", clock: clock)
        let caseID = berlin.ledger.makeCaseID()
        try await berlin.desk("ivy").decide(caseID, .open(initiation: .proactive))
        _ = try await berlin.ledger.sync(with: manila.ledger)
        clock.pass(hours: 1)
        try await manila.desk("omar").decide(caseID, .recordStep("restart", .failed))
        clock.pass(hours: 1)
        let between = clock.now
        clock.pass(hours: 1)
        // Only now Berlin hears of the step.
        _ = try await berlin.ledger.sync(with: manila.ledger)
        try await berlin.desk("ivy").decide(caseID, .resolve(.fixed, notes: "again"))

        let asOf = try berlin.ledger.caseView(of: caseID, asOf: between)
        #expect(asOf.steps.tried.map(\.actorID) == ["omar"])
        #expect(asOf.header.state == .open)
        let asKnown = try berlin.ledger.caseView(of: caseID, asKnown: between)
        #expect(asKnown.steps.tried.isEmpty)
        #expect(asKnown.header.state == .open)
        let there = try manila.ledger.caseView(of: caseID, asKnown: between)
        #expect(there.steps.tried.map(\.actorID) == ["omar"])
        #expect(try berlin.ledger.caseView(of: caseID).header.state == .resolved)
    }

    @Test("Before its first event a case was not known")
    func before() async throws {
        let office = try StoryOffice("berlin")
        let earlier = office.clock.now
        office.clock.pass(minutes: 1)
        let caseID = office.ledger.makeCaseID()
        try await office.desk("ivy").decide(caseID, .open(initiation: .proactive))
        for past in [office.ledger.caseView(of:asOf:), office.ledger.caseView(of:asKnown:)] {
            #expect(throws: LedgerError.self) { _ = try past(caseID, earlier) }
        }
    }

    /// What would have been lost without it: a text that a customer had a right to have forgotten.
    @Test("A past view reads as of then what was corrected since, and not what was redacted since")
    func hidden() async throws {
        let office = try StoryOffice("berlin")
        let caseID = office.ledger.makeCaseID()
        let ivy = office.desk("ivy")
        let opened = try await ivy.decide(
            caseID,
            .open(title: "Mister Miller's hub", severity: 3, initiation: .proactive)
        )
        office.clock.pass(minutes: 1)
        let then = office.clock.now
        office.clock.pass(minutes: 1)
        try await ivy.decide(
            caseID,
            .correct(opened.ids[0], "severity", to: "1"),
            .redact(opened.ids[0], legalBasis: "GDPR 17", requestedBy: "the customer")
        )
        let past = [
            try office.ledger.caseView(of: caseID, asOf: then),
            try office.ledger.caseView(of: caseID, asKnown: then),
        ]
        for view in past {
            #expect(view.header.severity?.value == 3)
            #expect(view.header.title?.value.isPresent == true)
            #expect(view.header.title?.value.value == nil)
            #expect(view.records.redactions.isEmpty)
        }
    }
}
