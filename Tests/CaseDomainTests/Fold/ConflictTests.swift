import CaseDomain
import LedgerTypes
import Testing

/// What two sites do without knowing of each other.
@Suite("Parallel sites")
struct ConflictTests {
    private static func assign(_ owner: String) -> EventPayload {
        .ownerAssigned(
            Examples.make {
                $0.ownerID = owner
                $0.how = .claimed
            }
        )
    }

    @Test("C1: one id in two logs is one event; the other copy is listed")
    func duplicate() throws {
        var story = try Story.opened()
        var copy = try #require(story.events.last)
        copy.address = EventAddress(log: Story.manila, index: 0)
        story.events.append(copy)
        let view = story.view()
        #expect(view.integrity.duplicates == [copy.address])
        #expect(view.integrity.conflicts.isEmpty)
        #expect(view.path.owners.count == 1)
        #expect(story.state.facts.events == 4)
        #expect(view.events.count == 5)
    }

    @Test("C1: copies that differ are flagged")
    func differingDuplicate() throws {
        var story = try Story.opened()
        var copy = try #require(story.events.last)
        copy.address = EventAddress(log: Story.manila, index: 0)
        copy.payload = Self.assign("bert")
        story.events.append(copy)
        let view = story.view()
        #expect(view.integrity.conflicts.map(\.rule) == [.c1])
        #expect(view.header.owner?.value == "anna")
    }

    @Test("C1: the copy in the earliest incarnation of its site counts, wherever it sorts")
    func earliestIncarnation() throws {
        let story = try Story.opened()
        let original = try #require(story.events.last)
        var copy = original
        copy.address = EventAddress(log: Story.manila, index: 0)
        copy.order = Story.minute(0)
        let origins = [
            Story.berlin: LogOrigin(site: "berlin", incarnation: 1),
            Story.manila: LogOrigin(site: "berlin", incarnation: 2),
        ]
        let arranged = CaseHistory.arrange(story.events + [copy], origins: origins)
        let counted = arranged.filter { $0.id == original.id && $0.duplicateOf == nil }
        #expect(counted.map(\.address) == [original.address])
        let foreign = [
            Story.berlin: LogOrigin(site: "berlin", incarnation: 1),
            Story.manila: LogOrigin(site: "manila", incarnation: 2),
        ]
        let between = CaseHistory.arrange(story.events + [copy], origins: foreign)
        let first = between.filter { $0.id == original.id && $0.duplicateOf == nil }
        #expect(first.map(\.address) == [copy.address])
    }

    @Test("C2: of two owners assigned in parallel the later wins, the other is kept")
    func owners() throws {
        var story = try Story.opened()
        story.tell(Self.assign("bert"), at: 10)
        let later = story.tell(Self.assign("carla"), at: 11, log: Story.manila, blind: true)
        let view = story.view()
        #expect(view.header.owner?.value == "carla")
        #expect(view.path.owners.map(\.isContended) == [false, true, false])
        let conflict = try #require(view.integrity.conflicts.first)
        #expect(conflict.rule == .c2)
        #expect(conflict.event == later.id)
        #expect(conflict.saw == [story.events[4].id])
    }

    @Test("C2: an owner assigned in knowledge of the other is no conflict")
    func ownersInTurn() throws {
        var story = try Story.opened()
        story.tell(Self.assign("bert"), at: 10)
        story.tell(Self.assign("carla"), at: 11, log: Story.manila)
        #expect(story.view().integrity.conflicts.isEmpty)
    }

    @Test("C3: of two resolves in parallel the first counts, the second confirms")
    func resolves() throws {
        var story = try Story.opened()
        story.resolve(at: 10)
        let second = story.tell(
            .caseResolved(Story.fixed),
            at: 11,
            log: Story.manila,
            blind: true
        )
        let view = story.view()
        #expect(view.header.state == .resolved)
        #expect(view.path.episodes.count == 1)
        #expect(view.path.episodes.first?.resolvedAt == Story.minute(10))
        #expect(view.path.episodes.first?.confirmations == [second.id])
        #expect(view.integrity.conflicts.map(\.rule) == [.c3])
        #expect(view.integrity.flags.isEmpty)
        #expect(story.state.facts.firstResolvedAt == Story.minute(10))
    }

    @Test("C3: resolved in parallel with reopened is open")
    func resolvedAndReopened() throws {
        var story = try Story.opened()
        story.resolve(at: 10)
        story.tell(.caseReopened(Examples.reopened), at: 11)
        story.resolve(at: 12, log: Story.manila, blind: true)
        let view = story.view()
        #expect(view.header.state == .open)
        #expect(view.integrity.conflicts.map(\.rule) == [.c3])
        #expect(story.state.facts.reopens == 1)
    }

    @Test("C3: two reopens of one episode in parallel count once")
    func reopens() throws {
        var story = try Story.opened()
        story.resolve(at: 10)
        story.tell(.caseReopened(Examples.reopened), at: 11)
        var other = story.tell(.caseReopened(Examples.reopened), at: 12, log: Story.manila)
        // Manila held the resolve, and not the reopen after it.
        story.events.removeLast()
        other.seen = [EventAddress(log: Story.berlin, index: 4)]
        story.events.append(other)
        #expect(story.state.facts.reopens == 1)
        #expect(story.view().header.episode == 2)
        #expect(story.view().integrity.conflicts.map(\.rule) == [.c3])
    }

    @Test("C4: one offer accepted at two sites holds once; the other shows as withdrawn")
    func acceptedTwice() throws {
        var story = try Story.opened()
        story.tell(Story.offer(), at: 9, handoff: "h")
        let accept = EventPayload.handoffAccepted(HandoffAccepted())
        let bert = Story.agent("bert", team: "two")
        let dora = Story.agent("dora", team: "two")
        story.tell(accept, at: 10, by: bert, handoff: "h")
        let second = story.tell(
            accept,
            at: 11,
            by: dora,
            log: Story.manila,
            blind: true,
            handoff: "h"
        )
        let line = try #require(story.view().path.handoffs.first)
        #expect(line.by == "bert")
        #expect(line.withdrawn == [second.id])
        #expect(story.view().header.holder?.value.agent == "bert")
        #expect(story.view().integrity.conflicts.map(\.rule) == [.c4])
    }

    @Test("C4: an acceptance beats a decline in parallel", arguments: [false, true])
    func acceptanceBeatsDecline(declinedFirst: Bool) throws {
        var story = try Story.opened()
        story.tell(Story.offer(), at: 9, handoff: "h")
        let bert = Story.agent("bert", team: "two")
        let decline = story.tell(
            .handoffDeclined(Examples.make { $0.reason = .noCapacity }),
            at: declinedFirst ? 10 : 12,
            handoff: "h"
        )
        story.tell(
            .handoffAccepted(HandoffAccepted()),
            at: 11,
            by: bert,
            log: Story.manila,
            blind: true,
            handoff: "h"
        )
        let line = try #require(story.view().path.handoffs.first)
        #expect(line.outcome == .accepted)
        #expect(line.withdrawn == [decline.id])
        #expect(line.declineReason == nil)
        #expect(story.view().header.holder?.value.agent == "bert")
        #expect(story.view().integrity.conflicts.map(\.rule) == [.c4])
    }
}
