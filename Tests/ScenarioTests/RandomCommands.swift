import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

/// Commands in no sensible order, the same for the same seed.
struct RandomCommands {
    private var random: SeededRandom
    private let clock: TestClock

    init(seed: UInt64, clock: TestClock) {
        self.random = SeededRandom(seed: seed)
        self.clock = clock
    }

    /// A number below `end`.
    mutating func below(_ end: Int) -> Int { Int.random(in: 0..<end, using: &self.random) }

    /// One to three commands.
    mutating func next() -> [CaseCommand] {
        (0...self.below(3)).map { _ in self.command() }
    }

    private mutating func command() -> CaseCommand {
        switch self.below(6) {
        case 0: self.aboutCase()
        case 1: self.aboutCustody()
        case 2: self.aboutUnderstanding()
        case 3: self.aboutPromises()
        case 4: self.aboutEscalations()
        default: self.aboutOutcomes()
        }
    }

    private mutating func aboutCase() -> CaseCommand {
        switch self.below(8) {
        case 0: .resolve(.fixed)
        case 1: .resolve(.workaround, answers: ["A-1"])
        case 2: .close(.confirmed)
        case 3: .reopen(.notFixed)
        case 4: .classify("severity", as: "\(self.below(4))")
        case 5: .wait(on: .vendor)
        case 6: .endWait()
        default: .wait(on: .customer)
        }
    }

    private mutating func aboutCustody() -> CaseCommand {
        switch self.below(6) {
        case 0: .claim()
        case 1: .releaseOwner(because: .longAbsence)
        case 2:
            .offerHandoff(
                to: .team("team \(self.below(2))"),
                .warm,
                because: .skill,
                summary: "s",
                next: "n"
            )
        case 3: .acceptHandoff()
        case 4: .declineHandoff(because: .noCapacity)
        default: .withdrawHandoff()
        }
    }

    private mutating func aboutUnderstanding() -> CaseCommand {
        let step = "step \(self.below(4))"
        return switch self.below(5) {
        case 0: .recordStep(step, .failed)
        case 1: .recordStep(step, .worked)
        case 2: .recordStep(step, .failed, again: .verify)
        case 3: .recordStatement("it is broken", facts: ["model": "\(self.below(2))"])
        default: .tellCustomer("we look into it")
        }
    }

    private mutating func aboutPromises() -> CaseCommand {
        let due = self.clock.later(minutes: Int64(self.below(600)))
        return switch self.below(4) {
        case 0: .promise(.callback, by: due)
        case 1: .keepPromise()
        case 2: .reschedulePromise(to: due, askedBy: .customer)
        default: .settlePromise(nil, .cancelledByCustomer)
        }
    }

    private mutating func aboutEscalations() -> CaseCommand {
        let due = self.clock.later(minutes: Int64(self.below(600)))
        return switch self.below(4) {
        case 0: .escalate(to: .team("lab"), because: .skill, question: "q", reportBackBy: due)
        case 1: .reportBack(.fixed)
        case 2: .reportBack(.interim)
        default: .withdrawEscalation()
        }
    }

    private mutating func aboutOutcomes() -> CaseCommand {
        switch self.below(5) {
        case 0: .determineEntitlement(.warranty, rule: "terms", version: 1)
        case 1: .determineEntitlement(.unsupported, rule: "terms", version: 1)
        case 2: .decideRemedy(.refund, .granted, value: Money(minor: 900, "EUR"))
        case 3: .recordReturn(.inspected, finding: .noFaultFound)
        default: .linkAnswer("A-1", version: 1, .solved)
        }
    }
}

@Suite("Commands in no sensible order", .temporaryDirectory)
struct RandomCommandTests {
    /// The rules that refuse what they forbid, whatever a live event is about. L11, L13 and L19
    /// also flag what comes late.
    private static let refusing: Set<RuleID> = [
        .l1, .l2, .l3, .l4, .l5, .l6, .l15, .l20, .l21, .l23, .l24, .l25, .malformed,
    ]

    @Test("What was accepted breaks no rule that refuses, at two sites alike", arguments: 0..<3)
    func random(seed: Int) async throws {
        let clock = TestClock()
        let sites = [
            try StoryOffice("one", clock: clock), try StoryOffice("two", clock: clock),
        ]
        let caseID = sites[0].ledger.makeCaseID()
        try await sites[0].desk("agent 0").decide(caseID, .open(initiation: .proactive))
        _ = try await sites[0].ledger.sync(with: sites[1].ledger)
        var commands = RandomCommands(seed: UInt64(seed), clock: clock)
        var accepted = 0
        for _ in 0..<150 {
            // In step before each decision, so that nothing is parallel.
            let site = sites[commands.below(2)]
            let team = commands.below(2)
            let desk = site.desk("agent \(commands.below(4))", team: "team \(team)")
            clock.pass(minutes: 1)
            do {
                try await desk.decide(caseID, commands.next())
                accepted += 1
            } catch {
                guard case .refused(let violations) = error else { throw error }
                #expect(violations.contains { $0.severity == .refuse }, "seed \(seed)")
            }
            _ = try await sites[0].ledger.sync(with: sites[1].ledger)
        }
        #expect(accepted > 20, "seed \(seed)")
        try self.check(sites, caseID, seed: seed)
    }

    private func check(_ sites: [StoryOffice], _ caseID: Subject, seed: Int) throws {
        let now = sites[0].clock.now
        let views = try sites.map { try $0.ledger.caseView(of: caseID, at: now) }
        for view in views {
            let broken = view.integrity.flags.map(\.rule).filter(Self.refusing.contains)
            #expect(broken.isEmpty, "seed \(seed)")
            #expect(view.integrity.conflicts.isEmpty, "seed \(seed)")
        }
        #expect(views[0].events == views[1].events, "seed \(seed)")
        #expect(views[0].path.custody == views[1].path.custody, "seed \(seed)")
        #expect(views[0].path.owners == views[1].path.owners, "seed \(seed)")
        #expect(views[0].commitments == views[1].commitments, "seed \(seed)")
        #expect(views[0].integrity == views[1].integrity, "seed \(seed)")
        // Read anew, the case is what it was gone on with event by event.
        let fresh = try sites[0].ledger.caseView(of: caseID, asOf: now)
        #expect(fresh == views[0], "seed \(seed)")
    }
}
