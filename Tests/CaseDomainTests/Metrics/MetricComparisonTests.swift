import LedgerTypes
import Testing

@testable import CaseDomain

@Suite("Sites compared at the same mix of causes")
struct MetricComparisonTests {
    /// Cases at a site of one cause, of which some were escalated.
    private static func units(
        _ site: String,
        _ cause: String,
        _ cases: Int,
        escalated: Int
    ) -> [MetricContribution] {
        (0..<cases).map { number in
            var place = MetricPlace()
            place[.site] = "desk.example/\(site)"
            place[.cause] = cause
            var unit = MetricContribution()
            unit.ratio(Measure.functional, number < escalated, at: Story.start, place)
            unit.add(
                Measure.toFirstResolved,
                .value(Int64(number) * 2_000_000),
                at: Story.start,
                place
            )
            unit.lastAt = Story.start
            return unit
        }
    }

    private static func compared(_ units: [MetricContribution]) throws -> MetricComparison? {
        let query = MetricQuery(metrics: [MetricID(12), MetricID(17)], by: [.site, .cause])
        return MetricComparison(MetricTally.page(query, of: units), "north", "south")
    }

    private static func row(_ comparison: MetricComparison, _ key: String) throws
        -> MetricComparison.Row
    {
        try #require(comparison.rows.first { $0.measure.key == key })
    }

    @Test("A site with the harder cases looks worse, and is not at the same mix")
    func paradox() throws {
        // South is better at each cause; it has more of the hard ones.
        let units =
            Self.units("north", "easy", 160, escalated: 16)
            + Self.units("north", "hard", 40, escalated: 20)
            + Self.units("south", "easy", 40, escalated: 2)
            + Self.units("south", "hard", 160, escalated: 64)
        let row = try Self.row(try #require(try Self.compared(units)), "functional")
        #expect(row.first.n == 200)
        #expect(row.first.value == 36.0 / 200)
        #expect(row.second.value == 66.0 / 200)
        // Half of all cases are easy.
        let first = try #require(row.first.standardised)
        let second = try #require(row.second.standardised)
        #expect(abs(first - (0.1 + 0.5) / 2) < 1e-12)
        #expect(abs(second - (0.05 + 0.4) / 2) < 1e-12)
        #expect(abs(try #require(row.difference) - (0.225 - 0.3)) < 1e-12)
        #expect(row.causes == 2)
        #expect(row.covered == 1)
    }

    @Test("Causes that one site never had are left out, and said to be")
    func coverage() throws {
        let units =
            Self.units("north", "easy", 60, escalated: 6)
            + Self.units("south", "easy", 60, escalated: 12)
            + Self.units("south", "strange", 40, escalated: 40)
        let row = try Self.row(try #require(try Self.compared(units)), "functional")
        #expect(row.causes == 1)
        #expect(row.covered == 120.0 / 160)
        #expect(row.first.standardised == 0.1)
        #expect(row.second.standardised == 0.2)
        #expect(row.second.value == 52.0 / 100)
    }

    @Test("Several sites at one mix: the greatest less the least, and how far all lie apart")
    func consistency() throws {
        // At half easy and half hard: 0.3, 0.2 and 0.4.
        let units =
            Self.units("north", "easy", 40, escalated: 4)
            + Self.units("north", "hard", 60, escalated: 30)
            + Self.units("south", "easy", 60, escalated: 0)
            + Self.units("south", "hard", 40, escalated: 16)
            + Self.units("west", "easy", 50, escalated: 10)
            + Self.units("west", "hard", 50, escalated: 30)
        let query = MetricQuery(metrics: [MetricID(17)], by: [.site, .cause])
        let found = try #require(MetricConsistency(MetricTally.page(query, of: units)))
        let row = try #require(found.rows.first { $0.measure.key == "functional" })
        #expect(row.groups.map(\.name) == ["south", "north", "west"].map { "desk.example/\($0)" })
        let values = row.groups.compactMap(\.standardised)
        for (value, expected) in zip(values, [0.2, 0.3, 0.4]) {
            #expect(abs(value - expected) < 1e-12)
        }
        #expect(abs(try #require(row.spread) - 0.2) < 1e-12)
        // The squares of 0.1, 0 and 0.1, a third of their sum, its root, over 0.3.
        let variation = try #require(row.variation)
        #expect(abs(variation - (0.02 / 3.0).squareRoot() / 0.3) < 1e-12)
        #expect(row.covered == 1)
        #expect(MetricConsistency(MetricTally.page(MetricQuery(by: [.site]), of: units)) == nil)
    }

    @Test("Groups of few are taken as one")
    func fewEach() throws {
        let units =
            Self.units("north", "easy", 60, escalated: 6)
            + Self.units("small", "easy", 20, escalated: 10)
            + Self.units("tiny", "easy", 20, escalated: 0)
        let query = MetricQuery(metrics: [MetricID(17)], by: [.site, .cause])
        let found = try #require(MetricConsistency(MetricTally.page(query, of: units)))
        let row = try #require(found.rows.first { $0.measure.key == "functional" })
        #expect(row.groups.map(\.name) == ["desk.example/north", MetricConsistency.others])
        #expect(row.groups.map(\.n) == [60, 40])
        #expect(row.groups.map(\.standardised) == [0.1, 0.25])
    }

    @Test("Rare causes are taken as one")
    func rare() throws {
        let units =
            Self.units("north", "a", 10, escalated: 5) + Self.units("south", "b", 10, escalated: 2)
            + Self.units("north", "c", 100, escalated: 0)
            + Self.units("south", "c", 100, escalated: 0)
        let row = try Self.row(try #require(try Self.compared(units)), "functional")
        #expect(row.causes == 2)
        #expect(row.covered == 1)
        let first = try #require(row.first.standardised)
        #expect(abs(first - 0.5 * 20 / 220) < 1e-12)
    }

    @Test("Means are compared as ratios are; nothing is said of a site that is not there")
    func means() throws {
        let units =
            Self.units("north", "easy", 40, escalated: 0)
            + Self.units("south", "easy", 60, escalated: 0)
        let comparison = try #require(try Self.compared(units))
        #expect(comparison.sites == ["desk.example/north", "desk.example/south"])
        let row = try Self.row(comparison, "first")
        #expect(row.first.standardised == 39)
        #expect(row.second.standardised == 59)
        #expect(try Self.compared(Self.units("north", "easy", 40, escalated: 0)) == nil)
        let query = MetricQuery(metrics: [MetricID(17)], by: [.site])
        #expect(MetricComparison(MetricTally.page(query, of: units), "north", "south") == nil)
    }
}
