import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

/// Berlin asks the vendor's centre in Manila to take a case over, and the line is cut.
@Suite("A case changes hands between sites", .temporaryDirectory)
struct CustodyAcrossSitesStory {
    private let clock: TestClock
    private let berlin: StoryOffice
    private let manila: StoryOffice
    private let caseID: Subject

    init() throws {
        self.clock = TestClock()
        self.berlin = try StoryOffice("berlin", clock: self.clock)
        self.manila = try StoryOffice("manila", .outsourced, company: "Vendor", clock: self.clock)
        self.caseID = self.berlin.ledger.makeCaseID()
    }

    private func sync() async throws {
        let report = try await self.berlin.ledger.sync(
            with: self.manila.ledger,
            sharingKeys: true
        )
        #expect(report.inStep)
    }

    /// What `office` knows of the other sites of the case.
    private func heard(at office: StoryOffice) throws -> [SiteHeard] {
        try #require(try office.ledger.surroundings(of: self.caseID)).sites
    }

    private func offer() async throws {
        var there = CustodyPlace()
        there.site = "story.example/manila"
        there.team = "screens"
        try await self.berlin.desk("anna").decide(
            self.caseID,
            .open(initiation: .proactive),
            .claim()
        )
        try await self.berlin.desk("anna").decide(
            self.caseID,
            .offerHandoff(
                to: there,
                .queue,
                because: .skill,
                summary: "flickers after the update",
                next: "swap the panel",
                movesOwnership: true,
                handoffID: "h"
            )
        )
    }

    @Test("Offered at one, accepted at the other: both show the same holder and owner")
    func accepted() async throws {
        try await self.offer()
        // Nothing was ever heard of Manila, and it knows nothing of the case.
        let before = try self.heard(at: self.berlin)
        #expect(before.map(\.site) == ["story.example/manila"])
        #expect(before.map(\.lastHeard) == [nil])
        #expect(
            before.map(\.unseen) == [try self.berlin.ledger.caseView(of: self.caseID).events.count]
        )
        try await self.sync()
        self.clock.pass(minutes: 30)
        try await self.manila.desk("mia", team: "screens").decide(self.caseID, .acceptHandoff("h"))
        let accepted = self.clock.now
        // At Berlin the offer still stands: nothing says that it was taken.
        let waiting = try self.berlin.ledger.caseView(of: self.caseID)
        #expect(waiting.openOffers.map(\.handoffID) == ["h"])
        #expect(waiting.header.owner?.value == "anna")
        try await self.sync()
        for office in [self.berlin, self.manila] {
            let view = try office.ledger.caseView(of: self.caseID)
            #expect(view.openOffers.isEmpty)
            #expect(view.header.owner?.value == "mia")
            #expect(view.header.holder?.value.agent == "mia")
            #expect(view.header.sites == ["story.example/berlin", "story.example/manila"])
        }
        let after = try self.heard(at: self.berlin)
        #expect(after.map(\.unseen) == [0])
        let last = try #require(after[0].lastHeard)
        #expect(abs(last.microseconds(since: accepted)) < 60_000_000)
    }

    @Test("Both ends go on while the line is cut: each says how far behind the other was")
    func cut() async throws {
        try await self.offer()
        try await self.sync()
        try await self.manila.desk("mia", team: "screens").decide(self.caseID, .acceptHandoff("h"))
        try await self.sync()
        let heardBefore = try self.heard(at: self.berlin)
        // A week without a word. Berlin writes three more events.
        self.clock.pass(minutes: 7 * 24 * 60)
        for severity in ["3", "2", "1"] {
            self.clock.pass(minutes: 1)
            try await self.berlin.desk("anna").decide(
                self.caseID,
                .classify("severity", as: severity)
            )
        }
        let silent = try self.heard(at: self.berlin)
        #expect(silent.map(\.lastHeard) == heardBefore.map(\.lastHeard))
        #expect(silent.map(\.unseen) == [3])
        // Manila works on the case as it knows it: what it did last Berlin may not know.
        self.clock.pass(minutes: 1)
        try await self.manila.desk("mia", team: "screens").decide(
            self.caseID,
            .classify("severity", as: "4")
        )
        #expect(try self.heard(at: self.manila).map(\.unseen) == [3])
        try await self.sync()
        #expect(try self.heard(at: self.berlin).map(\.unseen) == [3])
        let here = try self.berlin.ledger.caseView(of: self.caseID)
        let there = try self.manila.ledger.caseView(of: self.caseID)
        #expect(here.header == there.header)
        #expect(here.path == there.path)
        #expect(here.events == there.events)
    }
}
