import LedgerTypes
import Testing

@testable import Simulation

@Suite("Summer time by rule")
struct SummerTimeTests {
    @Test(
        "It begins and ends when the tz database says (2025b)",
        arguments: [
            (SummerTime.europe, 60, 2024, "2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z"),
            (.europe, 60, 2025, "2025-03-30T01:00:00Z", "2025-10-26T01:00:00Z"),
            (.europe, 0, 2026, "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"),
            (.northAmerica, -240, 2025, "2025-03-09T06:00:00Z", "2025-11-02T05:00:00Z"),
            (.northAmerica, -300, 2026, "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"),
        ]
    )
    func spans(
        _ rule: SummerTime,
        _ minutes: Int,
        _ year: Int,
        _ begin: String,
        _ end: String
    ) throws {
        let span = try #require(rule.span(inYear: year, offset: minutes * 60))
        #expect(Timestamp(microseconds: Int64(span.lowerBound) * 1_000_000).rfc3339 == begin)
        #expect(Timestamp(microseconds: Int64(span.upperBound) * 1_000_000).rfc3339 == end)
    }

    @Test("A shift that begins at seven begins an hour earlier by UTC in summer")
    func shifts() throws {
        var parameters = try SimulationParameters()
        parameters.start = try #require(Timestamp(rfc3339: "2025-01-06T00:00:00Z"))
        let world = World(parameters, seed: 1, days: 300)
        let berlin = try #require(
            parameters.sites.firstIndex { $0.timeZone == "Europe/Berlin" }
        )
        // Mondays: 6 January and 7 July. Berlin opens at 07:00 by its own clock.
        let july = Double((31 + 28 + 31 + 30 + 31 + 30 + 6 - 5) * 86_400)
        #expect(!world.isOpen(berlin, at: 5.5 * 3_600))
        #expect(world.isOpen(berlin, at: 6.5 * 3_600))
        #expect(world.isOpen(berlin, at: july + 5.5 * 3_600))
        #expect(!world.isOpen(berlin, at: july + 4.5 * 3_600))
        #expect(world.sites[berlin].offset(at: 0) == 3_600)
        #expect(world.sites[berlin].offset(at: july) == 7_200)
    }
}
