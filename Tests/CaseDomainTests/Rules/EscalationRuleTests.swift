import CaseDomain
import LedgerTypes
import Testing

@Suite("Escalations and report-back")
struct EscalationRuleTests {
    static func raised(
        kind: EscalationKind = .functional,
        reason: EscalationReason = .skill,
        due: Double? = 100
    ) -> EventPayload {
        .escalationRaised(
            Examples.make {
                $0.kind = kind
                $0.reason = reason
                $0.toTeam = "labs"
                $0.question = .open("is it the firmware?")
                $0.reportBackDue = due.map(Story.minute)
            }
        )
    }

    static func report(final: Bool = true, to: String = "") -> EventPayload {
        .escalationReportedBack(
            Examples.make {
                $0.to = to
                $0.outcome = final ? .fixed : .interim
                $0.isFinal = final
            }
        )
    }

    static func close(
        _ reason: EscalationCloseReason,
        waiver: Bool = false
    ) -> EventPayload {
        .escalationClosed(
            Examples.make {
                $0.reason = reason
                if waiver { $0.waiver = .open("the customer moved on") }
            }
        )
    }

    @Test("L13: the ledger fills in the owner, the tier and the failed steps")
    func completed() throws {
        var story = try Story.opened()
        let step = try story.write(UnderstandingRuleTests.step("reboot"), at: 5)
        let decision = try story.decide(
            Self.raised(reason: .stepsExhausted),
            at: 6,
            escalation: "e"
        )
        guard case .escalationRaised(let raise) = decision.events[0].payload else { return }
        #expect(raise.reportBackTo == "anna")
        #expect(raise.fromTier == .t1)
        #expect(raise.failedSteps == [step.id])
    }

    @Test("L13: an escalation needs an owner, a time, and steps or a reason that needs none")
    func incomplete() throws {
        let story = try Story.opened()
        #expect(story.rules(Self.raised(due: nil), at: 5, escalation: "e") == .refused([.l13]))
        #expect(
            story.rules(Self.raised(reason: .stepsExhausted), at: 5, escalation: "e")
                == .refused([.l13])
        )
        #expect(
            story.rules(Self.raised(kind: .hierarchic, reason: .complaint), at: 5, escalation: "e")
                == .accepted
        )
        #expect(story.rules(Self.raised(), at: 5) == .refused([.malformed]))
        var ownerless = try Story()
        ownerless.tell(.caseOpened(Examples.make { $0.initiation = .system }), at: 0)
        #expect(ownerless.rules(Self.raised(), at: 5, escalation: "e") == .refused([.l13, .l13]))
    }

    @Test("L13: an id is used once, and only what there is can be answered or closed")
    func identity() throws {
        var story = try Story.opened()
        try story.write(Self.raised(), at: 5, escalation: "e")
        #expect(story.rules(Self.raised(), at: 6, escalation: "e") == .refused([.l13]))
        #expect(story.rules(Self.report(), at: 6, escalation: "x") == .refused([.l13]))
        #expect(story.rules(Self.close(.withdrawn), at: 6, escalation: "x") == .refused([.l13]))
        #expect(story.rules(Self.close(.answered), at: 6, escalation: "e") == .refused([.l13]))
        try story.write(Self.close(.withdrawn), at: 7, escalation: "e")
        #expect(story.rules(Self.close(.withdrawn), at: 8, escalation: "e") == .refused([.l13]))
    }

    @Test("L3: no resolve over an open escalation; an interim report does not pay the debt")
    func resolveOver() throws {
        var story = try Story.opened()
        let raised = try story.write(Self.raised(), at: 5, escalation: "e")
        let error = #expect(throws: RuleViolations.self) {
            try story.decide(.caseResolved(Story.fixed), at: 6)
        }
        #expect(error?.violations.map(\.rule) == [.l3])
        #expect(error?.violations.first?.saw == [raised.id])
        try story.write(Self.report(final: false), at: 7, escalation: "e")
        #expect(story.rules(.caseResolved(Story.fixed), at: 8) == .refused([.l3]))
        try story.write(Self.report(), at: 9, escalation: "e")
        #expect(story.rules(.caseResolved(Story.fixed), at: 10) == .accepted)
    }

    @Test("L3: the owner or a supervisor waives the answer, and says why")
    func waiver() throws {
        var story = try Story.opened()
        try story.write(Self.raised(), at: 5, escalation: "e")
        let waived = Self.close(.waived, waiver: true)
        #expect(
            story.rules(waived, at: 6, by: Story.agent("bert"), escalation: "e")
                == .refused([.l3])
        )
        #expect(
            story.rules(
                waived,
                at: 6,
                by: Story.agent("sue", kind: .supervisor),
                escalation: "e"
            ) == .accepted
        )
        #expect(story.rules(Self.close(.waived), at: 6, escalation: "e") == .refused([.l3]))
        try story.write(waived, at: 7, escalation: "e")
        #expect(story.rules(.caseResolved(Story.fixed), at: 8) == .accepted)
    }

    @Test("L3: an answer in the same append counts, wherever the caller put it")
    func sameAppend() throws {
        var story = try Story.opened()
        try story.write(Self.raised(), at: 5, escalation: "e")
        let payloads = [EventPayload.caseResolved(Story.fixed), Self.report()]
        let proposed = payloads.enumerated().map { number, payload in
            ProposedEvent(
                id: EventID(rawValue: UInt128(number + 1) << 90),
                subject: story.caseID,
                occurred: Story.minute(6),
                actor: Story.agent("anna"),
                escalationID: number == 1 ? "e" : nil,
                payload: payload
            )
        }
        let decision = try story.state.decide(proposed, now: Story.minute(6))
        #expect(
            decision.events.map(\.payload.typeName)
                == ["escalation.reportedBack", "case.resolved"]
        )
    }

    @Test("A final report brings the case back to its owner, which is no handoff")
    func reportBack() throws {
        var story = try Story.opened()
        try story.write(Self.raised(), at: 5, escalation: "e")
        story.tell(Story.offer(), at: 6, handoff: "h")
        story.tell(
            .handoffAccepted(HandoffAccepted()),
            at: 7,
            by: Story.agent("bert", team: "two"),
            handoff: "h"
        )
        #expect(story.state.facts.agents.handoffs == 1)
        let report = try story.write(
            Self.report(),
            at: 8,
            by: Story.agent("bert", team: "two"),
            escalation: "e"
        )
        let view = story.view()
        #expect(view.header.holder?.value.agent == "anna")
        #expect(view.header.holder?.value.team == "one")
        #expect(view.header.holder?.event == report.id)
        #expect(story.state.facts.agents.handoffs == 1)
        #expect(story.state.facts.agents.pingPongs == 0)
        let line = try #require(view.work.escalations.first)
        #expect(line.answeredBy == report.id)
        #expect(!line.hasBrokenChain)
    }

    @Test("L14: an answer to a former owner goes to the one of now, and the chain is broken")
    func brokenChain() throws {
        var story = try Story.opened()
        try story.write(Self.raised(), at: 5, escalation: "e")
        story.tell(.ownerAssigned(Examples.make { $0.ownerID = "carla" }), at: 6)
        #expect(
            story.rules(Self.report(to: "anna"), at: 7, escalation: "e") == .flagged([.l14])
        )
        story.tell(Self.report(to: "anna"), at: 7, escalation: "e")
        let line = try #require(story.view().work.escalations.first)
        #expect(line.hasBrokenChain)
        #expect(line.reports.first?.reachedOwner == "carla")
    }

    @Test("A report that is not there by its time is an overdue debt of the case")
    func overdue() throws {
        var story = try Story.opened()
        try story.write(Self.raised(due: 50), at: 5, escalation: "e")
        #expect(story.view(at: 49).work.debts.map(\.isOverdue) == [false])
        let debt = try #require(story.view(at: 51).work.debts.first)
        #expect(debt.kind == .reportBack)
        #expect(debt.owedBy == "labs")
        #expect(debt.owedTo == "anna")
        #expect(debt.isOverdue)
    }
}
