import CaseDomain
import Foundation
import LedgerTypes
import Testing

@testable import Interchange

@Suite("Report")
struct ReportBuilderTests {
    /// Cases whose rows go from team to team, one every ten minutes.
    private static func trace(_ name: String, _ teams: [String], last: ObservedStatus) throws
        -> CaseTrace
    {
        let caseID = try #require(Subject(kind: "case", id: name))
        let events = teams.enumerated().map { place, team in
            var row = CaseObserved()
            row.team = team
            row.site = team.first.map(String.init)
            row.status = place == teams.count - 1 ? last : .inProgress
            let at = MiningStory.time(Int64(place) * 10)
            return CaseEvent(
                id: EventID(rawValue: UInt128(place + 1) << 8),
                address: EventAddress(log: LogID(rawValue: 1), index: UInt64(place)),
                subject: caseID,
                occurred: at,
                order: at,
                recorded: HybridTime(after: HybridTime(rawValue: 0), now: at),
                isHistory: true,
                actor: ActorSnapshot(actorID: "source", kind: .system),
                payload: .caseObserved(row)
            )
        }
        return CaseTrace(events, of: caseID)
    }

    private static func statistics() throws -> ReportStatistics {
        var statistics = ReportStatistics()
        statistics.add(try Self.trace("one", ["A1", "A2", "A1", "B1"], last: .closed))
        statistics.add(try Self.trace("it's <2>", ["A1", "B1"], last: .inProgress))
        return statistics
    }

    private static func input(_ statistics: ReportStatistics) -> ReportBuilder.Input {
        let nothing = MetricsPage(MetricQuery(), asOf: nil) { _ in [] }
        return ReportBuilder.Input(
            total: nothing,
            byMonth: nothing,
            byKind: nothing,
            statistics: statistics,
            logs: [(origin: "site.example/desk/e1", size: 7, root: "00ff")],
            ledgerName: "desk"
        )
    }

    @Test("Statistics count who hands over to whom, how long it took and which cases stand out")
    func counts() throws {
        let found = try Self.statistics()
        #expect(found.cases == 2)
        #expect(
            found.teamPairs == [
                ReportMap.Pair(from: "A1", to: "B1", count: 2),
                ReportMap.Pair(from: "A1", to: "A2", count: 1),
                ReportMap.Pair(from: "A2", to: "A1", count: 1),
            ]
        )
        #expect(found.sitePairs == [ReportMap.Pair(from: "A", to: "B", count: 2)])
        #expect(found.resolved.first == 1 && found.resolved.reduce(0, +) == 1)
        #expect(found.handoffs == [0, 1, 0, 1, 0, 0, 0])
        #expect(found.open.map(\.caseID) == ["it's <2>"])
        #expect(found.passedOn.map(\.caseID) == ["one", "it's <2>"])
        #expect(found.opened == ["2023-11": 2])
    }

    @Test("Lists keep the most, and of equals the first")
    func lists() throws {
        var statistics = ReportStatistics()
        for number in 0..<30 {
            let teams = (0...(number % 12)).map { "T\($0)" }
            statistics.add(try Self.trace("c\(number)", teams, last: .closed))
        }
        #expect(statistics.passedOn.count == ReportStatistics.listMax)
        #expect(statistics.passedOn.prefix(2).map(\.caseID) == ["c11", "c23"])
    }

    @Test("Without metrics the page says what each needs, and never zero")
    func noData() throws {
        let report = ReportBuilder.report(of: Self.input(try Self.statistics()))
        let page = String(decoding: ReportPage.bytes(of: report), as: UTF8.self)
        #expect(page.contains("no data: needs"))
        #expect(
            page.contains("caseledger show &#39;it&#39;\\&#39;&#39;s &lt;2&gt;&#39; --ledger desk")
        )
        #expect(page.contains("site.example/desk/e1") && page.contains("00ff"))
        for link in page.matches(of: /href="#([^"]*)"/) {
            #expect(page.contains("id=\"\(link.1)\""), "\(link.1)")
        }
    }

    @Test("An empty ledger has a page as well")
    func empty() {
        let report = ReportBuilder.report(of: Self.input(ReportStatistics()))
        let page = String(decoding: ReportPage.bytes(of: report), as: UTF8.self)
        #expect(page.contains("no data"))
        #expect(!page.contains("nan"))
    }
}
