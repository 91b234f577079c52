import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

@Suite("What a site decided", .temporaryDirectory)
struct PolicyStories {
    private let ada = ActorSnapshot(actorID: "ada", kind: .agent, team: "First line")
    private let lead = ActorSnapshot(actorID: "lea", kind: .supervisor, team: "First line")

    /// Opens a case and resolves it without a word of what worked, which L2 does not like.
    private func resolveSilently(_ site: Site, _ subject: Subject) async throws {
        var opening = CaseOpened()
        opening.initiation = .proactive
        var resolved = CaseResolved()
        resolved.resolutionKind = .fixed
        _ = try await site.ledger.append([
            site.ledger.propose(.caseOpened(opening), about: subject, by: self.ada),
            site.ledger.propose(.caseResolved(resolved), about: subject, by: self.ada),
        ])
    }

    private func flagL2(from: Timestamp?, at site: Site) async throws {
        var policy = PolicyDefined()
        policy.what = .ruleMode
        policy.rule = RuleID.l2.rawValue
        policy.mode = .flag
        policy.version = 1
        policy.from = from
        let subject = try #require(Subject("policy:silent-resolves"))
        _ = try await site.ledger.append([
            site.ledger.propose(.policyDefined(policy), about: subject, by: self.lead)
        ])
    }

    @Test("A rule is refused until the site's own policy says that it is flagged")
    func switched() async throws {
        let site = try Site.make("strict")
        let before = try #require(Subject("case:before"))
        let after = try #require(Subject("case:after"))
        await #expect {
            try await self.resolveSilently(site, before)
        } throws: { error in
            guard case .refused(let violations) = error as? LedgerError else { return false }
            return violations.map(\.rule) == [.l2]
        }
        try await self.flagL2(from: nil, at: site)
        try await self.resolveSilently(site, after)
        let view = try site.ledger.caseView(of: after)
        #expect(view.integrity.flags.map(\.rule) == [.l2])
    }

    @Test("A policy that begins tomorrow changes nothing today")
    func later() async throws {
        let site = try Site.make("patient")
        let tomorrow = site.ledger.now.adding(microseconds: 86_400_000_000)
        try await self.flagL2(from: tomorrow, at: site)
        let subject = try #require(Subject("case:today"))
        await #expect(throws: LedgerError.self) { try await self.resolveSilently(site, subject) }
    }

    @Test("Another site's policy binds only that site, also when it is synced here")
    func otherSite() async throws {
        let lax = try Site.make("lax")
        let strict = try Site.make("strict")
        try await self.flagL2(from: nil, at: lax)
        let summary = try await strict.ledger.sync(with: lax.ledger)
        #expect(summary.inStep)
        let subject = try #require(Subject("case:here"))
        await #expect(throws: LedgerError.self) {
            try await self.resolveSilently(strict, subject)
        }
        try await self.resolveSilently(lax, subject)
    }
}
