import CaseDomain
import LedgerTypes
import Testing

@Suite("Promises")
struct CommitmentRuleTests {
    static func promise(_ id: String = "p", due: Double = 100) -> EventPayload {
        .commitmentMade(
            Examples.make {
                $0.commitmentID = id
                $0.kind = .callback
                $0.dueAt = Story.minute(due)
                $0.sameRepPromised = true
            }
        )
    }

    static func settled(
        _ outcome: CommitmentOutcome = .kept,
        _ id: String = "p",
        new: String? = nil
    ) -> EventPayload {
        .commitmentSettled(
            Examples.make {
                $0.commitmentID = id
                $0.outcome = outcome
                $0.newCommitmentID = new
            }
        )
    }

    @Test("L4: no resolve over an open promise, unless it is settled or carried over")
    func resolveOver() throws {
        var story = try Story.opened()
        try story.write(Self.promise(), at: 5)
        #expect(story.rules(.caseResolved(Story.fixed), at: 6) == .refused([.l4]))
        var carried = Story.fixed
        carried.carriedOver = ["p"]
        #expect(story.rules(.caseResolved(carried), at: 6) == .accepted)
        try story.write(Self.settled(), at: 7)
        #expect(story.rules(.caseResolved(Story.fixed), at: 8) == .accepted)
    }

    @Test("L19: a promise is made once and settled once")
    func once() throws {
        var story = try Story.opened()
        #expect(story.rules(Self.settled(), at: 5) == .refused([.l19]))
        try story.write(Self.promise(), at: 5)
        #expect(story.rules(Self.promise(), at: 6) == .refused([.l19]))
        #expect(story.rules(Self.settled(.rescheduled), at: 6) == .refused([.l19]))
        #expect(story.rules(Self.settled(.rescheduled, new: "q"), at: 6) == .accepted)
        try story.write(Self.settled(), at: 7)
        #expect(story.rules(Self.settled(), at: 8) == .refused([.l19]))
    }

    @Test("A promise that ends before it begins is refused")
    func inverted() throws {
        let story = try Story.opened()
        let promise: CommitmentMade = Examples.make {
            $0.commitmentID = "p"
            $0.dueFrom = Story.minute(20)
            $0.dueAt = Story.minute(10)
        }
        #expect(story.rules(.commitmentMade(promise), at: 5) == .refused([.malformed]))
    }

    @Test("L19: missed is derived at the cut, and keeping it later does not undo it")
    func missed() throws {
        var story = try Story.opened()
        try story.write(Self.promise(due: 100), at: 5)
        #expect(story.view(at: 100).commitments.first?.standing == .open)
        #expect(story.view(at: 101).commitments.first?.standing == .missed)
        #expect(story.rules(Self.settled(), at: 120) == .flagged([.l19]))
        story.tell(
            .contactStarted(
                Examples.make {
                    $0.direction = .outbound
                    $0.fulfils = "p"
                }
            ),
            at: 120,
            by: Story.agent("bert"),
            contact: "late"
        )
        let line = try #require(story.view(at: 200).commitments.first)
        #expect(line.standing == .keptLate)
        #expect(line.fulfilledAt == Story.minute(120))
        #expect(line.promisedBy == "anna")
    }

    @Test("L19: a settlement in time wins however late it arrives")
    func lateArrival() throws {
        var story = try Story.opened()
        try story.write(Self.promise(due: 100), at: 5)
        var event = story.tell(Self.settled(), at: 99)
        story.events.removeLast()
        event.recorded = HybridTime(after: HybridTime(rawValue: 0), now: Story.minute(5_000))
        story.events.append(event)
        let line = try #require(story.view(at: 6_000).commitments.first)
        #expect(line.standing == .kept)
        #expect(line.isSameRep == true)
    }

    @Test("The site's grace decides when a promise is missed, and the view says which")
    func grace() throws {
        var story = try Story.opened()
        story.tell(Self.promise(due: 100), at: 5)
        let policy = try PolicyBookTests.policy(.grace, value: 600, at: 0)
        let book = PolicyBook([policy], origins: PolicyBookTests.origins)
        let state = CaseState.folding(story.events, of: story.caseID, book: book)
        #expect(state.view(at: Story.minute(109)).commitments.first?.standing == .overdue)
        #expect(state.view(at: Story.minute(111)).commitments.first?.standing == .missed)
        #expect(state.view(at: Story.minute(111)).records.policies.map(\.event) == [policy.id])
    }

    @Test("Two sites that settle one promise in parallel: the first counts")
    func parallel() throws {
        var story = try Story.opened()
        story.tell(Self.promise(), at: 5)
        story.tell(Self.settled(), at: 6)
        story.tell(Self.settled(.cancelledByCustomer), at: 7, log: Story.manila, blind: true)
        let view = story.view()
        #expect(view.commitments.first?.standing == .kept)
        #expect(view.integrity.conflicts.map(\.rule) == [.l19])
        #expect(view.integrity.flags.isEmpty)
    }

    @Test("Owed promises come first, by due time")
    func order() throws {
        var story = try Story.opened()
        for (id, due) in [("a", 300.0), ("b", 50), ("c", 200)] {
            story.tell(Self.promise(id, due: due), at: 5)
        }
        story.tell(Self.settled(.kept, "c"), at: 6)
        #expect(story.view(at: 100).commitments.map(\.commitmentID) == ["b", "a", "c"])
        #expect(story.view(at: 100).work.debts.map(\.isOverdue) == [true, false])
    }
}
