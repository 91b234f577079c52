import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

@Suite("What two sites do at once", .temporaryDirectory)
struct ParallelStories {
    /// Two sites in step about one case, which anna owns.
    private struct Pair {
        let clock = TestClock()
        let one: StoryOffice
        let two: StoryOffice
        let caseID: Subject

        init() async throws {
            self.one = try StoryOffice("one", clock: self.clock)
            self.two = try StoryOffice("two", clock: self.clock)
            self.caseID = self.one.ledger.makeCaseID()
            try await self.one.desk("anna").decide(self.caseID, .open(initiation: .proactive))
            try await self.sync()
        }

        func sync() async throws {
            #expect(try await self.one.ledger.sync(with: self.two.ledger).inStep)
        }

        /// The case as both sites show it, after they are in step again.
        func view() async throws -> CaseView {
            try await self.sync()
            self.clock.pass(minutes: 1)
            let here = try self.one.ledger.caseView(of: self.caseID)
            let there = try self.two.ledger.caseView(of: self.caseID)
            // No text is in it, so that every byte has to be the same.
            #expect(here == there)
            #expect(
                try self.one.ledger.caseFacts(of: self.caseID)
                    == self.two.ledger.caseFacts(of: self.caseID)
            )
            return here
        }
    }

    @Test("One offer accepted at two sites: the first holds the case, the other shows as withdrawn")
    func acceptedTwice() async throws {
        let pair = try await Pair()
        try await pair.one.desk("queue", kind: .system).decide(
            pair.caseID,
            .offerHandoff(to: .team("night"), .queue, because: .capacity, handoffID: "h")
        )
        try await pair.sync()
        try await pair.one.desk("bert").decide(pair.caseID, .acceptHandoff())
        pair.clock.pass(minutes: 1)
        try await pair.two.desk("bob").decide(pair.caseID, .acceptHandoff())
        let view = try await pair.view()
        #expect(view.path.handoffs.map(\.outcome) == [.accepted])
        #expect(view.path.handoffs.map(\.by) == ["bert"])
        #expect(view.path.handoffs.map(\.withdrawn.count) == [1])
        #expect(view.header.holder?.value.agent == "bert")
        #expect(view.integrity.conflicts.map(\.rule) == [.c4])
        // Once they know of each other a third answer is refused.
        let refused = await pair.two.refusals {
            try await pair.two.desk("carl").decide(pair.caseID, .acceptHandoff("h"))
        }
        #expect(refused == [.l11])
    }

    @Test(
        "Two owners assigned at once: the later one owns the case, and both have it on their list"
    )
    func twoOwners() async throws {
        let pair = try await Pair()
        try await pair.one.desk("bert").decide(pair.caseID, .claim())
        pair.clock.pass(minutes: 1)
        try await pair.two.desk("bob").decide(pair.caseID, .claim())
        let view = try await pair.view()
        #expect(view.header.owner?.value == "bob")
        #expect(view.header.contendedOwner?.value == "bert")
        #expect(view.integrity.conflicts.map(\.rule) == [.c2])
        let entries = try pair.one.ledger.caseState(of: pair.caseID)
            .worklistEntries(at: pair.clock.now)
        #expect(entries.map(\.ownerID) == ["bob", "bert"])
    }

    @Test("Resolved at both sites: the first counts, the second confirms it")
    func resolvedTwice() async throws {
        let pair = try await Pair()
        try await pair.one.desk("anna").decide(pair.caseID, .resolve(.fixed, answers: ["A-1"]))
        pair.clock.pass(minutes: 1)
        try await pair.two.desk("bob").decide(pair.caseID, .resolve(.howTo, answers: ["A-2"]))
        let view = try await pair.view()
        #expect(view.path.episodes.map(\.resolutionKind) == [.fixed])
        #expect(view.path.episodes.map(\.confirmations.count) == [1])
        #expect(view.integrity.conflicts.map(\.rule) == [.c3])
    }

    @Test("A decision that another site's events overtake is made again on the case as it is then")
    func overtaken() async throws {
        let pair = try await Pair()
        try await pair.two.desk("bob").decide(pair.caseID, .recordStep("restart", .failed))
        // Ten desks write at one site while the other site's events come in.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask {
                    try await pair.one.desk("agent \(number)").decide(pair.caseID) {
                        (state, proposals) in
                        var step = StepTried()
                        step.stepID = "step \(number)"
                        step.result = .inconclusive
                        step.minutes = Double(state.triedSteps.count)
                        proposals.add(.stepTried(step))
                    }
                }
            }
            group.addTask { try await pair.sync() }
            try await group.waitForAll()
        }
        let minutes = try await pair.view().steps.tried.compactMap(\.minutes)
        // Each counted what was there: all different, but for what came from the other site.
        #expect(Set(minutes).count == 10)
        #expect(minutes.allSatisfy { $0 < 11 })
    }

    @Test("Of two conflicting offers at one site the second is flagged; across sites both stand")
    func conflictingOffers() async throws {
        let pair = try await Pair()
        let offer = CaseCommand.offerHandoff(to: .team("night"), .queue, because: .capacity)
        let queue = pair.one.desk("queue", kind: .system)
        try await queue.decide(pair.caseID, offer)
        pair.clock.pass(minutes: 1)
        try await pair.two.desk("queue", kind: .system).decide(pair.caseID, offer)
        let view = try await pair.view()
        #expect(view.openOffers.count == 2)
        try await queue.decide(pair.caseID, offer)
        #expect(try await pair.view().integrity.flags.contains { $0.rule == .l10 })
    }

    @Test("An event for a case that does not exist is refused, with what to do about it")
    func noSuchCase() async throws {
        let office = try StoryOffice("empty")
        let refused = await office.refusals {
            try await office.desk("anna").decide(
                office.ledger.makeCaseID(),
                .recordStep("restart", .failed)
            )
        }
        #expect(refused == [.l1])
    }
}
