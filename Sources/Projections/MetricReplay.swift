package import CaseDomain
package import EventStore
internal import LedgerTypes

/// Figures out of the events themselves, as a cut has them: what answers for the past, of which no
/// store is kept.
///
/// A snapshot is given back after each batch of units. What each unit adds is held as bytes until
/// the end, about half a kilobyte a case: the time up to which windows must have passed, and what a
/// customer's units come to together, are known only when all are read.
package struct MetricReplay: Sendable {
    /// The units read from one snapshot.
    static let batchUnits = 1_024

    private let store: EventStore
    private let reader: CaseReader

    /// Creates a replay of what `cut` includes.
    package init(_ store: EventStore, _ cut: ReadingCut) {
        self.store = store
        self.reader = CaseReader(cut: cut)
    }

    /// The answer to `query`. `progress` gets how many units were folded.
    package func page(
        _ query: MetricQuery,
        progress: (Int) -> Void = { _ in }
    ) throws(EventStoreError) -> MetricsPage {
        var rows: [[UInt8]] = []
        var lastAt = query.asOf
        for kind in MetricStore.kinds {
            var next: String? = ""
            while let first = next {
                let (found, following) = try self.batch(kind, from: first)
                for contribution in found {
                    if query.asOf == nil, let last = contribution.lastAt {
                        lastAt = max(lastAt ?? last, last)
                    }
                    rows.append(contribution.bytes)
                }
                next = following
                progress(rows.count)
            }
        }
        guard let asOf = lastAt else {
            return MetricsPage(query, asOf: nil) { (_) throws(Never) in [] }
        }
        return Self.page(query, of: rows, asOf: asOf)
    }

    /// Adds everything up.
    private static func page(
        _ query: MetricQuery,
        of rows: [[UInt8]],
        asOf: Timestamp
    ) -> MetricsPage {
        var tally = MetricTally(query, asOf: asOf)
        var customers: [String: [Int]] = [:]
        for (place, row) in rows.enumerated() {
            guard let contribution = MetricContribution(bytes: row) else { continue }
            tally.add(contribution)
            guard let customer = contribution.touch?.customerID else { continue }
            customers[customer, default: []].append(place)
        }
        // Sums do not depend on the order of what is added.
        for places in customers.values {
            let units = places.compactMap { MetricContribution(bytes: rows[$0]) }
            tally.add(CustomerMetrics.contribution(of: units, asOf: asOf))
        }
        return MetricsPage(query, asOf: asOf) { tally.cells(of: $0) }
    }

    private func batch(
        _ kind: String,
        from first: String
    ) throws(EventStoreError) -> (found: [MetricContribution], next: String?) {
        try self.store.read { (snapshot) throws(EventStoreError) in
            let context = try FoldContext(snapshot, within: self.reader.cut)
            let sites = try SiteDirectory(snapshot, within: self.reader.cut)
            var units: [Subject] = []
            var next: String?
            try snapshot.forEachSubject(kind: kind, from: first.isEmpty ? nil : first) {
                (subject, _) throws(EventStoreError) in
                guard units.count < Self.batchUnits else {
                    next = subject.id
                    return false
                }
                units.append(subject)
                return true
            }
            var actors = ActorPool()
            var found: [MetricContribution] = []
            for unit in units {
                let added = try MetricStore.contribution(
                    of: unit,
                    self.reader,
                    context,
                    sites,
                    snapshot,
                    &actors
                ).contribution
                if !added.isEmpty { found.append(added) }
            }
            return (found, next)
        }
    }
}
