import LedgerTypes
import Testing

@testable import CaseDomain

@Suite("Business time and targets: M-11, M-12, M-37")
struct BusinessMetricsTests {
    private static let lead = Story.agent("lea", kind: .supervisor)

    /// Minutes of the story at a time of the wall clock in UTC.
    private static func at(_ text: String) throws -> Double {
        let time = try #require(Timestamp(rfc3339: text))
        return Double(time.microseconds(since: Story.start)) / 60_000_000
    }

    /// What sites decide: hours, teams, targets.
    private struct House {
        var story: Story

        init() throws { self.story = try Story(case: "none") }

        /// Weekdays from one hour to another.
        mutating func calendar(
            _ id: String,
            from: String = "2024-01-01T00:00:00Z",
            _ hours: ClosedRange<Int>,
            offset: Int64 = 0,
            log: LogID = Story.berlin
        ) throws {
            var calendar = CalendarDefined()
            for weekday in 1...5 {
                var day = WeekHours()
                day.weekday = UInt32(weekday)
                day.fromMinute = UInt32(hours.lowerBound * 60)
                day.toMinute = UInt32(hours.upperBound * 60)
                calendar.hours.append(day)
            }
            var zone = ZoneTransition()
            zone.offsetSeconds = offset * 3_600
            calendar.transitions = [zone]
            try self.tell(.calendarDefined(calendar), "policy:\(id)", at: from, log: log)
        }

        mutating func team(_ id: String, _ calendarID: String?) throws {
            var team = TeamDefined()
            team.calendarID = calendarID
            try self.tell(.teamDefined(team), "team:\(id)", at: "2024-01-01T00:00:00Z")
        }

        mutating func target(
            _ id: String,
            _ metric: SLAMetric,
            hours: UInt64,
            _ calendarID: String?,
            pauseOn: [WaitingOn] = []
        ) throws {
            var policy = PolicyDefined()
            policy.what = .slaTarget
            policy.version = 1
            var target = SLATarget()
            target.metric = metric
            target.seconds = hours * 3_600
            target.calendarID = calendarID
            target.pauseOn = pauseOn
            policy.sla = target
            try self.tell(.policyDefined(policy), "policy:\(id)", at: "2024-01-01T00:00:00Z")
        }

        private mutating func tell(
            _ payload: EventPayload,
            _ subject: String,
            at time: String,
            log: LogID = Story.berlin
        ) throws {
            let minute = try BusinessMetricsTests.at(time)
            let about = try #require(Subject(subject))
            self.story.tell(
                payload,
                at: minute,
                by: BusinessMetricsTests.lead,
                log: log,
                subject: about
            )
        }

        func figure(
            _ metric: UInt8,
            _ key: String,
            of story: Story,
            at time: String = "2025-01-01T00:00:00Z"
        ) throws -> MeasureFigures {
            let origins = [
                Story.berlin: LogOrigin(site: "berlin", incarnation: 1),
                Story.manila: LogOrigin(site: "manila", incarnation: 1),
            ]
            let book = PolicyBook(self.story.events, origins: origins)
            let state = CaseState.folding(story.events, of: story.caseID, book: book)
            let events = CaseHistory.arrange(story.events, origins: origins)
            var query = MetricQuery(metrics: [MetricID(metric)])
            let asOf = try #require(Timestamp(rfc3339: time))
            query.asOf = asOf
            let unit = state.contribution(events, sites: SiteDirectory())
            // What the store keeps says the same.
            #expect(MetricContribution(bytes: unit.bytes) == unit)
            let page = MetricTally.page(query, of: [unit])
            return try #require(page.figure(MetricID(metric), key))
        }
    }

    /// A case that anna of team one opens and answers.
    private static func opened(at time: String) throws -> Story {
        var story = try Story()
        story.tell(.caseOpened(Examples.make { $0.initiation = .customer }), at: try Self.at(time))
        return story
    }

    private static func answer(_ story: inout Story, at time: String) throws {
        story.tell(
            .messageRecorded(
                Examples.make {
                    $0.messageID = "m"
                    $0.visibility = .public
                    $0.author = .agent
                }
            ),
            at: try Self.at(time)
        )
    }

    @Test("Business time leaves out nights and weekends by the calendar of the team")
    func weekend() throws {
        var house = try House()
        try house.calendar("hours", 9...17, offset: 1)
        try house.team("one", "hours")
        // Friday four in the afternoon to Monday ten in the morning, in Berlin.
        var story = try Self.opened(at: "2024-01-05T15:00:00Z")
        try Self.answer(&story, at: "2024-01-05T15:30:00Z")
        story.resolve(at: try Self.at("2024-01-08T09:00:00Z"))
        #expect(try house.figure(12, "firstBusiness", of: story).total?.value == 7_200)
        #expect(try house.figure(12, "fullBusiness", of: story).total?.value == 7_200)
        #expect(try house.figure(12, "first", of: story).total?.value == 66 * 3_600)
        #expect(try house.figure(11, "firstResponseBusiness", of: story).total?.value == 1_800)
    }

    @Test("A case that passes several calendars is measured on each while it applied")
    func severalCalendars() throws {
        var house = try House()
        try house.calendar("berlin", 9...17, offset: 1)
        try house.calendar("manila", 9...17, offset: 8, log: Story.manila)
        try house.team("one", "berlin")
        try house.team("two", "manila")
        // Nine to one in Berlin, then nine to eleven in Manila.
        var story = try Self.opened(at: "2024-01-10T08:00:00Z")
        story.tell(
            .ownerAssigned(Examples.make { $0.ownerID = "anna" }),
            at: try Self.at("2024-01-10T08:00:00Z")
        )
        story.tell(Story.offer(to: "two"), at: try Self.at("2024-01-10T11:00:00Z"), handoff: "h")
        story.tell(
            .handoffAccepted(Examples.make { $0.contextRead = true }),
            at: try Self.at("2024-01-10T12:00:00Z"),
            by: Story.agent("omar", team: "two"),
            handoff: "h"
        )
        story.resolve(at: try Self.at("2024-01-11T03:00:00Z"))
        #expect(try house.figure(12, "firstBusiness", of: story).total?.value == 6 * 3_600)
    }

    @Test("Each version of a calendar counts while it is in force, and none before the first")
    func versions() throws {
        var house = try House()
        try house.calendar("hours", 9...17)
        try house.calendar("hours", from: "2024-01-11T00:00:00Z", 6...22)
        try house.team("one", "hours")
        var story = try Self.opened(at: "2024-01-10T15:00:00Z")
        story.resolve(at: try Self.at("2024-01-11T08:00:00Z"))
        #expect(try house.figure(12, "firstBusiness", of: story).total?.value == 4 * 3_600)
        var early = try Self.opened(at: "2023-12-29T15:00:00Z")
        early.resolve(at: try Self.at("2024-01-10T10:00:00Z"))
        let figure = try house.figure(12, "firstBusiness", of: early)
        #expect(figure.total?.value == nil)
        #expect(figure.reasons == ["no calendar in force": 1])
        #expect(figure.noData == "no data: needs calendar.defined, in force when the case happened")
        #expect(try House().figure(12, "firstBusiness", of: story).total == nil)
    }

    @Test("A team without hours of its own has those of its site")
    func ofSite() throws {
        var house = try House()
        try house.calendar("some hours", 9...17)
        var story = try Self.opened(at: "2024-01-10T15:00:00Z")
        story.resolve(at: try Self.at("2024-01-11T10:00:00Z"))
        #expect(try house.figure(12, "firstBusiness", of: story).total?.value == 3 * 3_600)
        try house.calendar("berlin", 6...20)
        #expect(try house.figure(12, "firstBusiness", of: story).total?.value == 9 * 3_600)
    }

    private static func pinned(_ policyID: String, at time: String) throws -> Story {
        var story = try Self.opened(at: time)
        story.tell(
            .entitlementDetermined(
                Examples.make {
                    $0.entitlement = .premium
                    $0.slaPolicyID = policyID
                    $0.slaPolicyVersion = 1
                }
            ),
            at: try Self.at(time) + 1
        )
        return story
    }

    @Test("A target is met or breached in the hours of its own calendar, and pending before")
    func target() throws {
        var house = try House()
        try house.calendar("hours", 9...17)
        try house.target("gold", .resolution, hours: 4, "hours")
        // Wednesday three o'clock: due on Thursday at eleven.
        var story = try Self.pinned("gold", at: "2024-01-10T15:00:00Z")
        let early = try house.figure(37, "met", of: story, at: "2024-01-11T10:30:00Z")
        #expect(early.total?.pending == 1)
        #expect(early.total?.value == nil)
        let late = try house.figure(37, "met", of: story, at: "2024-01-11T12:00:00Z")
        #expect(late.total?.value == 0)
        var slow = story
        story.resolve(at: try Self.at("2024-01-11T11:00:00Z"))
        #expect(try house.figure(37, "met", of: story).total?.value == 1)
        slow.resolve(at: try Self.at("2024-01-11T11:01:00Z"))
        #expect(try house.figure(37, "met", of: slow).total?.value == 0)
    }

    @Test("Waits that pause a target are taken out, and the verdict without them stays beside it")
    func pause() throws {
        var house = try House()
        try house.target("silver", .resolution, hours: 4, nil, pauseOn: [.customer])
        var story = try Self.pinned("silver", at: "2024-01-10T08:00:00Z")
        func wait(_ on: WaitingOn, _ time: String) throws {
            story.tell(.caseWaitChanged(Examples.make { $0.waitingOn = on }), at: try Self.at(time))
        }
        try wait(.customer, "2024-01-10T10:00:00Z")
        // While it stands still nothing is late.
        let still = try house.figure(37, "met", of: story)
        #expect(still.total?.pending == 1)
        #expect(try house.figure(37, "metUnpaused", of: story).total?.value == 0)
        try wait(.none, "2024-01-10T20:00:00Z")
        story.resolve(at: try Self.at("2024-01-10T21:30:00Z"))
        #expect(try house.figure(37, "met", of: story).total?.value == 1)
        #expect(try house.figure(37, "metUnpaused", of: story).total?.value == 0)
    }

    @Test("Each stretch between two words to the customer is an update, in time or not")
    func updates() throws {
        var house = try House()
        try house.target("told", .update, hours: 2, nil)
        // Opened at eight; told at nine (met), at noon (breached), resolved at one (met).
        var story = try Self.pinned("told", at: "2024-01-10T08:00:00Z")
        for time in ["2024-01-10T09:00:00Z", "2024-01-10T12:00:00Z"] {
            try Self.answer(&story, at: time)
        }
        var going = story
        story.resolve(at: try Self.at("2024-01-10T13:00:00Z"))
        let met = try house.figure(37, "met", of: story)
        #expect(met.total?.numerator == 2)
        #expect(met.total?.denominator == 3)
        #expect(met.total?.pending == 0)
        // While it is open the last stretch is pending until it is late.
        let soon = try house.figure(37, "met", of: going, at: "2024-01-10T13:30:00Z")
        #expect(soon.total?.denominator == 2)
        #expect(soon.total?.pending == 1)
        let late = try house.figure(37, "met", of: going, at: "2024-01-10T15:00:00Z")
        #expect(late.total?.numerator == 1)
        #expect(late.total?.denominator == 3)
        going.tell(
            .caseWaitChanged(Examples.make { $0.waitingOn = .vendor }),
            at: try Self.at("2024-01-10T13:00:00Z")
        )
        #expect(try house.figure(37, "met", of: going).total?.denominator == 3)
    }

    @Test("Every escalation is reported back in time or not; a waived one has no verdict")
    func reportBacks() throws {
        var house = try House()
        try house.target("back", .reportBack, hours: 24, nil)
        try house.target("fast", .firstResponse, hours: 1, nil)
        var story = try Self.pinned("back", at: "2024-01-10T08:00:00Z")
        story.tell(
            .ownerAssigned(Examples.make { $0.ownerID = "anna" }),
            at: try Self.at("2024-01-10T08:05:00Z")
        )
        for (number, hours) in [10.0, 30, nil].enumerated() {
            let start = try Self.at("2024-01-11T08:00:00Z") + Double(number) * 3_000
            story.tell(
                .escalationRaised(
                    Examples.make {
                        $0.kind = .functional
                        $0.reason = .skill
                        $0.reportBackTo = "anna"
                    }
                ),
                at: start,
                escalation: "e\(number)"
            )
            guard let hours else {
                story.tell(
                    .escalationClosed(Examples.make { $0.reason = .waived }),
                    at: start + 60,
                    escalation: "e\(number)"
                )
                continue
            }
            story.tell(
                .escalationReportedBack(
                    Examples.make {
                        $0.to = "anna"
                        $0.outcome = .fixed
                        $0.isFinal = true
                    }
                ),
                at: start + hours * 60,
                escalation: "e\(number)"
            )
        }
        let met = try house.figure(37, "met", of: story)
        #expect(met.total?.numerator == 1)
        #expect(met.total?.denominator == 2)
        #expect(met.reasons == ["waived": 1])
        // A second target of another sort is judged beside it.
        story.tell(
            .entitlementDetermined(
                Examples.make {
                    $0.entitlement = .premium
                    $0.slaPolicyID = "fast"
                }
            ),
            at: try Self.at("2024-01-10T08:10:00Z")
        )
        try Self.answer(&story, at: "2024-01-10T08:30:00Z")
        #expect(try house.figure(37, "met", of: story).total?.numerator == 2)
    }

    @Test("A target for the first response, one that is not known, and a case that just ended")
    func others() throws {
        var house = try House()
        try house.target("fast", .firstResponse, hours: 1, nil)
        try house.target("odd", .notStated, hours: 1, nil)
        var story = try Self.pinned("fast", at: "2024-01-10T08:00:00Z")
        try Self.answer(&story, at: "2024-01-10T08:59:00Z")
        #expect(try house.figure(37, "met", of: story).total?.value == 1)
        for id in ["odd", "unknown"] {
            let none = try Self.pinned(id, at: "2024-01-10T08:00:00Z")
            #expect(try house.figure(37, "met", of: none).reasons == ["no verdict": 1])
        }
        var closed = try Self.pinned("fast", at: "2024-01-10T08:00:00Z")
        closed.tell(
            .caseClosed(Examples.make { $0.reason = .spam }),
            at: try Self.at("2024-01-10T08:30:00Z")
        )
        #expect(try house.figure(37, "met", of: closed).reasons == ["no verdict": 1])
        // A target by a calendar that was never in force says nothing.
        try house.target("lost", .resolution, hours: 1, "nowhere")
        var lost = try Self.pinned("lost", at: "2024-01-10T08:00:00Z")
        #expect(try house.figure(37, "met", of: lost).total?.pending == 1)
        lost.resolve(at: try Self.at("2024-01-10T09:30:00Z"))
        #expect(try house.figure(37, "met", of: lost).reasons == ["no calendar in force": 1])
    }
}
