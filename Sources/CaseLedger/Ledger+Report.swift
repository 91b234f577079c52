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
    ///   - past: an earlier moment from which everything is seen; `nil` for now.
    ///   - progress: gets the cases done so far.
    /// - Returns: the page, UTF-8.
    /// - Throws: errors of storage.
    public func htmlReport(
        ledgerName name: String,
        in past: PastMoment? = nil,
        progress: (Int) -> Void = { _ in }
    ) throws -> [UInt8] {
        func figures(_ query: MetricQuery) throws -> MetricsPageAtCut {
            try past.map { try self.metrics(query, in: $0) } ?? self.metrics(query)
        }
        let total = try figures(MetricQuery())
        let byMonth = try figures(MetricQuery(by: [.month])).page
        let byKind = try figures(MetricQuery(metrics: ReportBuilder.kinds, by: [.kind])).page
        var statistics = ReportStatistics()
        try self.forEachTrace(in: past) { trace in
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
                    ledgerName: name,
                    moment: past?.words
                )
            )
        )
    }
}

extension PastMoment {
    /// For people.
    fileprivate var words: String {
        switch self {
        case .asOf(let time): "what had happened by \(time.rfc3339), by all that is known now"
        case .asKnown(let time): "what was held here by \(time.rfc3339)"
        }
    }
}
