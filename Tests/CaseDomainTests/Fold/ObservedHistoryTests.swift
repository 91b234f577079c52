import CaseDomain
import LedgerTypes
import Testing

/// Rows of another system: nothing in them is relative, so the fold makes the story.
@Suite("Observed history")
struct ObservedHistoryTests {
    private static func row(
        _ status: ObservedStatus,
        team: String? = nil,
        agent: String? = nil,
        waitingOn: WaitingOn? = nil
    ) -> EventPayload {
        .caseObserved(
            Examples.make {
                $0.sourceSystem = "desk"
                $0.status = status
                $0.team = team
                $0.agent = agent
                $0.waitingOn = waitingOn
            }
        )
    }

    private static func told(_ rows: [EventPayload]) throws -> Story {
        var story = try Story()
        for (minute, row) in rows.enumerated() {
            story.tell(row, at: Double(minute) * 10, history: true)
        }
        return story
    }

    @Test("A null never ends a span, and another value is a handoff")
    func custody() throws {
        let story = try Self.told([
            Self.row(.open, team: "A"), Self.row(.assigned), Self.row(.assigned, team: "A"),
            Self.row(.assigned, team: "B", agent: "x"), Self.row(.assigned),
            Self.row(.assigned, team: "A"),
        ])
        let facts = story.state.facts
        #expect(facts.teams == CaseFacts.Custody(holders: 2, handoffs: 2, pingPongs: 1, returns: 1))
        #expect(facts.agents == CaseFacts.Custody(holders: 1))
        let custody = story.view().path.custody
        #expect(custody.map(\.levels) == [[.agent, .team], [.team]])
        #expect(custody.map(\.reason) == [.notStated, .notStated])
        #expect(story.view().header.holder?.value.team == "A")
        #expect(story.view().header.holder?.value.agent == "x")
        #expect(facts.flags.isEmpty)
    }

    @Test("Terminal after terminal is neither a resolve nor a reopen")
    func terminals() throws {
        let story = try Self.told([
            Self.row(.resolved), Self.row(.closed), Self.row(.inProgress), Self.row(.resolved),
            Self.row(.resolved), Self.row(.closed),
        ])
        let facts = story.state.facts
        #expect(facts.reopens == 1)
        #expect(facts.isTerminal)
        #expect(facts.firstResolvedAt == Story.minute(0))
        #expect(facts.lastTerminalAt == Story.minute(50))
        let episodes = story.view().path.episodes
        #expect(episodes.map(\.number) == [1, 2])
        #expect(episodes.map(\.resolvedAt) == [Story.minute(0), Story.minute(30)])
        #expect(episodes.map(\.closedAt) == [Story.minute(10), Story.minute(50)])
        #expect(story.view().header.state == .closed)
    }

    @Test("A wait lasts until the next row, and goes on through rows that say the same")
    func waits() throws {
        let story = try Self.told([
            Self.row(.waiting, waitingOn: .customer), Self.row(.waiting, waitingOn: .customer),
            Self.row(.inProgress), Self.row(.waiting, waitingOn: .vendor),
        ])
        #expect(story.state.facts.waits.map(\.waitingOn) == [.customer])
        #expect(story.state.facts.waits.map(\.microseconds) == [20 * 60_000_000])
        let waits = story.view().path.waits
        #expect(waits.map(\.waitingOn) == [.customer, .vendor])
        #expect(waits.first?.endedAt == Story.minute(20))
        #expect(waits.last?.endedAt == nil)
        #expect(story.view().header.status == .held)
    }

    @Test("The fast fold gives the same facts as the state")
    func fastFold() throws {
        let story = try Self.told([
            Self.row(.open, team: "A", agent: "x"), Self.row(.waiting, waitingOn: .customer),
            Self.row(.resolved, team: "B"), Self.row(.assigned, team: "A"),
        ])
        var fold = CaseFactsFold(caseID: story.caseID)
        for event in story.events { fold.evolve(event) }
        #expect(fold.current == story.state.facts)
        #expect(!fold.needsState)
    }

    @Test("The fast fold says when it cannot know")
    func needsState() throws {
        let story = try Story.opened()
        var fold = CaseFactsFold(caseID: story.caseID)
        for event in story.events { fold.evolve(event) }
        #expect(fold.needsState)
    }

    @Test("An imported case goes on as a live one")
    func goesOn() throws {
        var story = try Self.told([Self.row(.inProgress, team: "A", agent: "x")])
        let decision = try story.decide(.caseResolved(Story.fixed), at: 30)
        #expect(decision.events.count == 1)
        story.resolve(at: 30)
        #expect(story.view().header.state == .resolved)
        let reopen = EventPayload.caseReopened(Examples.reopened)
        #expect(story.rules(reopen, at: 40) == .accepted)
    }
}
