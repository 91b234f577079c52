public import CaseDomain
internal import EventStore
internal import LedgerTypes
internal import Projections

/// The answer to a query of metrics, and the cut it was computed on.
public struct MetricsPageAtCut: Sendable {
    /// The figures; equal history gives equal figures.
    public let page: MetricsPage
    /// Every log and its position.
    public let logs: [LogSummary]
}

extension Ledger {
    /// The figures that `query` asks for, out of the metric store: what changed since it was
    /// written is folded on the way. `progress` gets how many units were looked at, where the sums
    /// that are kept do not answer.
    ///
    /// The first call for a long history makes the store and takes a while; afterwards the store is
    /// kept up to date in the background for as long as the ledger is open.
    ///
    /// - Throws: errors of storage.
    public func metrics(
        _ query: MetricQuery,
        progress: (Int) -> Void = { _ in }
    ) throws(LedgerError) -> MetricsPageAtCut {
        precondition(query.by.count <= MetricQuery.dimensionsMax, "two dimensions can be crossed")
        do throws(EventStoreError) {
            return try self.store.read(self.metricStore.projection) {
                (snapshot, reading) throws(EventStoreError) in
                MetricsPageAtCut(
                    page: try query.page { (query) throws(EventStoreError) in
                        try MetricStore.page(query, snapshot, reading, progress: progress)
                    },
                    logs: try snapshot.logs().map(LogSummary.init)
                )
            }
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// The figures as they are seen from `past`, and where the logs stand in it. No store is kept
    /// of the past: every unit is folded anew, which takes as long as the history is. `progress`
    /// gets how many units were folded.
    ///
    /// As of a time, windows have passed that end by then. As known at a time, those that end by
    /// the last thing that had happened: the figures are those that were printed then.
    ///
    /// - Throws: errors of storage.
    public func metrics(
        _ query: MetricQuery,
        in past: PastMoment,
        progress: (Int) -> Void = { _ in }
    ) throws(LedgerError) -> MetricsPageAtCut {
        precondition(query.by.count <= MetricQuery.dimensionsMax, "two dimensions can be crossed")
        let (cut, logs) = try self.cut(past)
        var query = query
        if case .asOf(let time) = past, query.asOf == nil { query.asOf = time }
        do throws(EventStoreError) {
            let page = try query.page { (query) throws(EventStoreError) in
                try MetricReplay(self.store, cut).page(query, progress: progress)
            }
            return MetricsPageAtCut(page: page, logs: logs)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// Every version of every calendar that a site defined, by site, id and time: what business
    /// time is measured by.
    ///
    /// - Throws: errors of storage.
    public func calendars() throws(LedgerError) -> [CalendarReference] {
        try self.reading { (snapshot) throws(EventStoreError) in
            try self.context(snapshot).book.calendarReferences
        }
    }

    /// The same out of the events themselves, each unit folded anew: what the store is checked
    /// against. Takes as long as the history is.
    ///
    /// - Throws: errors of storage.
    public func recountedMetrics(_ query: MetricQuery) throws(LedgerError) -> MetricsPage {
        let units = try self.reading { (snapshot) throws(EventStoreError) in
            try self.metricStore.recount(snapshot)
        }
        return query.page { MetricTally.page($0, of: units) }
    }

    /// Every version of every metric that a site defined (`metric.defined`), by id and version;
    /// with those that cannot be computed, which say why.
    ///
    /// - Throws: errors of storage.
    public func definedMetrics(
        in past: PastMoment? = nil
    ) throws(LedgerError) -> [DefinedMetric] {
        try self.reading { (snapshot) throws(EventStoreError) in
            let reader = CaseReader(cut: try snapshot.cut(past))
            return try DefinedMetrics.read(snapshot, reader)
        }
    }
}
