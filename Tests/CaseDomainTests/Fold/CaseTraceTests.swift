import CaseDomain
import LedgerTypes
import Testing

@Suite("Case, event by event")
struct CaseTraceTests {
    private func story() throws -> Story {
        var story = try Story.opened()
        story.tell(Story.offer(), at: 10, handoff: "h1")
        story.tell(
            .handoffAccepted(Examples.make { $0.by = "bert" }),
            at: 12,
            by: Story.agent("bert", team: "two"),
            handoff: "h1"
        )
        story.tell(
            .caseClassified(
                Examples.make {
                    $0.field = "priority"
                    $0.new = "high"
                }
            ),
            at: 13
        )
        return story
    }

    @Test("Handoffs of the steps add up to those of the facts")
    func handoffs() throws {
        let trace = CaseTrace(try self.story().events, of: try Story().caseID)
        let facts = trace.state.facts
        #expect(facts.agents.handoffs == 1)
        for (level, count) in [
            (CustodyLevel.agent, facts.agents.handoffs), (.team, facts.teams.handoffs),
            (.tier, facts.tiers.handoffs), (.site, facts.sites.handoffs),
        ] {
            let steps = trace.steps.filter { $0.handoffs.contains(level) }
            #expect(steps.count == Int(count), "\(level)")
        }
        #expect(trace.steps.first { !$0.handoffs.isEmpty }?.event.typeName == "handoff.accepted")
    }

    @Test("Each step says how the case stood after it")
    func attributes() throws {
        let trace = CaseTrace(try self.story().events, of: try Story().caseID)
        let owners = trace.steps.map(\.attributes.ownerID)
        #expect(owners == [nil, nil, nil, "anna", "anna", "anna", "anna"])
        #expect(trace.steps.map(\.attributes.holder.agent).last == "bert")
        #expect(trace.steps.map(\.attributes.priority) == [nil, nil, nil, nil, nil, nil, "high"])
        #expect(trace.state == CaseState.folding(try self.story().events, of: trace.caseID))
    }

    @Test("A copy of an event is no step, and a redacted event gives nothing sealed away")
    func copiesAndRedactions() throws {
        var story = try self.story()
        let resolve = story.tell(.caseResolved(Story.fixed), at: 20)
        var copy = resolve
        copy.address = EventAddress(log: Story.manila, index: 0)
        story.events.append(copy)
        story.tell(
            .recordRedacted(
                Examples.make {
                    $0.targetEventID = resolve.id
                    $0.legalBasis = "law"
                }
            ),
            at: 30
        )
        let trace = CaseTrace(story.events, of: story.caseID)
        #expect(trace.steps.count == story.events.count - 1)
        let step = try #require(trace.steps.first { $0.event.id == resolve.id })
        #expect(step.isErased)
        guard case .caseResolved(let read) = step.event.payload else {
            Issue.record("another type")
            return
        }
        #expect(read.notes == .withheld)
    }

    @Test("Clear fields have the names of the type, sealed ones are left out")
    func clearFields() throws {
        let fields = Story.offer(deadline: 60).clearFields
        let texts = fields.map { "\($0.name)=\($0.value.text)" }
        #expect(
            texts == [
                "kind=warm", "to.team=two", "reason=skill", "deadline=2023-11-14T23:13:20Z",
                "movesOwnership=false", "customerOnLine=false",
            ]
        )
        let resolve = EventPayload.caseResolved(
            Examples.make {
                $0.resolutionKind = .fixed
                $0.answerIDs = ["a", "b"]
                $0.episode = 2
            }
        )
        let found = resolve.clearFields
        #expect(found.contains(ClearField("answerIDs", .text("a,b"))))
        #expect(found.contains(ClearField("episode", .integer(2))))
        #expect(found.contains(ClearField("firstContactClaim", .flag(false))))
        #expect(!found.contains { $0.name == "notes" })
    }
}
