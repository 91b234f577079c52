import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Figures are of a stated cut", .temporaryDirectory)
struct CutStories {
    /// What was lost without it: figures of a busy ledger that nobody could compute again, or none
    /// at all.
    @Test("While others append, the figures are those of exactly the logs as they are printed")
    func busy() async throws {
        let office = try StoryOffice("busy")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    let desk = office.desk("writer \(writer)")
                    for _ in 0..<50 {
                        let caseID = office.ledger.makeCaseID()
                        try await desk.decide(caseID, .open(initiation: .proactive))
                        try await desk.decide(caseID, .note("one"), .note("two"))
                    }
                }
            }
            group.addTask {
                for _ in 0..<20 {
                    let result = try office.ledger.metricsAtCut()
                    let counted = try Self.count(office.ledger, at: result.logs)
                    #expect(result.figures.events == counted.events)
                    #expect(result.figures.cases == counted.cases)
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
        let end = try office.ledger.metricsAtCut()
        #expect(end.figures.cases == 200)
        #expect(end.figures == (try office.ledger.metrics()))
    }

    /// The cases and their events among the leaves of `logs`, counted one by one.
    private static func count(
        _ ledger: Ledger,
        at logs: [LogSummary]
    ) throws -> (events: Int64, cases: Int64) {
        var events: Int64 = 0
        var cases: Set<String> = []
        try ledger.forEachEvent { event in
            guard let log = logs.first(where: { $0.id.hex == event.log }) else { return true }
            guard event.index < log.position.size, let subject = event.subject,
                subject.hasPrefix("case:")
            else { return true }
            events += 1
            cases.insert(subject)
            return true
        }
        return (events, Int64(cases.count))
    }
}
