import CaseDomain
import CaseLedger
import LedgerTypes
import StoreBenchmark

/// What one case costs: to decide on its next event, and to look at it.
extension Bench {
    private static let caseEvents = 50
    private static let longCaseEvents = 100_000
    private static let decisions = 4_000

    /// Everything about single cases, in a ledger of its own.
    func cases() async throws -> [Figure] {
        let ledger = try self.makeLedger("cases")
        defer { ledger.close() }
        var figures = try await self.decision(ledger)
        figures += try await self.longCase(ledger)
        return figures
    }

    /// CPU time of one append before its commit: deciding, sealing, encoding.
    private func decision(_ ledger: Ledger) async throws -> [Figure] {
        let number = 0
        for place in 0..<Self.caseEvents {
            let event = try self.workload.message(place, ofCase: number, in: ledger)
            _ = try await ledger.append([event])
        }
        let seen = try ledger.caseView(of: self.workload.subject(number)).events.count
        guard seen == Self.caseEvents else {
            throw PeerFailure(description: "the case has \(seen) events")
        }
        var times: [Double] = []
        for turn in 0..<Self.decisions {
            let event = try self.workload.message(100 + turn, ofCase: number, in: ledger)
            var isHeld = false
            let elapsed = Elapsed.of { isHeld = DecisionBenchmark.prepares([event], in: ledger) }
            guard isHeld else { throw PeerFailure(description: "the case is not held") }
            times.append(elapsed.cpu * 1e6)
        }
        return [("median", 0.5, "20 microseconds"), ("99th percentile", 0.99, nil)].map {
            (name, share, bar) in
            Figure(
                work: "decide, seal and encode one event of a case of 50, CPU, \(name)",
                unit: "microseconds",
                ledger: times.quantile(share),
                bar: bar
            )
        }
    }

    /// A view of a case of 100,000 events: a first look, and another one.
    private func longCase(_ ledger: Ledger) async throws -> [Figure] {
        let number = 1
        var place = 0
        while place < Self.longCaseEvents {
            let end = min(place + Ledger.appendCountMax, Self.longCaseEvents)
            let events = try (place..<end).map {
                try self.workload.message($0, ofCase: number, in: ledger)
            }
            _ = try await ledger.append(events)
            place = end
        }
        let subject = try self.workload.subject(number)
        func look() throws -> Double {
            let begin = Elapsed.now
            let view = try ledger.caseView(of: subject)
            let seconds = Elapsed.now - begin
            guard view.events.count == Self.longCaseEvents else {
                throw PeerFailure(description: "the view has \(view.events.count) events")
            }
            return seconds * 1e3
        }
        let first = try look()
        return [
            Figure(work: "view of a case of 100,000 events, first look", unit: "ms", ledger: first),
            Figure(
                work: "view of a case of 100,000 events, looked at again",
                unit: "ms",
                ledger: try look(),
                bar: "100 ms"
            ),
        ]
    }
}
