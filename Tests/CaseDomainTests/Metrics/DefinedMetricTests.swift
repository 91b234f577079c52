import LedgerTypes
import Testing

@testable import CaseDomain

@Suite("Metrics that sites define")
struct DefinedMetricTests {
    private static func metric(
        id: String = "callbacks",
        version: UInt32 = 1,
        _ numerator: String,
        over denominator: String = "",
        of population: String = "",
        unit: String = "share",
        windowSeconds: UInt64? = nil
    ) throws -> DefinedMetric {
        let events = try Self.events([
            (
                id,
                Examples.make {
                    $0.version = version
                    $0.name = "Callbacks kept"
                    $0.numerator = numerator
                    $0.denominator = denominator
                    $0.population = population
                    $0.unit = unit
                    $0.windowSeconds = windowSeconds
                }
            )
        ])
        return try #require(DefinedMetric.all(in: events, origins: [:]).first)
    }

    private static func events(_ definitions: [(String, MetricDefined)]) throws -> [CaseEvent] {
        var story = try Story()
        for (number, (id, definition)) in definitions.enumerated() {
            let subject = try #require(Subject("policy:\(id)"))
            story.tell(.metricDefined(definition), at: Double(number), subject: subject)
        }
        return story.events
    }

    /// Promises at two sites: callbacks 3 of 4 kept, fixes 1 of 2.
    private static let units: [MetricContribution] = [
        ("berlin", "callback", true), ("berlin", "callback", true), ("berlin", "fix", false),
        ("manila", "callback", true), ("manila", "callback", false), ("manila", "fix", true),
    ].map { (site: String, kind: String, isKept: Bool) in
        var place = MetricPlace()
        place[.site] = site
        place[.kind] = kind
        var unit = MetricContribution()
        unit.ratio(Measure.kept, isKept, at: Story.start, place)
        unit.add(Measure.toFirstResolved, .value(60_000_000), at: Story.start, place)
        unit.lastAt = Story.start
        return unit
    }

    private static func figure(
        _ metric: DefinedMetric,
        by: [MetricDimension] = []
    ) throws -> MeasureFigures {
        var query = MetricQuery(by: by)
        query.defined = [metric]
        let page = query.page { MetricTally.page($0, of: Self.units) }
        #expect(page.metrics.isEmpty)
        #expect(page.asOf == nil || page.asOf == Story.start)
        return try #require(page.defined?.first?.figures.first)
    }

    @Test("A ratio of figures, of one kind alone, split by site")
    func ratio() throws {
        let kept = try Self.metric(
            "M-19.kept",
            over: "M-19.kept.denominator",
            of: "promises where kind = callback"
        )
        #expect(kept.fault == nil)
        let figure = try Self.figure(kept, by: [.site])
        #expect(figure.total?.value == 0.75)
        #expect(figure.total?.n == 4)
        #expect(figure.group("berlin")?.value == 1)
        #expect(figure.group("manila")?.value == 0.5)
        let all = try Self.metric("M-19.kept", over: "M-19.kept.n")
        #expect(try Self.figure(all).total?.value == 4.0 / 6)
        #expect(try Self.figure(all).total?.isSmall == true)
        // The dimension that limits it leaves room for one other.
        let crossed = try Self.figure(kept, by: [.site, .month])
        #expect(crossed.noData?.hasPrefix("not computed: its population is limited") == true)
    }

    @Test("Sums, differences and multiples")
    func sums() throws {
        let missed = try Self.metric("M-19.kept.denominator - M-19.kept", unit: "count")
        #expect(try Self.figure(missed).total?.value == 2)
        let weighted = try Self.metric(
            "2 * M-19.kept + M-19.kept.n - 0.5 * M-19.kept",
            unit: "count"
        )
        #expect(try Self.figure(weighted).total?.value == 12)
        // Seconds to the first resolution, for each promise kept.
        let time = try Self.metric("M-12.first", over: "M-19.kept", unit: "seconds")
        #expect(try Self.figure(time).total?.value == 90)
        #expect(try Self.figure(time).measure.unit == .seconds)
        // Nothing to divide by is no figure.
        let none = try Self.metric("M-19.kept", over: "M-05.repeated")
        #expect(try Self.figure(none).total?.value == nil)
        #expect(try Self.figure(none).noData != nil)
    }

    @Test("What cannot be computed says why")
    func faults() throws {
        let cases: [(DefinedMetric, MetricDefinitionFault)] = [
            (try Self.metric(""), .nothingCounted),
            (try Self.metric("M-77.kept"), .unknownMetric("M-77")),
            (try Self.metric("M-19.lost"), .unknownFigure("lost", of: MetricID(19))),
            (try Self.metric("M-19.kept.median"), .unknownPart("M-19.kept.median")),
            (try Self.metric("M-12.first.denominator"), .unknownPart("M-12.first.denominator")),
            (try Self.metric("M-28.modalFix"), .unknownPart("M-28.modalFix")),
            (try Self.metric("M-19.kept M-19.kept"), .unexpected("M-19.kept")),
            (try Self.metric("M-19.kept +"), .unexpected("the end")),
            (try Self.metric("3 M-19.kept"), .unexpected("3")),
            (try Self.metric("everything"), .unexpected("everything")),
            (try Self.metric("M-19.kept", unit: "parsecs"), .unknownUnit("parsecs")),
            (try Self.metric("M-19.kept", of: "all where"), .unexpected("")),
            (try Self.metric("M-19.kept", of: "where mood = 3"), .unknownDimension("mood")),
            (
                try Self.metric("M-19.kept", of: "where kind = a and site = b"),
                .severalDimensions
            ),
            (
                try Self.metric("M-20.repeat7", windowSeconds: 14 * 86_400),
                .otherWindow("M-20.repeat7", days: 7)
            ),
            (try Self.metric(id: "M-19", version: 1, "M-19.kept"), .versionTaken(1)),
            (try Self.metric(version: 0, "M-19.kept"), .versionTaken(0)),
            (try Self.metric(id: "M-77", version: 2, "M-19.kept"), .unknownMetric("M-77")),
        ]
        for (metric, fault) in cases {
            #expect(metric.fault == fault)
            #expect(!fault.description.isEmpty)
            let figure = try Self.figure(metric)
            #expect(figure.noData?.hasPrefix("not computed: ") == true)
        }
        #expect(try Self.metric("M-20.repeat7", windowSeconds: 7 * 86_400).fault == nil)
        #expect(try Self.metric(id: "M-19", version: 2, "M-19.kept").fault == nil)
    }

    @Test("The first definition of a version counts, and the newest version is the one meant")
    func versions() throws {
        func definition(_ version: UInt32, _ numerator: String) -> MetricDefined {
            Examples.make {
                $0.version = version
                $0.numerator = numerator
                $0.unit = "count"
            }
        }
        let events = try Self.events([
            ("mine", definition(2, "M-19.kept")), ("mine", definition(1, "M-19.kept.n")),
            ("mine", definition(2, "M-19.kept.n")), ("mine", definition(3, "nonsense")),
            ("M-19", definition(2, "M-19.kept")),
        ])
        for order in [events, events.reversed()] {
            let found = DefinedMetric.all(in: order, origins: [:])
            #expect(found.map(\.id) == ["M-19", "mine", "mine", "mine", "mine"])
            #expect(found.map(\.version) == [2, 1, 2, 2, 3])
            #expect(found[3].fault == .definedBefore(events[0].id))
            #expect(DefinedMetric.named("mine", in: found) == found[2])
            #expect(DefinedMetric.named("mine@1", in: found) == found[1])
            #expect(DefinedMetric.named("mine@2", in: found) == found[2])
            #expect(DefinedMetric.named("mine@3", in: found)?.fault != nil)
            #expect(DefinedMetric.named("M-19@2", in: found) == found[0])
            #expect(DefinedMetric.named("other", in: found) == nil)
        }
    }

    @Test("A wrong definition is refused, as history as well")
    func refused() throws {
        let subject = try #require(Subject("policy:mine"))
        func decide(isHistory: Bool) throws -> [RuleViolation] {
            let definition: MetricDefined = Examples.make {
                $0.version = 1
                $0.numerator = "M-77.kept"
                $0.unit = "count"
            }
            let event = ProposedEvent(
                id: EventID(rawValue: 77 << 8),
                subject: subject,
                occurred: Story.minute(1),
                isHistory: isHistory,
                actor: Story.agent("lea", kind: .supervisor),
                payload: .metricDefined(definition)
            )
            let state = CaseState.initial(subject)
            do throws(RuleViolations) {
                return try state.decide([event], now: Story.minute(1)).flags
            } catch {
                return error.violations
            }
        }
        let refused = try decide(isHistory: false)
        #expect(refused.map(\.rule) == [.malformed])
        #expect(refused.first?.severity == .refuse)
        #expect(refused.first?.message == "the metric cannot be computed: there is no metric M-77")
        #expect(try decide(isHistory: true).first?.severity == .refuse)
    }
}
