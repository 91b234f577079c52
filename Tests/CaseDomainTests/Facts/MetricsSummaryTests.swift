import CaseDomain
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Metrics summary")
struct MetricsSummaryTests {
    private static func facts(_ random: inout SeededRandom) throws -> CaseFacts {
        var fold = CaseFactsFold(caseID: try #require(Subject("case:\(random.next())")))
        var time = Int64.random(in: 0...1_000_000_000_000, using: &random)
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            var row = CaseObserved()
            row.status = ObservedStatus.allCases.randomElement(using: &random) ?? .open
            row.team = ["A", "B", "C", nil].randomElement(using: &random) ?? nil
            row.agent = ["x", "y", nil].randomElement(using: &random) ?? nil
            row.slaMet = [true, false, nil].randomElement(using: &random) ?? nil
            row.subStatus = ["w1", "w2", nil].randomElement(using: &random) ?? nil
            fold.evolve(row, occurred: Timestamp(microseconds: time))
            time += Int64.random(in: -1_000...1_000_000_000, using: &random)
        }
        return fold.current
    }

    @Test("Adding and removing in any order gives the same bytes", arguments: UInt64(1)...10)
    func commutes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let kept = try (0..<50).map { _ in try Self.facts(&random) }
        let gone = try (0..<30).map { _ in try Self.facts(&random) }
        var plain = MetricsSummary()
        for facts in kept { plain.add(facts) }
        var mixed = MetricsSummary()
        var part = MetricsSummary()
        for facts in (kept + gone).shuffled(using: &random) { part.add(facts) }
        for facts in gone.shuffled(using: &random) { mixed.remove(facts) }
        mixed.add(part)
        #expect(mixed.report == plain.report, "seed \(seed)")
        #expect(
            try PayloadJSONTests.encode(mixed.report) == PayloadJSONTests.encode(plain.report),
            "seed \(seed)"
        )
    }

    @Test("Percentiles interpolate linearly, as numpy does")
    func percentiles() throws {
        let seconds: [Int64] = [1, 2, 4, 8]
        let distribution = try #require(Distribution(seconds.map { $0 * 1_000_000 }))
        #expect(distribution.n == 4)
        #expect(distribution.mean == 3.75)
        #expect(distribution.median == 3)
        #expect(abs(distribution.p90 - 6.8) < 1e-12)
        #expect(distribution.min == 1)
        #expect(distribution.max == 8)
        let single = try #require(Distribution([5_000_000]))
        #expect(single.median == 5)
        #expect(single.p90 == 5)
        #expect(Distribution([]) == nil)
    }

    @Test("No case gives no distribution and no rate")
    func empty() {
        let report = MetricsSummary().report
        #expect(report.cases == 0)
        #expect(report.duration == nil)
        #expect(report.teams.pingPongRate == nil)
    }

    @Test("The facts of a case print the names that scripts rely on")
    func factsJSON() throws {
        var fold = CaseFactsFold(caseID: try #require(Subject("case:1-364285768")))
        fold.evolve(Examples.observed, occurred: Story.start)
        fold.evolve(Examples.observed, occurred: Story.minute(1))
        let json = try PayloadJSONTests.encode(fold.current)
        #expect(
            json == """
                {"agentHandoffs":0,"agentPingPongs":0,"agentReturns":0,"agents":1,\
                "case":"1-364285768","durationSeconds":60,"events":2,\
                "firstAt":"2023-11-14T22:13:20Z","flags":[],"isTerminal":false,\
                "lastAt":"2023-11-14T22:14:20Z","observed":2,"reopens":0,"siteHandoffs":0,\
                "sitePingPongs":0,"siteReturns":0,"sites":1,"slaMet":false,"teamHandoffs":0,\
                "teamPingPongs":0,"teamReturns":0,"teams":1,"tierHandoffs":0,"tierPingPongs":0,\
                "tierReturns":0,"tiers":1,"unknown":0,\
                "waits":[{"seconds":60,"subStatus":"Wait - User","waitingOn":"customer"}]}
                """
        )
    }
}
