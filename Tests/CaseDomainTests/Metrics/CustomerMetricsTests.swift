import LedgerTypes
import Testing

@testable import CaseDomain

@Suite("Metrics over customers: M-02, M-20, M-22, M-26, M-33, M-39")
struct CustomerMetricsTests {
    private static let day: Double = 24 * 60

    /// A call about a case that is resolved in it, or not.
    private static func call(
        _ number: Int,
        customer: String,
        at minute: Double,
        resolved: Bool = true,
        category: String = "network"
    ) throws -> Story {
        var story = try Story(case: "C-\(number)")
        let contact = "k\(number)"
        story.tell(
            .contactStarted(
                Examples.make {
                    $0.direction = .inbound
                    $0.channel = .phone
                }
            ),
            at: minute,
            contact: contact
        )
        story.tell(
            .contactAnswered(Examples.make { $0.agentID = "anna" }),
            at: minute + 1,
            contact: contact
        )
        story.tell(
            .caseOpened(
                Examples.make {
                    $0.firstContactID = contact
                    $0.customerID = customer
                    $0.category = category
                    $0.product = Examples.make { $0.id = "router" }
                }
            ),
            at: minute + 2
        )
        if resolved { story.resolve(at: minute + 3) }
        story.tell(
            .contactEnded(Examples.make { $0.outcome = .completed }),
            at: minute + 4,
            contact: contact
        )
        return story
    }

    @Test("280 of 400 customers were settled in their first call: 70 %")
    func published() throws {
        let stories = try (0..<400).map { number in
            try Self.call(number, customer: "c\(number)", at: 0, resolved: number < 280)
        }
        let figure = try Story.figure(2, "fcr7", of: stories)
        #expect(figure.total?.n == 400)
        #expect(figure.total?.value == 0.7)
    }

    @Test("Two of four calls are not two of three customers: what is divided by is printed")
    func denominators() throws {
        // c1 calls twice about the same thing; c2 and c3 are settled at once.
        let stories = [
            try Self.call(1, customer: "c1", at: 0, resolved: false),
            try Self.call(2, customer: "c1", at: 60, resolved: false),
            try Self.call(3, customer: "c2", at: 0), try Self.call(4, customer: "c3", at: 0),
        ]
        let figure = try Story.figure(2, "fcr7", of: stories)
        #expect(figure.total?.numerator == 2)
        #expect(figure.total?.denominator == 4)
        #expect(figure.total?.value == 0.5)
        let repeats = try Story.figure(20, "repeat7", of: stories)
        #expect(repeats.total?.numerator == 1)
        #expect(repeats.total?.denominator == 4)
        // Of the three customers two needed no other call.
        let definition = MetricCatalogue.definition(MetricID(2))
        #expect(definition?.missing.contains("per customer") == true)
    }

    @Test("A window that has not passed is pending, never a success")
    func window() throws {
        let story = try Self.call(1, customer: "c1", at: 0)
        let figure = try Story.figure(2, "fcr30", of: [story], at: 29 * Self.day)
        #expect(figure.total?.value == nil)
        #expect(figure.total?.pending == 1)
        #expect(try Story.figure(2, "fcr30", of: [story], at: 31 * Self.day).total?.value == 1)
    }

    @Test("A later call about another thing breaks nothing, about the same thing it does")
    func sameThing() throws {
        let first = try Self.call(1, customer: "c1", at: 0)
        let other = try Self.call(2, customer: "c1", at: 100, category: "billing")
        let same = try Self.call(2, customer: "c1", at: 100)
        #expect(try Story.figure(2, "fcr7", of: [first, other]).total?.numerator == 2)
        #expect(try Story.figure(2, "fcr7", of: [first, same]).total?.numerator == 1)
        #expect(try Story.figure(26, "falseFix", of: [first, same]).total?.numerator == 1)
        #expect(try Story.figure(26, "falseFix", of: [first, other]).total?.numerator == 0)
    }

    @Test("The order of the units and of their events makes no difference")
    func order() throws {
        let stories = try (0..<6).map { number in
            try Self.call(number, customer: "c\(number % 2)", at: Double(number) * 500)
        }
        for key in ["fcr1", "fcr7", "fcr30"] {
            let forwards = try Story.figure(2, key, of: stories)
            #expect(try Story.figure(2, key, of: stories.reversed()) == forwards)
        }
    }

    @Test("A session that meant to contact us and did not is deflected, an anonymous one unknown")
    func deflection() throws {
        func session(_ customer: String?, at minute: Double) throws -> MetricContribution {
            var story = try Story()
            let subject = try #require(Subject("session:s\(minute)"))
            story.tell(
                .selfServiceEnded(
                    Examples.make {
                        $0.customerID = customer
                        $0.intentToContact = true
                        $0.outcome = .left
                    }
                ),
                at: minute,
                subject: subject
            )
            return MetricContribution(of: subject, story.events, sites: SiteDirectory())
        }
        let call = try Self.call(1, customer: "c1", at: 1_000)
        var query = MetricQuery(metrics: [MetricID(22)])
        query.asOf = Story.minute(30 * Self.day)
        let units =
            try [session("c1", at: 0), session("c2", at: 0), session(nil, at: 1)]
            + call.contributions
        let figure = MetricTally.page(query, of: units).figure(MetricID(22), "explicit")
        #expect(figure?.total?.numerator == 1)
        #expect(figure?.total?.denominator == 2)
        #expect(figure?.reasons == ["anonymous": 1])
    }

    @Test("Customers in contact are a share of the customers that were declared, each once")
    func reach() throws {
        let calls = [
            try Self.call(1, customer: "c1", at: 0), try Self.call(2, customer: "c1", at: 60),
            try Self.call(3, customer: "c2", at: 0),
        ]
        #expect(try Story.figure(33, "reached", of: calls, at: 100).noData != nil)
        var story = try Story()
        let site = try #require(Subject("site:berlin"))
        for count in [50, 8] as [UInt64] {
            story.tell(
                .customerBaseDeclared(Examples.make { $0.customers = count }),
                at: 1,
                subject: site
            )
        }
        let declared = MetricContribution(of: site, story.events, sites: SiteDirectory())
        var query = MetricQuery(metrics: [MetricID(33)])
        query.asOf = Story.minute(100)
        let units = calls.flatMap(\.contributions) + [declared]
        let figure = MetricTally.page(query, of: units).figure(MetricID(33), "reached")
        #expect(figure?.total?.value == 0.25)
        query.asOf = Story.minute(400 * Self.day)
        #expect(MetricTally.page(query, of: units).figure(MetricID(33), "reached")?.noData != nil)
    }
}
