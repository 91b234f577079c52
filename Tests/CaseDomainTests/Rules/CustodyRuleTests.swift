import CaseDomain
import LedgerTypes
import Testing

@Suite("Rules of custody")
struct CustodyRuleTests {
    private static let reopen = EventPayload.caseReopened(Examples.reopened)

    private static func closed() throws -> Story {
        var story = try Story.opened()
        story.resolve(at: 9)
        story.tell(.caseClosed(Examples.make { $0.reason = .confirmed }), at: 10)
        return story
    }

    @Test("L7: reopening reinstates the last owner in the same append")
    func reinstates() throws {
        let story = try Self.closed()
        let decision = try story.decide(Self.reopen, at: 20)
        #expect(decision.events.count == 2)
        guard case .ownerAssigned(let assignment) = decision.events.last?.payload else {
            Issue.record("no owner")
            return
        }
        #expect(assignment.ownerID == "anna")
        #expect(assignment.how == .reinstated)
        #expect(decision.events.last?.causation == decision.events.first?.id)
        #expect(decision.flags.isEmpty)
        let again = try story.decide(Self.reopen, at: 20)
        #expect(again.events.map(\.id) == decision.events.map(\.id))
    }

    @Test("L7: an owner who left is not reinstated; somebody must be routed with a reason")
    func absentOwner() throws {
        var story = try Self.closed()
        let policy = RulePolicy(absentStaff: ["anna"])
        #expect(story.rules(Self.reopen, at: 20, policy: policy) == .flagged([.l7]))
        story.tell(Self.reopen, at: 20)
        #expect(story.view().integrity.flags.map(\.rule) == [.l7])
        let given = EventPayload.ownerAssigned(
            Examples.make {
                $0.ownerID = "bert"
                $0.how = .given
            }
        )
        #expect(story.rules(given, at: 21) == .flagged([.l7]))
        let routed = EventPayload.ownerAssigned(
            Examples.make {
                $0.ownerID = "bert"
                $0.how = .routed
                $0.reason = .agentLeft
            }
        )
        #expect(story.rules(routed, at: 21) == .accepted)
        story.tell(routed, at: 21)
        #expect(story.view().integrity.flags.isEmpty)
    }

    @Test("L8: a case that a person answered has an owner")
    func ownerless() throws {
        var story = try Story()
        story.tell(.contactStarted(Examples.started), at: 0, contact: "k")
        let answer = EventPayload.contactAnswered(Examples.make { $0.agentID = "anna" })
        #expect(story.rules(answer, at: 1, contact: "k") == .flagged([.l8]))
        let policy = RulePolicy(modes: [.l8: .refuse])
        #expect(story.rules(answer, at: 1, contact: "k", policy: policy) == .refused([.l8]))
        let routing = RulePolicy(routingOnlyTeams: ["one"])
        #expect(story.rules(answer, at: 1, contact: "k", policy: routing) == .accepted)
        #expect(
            story.rules(answer, at: 1, by: Story.agent("ivr", kind: .bot), contact: "k")
                == .accepted
        )
        story.tell(answer, at: 1, contact: "k")
        story.tell(.caseOpened(Examples.make { $0.firstContactID = "k" }), at: 2)
        #expect(story.view().integrity.flags.map(\.rule) == [.l8])
        let spam = EventPayload.caseClosed(Examples.make { $0.reason = .spam })
        #expect(story.rules(spam, at: 3) == .flagged([.l8]))
    }

    @Test("L8: the time without an owner is measured")
    func ownerlessTime() throws {
        var story = try Story.opened()
        story.tell(.ownerReleased(Examples.make { $0.reason = .agentLeft }), at: 10)
        #expect(story.view(at: 25).header.owner == nil)
        // Two minutes passed between the answer and the first owner.
        #expect(story.view(at: 25).path.ownerlessSeconds == 17 * 60)
        story.tell(.ownerAssigned(Examples.make { $0.ownerID = "bert" }), at: 40)
        #expect(story.view().path.ownerlessSeconds == 32 * 60)
        #expect(story.view().header.owner?.value == "bert")
        #expect(story.view().header.originalOwner?.value == "anna")
    }

    @Test("L8: nobody can be released where nobody owns")
    func releaseNobody() throws {
        var story = try Story.opened()
        story.tell(.ownerReleased(Examples.released), at: 10)
        #expect(story.rules(.ownerReleased(Examples.released), at: 11) == .flagged([.l8]))
    }

    @Test("L9: a system changes an owner only with a rule")
    func systemNamesRule() throws {
        let story = try Story.opened()
        let bot = Story.agent("router", kind: .system)
        var assignment = OwnerAssigned()
        assignment.ownerID = "bert"
        #expect(story.rules(.ownerAssigned(assignment), at: 9, by: bot) == .flagged([.l9]))
        #expect(story.rules(.ownerAssigned(assignment), at: 9) == .accepted)
        assignment.rule = "route-1"
        #expect(story.rules(.ownerAssigned(assignment), at: 9, by: bot) == .accepted)
        let release = EventPayload.ownerReleased(Examples.make { $0.reason = .longAbsence })
        #expect(story.rules(release, at: 9, by: bot) == .flagged([.l9]))
    }

    @Test("An assignment without an owner is refused")
    func noOwner() throws {
        let story = try Story.opened()
        #expect(story.rules(.ownerAssigned(OwnerAssigned()), at: 9) == .refused([.malformed]))
    }

    @Test("L10: a person's offer says what it is about and what has to be done")
    func context() throws {
        let story = try Story.opened()
        #expect(story.rules(Story.offer(), at: 9, handoff: "h") == .accepted)
        let bare = EventPayload.handoffOffered(Examples.make { $0.kind = .cold })
        #expect(story.rules(bare, at: 9, handoff: "h") == .flagged([.l10]))
        let queue = Story.agent("queue", kind: .system)
        #expect(story.rules(bare, at: 9, by: queue, handoff: "h") == .accepted)
        #expect(story.rules(Story.offer(), at: 9) == .refused([.malformed]))
    }

    @Test("L10: one open offer at a time, but for consults and offers that timed out")
    func oneOffer() throws {
        var story = try Story.opened()
        story.tell(Story.offer(deadline: 20), at: 9, handoff: "h-1")
        #expect(story.rules(Story.offer(), at: 10, handoff: "h-2") == .flagged([.l10]))
        #expect(story.rules(Story.offer(kind: .consult), at: 10, handoff: "h-2") == .accepted)
        #expect(story.rules(Story.offer(), at: 21, handoff: "h-2") == .accepted)
    }

    @Test("The ledger fills in who offers and what the customer was told")
    func completesOffer() throws {
        var story = try Story.opened()
        story.tell(.messageRecorded(Examples.message), at: 8)
        let decision = try story.state.decide(
            [
                ProposedEvent(
                    id: EventID(rawValue: 1 << 100),
                    subject: story.caseID,
                    occurred: Story.minute(9),
                    actor: Story.agent("anna"),
                    handoffID: "h",
                    payload: Story.offer()
                )
            ],
            now: Story.minute(9),
            caseHead: Examples.digest
        )
        guard case .handoffOffered(let offer) = decision.events.first?.payload else {
            Issue.record("no offer")
            return
        }
        #expect(offer.from?.actor == "anna")
        #expect(offer.context?.whatWeToldTheCustomer == "m-1")
        #expect(offer.context?.caseHead == Examples.digest)
    }

    @Test("L11: an offer is answered once")
    func answeredOnce() throws {
        var story = try Story.opened()
        let accept = EventPayload.handoffAccepted(Examples.make { $0.by = "bert" })
        let decline = EventPayload.handoffDeclined(Examples.make { $0.reason = .noCapacity })
        let bert = Story.agent("bert", team: "two")
        #expect(story.rules(accept, at: 9, by: bert, handoff: "h") == .refused([.l11]))
        story.tell(Story.offer(), at: 9, handoff: "h")
        #expect(story.rules(Story.offer(), at: 10, handoff: "h") == .refused([.l11]))
        #expect(story.rules(decline, at: 10, by: bert, handoff: "h") == .accepted)
        #expect(story.rules(accept, at: 10, by: bert, handoff: "h") == .accepted)
        story.tell(accept, at: 10, by: bert, handoff: "h")
        #expect(story.rules(accept, at: 11, by: bert, handoff: "h") == .refused([.l11]))
        #expect(story.rules(decline, at: 11, by: bert, handoff: "h") == .refused([.l11]))
    }

    @Test("L11: a time-out is derived at the cut; a late acceptance counts and is shown as late")
    func deadline() throws {
        var story = try Story.opened()
        story.tell(Story.offer(deadline: 20), at: 9, handoff: "h")
        #expect(story.view(at: 20).openOffers.count == 1)
        #expect(story.view(at: 21).openOffers.isEmpty)
        #expect(story.view(at: 21).path.handoffs.map(\.outcome) == [.timedOut])
        #expect(story.view(at: 21).header.holder?.value.agent == "anna")
        let accept = EventPayload.handoffAccepted(Examples.make { $0.by = "bert" })
        let decline = EventPayload.handoffDeclined(Examples.make { $0.reason = .noCapacity })
        let bert = Story.agent("bert", team: "two")
        #expect(story.rules(accept, at: 20, by: bert, handoff: "h") == .accepted)
        #expect(story.rules(decline, at: 30, by: bert, handoff: "h") == .refused([.l11]))
        #expect(story.rules(accept, at: 30, by: bert, handoff: "h") == .flagged([.l11]))
        story.tell(accept, at: 30, by: bert, handoff: "h")
        let line = try #require(story.view().path.handoffs.first)
        #expect(line.outcome == .accepted)
        #expect(line.isLate)
        #expect(story.view().header.holder?.value.agent == "bert")
    }

    @Test("L12: ownership moves only for a reason that allows it, to a team that faces customers")
    func movesOwnership() throws {
        let story = try Story.opened()
        let skill = Story.offer(moves: true, reason: .skill)
        #expect(story.rules(skill, at: 9, handoff: "h") == .flagged([.l12]))
        let language = Story.offer(moves: true, reason: .language)
        #expect(story.rules(language, at: 9, handoff: "h") == .accepted)
        let policy = RulePolicy(teamsNotCustomerFacing: ["two"])
        #expect(story.rules(language, at: 9, handoff: "h", policy: policy) == .flagged([.l12]))
    }

    @Test("L12: the assignment that an acceptance writes needs such a reason as well")
    func assignmentReason() throws {
        var story = try Story.opened()
        story.tell(Story.offer(moves: true, reason: .language), at: 9, handoff: "h")
        let assignment = EventPayload.ownerAssigned(
            Examples.make {
                $0.ownerID = "bert"
                $0.reason = .capacity
            }
        )
        #expect(story.rules(assignment, at: 10, handoff: "h") == .flagged([.l12]))
    }

    @Test("Accepting an offer that moves ownership assigns the owner in the same append")
    func acceptanceAssigns() throws {
        var story = try Story.opened()
        story.tell(Story.offer(moves: true, reason: .language), at: 9, handoff: "h")
        let decision = try story.decide(
            .handoffAccepted(HandoffAccepted()),
            at: 10,
            by: Story.agent("bert", team: "two"),
            handoff: "h"
        )
        #expect(decision.events.count == 2)
        guard case .ownerAssigned(let assignment) = decision.events.last?.payload else {
            Issue.record("no owner")
            return
        }
        #expect(assignment.ownerID == "bert")
        #expect(assignment.previousOwnerID == "anna")
        #expect(assignment.reason == .language)
        #expect(decision.flags.isEmpty)
        #expect(decision.state.view(at: Story.minute(11)).header.owner?.value == "bert")
    }

    @Test("Accepting any other offer leaves the owner")
    func acceptanceKeeps() throws {
        var story = try Story.opened()
        story.tell(Story.offer(), at: 9, handoff: "h")
        let decision = try story.decide(
            .handoffAccepted(HandoffAccepted()),
            at: 10,
            by: Story.agent("bert", team: "two"),
            handoff: "h"
        )
        #expect(decision.events.count == 1)
        let header = decision.state.view(at: Story.minute(11)).header
        #expect(header.owner?.value == "anna")
        #expect(header.holder?.value.agent == "bert")
    }
}
