internal import CaseDomain
internal import LedgerTypes

/// What sites say of themselves beside the cases: staff, teams, scripts, policies, calendars and
/// the numbers that metrics divide by. Pure.
struct Backdrop {
    private let world: World
    private var random: SimulationRandom
    private var events: [StoryEvent] = []
    private var second = 0.0

    init(_ world: World) {
        self.world = world
        self.random = SimulationRandom(seed: world.seed, stream: 3 << 40)
    }

    /// The events of day `day`, in no order.
    mutating func events(ofDay day: Int) -> [StoryEvent] {
        self.events = []
        self.second = Double(self.world.second(ofDay: day)) + 60
        for site in self.world.sites.indices {
            if day == 0 { self.found(site) }
            self.moveStaff(site, day)
        }
        if day % 30 == 0 { self.declare(day) }
        return self.events
    }

    private mutating func write(
        _ payload: EventPayload,
        about subject: Subject,
        at site: Int,
        by name: String = "planning"
    ) {
        let time = self.world.time(self.second)
        let event = ProposedEvent(
            id: self.random.eventID(time),
            subject: subject,
            occurred: time,
            isHistory: true,
            actor: self.world.system(name, at: site),
            payload: payload
        )
        self.events.append(
            StoryEvent(site: site, story: -1, ordinal: self.events.count, event: event)
        )
        self.second += 0.01
    }

    /// Teams, scripts, policies and hours, written once.
    private mutating func found(_ site: Int) {
        let place = self.world.sites[site].parameters
        let prefix = "\(place.name.name)"
        for team in place.teams {
            var definition = TeamDefined()
            definition.site = prefix
            definition.tier = team.tier
            definition.customerFacing = team.customerFacing ?? true
            definition.calendarID = "hours-s\(site)"
            self.write(
                .teamDefined(definition),
                about: CaseStory.subject("team", team.name),
                at: site
            )
        }
        var calendar = CalendarDefined()
        calendar.version = 1
        calendar.timeZone = place.timeZone
        for shift in place.shifts {
            for weekday in shift.weekdays {
                var hours = WeekHours()
                hours.weekday = UInt32(weekday)
                hours.fromMinute = UInt32(shift.fromHour * 60)
                hours.toMinute = UInt32(min(shift.toHour, 24) * 60)
                calendar.hours.append(hours)
            }
        }
        calendar.transitions = self.world.sites[site].offsets.map { offset in
            var transition = ZoneTransition()
            transition.at = self.world.time(offset.from)
            transition.offsetSeconds = Int64(offset.seconds)
            return transition
        }
        self.write(
            .calendarDefined(calendar),
            about: CaseStory.subject("policy", "hours-s\(site)"),
            at: site
        )
        var limit = PolicyDefined()
        limit.what = .handleTimeLimit
        limit.version = 1
        limit.value = UInt64(place.handleTimeLimitSeconds)
        self.write(
            .policyDefined(limit),
            about: CaseStory.subject("policy", "handle-time-s\(site)"),
            at: site
        )
        for product in self.world.parameters.products { self.writeScript(product, at: site) }
    }

    private mutating func writeScript(_ product: ProductParameters, at site: Int) {
        var script = ScriptDefined()
        script.version = 1
        script.product = product.id
        var known: [String] = []
        for symptom in product.symptoms {
            for id in symptom.steps where !known.contains(id) {
                known.append(id)
                var step = ScriptStep()
                step.stepID = id
                step.purpose = symptom.component
                script.steps.append(step)
            }
        }
        self.write(
            .scriptDefined(script),
            about: CaseStory.subject("policy", "script-\(product.id)"),
            at: site
        )
    }

    /// Who comes, goes and is away on this day.
    private mutating func moveStaff(_ site: Int, _ day: Int) {
        let place = self.world.sites[site]
        for team in place.teams.indices {
            for agent in place.teams[team].slots.flatMap(\.agents) {
                let begins = agent.from == day || (day == 0 && agent.from < 0)
                if begins, agent.until > 0 { self.enrol(agent, place.parameters.teams[team]) }
                let subject = CaseStory.subject("agent", agent.id)
                if agent.until == day, day > 0 {
                    var leaving = AgentLeft()
                    leaving.from = self.world.time(self.second)
                    self.write(.agentLeft(leaving), about: subject, at: site, by: "roster")
                }
                guard agent.away.lowerBound == day, agent.from <= day, day < agent.until else {
                    continue
                }
                var absence = AgentAbsent()
                absence.from = self.world.time(Double(self.world.second(ofDay: day)))
                absence.to = self.world.time(
                    Double(self.world.second(ofDay: agent.away.upperBound))
                )
                self.write(.agentAbsent(absence), about: subject, at: site, by: "roster")
            }
        }
    }

    private mutating func enrol(_ agent: Agent, _ team: TeamParameters) {
        var enrolment = AgentEnrolled()
        enrolment.name = .open("Agent \(agent.id)")
        enrolment.team = team.name
        enrolment.tier = team.tier
        enrolment.programme = agent.id.hasSuffix("3-0") ? "rotation" : nil
        enrolment.homeDepartment = enrolment.programme.map { _ in "design" }
        enrolment.from = self.world.time(Double(self.world.second(ofDay: agent.from)))
        self.write(
            .agentEnrolled(enrolment),
            about: CaseStory.subject("agent", agent.id),
            at: agent.site,
            by: "roster"
        )
    }

    /// What metrics divide by, declared every thirty days.
    private mutating func declare(_ day: Int) {
        let (from, to) = (self.world.date(ofDay: day - 30), self.world.date(ofDay: day - 1))
        let home = CaseStory.subject("site", "\(self.world.sites[0].parameters.name.name)")
        var base = CustomerBaseDeclared()
        base.from = from
        base.to = to
        base.customers = UInt64(self.world.parameters.customers.count)
        self.write(.customerBaseDeclared(base), about: home, at: 0)
        for product in self.world.parameters.products {
            var units = UnitsInFieldDeclared()
            units.from = from
            units.to = to
            units.product = product.id
            units.sold = UInt64(max(product.unitsSoldPerDay, 0) * 30)
            units.inField = UInt64(max(product.unitsSoldPerDay, 0) * (720 + day))
            self.write(.unitsInFieldDeclared(units), about: home, at: 0)
        }
        for site in self.world.sites.indices {
            let place = self.world.sites[site].parameters
            let subject = CaseStory.subject("site", "\(place.name.name)")
            for team in place.teams {
                var headcount = HeadcountDeclared()
                headcount.from = from
                headcount.to = to
                headcount.staff = UInt64(team.agents)
                headcount.team = team.name
                headcount.tier = team.tier
                self.write(.headcountDeclared(headcount), about: subject, at: site)
            }
            var cost = CostDeclared()
            cost.from = from
            cost.to = to
            cost.amount = Money()
            let rate: Int64 = place.kind == .inHouse ? 520_000 : 190_000
            cost.amount?.amountMinor = rate * Int64(place.teams.map(\.agents).reduce(0, +))
            cost.amount?.currency = self.world.parameters.products[0].currency
            self.write(.costDeclared(cost), about: subject, at: site)
        }
    }
}
