import CaseDomain
import LedgerTypes
import Testing

/// Custody counts do not depend on how many holders a case had.
@Suite("Custody runs")
struct RunsTests {
    private static func row(_ agent: String) -> CaseObserved {
        Examples.make {
            $0.status = .inProgress
            $0.agent = agent
        }
    }

    @Test("Many holders are counted like few", arguments: [4, 12, 13, 14, 200])
    func many(count: Int) throws {
        var fold = CaseFactsFold(caseID: try #require(Subject("case:C-1")))
        let there = (0..<count).map { "agent \($0)" }
        // There, back by one (a ping-pong), and through all of them again.
        for agent in there + [there[count - 2]] + there {
            fold.evolve(Self.row(agent), occurred: Story.minute(0))
        }
        let agents = fold.current.agents
        #expect(agents.holders == UInt32(count))
        #expect(agents.handoffs == UInt32(2 * count))
        #expect(agents.pingPongs == 1)
        #expect(agents.returns == UInt32(count + 1))
    }
}
