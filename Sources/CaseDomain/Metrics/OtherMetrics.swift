public import LedgerTypes

// Units beside cases: contacts, agents, sites, answers, sessions and customers.
extension MetricContribution {
    /// What a contact, an agent, a site, an answer, a session or a customer adds to the figures,
    /// by its own `events` in fold order, copies marked. `book` knows time zones.
    public init(
        of unit: Subject,
        _ events: [CaseEvent],
        sites: SiteDirectory,
        book: PolicyBook = .empty
    ) {
        self.init()
        let own = events.filter { $0.duplicateOf == nil && $0.viaCase == nil }
        guard let last = own.last else { return }
        switch unit.kind {
        case "contact":
            self.lastAt = last.occurred
            ContactMetrics(own, sites).add(to: &self)
        case "agent":
            self.addPresence(own, sites)
            self.addEnrolments(own, unit, sites)
        case "site": self.addDeclared(own, unit)
        case "session":
            self.lastAt = last.occurred
            self.addSession(own, sites)
        case "customer": self.addPreference(own, unit, book)
        default:
            for event in own {
                guard case .answerPublished(let answer) = event.payload else { continue }
                var place = MetricPlace()
                place.take(event.actor, sites)
                self.addOnline(answer, event, place)
            }
        }
    }

    /// M-09.
    private mutating func addPresence(_ events: [CaseEvent], _ sites: SiteDirectory) {
        for event in events {
            guard case .presenceImported(let presence) = event.payload else { continue }
            var place = MetricPlace()
            place.take(event.actor, sites)
            place[.agent] = event.subject.id
            let isBusy = presence.state == .busy || presence.state == .wrapUp
            guard isBusy || presence.state == .available else { continue }
            let from = presence.from ?? event.occurred
            guard let to = presence.to else {
                self.add(Measure.occupancy, .excluded(.openEnded), at: from, place)
                continue
            }
            let time = to.microseconds(since: from)
            let form = MetricEntry.Form.ratio(numerator: isBusy ? time : 0, denominator: time)
            self.add(Measure.occupancy, form, at: from, place)
        }
    }

    /// M-25, M-31, M-33, M-36: what a site declares.
    private mutating func addDeclared(_ events: [CaseEvent], _ unit: Subject) {
        var place = MetricPlace()
        place[.site] = unit.id
        var customers: (at: Timestamp, count: UInt64)?
        var staff: [String: (at: Timestamp, count: UInt64)] = [:]
        for event in events {
            switch event.payload {
            case .siteRegistered(let site):
                place[.operator] = site.operator
                if site.kind != .notStated { place[.siteKind] = site.kind.name }
            case .customerBaseDeclared(let base):
                // The last one counts.
                customers = (base.to?.start ?? event.occurred, base.customers)
            case .headcountDeclared(let headcount):
                // The last one of each team and tier counts.
                let part = "\(headcount.team ?? "")/\(headcount.tier.rawValue)"
                staff[part] = (headcount.to?.start ?? event.occurred, headcount.staff)
            case .costDeclared(let cost):
                guard let amount = cost.amount else { continue }
                var place = place
                place[.kind] = amount.currency
                if cost.tier != .notStated { place[.tier] = cost.tier.name }
                let form = MetricEntry.Form.ratio(numerator: amount.amountMinor, denominator: 0)
                let at = cost.from?.start ?? event.occurred
                self.add(Measure.costPerContact, form, at: at, place)
                self.add(Measure.costPerResolution, form, at: at, place)
            case .unitsInFieldDeclared(let units):
                var place = place
                place[.product] = units.product
                let at = units.from?.start ?? event.occurred
                self.addBase(Measure.noFaultSold, units.sold, at: at, place)
                self.addBase(Measure.signalsPerUnit, units.inField, at: at, place)
            default: break
            }
        }
        if let customers {
            self.addBase(Measure.contactReach, customers.count, at: customers.at, place)
        }
        for (_, declared) in staff.sorted(by: { $0.key < $1.key }) {
            self.addBase(Measure.rotation, declared.count, at: declared.at, place)
        }
    }

    private mutating func addBase(
        _ measure: MeasureID,
        _ count: UInt64,
        at time: Timestamp,
        _ place: MetricPlace
    ) {
        let form = MetricEntry.Form.ratio(numerator: 0, denominator: Int64(clamping: count))
        self.add(measure, form, at: time, place)
    }

    /// M-22.
    private mutating func addSession(_ events: [CaseEvent], _ sites: SiteDirectory) {
        guard
            let event = events.last(where: {
                if case .selfServiceEnded = $0.payload { true } else { false }
            }), case .selfServiceEnded(let session) = event.payload
        else { return }
        var place = MetricPlace()
        place.take(event.actor, sites)
        var touch = MetricTouch(customerID: session.customerID, at: event.occurred)
        touch.session = MetricTouch.Session(
            meantToContact: session.intentToContact,
            hasRead: !session.answersViewed.isEmpty,
            ledToContact: session.outcome == .openedCase || session.outcome == .contacted
        )
        touch.place = self.number(of: place)
        guard touch.customerID == nil else {
            self.touch = touch
            return
        }
        let isMeant = session.intentToContact
        guard isMeant || !session.answersViewed.isEmpty else { return }
        let measure = isMeant ? Measure.deflected : Measure.deflectedSilently
        self.add(measure, .excluded(.anonymous), at: event.occurred, place)
    }

    /// M-32: when somebody was enrolled in support, by which programme.
    private mutating func addEnrolments(
        _ events: [CaseEvent],
        _ unit: Subject,
        _ sites: SiteDirectory
    ) {
        var spans: [MetricTouch.Enrolment] = []
        for event in events.sorted(by: { Self.start($0) < Self.start($1) }) {
            let from = Self.start(event)
            switch event.payload {
            case .agentEnrolled(let enrolment):
                var place = MetricPlace()
                place.take(event.actor, sites)
                place[.agent] = unit.id
                place[.team] = enrolment.team
                place[.tier] = enrolment.tier == .notStated ? nil : enrolment.tier.name
                place[.kind] = enrolment.programme ?? "career"
                // Another team or programme goes on with what has not ended.
                if let last = spans.indices.last, spans[last].to.map({ from <= $0 }) ?? true {
                    let ends = [spans[last].to, enrolment.to]
                    spans[last].to = ends.contains(nil) ? nil : ends.compactMap { $0 }.max()
                } else {
                    spans.append(
                        MetricTouch.Enrolment(
                            from: from,
                            to: enrolment.to,
                            place: self.number(of: place)
                        )
                    )
                }
            case .agentLeft:
                guard let last = spans.indices.last else { continue }
                if spans[last].to.map({ from < $0 }) ?? true { spans[last].to = from }
            default: break
            }
        }
        guard let first = spans.first else { return }
        // Nobody's customer: an agent's own units are looked at together as a customer's are.
        var touch = MetricTouch(customerID: "agent:\(unit.id)", at: first.from)
        touch.enrolments = spans
        touch.place = first.place
        self.touch = touch
    }

    private static func start(_ event: CaseEvent) -> Timestamp {
        switch event.payload {
        case .agentEnrolled(let enrolment): enrolment.from ?? event.occurred
        case .agentLeft(let leaving): leaving.from ?? event.occurred
        default: event.occurred
        }
    }

    /// M-39.
    private mutating func addPreference(
        _ events: [CaseEvent],
        _ unit: Subject,
        _ book: PolicyBook
    ) {
        var preferred: Channel?
        var hours: [WeekHours] = []
        var zone: String?
        var at: Timestamp?
        for event in events {
            guard case .customerDescribed(let described) = event.payload else { continue }
            preferred = described.preferredChannel ?? preferred
            if !described.preferredTimes.isEmpty { hours = described.preferredTimes }
            zone = described.timeZone ?? zone
            at = at ?? event.occurred
        }
        if preferred == .notStated { preferred = nil }
        guard preferred != nil || !hours.isEmpty, let at else { return }
        var touch = MetricTouch(customerID: unit.id, at: at)
        touch.preferredChannel = preferred
        if !hours.isEmpty {
            touch.preferredTimes = MetricTouch.Times(
                hours: hours.map { [$0.weekday, $0.fromMinute, $0.toMinute] },
                offsets: zone.flatMap { book.calendars.offsets(ofZone: $0) } ?? []
            )
        }
        touch.place = self.number(of: MetricPlace())
        self.touch = touch
    }
}

/// What a contact adds by itself, whichever cases it concerns: M-06, M-07, M-36.
struct ContactMetrics {
    /// Seconds within which an answer counts for the service level.
    static let thresholdSeconds: Double = 20
    private static let queued: Set<Channel> = [.phone, .chat, .video]

    private let sites: SiteDirectory
    private var start: ContactStarted?
    private var startEvent: CaseEvent?
    private var answers: [(answer: ContactAnswered, event: CaseEvent)] = []
    private var end: ContactEnded?
    private var endEvent: CaseEvent?
    private var wrapUps: [(wrapUp: ContactWrappedUp, event: CaseEvent)] = []
    private var agents: [String: ActorSnapshot] = [:]

    init(_ events: [CaseEvent], _ sites: SiteDirectory) {
        self.sites = sites
        for event in events {
            switch event.payload {
            case .contactStarted(let start):
                self.start = start
                self.startEvent = event
            case .contactAnswered(let answer) where event.actor.kind.isHumanStaff:
                self.answers.append((answer, event))
                let agent = answer.agentID.isEmpty ? event.actor.actorID : answer.agentID
                if agent == event.actor.actorID { self.agents[agent] = event.actor }
            case .contactEnded(let end):
                self.end = end
                self.endEvent = event
            case .contactWrappedUp(let wrapUp):
                self.wrapUps.append((wrapUp, event))
                self.agents[event.actor.actorID] = event.actor
            default: break
            }
        }
    }

    private func place(_ actor: ActorSnapshot?) -> MetricPlace {
        var place = MetricPlace()
        if let actor { place.take(actor, self.sites) }
        if let channel = self.start?.channel, channel != .notStated {
            place[.channel] = channel.name
        }
        return place
    }

    func add(to result: inout MetricContribution) {
        self.addQueue(to: &result)
        self.addHandleTime(to: &result)
        guard let first = self.answers.first else { return }
        let form = MetricEntry.Form.ratio(numerator: 0, denominator: 1)
        result.add(
            Measure.costPerContact,
            form,
            at: first.event.occurred,
            self.place(first.event.actor)
        )
    }

    private func addQueue(to result: inout MetricContribution) {
        guard let start, start.direction == .inbound, Self.queued.contains(start.channel),
            let event = self.startEvent
        else { return }
        let outcome = self.end?.outcome ?? .notStated
        let answer = self.answers.first
        let place = self.place(answer?.event.actor ?? self.endEvent?.actor ?? event.actor)
        let waited = answer?.answer.waitSeconds ?? self.end?.queueSeconds ?? 0
        let isGivenUp = outcome.hasNoAnswer && answer == nil
        guard start.queue != nil || waited > 0 || isGivenUp else {
            result.add(Measure.abandonment, .excluded(.noQueue), at: event.occurred, place)
            return
        }
        guard answer != nil || isGivenUp else {
            guard self.end != nil else {
                result.add(Measure.abandonment, .pending, at: event.occurred, place)
                return
            }
            // Sent elsewhere, to a voice box, or lost: neither answered nor given up.
            result.ratio(Measure.flowOut, true, at: event.occurred, place)
            return
        }
        result.ratio(Measure.flowOut, false, at: event.occurred, place)
        result.ratio(Measure.abandonment, isGivenUp, at: event.occurred, place)
        if answer != nil, let wait = Int64.microseconds(seconds: waited) {
            result.add(Measure.answerSpeed, .value(wait), at: event.occurred, place)
        }
        self.addLevels(
            isAnswered: answer != nil,
            isWithin: waited <= Self.thresholdSeconds,
            isShort: outcome == .shortAbandon,
            at: event.occurred,
            place,
            to: &result
        )
    }

    /// The five formulas, in the order of their numbers.
    private func addLevels(
        isAnswered: Bool,
        isWithin: Bool,
        isShort: Bool,
        at time: Timestamp,
        _ place: MetricPlace,
        to result: inout MetricContribution
    ) {
        let good = isAnswered && isWithin
        let formulas: [(counts: Bool, isBase: Bool)] = [
            (isWithin, true), (good, isAnswered), (good, true), (good, isAnswered || !isWithin),
            (good || (!isAnswered && isShort), true),
        ]
        for (measure, formula) in zip(Measure.serviceLevels, formulas) where formula.isBase {
            result.ratio(measure, formula.counts, at: time, place)
        }
    }

    private func addHandleTime(to result: inout MetricContribution) {
        guard let first = self.answers.first, let end, let endEvent else { return }
        let at = self.wrapUps.last?.event.occurred ?? endEvent.occurred
        let place = self.place(first.event.actor)
        guard let parts = self.parts(end, endEvent) else {
            result.add(Measure.contactHandleTime, .excluded(.noParts), at: at, place)
            return
        }
        var sum: Int64 = 0
        var wrapped: Set<String> = []
        for (agent, time) in parts {
            sum = sum.addingSaturated(time)
            let actor = self.agents[agent] ?? ActorSnapshot(actorID: agent, kind: .agent)
            var handled = time
            // Wrap-up belongs to the first part that the agent had.
            if wrapped.insert(agent).inserted {
                for (wrapUp, event) in self.wrapUps where event.actor.actorID == agent {
                    handled = handled.addingSaturated(
                        Int64.microseconds(seconds: wrapUp.wrapSeconds) ?? 0
                    )
                }
            }
            result.add(Measure.segmentHandleTime, .value(handled), at: at, self.place(actor))
        }
        for (wrapUp, _) in self.wrapUps {
            sum = sum.addingSaturated(Int64.microseconds(seconds: wrapUp.wrapSeconds) ?? 0)
        }
        if self.wrapUps.isEmpty {
            result.add(Measure.contactHandleTime, .excluded(.noWrapUp), at: at, place)
        }
        if self.start?.direction == .outbound, let dial = end.dialSeconds {
            sum = sum.addingSaturated(Int64.microseconds(seconds: dial) ?? 0)
        }
        result.add(Measure.contactHandleTime, .value(sum), at: at, place)
        // M-34: the time that contacts take.
        let form = MetricEntry.Form.ratio(numerator: 0, denominator: sum)
        result.add(Measure.onlineAnswers, form, at: at, place)
    }

    /// The agents' parts; a chat that states none is measured by the clock.
    private func parts(
        _ end: ContactEnded,
        _ endEvent: CaseEvent
    ) -> [(agent: String, microseconds: Int64)]? {
        if !end.segments.isEmpty {
            return end.segments.map { segment in
                let seconds = segment.talkSeconds + segment.holdSeconds
                return (segment.agentID, Int64.microseconds(seconds: seconds) ?? 0)
            }
        }
        guard let channel = self.start?.channel, channel == .chat || channel == .messaging,
            let first = self.answers.first
        else { return nil }
        let wall = endEvent.occurred.microseconds(since: first.event.occurred)
        let atATime = max(1, end.concurrency ?? 1)
        return [(first.event.actor.actorID, Int64(Double(wall) / atATime))]
    }
}
