import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

/// The mobile phone: a customer who cannot make calls, told as the customer met it. Once the way it
/// went, at a centre that lets everything pass; once the way it should have gone.
@Suite("Story: the mobile phone", .temporaryDirectory)
struct MobilePhoneStory {
    private static let script = ["restart", "battery", "settings"]

    @Test("The way it went: the view shows every seam, repeat, broken promise and false fix")
    func asItWent() async throws {
        let centre = try StoryOffice("centre")
        let caseID = try await self.firstDay(at: centre)
        // The callback that another agent was due to make never comes. The customer calls.
        centre.clock.pass(hours: 25)
        try await self.secondDay(caseID, at: centre)
        centre.clock.pass(days: 2)
        let eve = try await centre.desk("eve").startContact(.phone, mood: .angry)
        try await eve.decide(caseID, .reopen(.notFixed))
        centre.clock.pass(days: 1)
        let view = try centre.ledger.caseView(of: caseID)

        try self.expectExplanations(view)
        try self.expectRepeats(view)
        try self.expectDebts(view)
        try self.expectFalseFix(view)
        try self.expectLostOwner(view)
        let broken = Set(view.integrity.flags.map(\.rule))
        #expect(broken == [.l3, .l4, .l10, .l15])
        #expect(view.briefing.count <= CaseView.briefingLinesMax)
        #expect(view.briefing.contains { $0.text.contains("told 3 times") })
    }

    /// The call, the cold transfer, the same three steps again, the escalation.
    private func firstDay(at centre: StoryOffice) async throws -> Subject {
        for rule in [RuleID.l3, .l4, .l15] { try await centre.lets(rule) }
        try await centre.decide("talk time") {
            $0.what = .handleTimeLimit
            $0.value = 600
        }
        let caseID = centre.ledger.makeCaseID()
        let anna = try await centre.desk("anna").startContact(.phone, waitSeconds: 420)
        try await anna.decide(
            caseID,
            .open(title: "No calls", product: Product("phone X2"), category: "no calls"),
            .recordStatement("I have had no calls since Monday", facts: ["since": "Monday"])
        )
        for step in Self.script {
            centre.clock.pass(minutes: 3)
            try await anna.decide(caseID, .recordStep(step, .failed, script: "no calls"))
        }
        // A cold transfer, with not even a sentence.
        try await anna.decide(
            caseID,
            .offerHandoff(to: .team("tech support", tier: .t2), .cold, because: .skill)
        )
        let call = try #require(anna.contactID)
        let bert = centre.desk("bert", .t2, team: "tech support").on(contactID: call)
        centre.clock.pass(minutes: 6)
        try await bert.decide(
            caseID,
            .acceptHandoff(missing: ["summary", "nextAction"], contextRead: false)
        )
        try await bert.answerContact(waitSeconds: 360)
        try await bert.decide(
            caseID,
            .recordStatement(
                "As I told your colleague: no calls since Monday",
                facts: ["since": "Monday"],
                again: .notRead
            )
        )
        for step in Self.script + ["reset", "roaming"] {
            centre.clock.pass(minutes: 3)
            try await bert.decide(caseID, .recordStep(step, .failed))
        }
        try await bert.decide(
            caseID,
            .escalate(
                to: .team("radio group", tier: .engineering),
                because: .stepsExhausted,
                question: "Is the cell up?",
                reportBackBy: centre.clock.later(days: 3),
                escalationID: "radio"
            ),
            .promise(
                .callback,
                by: centre.clock.later(hours: 22),
                text: "somebody will call you tomorrow morning",
                promisedBy: "dora",
                commitmentID: "callback"
            ),
            .tellCustomer("It could take three days to resolve")
        )
        // The group takes no calls, and a rule takes the case from its owner.
        try await centre.desk("queue rules", kind: .system).decide(
            caseID,
            .releaseOwner(because: .reassignmentPlanned, rule: "escalated cases have no owner")
        )
        try await bert.endContact(wrapSeconds: 60, summary: "escalated")
        return caseID
    }

    /// The third explanation, and ten seconds before the limit of the talk time a new SIM card.
    private func secondDay(_ caseID: Subject, at centre: StoryOffice) async throws {
        let carl = try await centre.desk("carl").startContact(.phone, mood: .annoyed)
        try await carl.decide(
            caseID,
            .recordStatement(
                "No calls since Monday, and nobody called me back",
                facts: ["since": "Monday"],
                again: .notVisibleHere
            )
        )
        centre.clock.pass(minutes: 10)
        try await carl.decide(
            caseID,
            .tellCustomer("Get a new SIM card"),
            .resolve(.workaround, notes: "get a new SIM card", confirmed: .notAsked),
            .close(.confirmed)
        )
        try await carl.endContact(wrapSeconds: 10)
    }

    private func expectExplanations(_ view: CaseView) throws {
        #expect(view.understanding.explanations == 3)
        let statements = view.understanding.statements
        #expect(statements.map(\.askedBy) == ["anna", "bert", "carl"])
        #expect(statements.map(\.crossing) == [nil, .tier, .tier])
        #expect(statements.map(\.reason) == [.notStated, .notRead, .notVisibleHere])
        // Each is charged to the event at which another person had the customer.
        let seams = view.understanding.crossings.filter { $0.restatements > 0 }
        #expect(seams.map { "\($0.from) to \($0.to)" } == ["anna to bert", "bert to carl"])
        #expect(statements.dropFirst().map(\.crossingEvent) == seams.map(\.event))
        #expect(view.understanding.facts.map(\.told) == [3])
    }

    private func expectRepeats(_ view: CaseView) throws {
        let repeats = view.steps.tried.filter { $0.repeatOf != nil }
        #expect(repeats.map(\.stepID) == Self.script)
        #expect(repeats.map(\.actorID) == ["bert", "bert", "bert"])
        let firsts = view.steps.tried.prefix(3)
        #expect(repeats.map(\.repeatOf) == firsts.map(\.event))
        #expect(view.steps.needlessRepeats == repeats.map(\.event))
        #expect(
            view.integrity.flags.filter { $0.rule == .l15 }.map(\.event) == repeats.map(\.event)
        )
    }

    private func expectDebts(_ view: CaseView) throws {
        let promise = try #require(view.commitments.first)
        #expect(promise.standing == .missed)
        #expect(promise.promisedBy == "dora")
        #expect(promise.settledBy == nil)
        let maker = view.events.first { $0.event == promise.event }
        #expect(maker?.actorID == "bert")
        let escalation = try #require(view.work.escalations.first)
        #expect(escalation.reports.isEmpty)
        #expect(escalation.owesReport)
        #expect(escalation.isOverdue(at: view.asOf))
        #expect(escalation.reportBackTo == "anna")
        #expect(escalation.failedSteps.count == 8)
        #expect(view.work.debts.map(\.kind) == [.commitment, .reportBack])
        #expect(view.work.debts.map(\.isOverdue) == [true, true])
    }

    private func expectFalseFix(_ view: CaseView) throws {
        let claim = try #require(view.claims.resolutions.first)
        #expect(view.claims.resolutions.count == 1)
        #expect(claim.resolutionKind == .workaround)
        #expect(claim.customerConfirmed == .notAsked)
        #expect(view.path.episodes.map(\.reopenReason) == [nil, .notFixed])
        #expect(view.header.state == .open)
        // The contact that ended in it stopped just short of the limit.
        let contact = try #require(view.path.contacts.dropFirst().first)
        let limit = view.records.policies.first { $0.what == .handleTimeLimit }?.value
        #expect(contact.segments.map(\.agentID) == ["carl"])
        #expect(contact.segments.map(\.talkSeconds) == [590])
        #expect(limit == 600)
    }

    private func expectLostOwner(_ view: CaseView) throws {
        let first = try #require(view.path.owners.first)
        #expect(first.ownerID == "anna")
        let lost = view.events.first { $0.event == first.endedBy }
        #expect(lost?.type == "owner.released")
        #expect(lost?.actorID == "queue rules")
        #expect(first.releaseReason == .reassignmentPlanned)
        // Nobody answered to the customer from then until the case was closed over their head; when
        // they came back, the ledger brought the owner back.
        #expect(view.path.ownerlessSeconds > 86_400)
        #expect(view.path.owners.map(\.how) == [.claimed, .reinstated])
        #expect(view.header.owner?.value == "anna")
    }

    @Test("The way it should have gone: one owner, no step twice, and anna herself calls back")
    func asItShouldHaveGone() async throws {
        let centre = try StoryOffice("centre")
        let caseID = centre.ledger.makeCaseID()
        let anna = try await centre.desk("anna").startContact(.phone, waitSeconds: 40)
        try await anna.decide(
            caseID,
            .open(title: "No calls", product: Product("phone X2"), category: "no calls"),
            .recordStatement("I have had no calls since Monday", facts: ["since": "Monday"])
        )
        for step in Self.script {
            centre.clock.pass(minutes: 1)
            try await anna.decide(caseID, .recordStep(step, .failed, script: "no calls"))
        }
        try await self.handOver(caseID, from: anna, at: centre)
        try await self.answer(caseID, at: centre)
        // Within the day the same person rings, with the answer.
        centre.clock.pass(hours: 20)
        let call = try await centre.desk("anna").callBack(caseID)
        try await call.decide(
            caseID,
            .tellCustomer("The cell near you was down; it is up again"),
            .recordStep("call", .worked, by: .customer),
            .resolve(.fixed, cause: "cell down", confirmed: .yes),
            .close(.confirmed)
        )
        try await call.endContact(by: .customer, wrapSeconds: 20)
        self.expectAllWell(try centre.ledger.caseView(of: caseID))
    }

    /// A warm handoff, in which nobody has to say anything twice.
    private func handOver(_ caseID: Subject, from anna: Desk, at centre: StoryOffice) async throws {
        try await anna.decide(
            caseID,
            .offerHandoff(
                to: .team("tech support", tier: .t2),
                .warm,
                because: .skill,
                summary: "No calls since Monday, the script did not help",
                next: "check reset and roaming"
            )
        )
        let call = try #require(anna.contactID)
        let bert = centre.desk("bert", .t2, team: "tech support").on(contactID: call)
        try await bert.decide(caseID, .acceptHandoff())
        try await bert.answerContact()
        let context = try #require(
            centre.ledger.caseView(of: caseID).path.handoffs.first?.context
        )
        #expect(context.stepsTried.count == 3)
        #expect(context.doNotAskAgain == ["since"])
        #expect(context.problemInCustomersWords != nil)

        // The ledger does not let the customer go through the script again without a reason.
        let refused = await centre.refusals {
            try await bert.decide(caseID, .recordStep("restart", .failed))
        }
        #expect(refused == [.l15])
        for step in ["reset", "roaming"] {
            centre.clock.pass(minutes: 2)
            try await bert.decide(caseID, .recordStep(step, .failed))
        }
        try await bert.decide(
            caseID,
            .escalate(
                to: .team("radio group", tier: .engineering),
                because: .stepsExhausted,
                question: "Is the cell up?",
                reportBackBy: centre.clock.later(hours: 18)
            )
        )
        try await anna.decide(
            caseID,
            .promise(.callback, by: centre.clock.later(days: 1), samePerson: true)
        )
        try await bert.endContact(wrapSeconds: 60, summary: "escalated, anna calls back")
    }

    /// The group reports back to the owner; before that nothing can be resolved.
    private func answer(_ caseID: Subject, at centre: StoryOffice) async throws {
        let refused = await centre.refusals {
            try await centre.desk("anna").decide(
                caseID,
                .resolve(.workaround, notes: "get a new SIM card")
            )
        }
        #expect(refused == [.l3, .l4])
        centre.clock.pass(hours: 2)
        try await centre.desk("rita", .engineering, team: "radio group").decide(
            caseID,
            .reportBack(.fixed, findings: "the cell was down; restarted")
        )
        let view = try centre.ledger.caseView(of: caseID)
        #expect(view.work.escalations.first?.reports.first?.to == "anna")
        #expect(view.header.holder?.value.agent == "anna")
        #expect(view.work.debts.map(\.kind) == [.commitment])
    }

    private func expectAllWell(_ view: CaseView) {
        #expect(view.understanding.explanations == 1)
        #expect(view.steps.needlessRepeats.isEmpty)
        #expect(view.commitments.map(\.standing) == [.kept])
        #expect(view.commitments.map(\.keptBy) == ["anna"])
        #expect(view.commitments.map(\.isSameRep) == [true])
        #expect(view.path.contacts.last?.answers.map(\.agentID) == ["anna"])
        #expect(view.path.contacts.last?.initiation == .callback)
        #expect(view.path.owners.map(\.ownerID) == ["anna"])
        #expect(view.work.escalations.map(\.hasBrokenChain) == [false])
        #expect(view.path.episodes.map(\.customerConfirmed) == [.yes])
        #expect(view.header.state == .closed)
        #expect(view.work.debts.isEmpty)
        #expect(view.integrity.flags.isEmpty)
        #expect(view.integrity.conflicts.isEmpty)
    }
}
