import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

/// A site that a story happens at: its ledger, on the story's clock.
struct StoryOffice: Sendable {
    let ledger: Ledger
    let clock: TestClock

    /// Opens a support site for the first time.
    init(
        _ name: String,
        _ kind: SiteKind = .inHouse,
        company: String? = nil,
        clock: TestClock = TestClock()
    ) throws {
        self.clock = clock
        self.ledger = try Ledger.create(
            at: TemporaryDirectoryTrait.current + "/" + name,
            state: TemporaryDirectoryTrait.current + "/" + name + "-state",
            site: SiteProfile(
                name: #require(SiteName("story.example/\(name)")),
                kind: kind,
                company: company
            ),
            clock: { clock.now }
        )
    }

    /// The desk of somebody who works here.
    func desk(
        _ name: String,
        _ tier: Tier = .t1,
        kind: ActorKind = .agent,
        team: String? = nil
    ) -> Desk {
        self.ledger.desk(
            of: ActorSnapshot(actorID: name, kind: kind, tier: tier.name, team: team)
        )
    }

    /// The site decides something.
    func decide(_ policyID: String, _ edit: (inout PolicyDefined) -> Void) async throws {
        var policy = PolicyDefined()
        policy.version = 1
        edit(&policy)
        let subject = try #require(Subject(kind: "policy", id: policyID))
        _ = try await self.ledger.append([
            self.ledger.propose(
                .policyDefined(policy),
                about: subject,
                by: ActorSnapshot(actorID: "head of support", kind: .supervisor)
            )
        ])
    }

    /// The site lets breaches of a rule pass: they are flagged and not refused.
    func lets(_ rule: RuleID) async throws {
        try await self.decide("lets \(rule.rawValue)") {
            $0.what = .ruleMode
            $0.rule = rule.rawValue
            $0.mode = .flag
        }
    }

    /// The rules that refuse `body`.
    func refusals(_ body: () async throws -> Void) async -> [RuleID] {
        do {
            try await body()
            Issue.record("nothing was refused")
        } catch LedgerError.refused(let violations) {
            return violations.filter { $0.severity == .refuse }.map(\.rule)
        } catch {
            Issue.record("\(error)")
        }
        return []
    }
}
