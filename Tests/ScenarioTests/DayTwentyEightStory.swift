import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

/// Day 28: a home-automation system that was bought 28 days ago and may be given back without a
/// reason for 30; three companies that each say it is the other's problem; one support centre of
/// our own and one that another company runs for us.
@Suite("Story: day 28", .temporaryDirectory)
struct DayTwentyEightStory {
    /// The two centres, on one clock and with a line between them.
    private struct Centres {
        let clock = TestClock()
        let berlin: StoryOffice
        let manila: StoryOffice
        let caseID: Subject

        init() throws {
            self.berlin = try StoryOffice("berlin", .inHouse, clock: self.clock)
            self.manila = try StoryOffice("manila", .outsourced, company: "Acme", clock: self.clock)
            self.caseID = self.berlin.ledger.makeCaseID()
        }

        var ivy: Desk { self.berlin.desk("ivy", team: "berlin home") }
        var omar: Desk { self.manila.desk("omar", team: "manila home") }

        func sync() async throws {
            let summary = try await self.berlin.ledger.sync(with: self.manila.ledger)
            #expect(summary.inStep)
        }
    }

    @Test("Day 28: stage and days left, who decided what, whose turn it is, and what saved nothing")
    func dayTwentyEight() async throws {
        let centres = try Centres()
        try await self.setRules(centres)
        let call = try await self.callBerlin(centres)
        try await self.callManila(centres)
        try await self.decideInBerlin(centres)
        try self.expectOnDay28(centres)
        try await self.sendBack(centres)
        try self.expectAfterwards(centres, call)
        try self.expectTheSameAtBoth(centres)
    }

    /// Both centres: thirty days for no reason, and whose problem it is by a written rule.
    private func setRules(_ centres: Centres) async throws {
        for office in [centres.berlin, centres.manila] {
            try await office.decide("no-fault return") {
                $0.what = .journeyThreshold
                $0.value = 30
            }
            try await office.decide("demarcation") {
                $0.what = .demarcation
                $0.text = "no connection at the hub: the broadband provider's"
            }
        }
    }

    /// The first centre: the customer has asked three others already.
    private func callBerlin(_ centres: Centres) async throws -> String {
        let call = try await centres.ivy.startContact(.phone, waitSeconds: 200, mood: .worried)
        try await call.decide(
            centres.caseID,
            .open(
                title: "Hub offline every night",
                customerID: "c-28",
                product: Product("home hub"),
                purchased: CalendarDate("2026-02-02"),
                ticketType: .incident,
                category: "offline",
                priorAttempts: [
                    PriorAttempt(.retail, step: "restart", .failed),
                    PriorAttempt(.search, answer: "A-12", .failed),
                ]
            ),
            .recordStatement(
                "Every night the lights do not go on",
                facts: ["when": "at night", "router": "R7"]
            ),
            .recordStep("connection test", .failed),
            .determineEntitlement(
                .thirdParty,
                rule: "demarcation",
                version: 1,
                responsible: "broadband provider",
                contacted: "retailer",
                disputed: true
            ),
            .tellCustomer("The line drops at night. Your broadband provider has to look at it")
        )
        centres.clock.pass(minutes: 12)
        try await call.endContact(wrapSeconds: 60, next: "customer asks the provider")
        try await centres.sync()
        return try #require(call.contactID)
    }

    /// The second centre, at night: the provider says that it is the router. Nothing is asked
    /// again.
    private func callManila(_ centres: Centres) async throws {
        centres.clock.pass(hours: 4)
        let call = try await centres.omar.startContact(.phone, mood: .annoyed)
        let known = try centres.manila.ledger.caseView(of: centres.caseID)
        #expect(known.understanding.facts.map(\.key) == ["when", "router"])
        #expect(known.steps.tried.compactMap(\.stepID) == ["restart", "connection test"])
        try await call.decide(
            centres.caseID,
            .determineEntitlement(
                .thirdParty,
                rule: "demarcation",
                version: 1,
                responsible: "router maker",
                contacted: "broadband provider",
                disputed: true,
                because: "the provider measured the line: nothing wrong with it"
            ),
            .offerHandoff(
                to: .team("berlin home", site: centres.ivy.actor.siteID),
                .site,
                because: .demarc,
                summary: "Provider says router, router maker says hub",
                next: "decide whose it is",
                expectation: "Berlin decides today",
                customerOnLine: false
            )
        )
        centres.clock.pass(minutes: 9)
        try await call.endContact(wrapSeconds: 30)
        try await centres.sync()
    }

    /// Berlin writes a second version of the rule, and takes it upon itself: nobody is sent away.
    private func decideInBerlin(_ centres: Centres) async throws {
        centres.clock.pass(minutes: 30)
        try await centres.berlin.decide("demarcation") {
            $0.what = .demarcation
            $0.version = 2
            $0.text = "three parties disagree: ours until it is shown whose it is"
        }
        try await centres.ivy.decide(
            centres.caseID,
            .acceptHandoff(),
            .determineEntitlement(
                .warranty,
                rule: "demarcation",
                version: 2,
                responsible: "hub maker",
                contacted: "router maker",
                because: "three companies that each point at another"
            ),
            .offerHandoff(
                to: .team("manila home", site: centres.omar.actor.siteID),
                .site,
                because: .capacity,
                summary: "We take it: hub under warranty",
                next: "send a new hub and call at night",
                customerOnLine: false
            )
        )
        try await centres.sync()
        try await centres.omar.decide(centres.caseID, .acceptHandoff(), .wait(on: .part))
        try await centres.sync()
    }

    private func expectOnDay28(_ centres: Centres) throws {
        let view = try centres.berlin.ledger.caseView(of: centres.caseID)
        let journey = try #require(view.journey)
        #expect(journey.stage == .buying)
        #expect(journey.daysSincePurchase == 28)
        #expect(journey.daysLeft == 2)
        #expect(journey.policy?.policyID == "no-fault return")

        let decisions = view.claims.entitlements
        #expect(decisions.map(\.ruleID) == ["demarcation", "demarcation", "demarcation"])
        #expect(decisions.map(\.ruleVersion) == [1, 1, 2])
        #expect(
            decisions.compactMap(\.responsibleParty)
                == ["broadband provider", "router maker", "hub maker"]
        )
        #expect(
            decisions.compactMap(\.contactedParty)
                == ["retailer", "broadband provider", "router maker"]
        )
        #expect(
            decisions.compactMap(\.site).map { $0.suffix(6) } == ["berlin", "manila", "berlin"]
        )
        #expect(decisions.allSatisfy { !$0.isDeadEnd })
        #expect(view.understanding.responsibleParty?.value == "hub maker")
        #expect(view.records.policies.first { $0.what == .demarcation }?.version == 2)

        // Whose turn it is: Manila works on it and waits for the part, Berlin answers for it.
        #expect(view.header.owner?.value == "ivy")
        #expect(view.work.holder?.value.agent == "omar")
        #expect(view.work.holder?.value.site == "story.example/manila")
        #expect(view.work.nextAction?.value.value == "send a new hub and call at night")
        #expect(view.header.status == .held)
        #expect(view.path.waits.last?.waitingOn == .part)
        #expect(view.header.sites.map { $0.suffix(6) } == ["berlin", "manila"])
        #expect(view.understanding.explanations == 1)
        #expect(view.integrity.flags.isEmpty)
        #expect(view.integrity.conflicts.isEmpty)
    }

    /// The customer has had enough. The hub comes back to the depot that Manila runs.
    private func sendBack(_ centres: Centres) async throws {
        centres.clock.pass(hours: 6)
        try await centres.ivy.decide(
            centres.caseID,
            .hearCustomer("I send it back"),
            .recordReturn(.requested, because: "nobody can tell me whose fault it is")
        )
        try await centres.sync()
        centres.clock.pass(days: 5)
        try await centres.omar.decide(centres.caseID, .recordReturn(.received))
        centres.clock.pass(days: 1)
        try await centres.omar.decide(
            centres.caseID,
            .recordReturn(.inspected, finding: .noFaultFound)
        )
        try await centres.sync()
        try await centres.ivy.decide(
            centres.caseID,
            .resolve(.noFaultFound, notes: "money back"),
            .close(.withdrawn)
        )
        try await centres.sync()
    }

    private func expectAfterwards(_ centres: Centres, _ firstCall: String) throws {
        let view = try centres.berlin.ledger.caseView(of: centres.caseID)
        let line = try #require(view.outcomes.returns.first)
        #expect(view.outcomes.returns.count == 1)
        #expect(line.stages.map(\.stage) == [.requested, .received, .inspected])
        #expect(line.finding == .noFaultFound)
        #expect(line.withinWindow == true)
        #expect(line.daysSincePurchase == 28)
        // It had no fault, and was sent back with the case open: support could have saved it, last
        // in the call that Manila answered.
        #expect(line.isPreventable)
        let saving = view.path.contacts.first { $0.contactID == line.savingContact }
        #expect(saving?.answers.map(\.agentID) == ["omar"])
        #expect(line.savingContact != firstCall)
        #expect(line.savingContactEvent == saving?.event)
        #expect(view.header.state == .closed)
        #expect(view.journey?.stage == .owning)
        #expect(view.journey?.daysLeft == 0)
        #expect(view.integrity.flags.isEmpty)
    }

    /// Both centres hold the same history and count the same.
    private func expectTheSameAtBoth(_ centres: Centres) throws {
        let berlin = try centres.berlin.ledger.caseView(of: centres.caseID, at: centres.clock.now)
        let manila = try centres.manila.ledger.caseView(of: centres.caseID, at: centres.clock.now)
        #expect(berlin.events == manila.events)
        #expect(berlin.path.custody == manila.path.custody)
        #expect(berlin.path.owners == manila.path.owners)
        #expect(berlin.integrity == manila.integrity)
        #expect(berlin.journey == manila.journey)
        // What was said in Berlin is sealed under a key that Manila has not.
        #expect(berlin.header.title?.value.value == "Hub offline every night")
        #expect(manila.header.title?.value.value == nil)
        #expect(manila.header.title?.value.isPresent == true)
        #expect(
            try centres.berlin.ledger.caseFacts(of: centres.caseID)
                == centres.manila.ledger.caseFacts(of: centres.caseID)
        )
    }
}
