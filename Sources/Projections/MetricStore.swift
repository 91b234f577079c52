package import CaseDomain
package import EventStore
internal import LedgerTypes

/// The metric store: what every unit adds to the figures, and the sums over all units.
///
/// A unit that changed takes what it added out and puts what it adds now in, so late events,
/// redactions and any order of arrival give the same rows. Beside the sums of the cells in
/// ``MetricRows/cuts`` it keeps every value in order, and how many lie in which range, so that
/// medians are exact; for any other split the units' rows are added up.
package final class MetricStore: Sendable {
    /// The number of its tables (docs/FORMAT.md).
    static let number: UInt8 = 2
    /// The version of its rows: another contribution or another cut needs another one.
    static let version: UInt32 = MetricContribution.version

    /// The kinds of subjects that are units.
    static let kinds = ["agent", "article", "case", "contact", "customer", "session", "site"]

    /// What decides how units are measured, whatever they are about: targets, limits and grace,
    /// hours, whose hours they are, and which company a site is of.
    private static let governing = [
        EventType.policyDefined, .calendarDefined, .teamDefined, .siteRegistered,
    ].map(\.rawValue)

    private let units = UnitFold()

    /// Creates the store.
    package init() {}

    /// The store as a read model.
    package var projection: Projection {
        Projection(
            number: Self.number,
            name: "metrics",
            version: Self.version,
            kinds: Self.kinds,
            governing: Self.governing,
            derive: { value in MetricContribution(bytes: value).map(MetricRows.derived) },
            unit: Self.unit,
            fold: { (units, snapshot) throws(EventStoreError) in
                try self.fold(units, snapshot)
            }
        )
    }

    /// What is filed under a case belongs to it; everything else is a unit of its own.
    private static func unit(_ subject: Subject) -> Subject? {
        UnitFold.unit(of: subject, Self.kinds)
    }

    private func fold(
        _ units: [Subject],
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> [FoldedUnit] {
        let context = try self.units.context(snapshot)
        let sites = try SiteDirectory(snapshot)
        let reader = CaseReader()
        var actors = ActorPool()
        return try UnitFold.fold(units) { (unit) throws(EventStoreError) in
            try Self.rows(unit, reader, context, sites, snapshot, &actors)
        }
    }

    static func rows(
        _ unit: Subject,
        _ reader: CaseReader,
        _ context: FoldContext,
        _ sites: SiteDirectory,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> UnitRows? {
        guard try snapshot.version(of: unit) > 0 else { return nil }
        let (contribution, basis) = try Self.contribution(
            of: unit,
            reader,
            context,
            sites,
            snapshot,
            &actors
        )
        return Self.rows(unit, contribution, made: basis)
    }

    /// The rows of a unit that adds `contribution` and was made of `basis`.
    static func rows(
        _ unit: Subject,
        _ contribution: MetricContribution,
        made basis: [Subject]
    ) -> UnitRows? {
        guard !contribution.isEmpty else { return nil }
        return UnitRows(
            value: contribution.bytes,
            derived: MetricRows.derived(contribution),
            sources: basis.filter { $0 != unit && Self.unit($0) != unit }
        )
    }

    /// What a unit adds, and the subjects that it was made of.
    static func contribution(
        of unit: Subject,
        _ reader: CaseReader,
        _ context: FoldContext,
        _ sites: SiteDirectory,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> (contribution: MetricContribution, basis: [Subject]) {
        if unit.isCase {
            let loaded = try reader.load(unit, snapshot, &actors)
            return (loaded.contribution(context, sites), Array(loaded.basis.keys))
        }
        var events: [CaseEvent] = []
        try snapshot.forEachEvent(of: unit) { (stored, leaf) throws(EventStoreError) in
            let event = try reader.event(stored, leaf, of: unit, snapshot, &actors)
            if reader.includes(event, stored) { events.append(event) }
            return true
        }
        let arranged = CaseHistory.arrange(events, origins: context.origins)
        let contribution = MetricContribution(
            of: unit,
            arranged,
            sites: sites,
            book: context.book
        )
        return (contribution, [])
    }

    /// What every unit adds now, folded anew: what the store is checked against.
    package func recount(
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> [MetricContribution] {
        let context = try FoldContext(snapshot)
        let sites = try SiteDirectory(snapshot)
        var actors = ActorPool()
        var contributions: [MetricContribution] = []
        for kind in self.projection.kinds {
            try snapshot.forEachSubject(kind: kind) { (unit, _) throws(EventStoreError) in
                let rows = try Self.rows(unit, CaseReader(), context, sites, snapshot, &actors)
                if let found = rows.flatMap({ MetricContribution(bytes: $0.value) }) {
                    contributions.append(found)
                }
                return true
            }
        }
        return contributions
    }
}

extension LoadedCase {
    /// What the case adds to the figures.
    func contribution(_ context: FoldContext, _ sites: SiteDirectory) -> MetricContribution {
        let arranged = CaseHistory.arrange(self.events, origins: context.origins)
        let state = CaseState.folding(
            arranged,
            of: self.caseID,
            origins: context.origins,
            book: context.book
        )
        return state.contribution(arranged, sites: sites)
    }
}

extension SiteDirectory {
    /// Reads what the sites of `snapshot` said of themselves.
    init(
        _ snapshot: borrowing Snapshot,
        within cut: ReadingCut = .everything
    ) throws(EventStoreError) {
        self.init()
        let reader = CaseReader(cut: cut)
        var actors = ActorPool()
        for site in Set(try snapshot.logs().map(\.site.rawValue)).sorted() {
            guard let subject = Subject(kind: "site", id: site) else { continue }
            var entry: Entry?
            try snapshot.forEachEvent(of: subject) { (stored, leaf) throws(EventStoreError) in
                let event = try reader.event(stored, leaf, of: subject, snapshot, &actors)
                if case .siteRegistered(let registered) = event.payload,
                    reader.includes(event, stored)
                {
                    entry = Entry(operator: registered.operator, kind: registered.kind)
                }
                return true
            }
            if let entry { self.sites[site] = entry }
        }
    }
}
