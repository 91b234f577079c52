import LedgerTypes
import Testing

@testable import CaseDomain

@Suite("Metrics of outcomes: M-08, M-09, M-21, M-23 to M-25, M-27, M-29 to M-31, M-34, M-39")
struct OutcomeMetricsTests {
    private static let day: Double = 24 * 60

    private static func answer(
        _ instrument: FeedbackInstrument,
        _ score: Double,
        max: UInt32,
        solicited: Bool = true,
        told: UInt32? = nil
    ) -> EventPayload {
        .feedbackReceived(
            Examples.make {
                $0.instrument = instrument
                $0.scaleMin = 1
                $0.scaleMax = max
                $0.score = score
                $0.solicited = solicited
                $0.toldCount = told
            }
        )
    }

    @Test("The last answer that was asked for counts: top two, effort, promoters less detractors")
    func feedback() throws {
        var story = try Story.opened()
        story.resolve(at: 10)
        story.tell(Self.answer(.csat, 2, max: 5), at: 20)
        story.tell(Self.answer(.csat, 4, max: 5), at: 30)
        story.tell(Self.answer(.csat, 1, max: 5, solicited: false), at: 40)
        story.tell(Self.answer(.ces, 6, max: 7), at: 50)
        story.tell(Self.answer(.nps, 3, max: 10, told: 12), at: 60)
        let csat = try story.figure(21, "csat")
        #expect(csat.total?.n == 1)
        #expect(csat.total?.value == 1)
        #expect(csat.reasons == ["a later answer counts": 1, "not asked for": 1])
        #expect(try story.figure(21, "ces").total?.value == 6)
        #expect(try story.figure(21, "cesEasy").total?.value == 1)
        #expect(try story.figure(21, "nps").total?.value == -1)
        #expect(try story.figure(21, "lag").total?.min == 20 * 60)
        #expect(try story.figure(29, "toldTen", by: [.kind]).group("negative")?.value == 1)
    }

    @Test("A resolution that held costs the time of its contacts and steps, after 30 days")
    func handleTime() throws {
        var story = try Story.opened()
        story.tell(
            .contactEnded(
                Examples.make {
                    $0.outcome = .completed
                    $0.segments = [Examples.make { $0.talkSeconds = 240 }]
                }
            ),
            at: 5,
            contact: "k"
        )
        story.tell(.stepTried(Examples.make { $0.minutes = 2 }), at: 6)
        story.resolve(at: 10)
        #expect(try story.figure(8, "perResolution", at: 29 * Self.day).total?.pending == 1)
        let held = try story.figure(8, "perResolution", at: 31 * Self.day)
        #expect(held.total?.value == 360)
        #expect(held.total?.median == 360)
    }

    @Test("An answer solved the case, or failed, or was this case's own")
    func answers() throws {
        var story = try Story.opened()
        for (id, relation, minute) in [
            ("a", AnswerRelation.triedFailed, 5.0), ("b", .solved, 6), ("c", .createdFrom, 7),
            ("c", .solved, 8),
        ] {
            story.tell(
                .answerLinked(
                    Examples.make {
                        $0.answerID = id
                        $0.relation = relation
                    }
                ),
                at: minute
            )
        }
        story.tell(
            .answerLinked(
                Examples.make {
                    $0.answerID = "b"
                    $0.relation = .sentToCustomer
                }
            ),
            at: 9,
            contact: "k"
        )
        story.resolve(at: 10)
        #expect(try story.figure(23, "linked").total?.value == 1)
        #expect(try story.figure(23, "reused").total?.value == 0.5)
        #expect(try story.figure(23, "failed").total?.numerator == 1)
        #expect(try story.figure(23, "failed").total?.denominator == 3)
        #expect(try story.figure(23, "sent").total?.value == 1)
    }

    @Test("A remedy took so long and so many approvers")
    func remedies() throws {
        var story = try Story.opened()
        story.tell(
            .remedyDecided(
                Examples.make {
                    $0.kind = .refund
                    $0.decision = .granted
                    $0.requestedAt = Story.minute(10)
                    $0.approvers = ["bert", "carl", "bert"].map { id in
                        Examples.make { $0.id = id }
                    }
                    $0.withinAuthority = false
                }
            ),
            at: 40
        )
        #expect(try story.figure(24, "approvers").total?.value == 2)
        #expect(try story.figure(24, "atMostOne").total?.value == 0)
        #expect(try story.figure(24, "time").total?.value == 1_800)
        #expect(try story.figure(24, "within").total?.value == 0)
    }

    @Test("A faultless return counts once it is inspected; units sold are declared, not guessed")
    func returns() throws {
        var story = try Story.opened()
        func record(_ stage: ReturnStage, _ finding: ReturnFinding) -> EventPayload {
            .returnRecorded(
                Examples.make {
                    $0.returnID = "r"
                    $0.stage = stage
                    $0.finding = finding
                }
            )
        }
        story.tell(record(.requested, .notStated), at: 10)
        #expect(try story.figure(25, "noFault").total?.pending == 1)
        story.tell(record(.inspected, .noFaultFound), at: 20)
        #expect(try story.figure(25, "noFault").total?.value == 1)
        // Somebody had answered, and nobody had solved it.
        #expect(try story.figure(25, "preventable").total?.value == 1)
        #expect(try story.figure(25, "perSold").noData?.contains("unitsInField") == true)
    }

    @Test("Entitlements are counted, disputes and dead ends are shares")
    func entitlements() throws {
        var story = try Story.opened()
        story.tell(
            .entitlementDetermined(
                Examples.make {
                    $0.entitlement = .unsupported
                    $0.disputed = true
                    $0.contactedParty = "maker"
                    $0.responsibleParty = "carrier"
                }
            ),
            at: 10
        )
        #expect(try story.figure(30, "cases", by: [.kind]).group("unsupported")?.value == 1)
        #expect(try story.figure(30, "disputed").total?.value == 1)
        #expect(try story.figure(30, "signposted").total?.value == 1)
        #expect(try story.figure(30, "wrongParty").total?.value == 1)
    }

    @Test("Signals are counted by kind, and answered or not")
    func signals() throws {
        var story = try Story.opened()
        story.tell(
            .signalRaised(
                Examples.make {
                    $0.signalID = "s"
                    $0.kind = .defect
                    $0.component = "hinge"
                    $0.daysInField = 30
                }
            ),
            at: 10
        )
        #expect(try story.figure(31, "signals", by: [.kind]).group("defect")?.value == 1)
        #expect(try story.figure(31, "signals", by: [.component]).group("hinge")?.value == 1)
        #expect(try story.figure(31, "cases").total?.value == 1)
        #expect(try story.figure(31, "daysInField").total?.value == 30)
        #expect(try story.figure(31, "decided").total?.value == 0)
        story.tell(
            .signalDecided(
                Examples.make {
                    $0.signalID = "s"
                    $0.decision = .accepted
                }
            ),
            at: 40
        )
        #expect(try story.figure(31, "decided").total?.value == 1)
        #expect(try story.figure(31, "time").total?.value == 1_800)
    }

    @Test("Busy and wrapping up of busy, wrapping up and available; the rest is no duty")
    func occupancy() throws {
        var story = try Story()
        let agent = try #require(Subject("agent:anna"))
        for (state, from, to) in [
            (PresenceState.available, 0.0, 30.0), (.busy, 30, 80), (.wrapUp, 80, 90),
            (.away, 90, 200),
        ] {
            story.tell(
                .presenceImported(
                    Examples.make {
                        $0.state = state
                        $0.from = Story.minute(from)
                        $0.to = Story.minute(to)
                    }
                ),
                at: to,
                subject: agent
            )
        }
        let unit = MetricContribution(of: agent, story.events, sites: SiteDirectory())
        var query = MetricQuery(metrics: [MetricID(9)])
        query.asOf = Story.minute(300)
        let figure = MetricTally.page(query, of: [unit]).figure(MetricID(9), "occupied")
        #expect(figure?.total?.value == 60.0 / 90)
    }

    @Test("Minutes on online answers are a share of the minutes that agents spent")
    func onlineAnswers() throws {
        var story = try Story.opened()
        story.tell(.stepTried(Examples.make { $0.minutes = 30 }), at: 5)
        #expect(try story.figure(34, "online").noData != nil)
        story.tell(
            .answerPublished(
                Examples.make {
                    $0.answerID = "a"
                    $0.audience = .public
                    $0.minutes = 10
                }
            ),
            at: 10
        )
        #expect(try story.figure(34, "online").total?.value == 0.25)
    }

    @Test("A contact in the channel that the customer prefers")
    func preferredChannel() throws {
        let story = try Story.opened()
        var described = try Story()
        let customer = try #require(Subject("customer:cust"))
        described.tell(
            .customerDescribed(Examples.make { $0.preferredChannel = .chat }),
            at: 1,
            subject: customer
        )
        let unit = MetricContribution(of: customer, described.events, sites: SiteDirectory())
        var query = MetricQuery(metrics: [MetricID(39)])
        query.asOf = Story.minute(300)
        let figure = MetricTally.page(query, of: story.contributions + [unit])
            .figure(MetricID(39), "channel")
        #expect(figure?.total?.value == 0)
        #expect(figure?.total?.denominator == 1)
    }

    @Test("A contact at a time that the customer prefers, by the clock where they are")
    func preferredTimes() throws {
        // The story begins on Tuesday 2023-11-14 at 22:13:20 UTC, 23:13:20 in Berlin.
        let story = try Story.opened()
        var described = try Story()
        let customer = try #require(Subject("customer:cust"))
        let hoursID = try #require(Subject("policy:hours"))
        func hours(from: UInt32, to: UInt32) -> WeekHours {
            Examples.make {
                $0.weekday = 2
                $0.fromMinute = from
                $0.toMinute = to
            }
        }
        func figures(_ hours: WeekHours, zone: String) throws -> (MeasureFigures, MeasureFigures) {
            described = try Story()
            described.tell(
                .customerDescribed(
                    Examples.make {
                        $0.preferredChannel = .notStated
                        $0.preferredTimes = [hours]
                        $0.timeZone = zone
                    }
                ),
                at: 1,
                subject: customer
            )
            var calendars = try Story()
            calendars.tell(
                .calendarDefined(
                    Examples.make {
                        $0.timeZone = "Europe/Berlin"
                        $0.transitions = [Examples.make { $0.offsetSeconds = 3_600 }]
                    }
                ),
                at: 0,
                subject: hoursID
            )
            let unit = MetricContribution(
                of: customer,
                described.events,
                sites: SiteDirectory(),
                book: PolicyBook(calendars.events, origins: [:])
            )
            #expect(MetricContribution(bytes: unit.bytes) == unit)
            var query = MetricQuery(metrics: [MetricID(39)], by: [.kind])
            query.asOf = Story.minute(300)
            let page = MetricTally.page(query, of: story.contributions + [unit])
            return (
                try #require(page.figure(MetricID(39), "time")),
                try #require(page.figure(MetricID(39), "channel"))
            )
        }
        let late = try figures(hours(from: 23 * 60, to: 24 * 60), zone: "Europe/Berlin")
        #expect(late.0.total?.value == 1)
        #expect(late.0.group("inbound")?.n == 1)
        #expect(late.1.noData != nil)
        let early = try figures(hours(from: 22 * 60, to: 23 * 60), zone: "Europe/Berlin")
        #expect(early.0.total?.value == 0)
        // Where no calendar is of the zone nobody guesses its offset.
        let unknown = try figures(hours(from: 0, to: 24 * 60), zone: "Asia/Manila")
        #expect(unknown.0.total?.value == nil)
        #expect(unknown.0.reasons == ["no calendar in force": 1])
    }

    @Test("Staff who served 28 days on end within 24 months, of the declared headcount")
    func rotation() throws {
        let day = 1_440.0
        func agent(_ name: String, _ spans: [(Double, Double?)], programme: String?) throws
            -> MetricContribution
        {
            var story = try Story()
            let subject = try #require(Subject("agent:\(name)"))
            for (from, to) in spans {
                story.tell(
                    .agentEnrolled(
                        Examples.make {
                            $0.programme = programme
                            $0.from = Story.minute(from * day)
                            $0.to = to.map { Story.minute($0 * day) }
                        }
                    ),
                    at: from * day,
                    subject: subject
                )
            }
            let unit = MetricContribution(of: subject, story.events, sites: SiteDirectory())
            #expect(MetricContribution(bytes: unit.bytes) == unit)
            return unit
        }
        var declared = try Story()
        let site = try #require(Subject("site:berlin"))
        for staff in [100, 40] as [UInt64] {
            declared.tell(
                .headcountDeclared(Examples.make { $0.staff = staff }),
                at: 1,
                subject: site
            )
        }
        let units = [
            MetricContribution(of: site, declared.events, sites: SiteDirectory()),
            // Four weeks; two stretches of two weeks that touch; too short; still here.
            try agent("a", [(0, 28)], programme: "rotation"),
            try agent("b", [(0, 14), (14, 28)], programme: "rotation"),
            try agent("c", [(0, 14), (20, 34)], programme: "rotation"),
            try agent("d", [(10, nil)], programme: nil),
        ]
        func figure(at day: Double) throws -> MeasureFigures {
            var query = MetricQuery(metrics: [MetricID(32)], by: [.kind])
            query.asOf = Story.minute(day * 1_440)
            return try #require(
                MetricTally.page(query, of: units).figure(MetricID(32), "enrolled")
            )
        }
        #expect(try figure(at: 20).noData != nil)
        #expect(try figure(at: 28).total?.value == 2.0 / 40)
        #expect(try figure(at: 38).total?.value == 3.0 / 40)
        #expect(try figure(at: 38).group("career")?.n == 1)
        // Two years after they left, those on rotation no longer count.
        #expect(try figure(at: 730).total?.value == 3.0 / 40)
        #expect(try figure(at: 731).total?.value == 1.0 / 40)
    }

    @Test("Contacts with an offer beside those without, at the mix of causes of both")
    func selling() throws {
        // With an offer 60 easy, 40 hard; without 40 easy, 60 hard.
        var units: [MetricContribution] = []
        func add(_ measure: MeasureID, _ cause: String, _ count: Int, good: Int) {
            for number in 0..<count {
                var place = MetricPlace()
                place[.cause] = cause
                var unit = MetricContribution()
                unit.ratio(measure, number < good, at: Story.start, place)
                unit.lastAt = Story.start
                units.append(unit)
            }
        }
        let pair = Measure.sellingOutcomes
        add(pair.csat(true), "easy", 60, good: 30)
        add(pair.csat(true), "hard", 40, good: 4)
        add(pair.csat(false), "easy", 40, good: 32)
        add(pair.csat(false), "hard", 60, good: 12)
        let page = MetricTally.page(MetricQuery(metrics: [MetricID(38)]), of: units)
        let with = try #require(page.figure(MetricID(38), "offerCsat")?.total)
        let without = try #require(page.figure(MetricID(38), "plainCsat")?.total)
        // Half of all are easy: (0.5 + 0.1) / 2 and (0.8 + 0.2) / 2.
        #expect(abs(try #require(with.value) - 0.3) < 1e-12)
        #expect(abs(try #require(without.value) - 0.5) < 1e-12)
        #expect(with.n == 100)
        #expect(with.numerator == 34)
        // One sort alone cannot be compared.
        units = []
        add(pair.csat(true), "easy", 60, good: 30)
        let alone = MetricTally.page(MetricQuery(metrics: [MetricID(38)]), of: units)
        #expect(alone.figure(MetricID(38), "offerCsat")?.noData != nil)
    }

    @Test("An offer in the contact counts for what the customer says of it, and for its repeats")
    func offered() throws {
        var story = try Story.opened()
        story.tell(.offerMade(Examples.make { $0.product = "plan" }), at: 4, contact: "k")
        story.tell(.contactEnded(Examples.make { $0.outcome = .completed }), at: 5, contact: "k")
        story.resolve(at: 6)
        story.tell(
            .feedbackReceived(
                Examples.make {
                    $0.instrument = .csat
                    $0.scaleMin = 1
                    $0.scaleMax = 5
                    $0.score = 5
                    $0.solicited = true
                }
            ),
            at: 10,
            contact: "k"
        )
        for (key, n) in [
            ("offerCsat", 1), ("plainCsat", 0), ("offerRepeat7", 1), ("plainRepeat7", 0),
            ("offerFalseFix", 1), ("plainFalseFix", 0),
        ] {
            #expect(try story.figure(38, key).total?.n ?? 0 == n, "\(key)")
        }
        // Nobody was on rotation.
        #expect(try story.figure(32, "careerCsat").total?.n == 1)
        #expect(try story.figure(32, "rotationCsat").total == nil)
    }

    @Test("Of each cause the cases that the commonest fix solved")
    func modalFix() throws {
        var stories: [Story] = []
        // Network: cable, cable, reset; power: plug, and one that nothing is said of.
        for (number, found) in [
            ("network", "cable"), ("network", "cable"), ("network", "reset"), ("power", "plug"),
            ("power", nil),
        ].enumerated() {
            var story = try Story(case: "C-\(number)")
            story.tell(.caseOpened(Examples.make { $0.category = found.0 }), at: 0)
            let step = story.tell(
                .stepTried(
                    Examples.make {
                        $0.stepID = found.1
                        $0.result = .worked
                    }
                ),
                at: 5
            )
            story.tell(
                .caseResolved(
                    Examples.make {
                        $0.resolutionKind = .fixed
                        $0.workingStepEventID = step.id
                    }
                ),
                at: 6
            )
            stories.append(story)
        }
        let figure = try Story.figure(28, "modalFix", of: stories, by: [.cause])
        #expect(figure.total?.value == 3.0 / 5)
        #expect(figure.group("network")?.value == 2.0 / 3)
        #expect(figure.group("power")?.value == 0.5)
    }

    @Test("Calls that end just before the limit are looked at apart")
    func cliff() throws {
        let policy = try Self.limit(seconds: 600)
        var stories: [MetricContribution] = []
        for (number, talk) in [590.0, 420, 610].enumerated() {
            var story = try Story(case: "C-\(number)")
            let contact = "k\(number)"
            story.tell(
                .contactStarted(Examples.make { $0.direction = .inbound }),
                at: 10,
                contact: contact
            )
            story.tell(.contactAnswered(ContactAnswered()), at: 11, contact: contact)
            story.tell(
                .caseOpened(
                    Examples.make {
                        $0.firstContactID = contact
                        $0.customerID = "c\(number)"
                    }
                ),
                at: 12
            )
            story.tell(
                .contactEnded(
                    Examples.make {
                        $0.segments = [Examples.make { $0.talkSeconds = talk }]
                    }
                ),
                at: 30,
                contact: contact
            )
            let state = CaseState.folding(story.events, of: story.caseID, book: policy)
            stories.append(state.contribution(story.events, sites: SiteDirectory()))
        }
        var query = MetricQuery(metrics: [MetricID(27)])
        query.asOf = Story.minute(10 * Self.day)
        let page = MetricTally.page(query, of: stories)
        #expect(page.figure(MetricID(27), "near")?.total?.denominator == 1)
        #expect(page.figure(MetricID(27), "early")?.total?.denominator == 1)
        #expect(page.figure(MetricID(27), "density")?.total?.value == 1)
        #expect(page.figure(MetricID(27), "near")?.total?.isSmall == true)
    }

    /// A book in which sites limit the handle time.
    private static func limit(seconds: UInt64) throws -> PolicyBook {
        var story = try Story()
        story.tell(
            .policyDefined(
                Examples.make {
                    $0.what = .handleTimeLimit
                    $0.value = seconds
                }
            ),
            at: 0,
            subject: Subject("policy:limit")
        )
        let origin = LogOrigin(site: "berlin", incarnation: 1)
        return PolicyBook(story.events, origins: [Story.berlin: origin])
    }
}
