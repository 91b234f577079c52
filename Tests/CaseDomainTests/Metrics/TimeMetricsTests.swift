import LedgerTypes
import Testing

@testable import CaseDomain

@Suite("Metrics of time and promises: M-10 to M-13, M-19, M-35")
struct TimeMetricsTests {
    private static let day: Double = 24 * 60

    @Test("A reopened case whose second response took 10 minutes counts 10 minutes, not 5 days")
    func responseAfterReopening() throws {
        var story = try Story()
        story.tell(.caseOpened(Examples.make { $0.initiation = .customer }), at: 0)
        Self.told(&story, at: 3)
        story.resolve(at: 60)
        story.tell(.caseReopened(Examples.make { $0.reason = .notFixed }), at: 5 * Self.day)
        Self.told(&story, at: 5 * Self.day + 10)
        #expect(try story.figure(11, "firstResponse").total?.value == 180)
        #expect(try story.figure(11, "reopenResponse").total?.value == 600)
    }

    private static func told(_ story: inout Story, at minute: Double, automatic: Bool = false) {
        story.tell(
            .messageRecorded(
                Examples.make {
                    $0.messageID = "m\(minute)"
                    $0.visibility = .public
                    $0.author = automatic ? .bot : .agent
                    $0.automatic = automatic
                }
            ),
            at: minute
        )
    }

    @Test("No response yet is pending, an automatic one is none, and one never given is left out")
    func noResponse() throws {
        var story = try Story()
        story.tell(.caseOpened(Examples.make { $0.initiation = .customer }), at: 0)
        Self.told(&story, at: 1, automatic: true)
        let open = try story.figure(11, "firstResponse")
        #expect(open.total?.n == 0)
        #expect(open.total?.value == nil)
        #expect(open.total?.pending == 1)
        story.resolve(at: 60)
        #expect(try story.figure(11, "firstResponse").reasons == ["ended without a response": 1])
    }

    @Test("Time to resolution is to the first and to the last; waits stand apart")
    func resolution() throws {
        var story = try Story()
        story.tell(.caseOpened(Examples.make { $0.initiation = .customer }), at: 0)
        #expect(try story.figure(12, "first").total?.pending == 1)
        story.tell(.caseWaitChanged(Examples.make { $0.waitingOn = .customer }), at: 10)
        story.tell(.caseWaitChanged(Examples.make { $0.waitingOn = .none }), at: 40)
        story.resolve(at: 100)
        story.tell(.caseReopened(Examples.make { $0.reason = .notFixed }), at: 500)
        story.resolve(at: 600)
        #expect(try story.figure(12, "first").total?.value == 6_000)
        #expect(try story.figure(12, "full").total?.value == 36_000)
        #expect(try story.figure(12, "agentWait").total?.value == 1_800)
        // 600 minutes without the 400 that it was resolved and the 30 that it waited for them.
        #expect(try story.figure(12, "requesterWait").total?.value == 170 * 60)
        #expect(try story.figure(12, "customerWaitShare").total?.value == 0.05)
        let waits = try story.figure(12, "waits", by: [.kind])
        #expect(waits.group("customer")?.value == 1_800)
    }

    @Test("A reopening counts for its window once that has passed, and a mistake does not")
    func reopens() throws {
        var story = try Story.opened()
        story.resolve(at: 0)
        story.tell(.caseReopened(Examples.make { $0.reason = .notFixed }), at: 2 * Self.day)
        #expect(try story.figure(10, "reopened1", at: 3 * Self.day).total?.value == 0)
        let early = try story.figure(10, "reopened7", at: 3 * Self.day)
        #expect(early.total?.value == nil)
        #expect(early.total?.pending == 1)
        #expect(early.noData == nil)
        #expect(try story.figure(10, "reopened7", at: 8 * Self.day).total?.value == 1)
        #expect(try story.figure(10, "reopens").total?.value == 1)
        var mistake = try Story.opened()
        mistake.resolve(at: 0)
        mistake.tell(.caseReopened(Examples.make { $0.reason = .closedInError }), at: 5)
        #expect(try mistake.figure(10, "reopened7").reasons == ["closed by mistake": 1])
    }

    @Test("The backlog is what is open at the report's time, and its age grows")
    func backlog() throws {
        var story = try Story.opened()
        let before = try story.figure(13, "open", at: 62, by: [.agent])
        #expect(before.total?.n == 1)
        #expect(before.total?.value == 3_600)
        #expect(before.group("anna")?.n == 1)
        #expect(try story.figure(13, "open", at: 122).total?.p90 == 7_200)
        story.resolve(at: 200)
        #expect(try story.figure(13, "open").total == nil)
    }

    @Test("A promise is missed once its time has passed, and pending before")
    func promises() throws {
        var story = try Story.opened()
        story.tell(
            .commitmentMade(
                Examples.make {
                    $0.commitmentID = "p"
                    $0.kind = .callback
                    $0.promisedBy = "anna"
                    $0.dueAt = Story.minute(100)
                }
            ),
            at: 10
        )
        #expect(try story.figure(19, "kept", at: 50).total?.pending == 1)
        #expect(try story.figure(19, "kept", at: 300).total?.value == 0)
        story.tell(
            .commitmentSettled(
                Examples.make {
                    $0.commitmentID = "p"
                    $0.outcome = .kept
                    $0.keptBy = "bert"
                }
            ),
            at: 90
        )
        #expect(try story.figure(19, "kept", by: [.kind]).group("callback")?.value == 1)
        #expect(try story.figure(19, "sameRep").total?.value == 0)
    }

    @Test("A wait is honest if it asks in public and nobody answered yet")
    func honesty() throws {
        var story = try Story.opened()
        Self.told(&story, at: 10)
        story.tell(
            .caseWaitChanged(
                Examples.make {
                    $0.waitingOn = .customer
                    $0.questionMessageID = "m10.0"
                }
            ),
            at: 20
        )
        #expect(try story.figure(35, "dishonest").total?.value == 0)
        story.tell(.caseWaitChanged(Examples.make { $0.waitingOn = .none }), at: 30)
        story.tell(.caseWaitChanged(Examples.make { $0.waitingOn = .customer }), at: 40)
        story.tell(.caseWaitChanged(Examples.make { $0.waitingOn = .none }), at: 80)
        #expect(try story.figure(35, "dishonest").total?.value == 0.5)
        #expect(try story.figure(35, "dishonestTime").total?.value == 0.5)
    }

    @Test("Rows of a source without messages are no data for what messages tell")
    func notCarried() throws {
        var story = try Story()
        for minute in [0.0, 10, 20] {
            story.tell(.caseObserved(Examples.observed), at: minute, history: true)
        }
        #expect(try story.figure(35, "dishonest").noData?.hasPrefix("no data: needs") == true)
        #expect(try story.figure(35, "dishonest").reasons == ["the source does not carry it": 1])
        #expect(try story.figure(11, "firstResponse").total?.value == nil)
        #expect(try story.figure(37, "imported").total?.value == 0)
    }
}
