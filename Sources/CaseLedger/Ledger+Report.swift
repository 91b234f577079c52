internal import CaseDomain
internal import Interchange
internal import LedgerTypes

extension Ledger {
    /// A report on everything as one HTML page that needs nothing else: headline figures, trends,
    /// spreads, the handover map, where customers explain again, waits, promises, the cases behind
    /// them, definitions, and the logs it was computed on.
    ///
    /// Figures come out of the metric store, maps and lists of a walk over the cases; what arrives
    /// meanwhile may be in the one and not in the other. No time of day is in it: equal history
    /// gives equal bytes.
    ///
    /// - Parameters:
    ///   - name: how the ledger is named in the commands that the page shows.
    ///   - progress: gets the cases done so far.
    /// - Returns: the page, UTF-8.
    /// - Throws: errors of storage.
    public func htmlReport(
        ledgerName name: String,
        progress: (Int) -> Void = { _ in }
    ) throws -> [UInt8] {
        let total = try self.metrics(MetricQuery())
        let byMonth = try self.metrics(MetricQuery(by: [.month])).page
        let byKind = try self.metrics(MetricQuery(metrics: ReportBuilder.kinds, by: [.kind])).page
        var statistics = ReportStatistics()
        try self.forEachTrace { trace in
            statistics.add(trace)
            progress(statistics.cases)
            return true
        }
        return ReportPage.bytes(
            of: ReportBuilder.report(
                of: ReportBuilder.Input(
                    total: total.page,
                    byMonth: byMonth,
                    byKind: byKind,
                    statistics: statistics,
                    logs: total.logs.map {
                        (origin: $0.origin, size: $0.position.size, root: $0.position.root.hex)
                    },
                    ledgerName: name
                )
            )
        )
    }
}
