import CaseDomain
import EventStore
import LedgerTesting
import LedgerTypes
import Projections
import Testing

@testable import CaseLedger

/// Cases that are gone on with after an append instead of being read back.
@Suite("Cases that are held", .temporaryDirectory)
struct HeldCasesTests {
    private let clock = TestClock()
    private let ledger: Ledger
    private let agent = ActorSnapshot(actorID: "anna", kind: .agent, tier: "t1", team: "one")

    init() throws {
        let clock = self.clock
        self.ledger = try Ledger.create(
            at: TemporaryDirectoryTrait.current + "/office",
            state: TemporaryDirectoryTrait.current + "/state",
            site: SiteProfile(name: #require(SiteName("held.example/office"))),
            clock: { clock.now }
        )
    }

    private var desk: Desk { self.ledger.desk(of: self.agent) }

    /// The same ledger with nothing held.
    private func another() throws -> Ledger {
        let clock = self.clock
        return try Ledger.open(
            at: TemporaryDirectoryTrait.current + "/office",
            state: TemporaryDirectoryTrait.current + "/state",
            clock: { clock.now }
        )
    }

    /// Whether the case is held just as it reads.
    private func isHeldAsItReads(_ caseID: Subject) throws -> Bool {
        let held = try #require(self.ledger.decisions.take(caseID))
        defer { self.ledger.decisions.put(held) }
        let read = try self.ledger.store.read { (snapshot) throws(EventStoreError) in
            try CaseReader().hold(caseID, self.ledger.context(snapshot), snapshot)
        }
        return held.reference == read.reference && held.basis == read.basis
    }

    private func isHeld(_ caseID: Subject) -> Bool {
        guard let held = self.ledger.decisions.take(caseID) else { return false }
        self.ledger.decisions.put(held)
        return true
    }

    private func message(_ text: String, about caseID: Subject) -> ProposedEvent {
        var message = MessageRecorded()
        message.messageID = "message \(text)"
        message.author = .agent
        message.visibility = .public
        message.body = .open(text)
        return self.ledger.propose(.messageRecorded(message), about: caseID, by: self.agent)
    }

    @Test("After every kind of everyday append the case is held just as it reads")
    func everyday() async throws {
        let caseID = self.ledger.makeCaseID()
        let commands: [CaseCommand] = [
            .open(initiation: .proactive), .claim(), .classify("severity", as: "2"),
            .wait(on: .vendor), .endWait(), .resolve(.fixed, answers: ["A-1"]),
            .reopen(.notFixed), .resolve(.workaround, answers: ["A-1"]), .close(.confirmed),
        ]
        for command in commands {
            self.clock.pass(minutes: 1)
            try await self.desk.decide(caseID, command)
            #expect(try self.isHeldAsItReads(caseID))
        }
        _ = try await self.ledger.append(
            [self.message("sealed", about: caseID)],
            expecting: [caseID: .exists]
        )
        #expect(try self.isHeldAsItReads(caseID))
    }

    @Test("Several cases in one append are each held as they read, with what each got")
    func several() async throws {
        let cases = [self.ledger.makeCaseID(), self.ledger.makeCaseID()]
        for caseID in cases {
            try await self.desk.decide(caseID, .open(initiation: .proactive))
        }
        self.clock.pass(minutes: 1)
        _ = try await self.ledger.append([
            self.message("a", about: cases[1]), self.message("b", about: cases[0]),
            self.message("c", about: cases[1]),
        ])
        for caseID in cases { #expect(try self.isHeldAsItReads(caseID)) }
    }

    @Test("Of several cases only one that something is stated about is read with its texts")
    func stated() async throws {
        let cases = [self.ledger.makeCaseID(), self.ledger.makeCaseID()]
        for caseID in cases {
            try await self.desk.decide(caseID, .open(title: "T", initiation: .proactive))
        }
        self.clock.pass(minutes: 1)
        for caseID in cases { _ = self.ledger.views.take(caseID) }
        var stated = IssueStated()
        stated.statementID = "statement 1"
        stated.narrative = .open("no picture")
        let statement = self.ledger.propose(.issueStated(stated), about: cases[0], by: self.agent)
        _ = try await self.ledger.append([statement, self.message("b", about: cases[1])])
        #expect(self.ledger.views.take(cases[0]) != nil)
        #expect(self.ledger.views.take(cases[1]) == nil)
        for caseID in cases { #expect(try self.isHeldAsItReads(caseID)) }
    }

    @Test("What somebody else appended is decided on, although an older case was held")
    func overtaken() async throws {
        let caseID = self.ledger.makeCaseID()
        try await self.desk.decide(caseID, .open(initiation: .proactive), .claim())
        let other = try self.another()
        defer { other.close() }
        self.clock.pass(minutes: 1)
        try await other.desk(of: self.agent).decide(caseID, .resolve(.fixed, answers: ["A-1"]))
        try await other.desk(of: self.agent).decide(caseID, .close(.confirmed))
        self.clock.pass(minutes: 1)
        // The held case is open; a resolution of a closed one is refused.
        var resolved = CaseResolved()
        resolved.resolutionKind = .fixed
        let event = self.ledger.propose(.caseResolved(resolved), about: caseID, by: self.agent)
        let error = await #expect(throws: LedgerError.self) {
            try await self.ledger.append([event])
        }
        guard case .refused? = error else {
            Issue.record("it was not refused but \(String(describing: error))")
            return
        }
        _ = try await self.ledger.append([self.message("after", about: caseID)])
        #expect(try self.isHeldAsItReads(caseID))
    }

    @Test("An expectation that is not met is a conflict, whatever is held")
    func expectation() async throws {
        let caseID = self.ledger.makeCaseID()
        try await self.desk.decide(caseID, .open(initiation: .proactive))
        #expect(self.isHeld(caseID))
        let error = await #expect(throws: LedgerError.self) {
            try await self.ledger.append(
                [self.message("late", about: caseID)],
                expecting: [caseID: .new]
            )
        }
        guard case .conflict(let conflicts)? = error else {
            Issue.record("it was no conflict but \(String(describing: error))")
            return
        }
        #expect(conflicts.map(\.subject) == [caseID])
    }

    @Test("A repeat is recognized, other content under its id refused, though the case is held")
    func repeats() async throws {
        let caseID = self.ledger.makeCaseID()
        try await self.desk.decide(caseID, .open(initiation: .proactive))
        let count = try self.ledger.caseView(of: caseID).events.count
        let event = self.message("once", about: caseID)
        let first = try await self.ledger.append([event])
        let second = try await self.ledger.append([event])
        #expect(second.addresses == first.addresses)
        #expect(second.position == nil)
        var other = self.message("twice", about: caseID)
        other.id = event.id
        let error = await #expect(throws: LedgerError.self) {
            try await self.ledger.append([other])
        }
        #expect(error != nil)
        #expect(try self.ledger.caseView(of: caseID).events.count == count + 1)
    }

    @Test("A repeat names what the ledger wrote with it, though the case is held")
    func repeatsWithCompanions() async throws {
        let caseID = self.ledger.makeCaseID()
        try await self.desk.decide(caseID, .open(initiation: .proactive), .claim())
        try await self.desk.decide(caseID, .resolve(.fixed, answers: ["A-1"]))
        try await self.desk.decide(caseID, .close(.confirmed))
        self.clock.pass(minutes: 1)
        var reopened = CaseReopened()
        reopened.reason = .notFixed
        let event = self.ledger.propose(.caseReopened(reopened), about: caseID, by: self.agent)
        let first = try await self.ledger.append([event])
        // The last owner was reinstated with it.
        #expect(first.addresses.count == 2)
        #expect(self.isHeld(caseID))
        let second = try await self.ledger.append([event])
        #expect(second.addresses == first.addresses)
        #expect(second.ids == first.ids)
        _ = try await self.ledger.append([self.message("after", about: caseID)])
        let third = try await self.ledger.append([event])
        #expect(third.addresses == first.addresses)
    }

    @Test("A policy that another process decided holds from then on")
    func policies() async throws {
        let caseID = self.ledger.makeCaseID()
        try await self.desk.decide(caseID, .open(initiation: .proactive), .claim())
        try await self.desk.decide(caseID, .resolve(.fixed, answers: ["A-1"]))
        try await self.desk.decide(caseID, .close(.confirmed))
        #expect(self.isHeld(caseID))
        let other = try self.another()
        defer { other.close() }
        var policy = PolicyDefined()
        policy.what = .reopenWindow
        policy.version = 1
        policy.value = 86_400
        let subject = try #require(Subject("policy:reopening"))
        _ = try await other.append([
            other.propose(.policyDefined(policy), about: subject, by: self.agent)
        ])
        self.clock.pass(minutes: 3 * 24 * 60)
        let held = try #require(self.ledger.knownContext)
        _ = try await self.ledger.append([self.message("after", about: caseID)])
        let known = try #require(self.ledger.knownContext)
        #expect(known.bookVersion == held.bookVersion + 1)
    }

    @Test("Sixteen callers of one case lose nothing, and it is held as it reads")
    func together() async throws {
        let caseID = self.ledger.makeCaseID()
        try await self.desk.decide(caseID, .open(initiation: .proactive))
        let count = try self.ledger.caseView(of: caseID).events.count
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<16 {
                group.addTask {
                    for turn in 0..<4 {
                        let event = self.message("\(caller)-\(turn)", about: caseID)
                        _ = try await self.ledger.append([event])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try self.ledger.caseView(of: caseID).events.count == count + 64)
        _ = try await self.ledger.append([self.message("last", about: caseID)])
        #expect(try self.isHeldAsItReads(caseID))
    }

    @Test("Of cases longer than a generation the last one is held")
    func long() async throws {
        let cache = CaseCache(casesMax: 8, eventsMax: 4)
        var held: [HeldCase] = []
        for length in [2, 5, 6] {
            let caseID = self.ledger.makeCaseID()
            try await self.desk.decide(caseID, .open(initiation: .proactive))
            for turn in 2..<length {
                _ = try await self.ledger.append([self.message("\(turn)", about: caseID)])
            }
            held.append(try #require(self.ledger.decisions.take(caseID)))
        }
        for one in held { cache.put(one) }
        #expect(cache.take(held[0].caseID)?.reference == held[0].reference)
        #expect(cache.take(held[1].caseID) == nil)
        #expect(cache.take(held[2].caseID)?.reference == held[2].reference)
        #expect(cache.take(held[2].caseID) == nil)
    }
}
