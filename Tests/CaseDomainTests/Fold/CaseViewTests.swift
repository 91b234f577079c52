import CaseDomain
import Foundation
import LedgerTypes
import Testing

@Suite("Case view")
struct CaseViewTests {
    @Test("The header says where things stand, and from which event it is known")
    func header() throws {
        let story = try Story.opened()
        let header = story.view().header
        #expect(header.state == .open)
        #expect(header.status == .inProgress)
        #expect(header.owner?.value == "anna")
        #expect(header.owner?.event == story.events[3].id)
        #expect(header.holder?.value.agent == "anna")
        #expect(header.holder?.value.site == "berlin")
        #expect(header.customerID?.value == "cust")
        #expect(header.category?.value == "network")
        #expect(header.openedAt == Story.minute(2))
    }

    @Test("The holder changes by acceptance, not by offer, consult, decline or cover")
    func holder() throws {
        var story = try Story.opened()
        let bert = Story.agent("bert", team: "two")
        story.tell(Story.offer(kind: .consult), at: 10, handoff: "h-1")
        story.tell(.handoffAccepted(HandoffAccepted()), at: 11, by: bert, handoff: "h-1")
        story.tell(.contactStarted(Examples.started), at: 12, contact: "j")
        story.tell(
            .contactAnswered(Examples.make { $0.agentID = "carl" }),
            at: 13,
            by: Story.agent("carl"),
            contact: "j"
        )
        story.tell(Story.offer(), at: 14, handoff: "h-2")
        story.tell(.handoffDeclined(Examples.declined), at: 15, by: bert, handoff: "h-2")
        #expect(story.view().header.holder?.value.agent == "anna")
        #expect(story.state.facts.agents.handoffs == 0)
        story.tell(Story.offer(), at: 16, handoff: "h-3")
        let accept = story.tell(
            .handoffAccepted(HandoffAccepted()),
            at: 17,
            by: bert,
            handoff: "h-3"
        )
        let holder = try #require(story.view().header.holder)
        #expect(holder.value.agent == "bert")
        #expect(holder.value.team == "two")
        #expect(holder.event == accept.id)
        let line = try #require(story.view().path.custody.last)
        #expect(line.levels == [.agent, .team])
        #expect(line.from.agent == "anna")
        #expect(line.kind == .warm)
        #expect(line.reason == .skill)
        #expect(story.state.facts.teams.handoffs == 1)
    }

    @Test("An owner who takes the case over holds it; one who is given it does not")
    func takenOver() throws {
        var story = try Story.opened()
        story.tell(
            .ownerAssigned(
                Examples.make {
                    $0.ownerID = "bert"
                    $0.how = .given
                }
            ),
            at: 10
        )
        #expect(story.view().header.holder?.value.agent == "anna")
        story.tell(
            .ownerAssigned(
                Examples.make {
                    $0.ownerID = "carl"
                    $0.how = .takenOver
                }
            ),
            at: 11
        )
        #expect(story.view().header.holder?.value.agent == "carl")
    }

    @Test("Messages are parted by who may read them and who wrote them")
    func messages() throws {
        var story = try Story.opened()
        story.tell(.messageRecorded(Examples.message), at: 5)
        story.tell(
            .messageRecorded(Examples.make { $0.messageID = "n" }),
            at: 6
        )
        story.tell(
            .messageRecorded(Examples.make { $0.messageID = "c" }),
            at: 7,
            by: Story.agent("cust", kind: .customer)
        )
        let messages = story.view().messages
        #expect(messages.told.map(\.messageID) == ["m-1"])
        #expect(messages.told.first?.text == .open("Since when does it happen?"))
        #expect(messages.notes.map(\.messageID) == ["n"])
        #expect(messages.heard.map(\.messageID) == ["c"])
    }

    @Test("A type that is not known is shown and counted, and changes nothing else")
    func unknown() throws {
        var story = try Story.opened()
        let before = story.state.facts
        story.tell(.unknown(type: "x.happened", body: nil), at: 10)
        story.tell(.unknown(type: "x.happened", body: nil), at: 11)
        let view = story.view()
        #expect(view.integrity.unknownTypes.map(\.type) == ["x.happened"])
        #expect(view.integrity.unknownTypes.map(\.count) == [2])
        #expect(view.events.filter { !$0.isKnown }.count == 2)
        #expect(story.state.facts.events == before.events)
        #expect(story.state.facts.unknown == 2)
        #expect(story.state.facts.lastAt == before.lastAt)
    }

    @Test("A breach of imported history is flagged and counted, never refused")
    func historyIsFact() throws {
        var story = try Story.opened()
        story.tell(.caseResolved(CaseResolved()), at: 10, history: true)
        story.tell(.caseResolved(CaseResolved()), at: 11, history: true)
        #expect(story.state.flags.map(\.rule) == [.l2, .l2, .l2])
        #expect(story.state.facts.flags == [RuleCount(rule: .l2, count: 3)])
        #expect(story.view().header.state == .resolved)
    }

    @Test("Events that came through a merge show, and move nothing")
    func viaCase() throws {
        var story = try Story.opened()
        let other = try #require(Subject("case:C-2"))
        var message = story.tell(.messageRecorded(Examples.message), at: 10, subject: other)
        var resolve = story.tell(.caseResolved(Story.fixed), at: 11, subject: other)
        story.events.removeLast(2)
        message.viaCase = other
        resolve.viaCase = other
        story.events += [message, resolve]
        let view = story.view()
        #expect(view.messages.told.first?.viaCase == other)
        #expect(view.header.state == .open)
        #expect(view.events.suffix(2).map(\.viaCase) == [other, other])
        #expect(story.state.facts.events == 4)
    }

    @Test("The order is clamped to five minutes after the time of recording")
    func clamp() throws {
        var story = try Story.opened()
        let event = story.tell(.messageRecorded(Examples.message), at: 10)
        let ahead = CaseEvent(
            id: event.id,
            address: event.address,
            subject: event.subject,
            occurred: event.occurred,
            order: Story.minute(99),
            recorded: event.recorded,
            isHistory: false,
            actor: event.actor,
            payload: event.payload
        )
        #expect(ahead.order == event.recorded.timestamp.adding(microseconds: 300_000_000))
    }

    @Test("Time that runs backwards is kept, flagged and counted")
    func clockInverted() throws {
        var story = try Story.opened()
        var event = story.tell(.messageRecorded(Examples.message), at: 10)
        event.occurred = Story.minute(1)
        story.events[4] = event
        #expect(story.state.flags.map(\.rule) == [.clockInverted])
        #expect(story.state.facts.durationSeconds == 60)
    }

    @Test("The status follows TMF621")
    func status() throws {
        var story = try Story()
        #expect(story.state.status == .notStated)
        story.tell(.caseOpened(Examples.make { $0.initiation = .system }), at: 0)
        #expect(story.state.status == .acknowledged)
        story = try Story.opened()
        story.tell(.caseWaitChanged(Examples.make { $0.waitingOn = .vendor }), at: 5)
        #expect(story.state.status == .held)
        story.tell(.caseWaitChanged(Examples.make { $0.waitingOn = .none }), at: 6)
        #expect(story.state.status == .inProgress)
        let ends: [(CloseReason, CaseStatus)] = [
            (.spam, .rejected), (.withdrawn, .cancelled), (.duplicate, .closed),
        ]
        for (reason, status) in ends {
            var ended = story
            ended.tell(.caseClosed(Examples.make { $0.reason = reason }), at: 7)
            #expect(ended.state.status == status)
        }
        story.resolve(at: 7)
        #expect(story.state.status == .resolved)
    }

    @Test("A view comes back from its JSON form, byte for byte")
    func json() throws {
        var story = try Story.opened()
        story.tell(.messageRecorded(Examples.message), at: 5)
        story.tell(Story.offer(deadline: 20), at: 9, handoff: "h")
        story.resolve(at: 10)
        let view = story.view()
        let json = try PayloadJSONTests.encode(view)
        let read = try JSONDecoder().decode(CaseView.self, from: Data(json.utf8))
        #expect(read == view)
        #expect(try PayloadJSONTests.encode(read) == json)
    }
}
