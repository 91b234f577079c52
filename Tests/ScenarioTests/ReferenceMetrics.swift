import CaseDomain
import CaseLedger
import Foundation
import LedgerTesting
import Testing

/// The figures of a public history as independent code computed them, beside those of the metric
/// store.
struct ReferenceMetrics {
    private let figures: [String: Any]
    private let page: MetricsPage

    /// Reads the answers called `name`, and asks the store.
    init(_ name: String, _ ledger: Ledger) throws {
        let path = "\(SharedData.folder)/data/reference/\(name).json"
        let data = try Data(contentsOf: URL(filePath: path))
        let object = try JSONSerialization.jsonObject(with: data)
        self.figures = try #require(object as? [String: Any])
        let metrics = [10, 12, 14, 37].map { MetricID(UInt8($0)) }
        let query = MetricQuery(metrics: metrics, by: [.kind])
        self.page = try ledger.metrics(query).page
        // The store and a full recomputation are one.
        #expect(try ledger.recountedMetrics(query) == self.page)
    }

    /// Compares everything that both have.
    func compare() throws {
        try self.compareSpread("duration_s", nil, "duration")
        try self.compareSpread("ttr_first_s", "resolution", "first")
        try self.compareSpread("ttr_last_s", "resolution", "toLastTerminal")
        try self.compareLevel("by_resource", "agent")
        try self.compareLevel("by_group", "team")
        let cases = try self.total(10, "reopenedCases").numerator
        #expect(cases == self.number("cases", "reopen"))
        #expect(try self.total(10, "reopens").value == self.number("occurrences", "reopen"))
        #expect(
            try self.total(12, "toLastTerminal").n
                == Int64(try #require(self.number("cases_with_terminal", "resolution")))
        )
    }

    /// The share of all time that was spent in waits, or in those of one kind.
    func waitShare(_ kind: String? = nil) throws -> Double {
        let duration = try #require(try self.total(12, "duration").numerator)
        guard let kind else { return try #require(try self.total(12, "waitShare").value) }
        let waits = try #require(self.page.figure(MetricID(12), "waits"))
        let wait = try #require(waits.groups.first { $0.values == [kind] })
        return try #require(wait.value) / duration
    }

    /// The whole of a figure.
    func total(_ metric: UInt8, _ key: String) throws -> MetricCell {
        try #require(self.page.figure(MetricID(metric), key)?.total, "\(metric) \(key)")
    }

    private func number(_ key: String, _ section: String? = nil) -> Double? {
        let object = section.map { self.figures[$0] as? [String: Any] } ?? self.figures
        return (object?[key] as? NSNumber)?.doubleValue
    }

    private func compareSpread(_ name: String, _ section: String?, _ key: String) throws {
        let object = section.map { self.figures[$0] as? [String: Any] } ?? self.figures
        let expected = try #require(object?[name] as? [String: Any])
        func number(_ key: String) -> Double? { (expected[key] as? NSNumber)?.doubleValue }
        let cell = try self.total(12, key)
        #expect(Double(cell.n) == number("n"), "\(name)")
        #expect(cell.numerator == number("sum"), "\(name)")
        #expect(cell.min == number("min"), "\(name)")
        #expect(cell.max == number("max"), "\(name)")
        #expect(cell.median == number("median"), "\(name)")
        // The last digit of a quotient depends on the order of the operations.
        for (ours, theirs) in [(cell.value, number("mean")), (cell.p90, number("p90"))] {
            let (ours, theirs) = (try #require(ours), try #require(theirs))
            #expect(abs(ours - theirs) <= abs(theirs) * 1e-12, "\(name)")
        }
    }

    private func compareLevel(_ section: String, _ level: String) throws {
        let handoffs = try self.total(14, "\(level)Handoffs")
        #expect(handoffs.value == self.number("handovers_total", section))
        let cases = try self.total(14, "\(level)HandoffCases")
        #expect(cases.numerator == self.number("cases_with_handover", section))
        let unowned = cases.excluded.reduce(0) { $0 + $1.n }
        #expect(Double(unowned) == self.number("cases_no_owner", section))
        let rate = try self.total(14, "\(level)PingPongRate")
        #expect(rate.numerator == self.number("pingpong_cases", section))
        let pingPongs = try self.total(14, "\(level)PingPongs")
        #expect(pingPongs.value == self.number("pingpong_occurrences", section))
        let returns = try self.total(14, "\(level)Returns")
        #expect(returns.value == self.number("return_occurrences", section))
    }
}
