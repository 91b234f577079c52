import CaseDomain
import LedgerTypes
import Testing

@Suite("Explanations and steps")
struct UnderstandingRuleTests {
    static func stated(
        _ facts: [String: String] = [:],
        reason: RestatementReason = .notStated
    ) -> EventPayload {
        .issueStated(
            Examples.make {
                for key in facts.keys.sorted() {
                    $0.facts.append(
                        Examples.make {
                            $0.key = key
                            $0.source = .customer
                        }
                    )
                }
                if !facts.isEmpty {
                    $0.factValues = .open(facts.keys.sorted().compactMap { facts[$0] })
                }
                $0.narrative = .open("it drops")
                $0.reason = reason
            }
        )
    }

    static func step(
        _ stepID: String,
        _ result: StepResult = .failed,
        reason: RepeatReason = .notStated
    ) -> EventPayload {
        .stepTried(
            Examples.make {
                $0.stepID = stepID
                $0.result = result
                $0.repeatReason = reason
            }
        )
    }

    @Test("L16: the first statement restates nothing; the ledger names it and who asked")
    func first() throws {
        let story = try Story.opened()
        let decision = try story.decide(Self.stated(["model": "X7"]), at: 5, contact: "k")
        guard case .issueStated(let stated) = decision.events[0].payload else {
            Issue.record("not a statement")
            return
        }
        #expect(!stated.isRestatement)
        #expect(stated.restates == nil)
        #expect(stated.askedBy == "anna")
        #expect(stated.statementID == decision.events[0].id.description)
        #expect(stated.facts.map(\.change) == [.first])
        #expect(decision.flags.isEmpty)
    }

    @Test("L16: an unchanged value restates, a changed one updates, a new one adds")
    func changes() throws {
        var story = try Story.opened()
        try story.write(Self.stated(["model": "X7"]), at: 5, contact: "k")
        let first = try #require(story.view().understanding.statements.first)
        let again = try story.decide(
            Self.stated(["lamp": "red", "model": "X7"], reason: .notRead),
            at: 6
        )
        guard case .issueStated(let restated) = again.events[0].payload else { return }
        #expect(restated.isRestatement)
        #expect(restated.restates == first.statementID)
        #expect(restated.facts.map(\.change) == [.first, .repeated])
        let update = try story.decide(Self.stated(["model": "X8"]), at: 6)
        guard case .issueStated(let updated) = update.events[0].payload else { return }
        #expect(!updated.isRestatement)
        #expect(updated.facts.map(\.change) == [.updated])
        let more = try story.decide(Self.stated(["lamp": "red"]), at: 6)
        guard case .issueStated(let added) = more.events[0].payload else { return }
        #expect(!added.isRestatement)
    }

    @Test("L16: a statement without facts restates, and one that does not say why is flagged")
    func noFacts() throws {
        var story = try Story.opened()
        try story.write(Self.stated(), at: 5, contact: "k")
        #expect(story.rules(Self.stated(), at: 6) == .flagged([.l16]))
        #expect(story.rules(Self.stated(reason: .identityCheck), at: 6) == .accepted)
    }

    @Test("A restatement is charged to the crossing before it")
    func seams() throws {
        var story = try Story.opened()
        try story.write(Self.stated(["model": "X7"]), at: 5, contact: "k")
        story.tell(.contactStarted(Examples.started), at: 10, contact: "j")
        story.tell(
            .contactAnswered(Examples.make { $0.agentID = "bert" }),
            at: 11,
            by: ActorSnapshot(actorID: "bert", kind: .agent, tier: "t2", siteID: "berlin"),
            contact: "j"
        )
        try story.write(
            Self.stated(["model": "X7"], reason: .notVisibleHere),
            at: 12,
            by: Story.agent("bert"),
            contact: "j"
        )
        let pane = story.view().understanding
        #expect(pane.explanations == 2)
        #expect(pane.crossings.map(\.kind) == [.tier])
        #expect(pane.crossings.map(\.restatements) == [1])
        #expect(pane.statements.last?.crossing == .tier)
        #expect(pane.statements.last?.crossingEvent == pane.crossings.first?.event)
        #expect(pane.facts.map(\.told) == [2])
        #expect(pane.facts.first?.value.value == "X7")
    }

    @Test("Somebody who was never seen to answer, but asks, is a crossing")
    func silentCrossing() throws {
        var story = try Story.opened()
        try story.write(Self.stated(["model": "X7"]), at: 5, contact: "k")
        try story.write(
            Self.stated(["model": "X7"], reason: .notRead),
            at: 6,
            by: Story.agent("bert"),
            contact: "k"
        )
        #expect(story.view().understanding.crossings.map(\.kind) == [.agent])
    }

    @Test("L15: a failed step is repeated only for a reason; the ledger finds the first try")
    func repeatedStep() throws {
        var story = try Story.opened()
        let first = try story.write(Self.step("reboot"), at: 5)
        #expect(story.rules(Self.step("reboot"), at: 6) == .refused([.l15]))
        let decision = try story.decide(Self.step("reboot", reason: .verify), at: 6)
        guard case .stepTried(let step) = decision.events[0].payload else { return }
        #expect(step.repeatOf == first.id)
        #expect(story.rules(Self.step("reset"), at: 6) == .accepted)
        try story.write(Self.step("reset", .worked), at: 7)
        #expect(story.rules(Self.step("reset"), at: 8) == .accepted)
    }

    @Test("L15: what the customer tried before the first contact counts, and says so")
    func priorAttempt() throws {
        var story = try Story()
        story.tell(
            .caseOpened(
                Examples.make {
                    $0.initiation = .system
                    $0.priorAttempts = [
                        Examples.make {
                            $0.place = .forum
                            $0.stepID = "reboot"
                            $0.result = .failed
                        }
                    ]
                }
            ),
            at: 0
        )
        let error = #expect(throws: RuleViolations.self) {
            try story.decide(Self.step("reboot"), at: 1)
        }
        #expect(error?.violations.first?.message.contains("the customer tried") == true)
        #expect(story.view().steps.tried.first?.place == .forum)
    }

    @Test("L15: a step on another product is another step")
    func otherProduct() throws {
        var story = try Story.opened()
        try story.write(Self.step("reboot"), at: 5)
        story.tell(
            .caseClassified(
                Examples.make {
                    $0.field = "product"
                    $0.new = "modem"
                }
            ),
            at: 6
        )
        #expect(story.rules(Self.step("reboot"), at: 7) == .accepted)
    }

    @Test("L15: a repeat that another site could not know of is not flagged")
    func parallelStep() throws {
        var story = try Story.opened()
        story.tell(Self.step("reboot"), at: 5)
        story.tell(Self.step("reboot"), at: 6, log: Story.manila, blind: true)
        #expect(story.view().integrity.flags.isEmpty)
        story.tell(Self.step("reboot"), at: 7, log: Story.manila)
        #expect(story.view().integrity.flags.map(\.rule) == [.l15])
    }

    @Test("A needless repeat shows, one to verify does not")
    func needless() throws {
        var story = try Story.opened()
        try story.write(Self.step("reboot"), at: 5)
        try story.write(Self.step("reboot", reason: .verify), at: 6)
        let scripted = try story.write(Self.step("reboot", reason: .scriptForced), at: 7)
        #expect(story.view().steps.needlessRepeats == [scripted.id])
    }
}
