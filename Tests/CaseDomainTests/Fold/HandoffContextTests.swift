import CaseDomain
import LedgerTypes
import Testing

@Suite("Handoff context and seams")
struct HandoffContextTests {
    private static func busy() throws -> Story {
        var story = try Story.opened()
        try story.write(UnderstandingRuleTests.stated(["model": "X7"]), at: 5, contact: "k")
        try story.write(UnderstandingRuleTests.step("reboot"), at: 6)
        try story.write(CommitmentRuleTests.promise(due: 500), at: 7)
        try story.write(EntitlementRuleTests.determined(.warranty), at: 8)
        story.tell(
            .messageRecorded(
                Examples.make {
                    $0.messageID = "m"
                    $0.visibility = .public
                    $0.body = .open("we are on it")
                }
            ),
            at: 9
        )
        story.tell(.knownIssueLinked(Examples.make { $0.issueID = "KI-7" }), at: 10)
        return story
    }

    @Test("The ledger fills in what the receiver must know, of references into the log")
    func filledIn() throws {
        let story = try Self.busy()
        let decision = try story.decide(Story.offer(), at: 11, handoff: "h")
        guard case .handoffOffered(let offer) = decision.events[0].payload else { return }
        let context = try #require(offer.context)
        let view = story.view(at: 11)
        #expect(context.stepsTried == view.steps.tried.map(\.event))
        #expect(context.openCommitments == ["p"])
        #expect(context.entitlement == .warranty)
        #expect(context.problemInCustomersWords == view.understanding.statements.first?.statementID)
        #expect(context.doNotAskAgain == ["model"])
        #expect(context.whatWeToldTheCustomer == "m")
        #expect(context.knownIssueIDs == ["KI-7"])
        #expect(decision.flags.isEmpty)
    }

    @Test("Completeness counts the parts, and what the case has nothing of counts as there")
    func completeness() throws {
        var empty = try Story.opened()
        empty.tell(Story.offer(), at: 5, handoff: "h")
        #expect(empty.view().path.handoffs.first?.completenessPercent == 100)
        var story = try Self.busy()
        story.tell(.handoffOffered(Examples.make { $0.kind = .cold }), at: 11, handoff: "h")
        #expect(story.view().path.handoffs.first?.completenessPercent == 0)
        try story.write(Story.offer(), at: 12, handoff: "i")
        // Something is promised, and the offer says nothing of what the customer expects.
        #expect(story.view().path.handoffs.last?.completenessPercent == 85)
    }

    @Test("A case passed on before anybody did any work is a hot potato")
    func hotPotato() throws {
        var story = try Story.opened()
        let bert = Story.agent("bert", team: "two")
        story.tell(Story.offer(), at: 5, handoff: "a")
        story.tell(.handoffAccepted(HandoffAccepted()), at: 6, by: bert, handoff: "a")
        let passed = story.tell(Story.offer(to: "three"), at: 7, by: bert, handoff: "b")
        let carl = Story.agent("carl", team: "three")
        story.tell(.handoffAccepted(HandoffAccepted()), at: 8, by: carl, handoff: "b")
        story.tell(UnderstandingRuleTests.step("reboot"), at: 9, by: carl)
        story.tell(Story.offer(to: "four"), at: 10, by: carl, handoff: "c")
        #expect(story.view().path.handoffs.map(\.passedOnBy) == [passed.id, nil, nil])
    }

    private static func crossing(
        from first: ActorSnapshot,
        _ firstChannel: Channel = .phone,
        to second: ActorSnapshot,
        _ secondChannel: Channel = .phone,
        shift: Bool = false
    ) throws -> CrossingKind? {
        var story = try Story()
        story.tell(.caseOpened(Examples.make { $0.initiation = .system }), at: 0)
        for (number, part) in [(first, firstChannel), (second, secondChannel)].enumerated() {
            let minute = Double(number + 1) * 10
            if number == 1, shift {
                story.tell(Story.offer(kind: .shift, reason: .shiftEnd), at: 15, handoff: "h")
                story.tell(
                    .handoffAccepted(HandoffAccepted()),
                    at: 16,
                    by: second,
                    handoff: "h"
                )
            }
            story.tell(
                .contactStarted(Examples.make { $0.channel = part.1 }),
                at: minute,
                contact: "k\(number)"
            )
            story.tell(
                .contactAnswered(ContactAnswered()),
                at: minute + 1,
                by: part.0,
                contact: "k\(number)"
            )
        }
        return story.view().understanding.crossings.first?.kind
    }

    @Test("The first that applies of bot, site, tier, shift, channel, agent names a crossing")
    func kinds() throws {
        let anna = StoryTests.agent("anna", "t1")
        let bert = StoryTests.agent("bert", "t1")
        let other = StoryTests.agent("bert", "t2", site: "berlin")
        let second = StoryTests.agent("bert", "t2")
        let bot = ActorSnapshot(actorID: "bot", kind: .bot, tier: "t0", siteID: "berlin")
        #expect(try Self.crossing(from: bot, to: anna) == .botToHuman)
        #expect(try Self.crossing(from: anna, to: other) == .site)
        #expect(try Self.crossing(from: anna, to: second, shift: true) == .tier)
        #expect(try Self.crossing(from: anna, to: bert, .chat, shift: true) == .shift)
        #expect(try Self.crossing(from: anna, to: bert, .chat) == .channel)
        #expect(try Self.crossing(from: anna, to: bert) == .agent)
        #expect(try Self.crossing(from: anna, to: anna) == .sameAgent)
    }

    @Test("Every pane's lines carry the event they came from")
    func lines() throws {
        let story = try Self.busy()
        let view = story.view(at: 11)
        let ids = Set(story.events.map(\.id))
        var sources = view.understanding.statements.map(\.event)
        sources += view.understanding.facts.map(\.event)
        sources += view.understanding.knownIssues.map(\.event)
        sources += view.steps.tried.map(\.event)
        sources += view.commitments.map(\.event)
        sources += view.claims.entitlements.map(\.event)
        sources += view.work.debts.map(\.event)
        sources += view.messages.told.map(\.event)
        #expect(sources.count == 8)
        #expect(ids.isSuperset(of: sources))
    }
}
