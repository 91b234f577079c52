import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

/// A ledger with a clock that stands still, and desks at it.
struct Office: Sendable {
    let ledger: Ledger
    let clock = TestClock()

    init() throws {
        let path = TemporaryDirectoryTrait.current + "/office"
        let clock = self.clock
        self.ledger = try Ledger.create(
            at: path,
            state: TemporaryDirectoryTrait.current + "/state",
            site: SiteProfile(name: #require(SiteName("commands.example/office"))),
            clock: { clock.now }
        )
    }

    var anna: Desk { self.desk("anna", tier: .t1) }
    var bert: Desk { self.desk("bert", tier: .t2) }
    var lea: Desk { self.desk("lea", tier: .management, kind: .supervisor) }

    func desk(_ name: String, tier: Tier, kind: ActorKind = .agent) -> Desk {
        self.ledger.desk(
            of: ActorSnapshot(actorID: name, kind: kind, tier: tier.name, team: "team \(tier.name)")
        )
    }

    /// A case that anna opened and owns.
    func opened(
        _ title: String = "No calls",
        customerID: String? = nil
    ) async throws -> Subject {
        let caseID = self.ledger.makeCaseID()
        try await self.anna.decide(
            caseID,
            .open(title: title, customerID: customerID, initiation: .proactive)
        )
        return caseID
    }

    /// The rules that refuse `body`, in the order in which they came.
    func broken(_ body: () async throws -> Void) async -> [RuleID] {
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
