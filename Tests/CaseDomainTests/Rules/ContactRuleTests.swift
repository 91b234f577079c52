import CaseDomain
import LedgerTypes
import Testing

@Suite("Rules of contacts")
struct ContactRuleTests {
    private static func end(_ change: (inout ContactEnded) -> Void = { _ in }) -> EventPayload {
        var end = ContactEnded()
        end.outcome = .completed
        change(&end)
        return .contactEnded(end)
    }

    private static func segment(talk: Double, from minute: Double) -> ContactSegment {
        Examples.make {
            $0.agentID = "anna"
            $0.answeredAt = Story.minute(minute)
            $0.talkSeconds = talk
        }
    }

    @Test("L18: a contact is started before it is answered, ended or wrapped up")
    func started() throws {
        let story = try Story.opened()
        let answer = EventPayload.contactAnswered(ContactAnswered())
        #expect(story.rules(answer, at: 9, contact: "other") == .flagged([.l18]))
        #expect(story.rules(Self.end(), at: 9, contact: "other") == .flagged([.l18]))
        let wrapUp = EventPayload.contactWrappedUp(ContactWrappedUp())
        #expect(story.rules(wrapUp, at: 9, contact: "other") == .flagged([.l18]))
    }

    @Test("L18: answered before ended, wrapped up after")
    func order() throws {
        var story = try Story.opened()
        let wrapUp = EventPayload.contactWrappedUp(Examples.wrappedUp)
        let answer = EventPayload.contactAnswered(Examples.answered)
        #expect(story.rules(wrapUp, at: 5, contact: "k") == .flagged([.l18]))
        #expect(story.rules(Self.end(), at: 6, contact: "k") == .accepted)
        story.tell(Self.end(), at: 6, contact: "k")
        #expect(story.rules(wrapUp, at: 7, contact: "k") == .accepted)
        #expect(story.rules(answer, at: 7, contact: "k") == .flagged([.l18]))
        #expect(story.rules(Self.end(), at: 7, contact: "k") == .flagged([.l18]))
        let bert = Story.agent("bert")
        #expect(story.rules(wrapUp, at: 7, by: bert, contact: "k") == .flagged([.l18]))
    }

    @Test("L18: a contact that was abandoned has no answer")
    func abandoned() throws {
        var story = try Story.opened()
        for outcome in [ContactOutcome.abandonedInQueue, .shortAbandon] {
            let end = Self.end { $0.outcome = outcome }
            #expect(story.rules(end, at: 6, contact: "k") == .flagged([.l18]))
        }
        story.tell(.contactStarted(Examples.started), at: 6, contact: "j")
        let end = Self.end { $0.outcome = .abandonedInQueue }
        #expect(story.rules(end, at: 7, contact: "j") == .accepted)
    }

    @Test("L18: nobody talks for longer than the contact lasted, but for 5 seconds and concurrency")
    func wall() throws {
        let story = try Story.opened()
        let fits = Self.end { $0.segments = [Self.segment(talk: 305, from: 1)] }
        #expect(story.rules(fits, at: 6, contact: "k") == .accepted)
        let long = Self.end { $0.segments = [Self.segment(talk: 306, from: 1)] }
        #expect(story.rules(long, at: 6, contact: "k") == .flagged([.l18]))
        let chats = Self.end {
            $0.segments = [Self.segment(talk: 600, from: 1)]
            $0.concurrency = 2
        }
        #expect(story.rules(chats, at: 6, contact: "k") == .accepted)
        let after = Self.end { $0.segments = [Self.segment(talk: 0, from: 7)] }
        #expect(story.rules(after, at: 6, contact: "k") == .flagged([.l18]))
    }

    @Test("A contact folds into a view of its own before its case is known")
    func ownView() throws {
        let subject = try #require(Subject("contact:k"))
        let story = try Story.opened()
        let events = story.events.filter { $0.subject == subject }
        let state = CaseState.folding(events, of: subject)
        #expect(state.flags.isEmpty)
        #expect(state.view(at: Story.minute(5)).path.contacts.map(\.contactID) == ["k"])
    }
}
