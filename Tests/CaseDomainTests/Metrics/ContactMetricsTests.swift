import LedgerTypes
import Testing

@testable import CaseDomain

@Suite("Metrics of contacts: M-06, M-07, M-36")
struct ContactMetricsTests {
    private static func call(
        _ id: Int,
        waited: Double,
        outcome: ContactOutcome,
        channel: Channel = .phone,
        queue: String? = "support"
    ) throws -> MetricContribution {
        var story = try Story()
        let contact = "k\(id)"
        story.tell(
            .contactStarted(
                Examples.make {
                    $0.direction = .inbound
                    $0.channel = channel
                    $0.queue = queue
                }
            ),
            at: 0,
            contact: contact
        )
        if outcome == .completed {
            story.tell(
                .contactAnswered(
                    Examples.make {
                        $0.agentID = "anna"
                        $0.waitSeconds = waited
                    }
                ),
                at: 1,
                contact: contact
            )
        }
        story.tell(
            .contactEnded(
                Examples.make {
                    $0.outcome = outcome
                    $0.queueSeconds = waited
                }
            ),
            at: 5,
            contact: contact
        )
        let subject = try #require(Subject("contact:\(contact)"))
        return MetricContribution(of: subject, story.events, sites: SiteDirectory())
    }

    private static func page(_ units: [MetricContribution], _ metric: UInt8) -> MetricsPage {
        MetricTally.page(MetricQuery(metrics: [MetricID(metric)]), of: units)
    }

    @Test("The five service levels of the published example: 83.0, 86.0, 81.1, 82.7, 82.1 %")
    func serviceLevels() throws {
        var units: [MetricContribution] = []
        // 1,000 answered, 860 of them in time; 60 given up: 20 in time, of which 10 at once, and 40
        // after it.
        for (count, waited, outcome) in [
            (860, 10.0, ContactOutcome.completed), (140, 30, .completed),
            (10, 5, .shortAbandon), (10, 15, .abandonedInQueue), (40, 60, .abandonedInQueue),
        ] {
            for _ in 0..<count {
                units.append(try Self.call(units.count, waited: waited, outcome: outcome))
            }
        }
        let page = Self.page(units, 7)
        func percent(_ key: String) -> Double? {
            page.figure(MetricID(7), key)?.total?.value.map { ($0 * 1_000).rounded() / 10 }
        }
        #expect(percent("serviceLevelF1") == 83.0)
        #expect(percent("serviceLevelF2") == 86.0)
        #expect(percent("serviceLevelF3") == 81.1)
        #expect(percent("serviceLevelF4") == 82.7)
        #expect(percent("serviceLevelF5") == 82.1)
        #expect(percent("abandoned") == 5.7)
        let speed = page.figure(MetricID(7), "asa")?.total
        #expect(speed?.n == 1_000)
        #expect(speed?.median == 10)
        #expect(speed?.p90 == 30)
        #expect(speed?.value == 12.8)
    }

    @Test("Contacts without a queue, in writing and sent elsewhere are no part of the level")
    func leftOut() throws {
        let units = [
            try Self.call(1, waited: 0, outcome: .completed, queue: nil),
            try Self.call(2, waited: 0, outcome: .completed, channel: .email),
            try Self.call(3, waited: 40, outcome: .redirected),
            try Self.call(4, waited: 5, outcome: .completed),
        ]
        let page = Self.page(units, 7)
        #expect(page.figure(MetricID(7), "serviceLevelF4")?.total?.n == 1)
        #expect(page.figure(MetricID(7), "serviceLevelF4")?.total?.isSmall == true)
        #expect(page.figure(MetricID(7), "sentElsewhere")?.total?.value == 0.5)
        let abandoned = page.figure(MetricID(7), "abandoned")
        #expect(abandoned?.total?.n == 1)
        #expect(abandoned?.reasons == ["entered no queue": 1])
    }

    @Test("Handle time is talk, hold and wrap-up, by part and by contact")
    func handleTime() throws {
        var story = try Story()
        story.tell(
            .contactStarted(
                Examples.make {
                    $0.direction = .inbound
                    $0.channel = .phone
                }
            ),
            at: 0,
            contact: "k"
        )
        for agent in ["anna", "bert"] {
            story.tell(
                .contactAnswered(Examples.make { $0.agentID = agent }),
                at: 1,
                by: Story.agent(agent),
                contact: "k"
            )
        }
        let ended: ContactEnded = Examples.make {
            $0.outcome = .completed
            $0.segments = [
                Examples.make {
                    $0.agentID = "anna"
                    $0.talkSeconds = 100
                    $0.holdSeconds = 20
                },
                Examples.make {
                    $0.agentID = "bert"
                    $0.talkSeconds = 60
                },
            ]
        }
        story.tell(.contactEnded(ended), at: 5, contact: "k")
        let without = try story.figure(6, "perContact")
        #expect(without.total?.value == 180)
        #expect(without.reasons == ["wrap-up not recorded": 1])
        story.tell(
            .contactWrappedUp(Examples.make { $0.wrapSeconds = 30 }),
            at: 6,
            by: Story.agent("bert"),
            contact: "k"
        )
        #expect(try story.figure(6, "perContact").total?.value == 210)
        let parts = try story.figure(6, "perSegment", by: [.agent])
        #expect(parts.total?.n == 2)
        #expect(parts.total?.value == 105)
        #expect(parts.group("anna")?.value == 120)
        #expect(parts.group("bert")?.value == 90)
    }

    @Test("A cost that nobody declared is no data, and one that somebody did is shared out")
    func cost() throws {
        let calls = try (0..<4).map { try Self.call($0, waited: 1, outcome: .completed) }
        let without = Self.page(calls, 36).figure(MetricID(36), "perContact")
        #expect(without?.total?.value == nil)
        #expect(without?.noData == "no data: needs cost.declared")
        var story = try Story()
        let site = try #require(Subject("site:berlin"))
        story.tell(
            .costDeclared(
                Examples.make {
                    $0.amount = Examples.make {
                        $0.amountMinor = 1_000
                        $0.currency = "EUR"
                    }
                }
            ),
            at: 1,
            subject: site
        )
        let declared = MetricContribution(of: site, story.events, sites: SiteDirectory())
        let with = Self.page(calls + [declared], 36).figure(MetricID(36), "perContact")
        #expect(with?.total?.value == 250)
        #expect(with?.noData == nil)
    }
}
