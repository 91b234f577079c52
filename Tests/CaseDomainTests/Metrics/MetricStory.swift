import LedgerTypes
import Testing

@testable import CaseDomain

// What tests ask of the figures of a few made histories.
extension Story {
    /// What the case and its contacts add to the figures.
    var contributions: [MetricContribution] {
        let arranged = CaseHistory.arrange(self.events, origins: [:])
        var units = [self.state.contribution(arranged, sites: SiteDirectory())]
        let contacts = Set(self.events.map(\.subject)).filter { $0.kind == "contact" }
        for contact in contacts.sorted(by: { $0.id < $1.id }) {
            let own = arranged.filter { $0.subject == contact }
            units.append(MetricContribution(of: contact, own, sites: SiteDirectory()))
        }
        return units
    }

    /// A figure at a minute, of this history alone.
    func figure(
        _ metric: UInt8,
        _ key: String,
        at minute: Double = 1_000_000,
        by: [MetricDimension] = []
    ) throws -> MeasureFigures {
        try Self.figure(metric, key, of: [self], at: minute, by: by)
    }

    /// A figure at a minute, of several histories.
    static func figure(
        _ metric: UInt8,
        _ key: String,
        of stories: [Story],
        at minute: Double = 1_000_000,
        by: [MetricDimension] = []
    ) throws -> MeasureFigures {
        var query = MetricQuery(metrics: [MetricID(metric)], by: by)
        query.asOf = Story.minute(minute)
        let page = MetricTally.page(query, of: stories.flatMap(\.contributions))
        return try #require(page.figure(MetricID(metric), key))
    }
}

extension MeasureFigures {
    /// Why units were left out.
    var reasons: [String: Int64] {
        Dictionary(
            uniqueKeysWithValues: (self.total?.excluded ?? []).map { ($0.reason, $0.n) }
        )
    }

    /// The value of the group called `name`.
    func group(_ name: String) -> MetricCell? { self.groups.first { $0.values == [name] } }
}
