import CaseDomain
import LedgerTypes
import Testing

@Suite("Worklist")
struct WorklistTests {
    private static func entry(
        _ caseID: String,
        severity: UInt32 = 3,
        since: Double,
        overdue: Double? = nil,
        waiting: WaitingOn? = nil
    ) throws -> WorklistEntry {
        var story = try Story.opened()
        if let overdue { story.tell(CommitmentRuleTests.promise(due: overdue), at: 5) }
        var entry = try #require(story.state.worklistEntries(at: Story.minute(1_000)).first)
        entry.case = try #require(Subject("case:\(caseID)"))
        entry.severity = severity
        entry.ownedSince = Story.minute(since)
        entry.waitingOn = waiting
        return entry
    }

    @Test("Overdue debts come first, then severity 1, then the oldest; waiting ones have no rank")
    func ranks() throws {
        let entries = [
            try Self.entry("old", since: 1),
            try Self.entry("new", since: 50),
            try Self.entry("bad", severity: 1, since: 90),
            try Self.entry("late", since: 80, overdue: 20),
            try Self.entry("later", since: 2, overdue: 30),
            try Self.entry("waits", severity: 1, since: 0, waiting: .customer),
        ]
        let ranked = WorklistEntry.ranked(entries)
        #expect(ranked.map(\.case.id) == ["late", "later", "bad", "old", "new", "waits"])
        #expect(ranked.map(\.rank) == [1, 2, 3, 4, 5, nil])
    }

    @Test("A case stands on its owner's list, and on that of one whom another site assigned (C2)")
    func contended() throws {
        var story = try Story.opened()
        let at = Story.minute(1_000)
        #expect(story.state.worklistEntries(at: at).map(\.ownerID) == ["anna"])
        story.tell(.ownerAssigned(Examples.make { $0.ownerID = "bert" }), at: 10)
        story.tell(
            .ownerAssigned(Examples.make { $0.ownerID = "carla" }),
            at: 11,
            log: Story.manila,
            blind: true
        )
        let entries = story.state.worklistEntries(at: at)
        #expect(entries.map(\.ownerID) == ["carla", "bert"])
        #expect(entries.map(\.isContended) == [true, true])
        #expect(story.view().header.contendedOwner?.value == "bert")
        story.resolve(at: 20)
        #expect(story.state.worklistEntries(at: at).isEmpty)
    }

    @Test("Debts of the case stand in its entry")
    func debts() throws {
        var story = try Story.opened()
        try story.write(CommitmentRuleTests.promise(due: 50), at: 5)
        try story.write(EscalationRuleTests.raised(due: 40), at: 6, escalation: "e")
        story.tell(Story.offer(deadline: 200), at: 7, handoff: "h")
        let entry = try #require(story.state.worklistEntries(at: Story.minute(100)).first)
        #expect(entry.debts.map(\.kind) == [.reportBack, .commitment, .answerToOffer])
        #expect(entry.overdueSince == Story.minute(40))
    }

    @Test("A case that nobody owns is on nobody's list; a reopened one with its last owner (L7)")
    func unowned() throws {
        var story = try Story.opened()
        let at = Story.minute(1_000)
        story.tell(.ownerReleased(Examples.make { $0.reason = .agentLeft }), at: 10)
        #expect(story.state.worklistEntries(at: at).map(\.ownerID) == [""])
        story.tell(.ownerAssigned(Examples.make { $0.ownerID = "bert" }), at: 11)
        story.resolve(at: 20)
        story.tell(.caseClosed(Examples.make { $0.reason = .confirmed }), at: 21)
        story.tell(.caseReopened(Examples.make { $0.reason = .notFixed }), at: 30)
        let entry = try #require(story.state.worklistEntries(at: at).first)
        #expect(entry.ownerID == "bert")
        #expect(entry.debts.map(\.kind) == [.owner])
    }

    @Test("The row of a case survives its bytes, and gives the debts of the case's own view")
    func summary() throws {
        var story = try Story.opened()
        try story.write(CommitmentRuleTests.promise(due: 50), at: 5)
        try story.write(EscalationRuleTests.raised(due: 40), at: 6, escalation: "e")
        story.tell(Story.offer(deadline: 200), at: 7, handoff: "h")
        let summary = story.state.summary
        #expect(try CaseSummary(clear: summary.clearBytes) == summary)
        for minute in [10.0, 45, 51, 200, 201, 5_000] {
            let time = Story.minute(minute)
            #expect(summary.debts(at: time) == story.state.view(at: time).work.debts)
        }
    }
}
