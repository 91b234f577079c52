import CBaseline
import CaseLedger
import Foundation

/// Allocations per event, which are the same run after run where times are not.
struct AllocationGate {
    /// How many events the counts are made on, whatever the run's own number is.
    private static let events = 10_000
    /// What a count may exceed its threshold by.
    private static let slack = 0.1

    let path: String

    /// Counts the allocations of each kind of work.
    static func counts(_ bench: Bench) async throws -> [String: Double] {
        let events = Double(self.events)
        var counts: [String: Double] = [:]
        let ledger = try bench.makeLedger("counts")
        let batches = try (0..<self.events / 1_000).map { call in
            try bench.workload.events(ofCases: call * 50..<(call + 1) * 50, in: ledger)
        }
        var before = baseline_allocations()
        for batch in batches { _ = try await ledger.append(batch) }
        ledger.close()
        counts["bulkAppendPerEvent"] = Double(baseline_allocations() - before) / events

        let reader = try bench.openLedger("counts")
        defer { reader.close() }
        // What is made once, on first use, is not part of the counts.
        _ = try reader.caseView(of: try bench.workload.subject(0))
        _ = try reader.recountedMetrics()
        before = baseline_allocations()
        _ = try reader.recountedMetrics()
        counts["replayPerEvent"] = Double(baseline_allocations() - before) / events
        before = baseline_allocations()
        _ = try reader.verify()
        counts["verifyPerEvent"] = Double(baseline_allocations() - before) / events
        before = baseline_allocations()
        for number in 0..<500 {
            _ = try reader.caseView(of: try bench.workload.subject(number))
        }
        let reads = Double(baseline_allocations() - before)
        counts["caseReadPerEvent"] = reads / events
        return counts
    }

    /// Says what exceeds its threshold; empty if nothing does.
    func breaches(_ counts: [String: Double]) throws -> [String] {
        let data = try Data(contentsOf: URL(fileURLWithPath: self.path))
        let thresholds = try JSONDecoder().decode([String: Double].self, from: data)
        return counts.keys.sorted().compactMap { name in
            guard let count = counts[name] else { return nil }
            guard let threshold = thresholds[name] else { return "\(name) has no threshold" }
            guard count > threshold * (1 + Self.slack) + 0.005 else { return nil }
            return String(format: "%@: %.2f, threshold %.2f", name, count, threshold)
        }
    }

    /// Makes `counts` the thresholds.
    func update(_ counts: [String: Double]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let rounded = counts.mapValues { ($0 * 100).rounded(.up) / 100 }
        let url = URL(fileURLWithPath: self.path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try (encoder.encode(rounded) + Data("\n".utf8)).write(to: url)
    }
}
