internal import CaseDomain
package import EventStore
internal import LedgerTypes

/// The three read models over cases, made together: each case is read and folded once, and what it
/// comes to in each of them is taken from the same state.
package struct CaseProjections: Sendable {
    private let summaries: CaseSummaries
    private let metrics: MetricStore
    private let overview: Overview
    private let units = UnitFold()

    /// Puts the read models together.
    package init(_ summaries: CaseSummaries, _ metrics: MetricStore, _ overview: Overview) {
        self.summaries = summaries
        self.metrics = metrics
        self.overview = overview
    }

    /// The read models as the store makes them together.
    package var group: ProjectionGroup {
        ProjectionGroup([
            self.summaries.projection, self.metrics.projection, self.overview.projection,
        ]) { (units, snapshot) throws(EventStoreError) in
            let folded = try self.fold(units, snapshot)
            return [folded.summaries, folded.metrics, folded.overview]
        }
    }

    /// What units come to in each read model.
    private struct Folded {
        var summaries: [FoldedUnit] = []
        var metrics: [FoldedUnit] = []
        var overview: [FoldedUnit] = []
    }

    private func fold(
        _ units: [Subject],
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> Folded {
        let context = try self.units.context(snapshot)
        let sites = try SiteDirectory(snapshot)
        let reader = CaseReader()
        var actors = ActorPool()
        var folded = Folded()
        for unit in units {
            guard !unit.isCase else {
                try self.fold(unit, into: &folded, context, sites, snapshot, &actors)
                continue
            }
            if unit.kind == "customer" {
                folded.summaries += try UnitFold.fold([unit]) { (unit) throws(EventStoreError) in
                    try self.summaries.customerRows(unit, snapshot, &actors)
                }
            }
            folded.metrics += try UnitFold.fold([unit]) { (unit) throws(EventStoreError) in
                try MetricStore.rows(unit, reader, context, sites, snapshot, &actors)
            }
        }
        return folded
    }

    /// Folds one case. A damaged one is damaged in every read model.
    private func fold(
        _ unit: Subject,
        into folded: inout Folded,
        _ context: FoldContext,
        _ sites: SiteDirectory,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) {
        var metrics: UnitRows?
        var overview: UnitRows?
        let summary = try UnitFold.fold([unit]) { (unit) throws(EventStoreError) in
            guard try snapshot.version(of: unit) > 0 else { return nil }
            let loaded = try CaseReader().load(unit, snapshot, &actors)
            let events = CaseHistory.arrange(loaded.events, origins: context.origins)
            let held = HeldCase(loaded, arranged: events, context)
            let basis = Array(loaded.basis.keys)
            let contribution = held.state.contribution(events, sites: sites)
            metrics = MetricStore.rows(unit, contribution, made: basis)
            overview = Overview.rows(held.reference.facts, basis)
            return try self.summaries.rows(of: held, context, snapshot, &actors)
        }
        if let failed = summary.first?.rows, failed.isFailed {
            metrics = failed
            overview = failed
        }
        folded.summaries += summary
        folded.metrics.append(FoldedUnit(unit, metrics))
        folded.overview.append(FoldedUnit(unit, overview))
    }
}
