import CaseDomain
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

/// Real histories, case by case, against figures that other code computed.
@Suite("Reference answers")
struct ReferenceTests {
    @Test(
        "Every BPI 2013 case has the reference facts",
        .enabled(if: SharedData.hasHistories, "\(SharedData.absence)")
    )
    func bpi() throws {
        let rows = try BPI2013.rows()
        #expect(rows.count == 65_533)
        var byCase: [String: [(Int, SourceRow)]] = [:]
        for (number, row) in rows.enumerated() {
            byCase[row.caseID, default: []].append((number, row))
        }
        #expect(byCase.count == 7_554)
        let reference = try SharedData.reference("bpic2013_incidents")
        var summary = MetricsSummary()
        for (caseID, rows) in byCase {
            let sorted = rows.sorted { ($0.1.occurred, $0.0) < ($1.1.occurred, $1.0) }
            let facts = try Self.fold(caseID, sorted.map { $0.1 }, BPI2013.observed)
            try Self.compare(facts, with: #require(reference[Substring(caseID)]))
            summary.add(facts)
        }
        let report = summary.report
        #expect(report.agents.handoffs == 20_649)
        #expect(report.teams.handoffs == 9_454)
        #expect(report.teams.pingPongCases == 1_177)
        #expect(report.teams.pingPongs == 2_394)
        #expect(report.reopenedCases == 514)
        #expect(report.reopens == 580)
        #expect(abs((report.duration?.mean ?? 0) / 86_400 - 12.079) < 0.0005)
        #expect(abs((report.duration?.median ?? 0) / 86_400 - 7.549) < 0.0005)
        let user = report.waits.first { $0.subStatus == "Wait - User" }
        #expect(abs((user?.share ?? 0) - 0.21161) < 0.000005)
        let waits = report.waits.reduce(0) { $0 + $1.share }
        #expect(abs(waits - 0.33354) < 0.000005)
    }

    @Test(
        "Every UCI incident has the reference facts",
        .enabled(if: SharedData.hasHistories, "\(SharedData.absence)")
    )
    func uci() throws {
        let rows = try UCI.rows()
        #expect(rows.count == 141_712)
        var byCase: [String: [SourceRow]] = [:]
        for row in rows { byCase[row.caseID, default: []].append(row) }
        #expect(byCase.count == 24_918)
        let reference = try SharedData.reference("uci_incident")
        var summary = MetricsSummary()
        for (caseID, rows) in byCase {
            let facts = try Self.fold(caseID, rows, UCI.observed)
            try Self.compare(facts, with: #require(reference[Substring(caseID)]))
            #expect(String(facts.reopens) == rows.last?.row["reopen_count"])
            summary.add(facts)
        }
        let report = summary.report
        #expect(report.agents.handoffs == 4_873)
        #expect(report.teams.handoffs == 19_087)
        #expect(report.teams.pingPongCases == 2_216)
        #expect(report.teams.pingPongs == 3_675)
        #expect(report.reopenedCases == 275)
        #expect(report.reopens == 331)
        #expect(report.slaMet == 15_803)
        #expect(report.slaBreached == 9_115)
        #expect(abs((report.duration?.mean ?? 0) / 86_400 - 13.135) < 0.0005)
        #expect(abs((report.duration?.median ?? 0) / 86_400 - 6.070) < 0.0005)
    }

    private static func fold(
        _ caseID: String,
        _ rows: [SourceRow],
        _ observed: (SourceRow) -> CaseObserved
    ) throws -> CaseFacts {
        let subject = try #require(Subject(kind: "case", id: caseID))
        var fold = CaseFactsFold(caseID: subject)
        for row in rows { fold.evolve(observed(row), occurred: row.occurred) }
        // The whole state costs more; every eleventh case shows that it counts the same.
        if rows.count.isMultiple(of: 11) {
            var state = CaseState.initial(subject)
            for (index, row) in rows.enumerated() {
                state.evolve(Self.event(observed(row), row.occurred, subject, UInt64(index)))
            }
            #expect(state.facts == fold.current, "\(caseID)")
        }
        return fold.current
    }

    private static func event(
        _ row: CaseObserved,
        _ occurred: Timestamp,
        _ subject: Subject,
        _ index: UInt64
    ) -> CaseEvent {
        CaseEvent(
            id: EventID(rawValue: UInt128(index)),
            address: EventAddress(log: LogID(rawValue: 1), index: index),
            subject: subject,
            occurred: occurred,
            order: occurred,
            recorded: HybridTime(rawValue: .max),
            isHistory: true,
            actor: ActorSnapshot(actorID: row.sourceSystem, kind: .system),
            payload: .caseObserved(row)
        )
    }

    private static func compare(
        _ facts: CaseFacts,
        with row: [Substring: Substring]
    ) throws {
        let name = facts.caseID
        #expect(String(facts.events) == row["events"] ?? "", "\(name)")
        let first = try #require(Timestamp(rfc3339: row["first_ts"] ?? ""))
        let last = try #require(Timestamp(rfc3339: row["last_ts"] ?? ""))
        #expect(facts.firstAt == first, "\(name)")
        #expect(facts.lastAt == last, "\(name)")
        #expect(facts.durationSeconds == Double(row["duration_s"] ?? ""), "\(name)")
        #expect(String(facts.agents.holders) == row["resources"] ?? "", "\(name)")
        #expect(String(facts.teams.holders) == row["groups"] ?? "", "\(name)")
        #expect(String(facts.agents.handoffs) == row["handovers_resource"] ?? "", "\(name)")
        #expect(String(facts.teams.handoffs) == row["handovers_group"] ?? "", "\(name)")
        #expect(String(facts.agents.pingPongs) == row["pingpong_resource"] ?? "", "\(name)")
        #expect(String(facts.teams.pingPongs) == row["pingpong_group"] ?? "", "\(name)")
        #expect(String(facts.agents.returns) == row["returns_resource"] ?? "", "\(name)")
        #expect(String(facts.teams.returns) == row["returns_group"] ?? "", "\(name)")
        #expect(String(facts.reopens) == row["reopens"] ?? "", "\(name)")
        #expect(facts.toFirstResolvedSeconds == Double(row["ttr_first_s"] ?? ""), "\(name)")
        #expect(facts.toLastTerminalSeconds == Double(row["ttr_last_s"] ?? ""), "\(name)")
    }
}
