import CaseDomain
import LedgerTypes
import Testing

/// C7, and the cases that a merge brings together.
@Suite("Merges")
struct MergeCircleTests {
    private static func link(
        _ source: String,
        into target: String,
        at minute: Double,
        log: LogID
    ) throws -> CaseEvent {
        CaseEvent(
            id: EventID(rawValue: UInt128(minute) << 64 | log.rawValue),
            address: EventAddress(log: log, index: UInt64(minute)),
            subject: try #require(Subject("case:\(source)")),
            occurred: Story.minute(minute),
            order: Story.minute(minute),
            recorded: HybridTime(after: HybridTime(rawValue: 0), now: Story.minute(minute)),
            isHistory: false,
            actor: Story.agent("anna"),
            payload: .caseLinked(
                Examples.make {
                    $0.otherCaseID = target
                    $0.relation = .mergedInto
                }
            )
        )
    }

    /// What a reader loads for `caseID`: its own events, and those of every case merged into it.
    private static func fold(_ caseID: String, _ events: [CaseEvent]) throws -> CaseState {
        let subject = try #require(Subject("case:\(caseID)"))
        return CaseState.folding(
            events.map { event in
                var event = event
                if event.subject != subject { event.viaCase = event.subject }
                return event
            },
            of: subject
        )
    }

    @Test("C7: of two merges in parallel that close a circle the first counts, on both cases")
    func circle() throws {
        let events = [
            try Self.link("A", into: "B", at: 10, log: Story.berlin),
            try Self.link("B", into: "A", at: 11, log: Story.manila),
        ]
        let one = try Self.fold("A", events).view(at: Story.minute(20))
        let other = try Self.fold("B", events).view(at: Story.minute(20))
        #expect(one.header.mergedInto?.value == "B")
        #expect(one.events.map(\.event) == [events[0].id])
        #expect(other.header.mergedInto == nil)
        #expect(other.path.links.first?.closesCircle == true)
        #expect(other.integrity.conflicts.map(\.rule) == [.c7])
        #expect(Set(other.events.map(\.event)) == Set(events.map(\.id)))
    }

    @Test("C7: a circle of three is opened at its last link, whoever looks")
    func three() throws {
        let events = [
            try Self.link("A", into: "B", at: 10, log: Story.berlin),
            try Self.link("B", into: "C", at: 11, log: Story.berlin),
            try Self.link("C", into: "A", at: 12, log: Story.manila),
        ]
        for (caseID, count) in [("A", 1), ("B", 2), ("C", 3)] {
            for order in [events, events.reversed()] {
                #expect(try Self.fold(caseID, order).eventCount == count, "\(caseID)")
            }
        }
    }

    @Test("L25: a merge into a case that is merged into this one is refused")
    func refused() throws {
        let events = [try Self.link("B", into: "C-1", at: 10, log: Story.berlin)]
        var story = try Story.opened()
        story.events += events.map { event in
            var event = event
            event.viaCase = event.subject
            return event
        }
        let merge: CaseLinked = Examples.make {
            $0.otherCaseID = "B"
            $0.relation = .mergedInto
        }
        #expect(story.rules(.caseLinked(merge), at: 20) == .refused([.l25]))
    }

    @Test("What a merged case told, tried and promised shows, and blocks nothing")
    func borrowed() throws {
        var story = try Story.opened()
        let other = try #require(Subject("case:B"))
        for (payload, minute) in [
            (UnderstandingRuleTests.step("reboot"), 5.0),
            (CommitmentRuleTests.promise(due: 50), 6), (UnderstandingRuleTests.stated(), 7),
        ] {
            var event = story.tell(payload, at: minute, subject: other)
            event.viaCase = other
            story.events[story.events.count - 1] = event
        }
        let view = story.view()
        #expect(view.steps.tried.map(\.viaCase) == [other])
        #expect(view.commitments.map(\.viaCase) == [other])
        #expect(view.understanding.statements.map(\.viaCase) == [other])
        #expect(story.rules(.caseResolved(Story.fixed), at: 60) == .accepted)
        #expect(story.rules(UnderstandingRuleTests.step("reboot"), at: 60) == .refused([.l15]))
    }
}
