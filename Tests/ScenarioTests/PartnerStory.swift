import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

/// Berlin hands one of its cases to a repair partner in Manila, who may see that case and no other.
@Suite("A case goes to a partner and comes back", .temporaryDirectory)
struct PartnerStory {
    private let clock: TestClock
    private let berlin: StoryOffice
    private let manila: StoryOffice
    private let caseID: Subject
    private let otherID: Subject

    init() throws {
        self.clock = TestClock()
        self.berlin = try StoryOffice("berlin", clock: self.clock)
        self.manila = try StoryOffice("manila", .partner, company: "Vendor", clock: self.clock)
        self.caseID = self.berlin.ledger.makeCaseID()
        self.otherID = self.berlin.ledger.makeCaseID()
    }

    private func sync() async throws -> SyncSummary {
        try await self.manila.ledger.sync(with: self.berlin.ledger, sharingKeys: true)
    }

    @discardableResult
    private func grant(_ cases: Subject...) async throws -> PartnerGrant {
        let manila = try #require(SiteName("story.example/manila"))
        let key = try self.manila.ledger.siteKey().key
        _ = try await self.berlin.ledger.addPeer(manila, address: "-", key: key)
        let labels = cases.map { Label(name: Label.subjectName, value: $0.rawValue) }
        return try await self.berlin.ledger.grant(to: manila, labels)
    }

    /// Two cases at Berlin, of which the partner is offered one.
    private func open() async throws {
        for caseID in [self.caseID, self.otherID] {
            try await self.berlin.desk("anna").decide(
                caseID,
                .open(initiation: .proactive),
                .claim()
            )
        }
        var there = CustodyPlace()
        there.site = "story.example/manila"
        there.team = "screens"
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

    @Test("The partner gets the history of its case, answers, and Berlin sees what it did")
    func there() async throws {
        try await self.open()
        try await self.grant(self.caseID)
        #expect(try await self.sync().inStep)
        // The same history, its text readable; of the other case nothing.
        let (here, held) = (
            try self.berlin.ledger.caseView(of: self.caseID),
            try self.manila.ledger.caseView(of: self.caseID)
        )
        #expect(held.events == here.events)
        #expect(held.openOffers.map(\.handoffID) == ["h"])
        #expect(throws: LedgerError.self) { try self.manila.ledger.caseView(of: self.otherID) }
        let part = try #require(try self.manila.ledger.heldParts().first)
        #expect(part.isComplete && part.leaves < part.size)

        self.clock.pass(minutes: 30)
        try await self.manila.desk("mia", team: "screens").decide(self.caseID, .acceptHandoff("h"))
        #expect(try await self.sync().inStep)
        for office in [self.berlin, self.manila] {
            let view = try office.ledger.caseView(of: self.caseID)
            #expect(view.openOffers.isEmpty)
            #expect(view.header.owner?.value == "mia")
        }
        #expect(try self.manila.ledger.verify().isSound)
        #expect(try self.berlin.ledger.verify().isSound)
    }

    @Test("A second case comes with its past once it is granted, and nothing comes once revoked")
    func wider() async throws {
        try await self.open()
        try await self.grant(self.caseID)
        _ = try await self.sync()
        let wide = try await self.grant(self.caseID, self.otherID)
        #expect(wide.number == 2)
        #expect(try self.berlin.ledger.grants().map(\.state) == [.replaced, .active])
        #expect(try await self.sync().inStep)
        let (here, held) = (
            try self.berlin.ledger.caseView(of: self.otherID),
            try self.manila.ledger.caseView(of: self.otherID)
        )
        #expect(held.events == here.events)

        #expect(try await self.berlin.ledger.revokeGrant(wide.id).state == .revoked)
        try await self.berlin.desk("anna").decide(
            self.otherID,
            .classify("severity", as: "3")
        )
        let error = await #expect(throws: LedgerError.self) { try await self.sync() }
        guard case .grant(let detail)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(detail.contains("revoked"))
        #expect(
            try self.manila.ledger.caseView(of: self.otherID).events.count
                == self.berlin.ledger.caseView(of: self.otherID).events.count - 1
        )
    }
}
