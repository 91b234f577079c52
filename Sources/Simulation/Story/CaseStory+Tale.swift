internal import CaseDomain
internal import LedgerTypes

extension CaseStory {
    /// Tells everything. `isNewCustomer` is whether this is the customer's first case.
    mutating func tell(isNewCustomer: Bool) {
        if isNewCustomer { self.describeCustomer() }
        let attempts = self.search()
        self.openCase(attempts)
        let isSolved = self.workFirstLine()
        if !isSolved { self.workFurther() }
        self.follow()
    }

    private mutating func describeCustomer() {
        var description = CustomerDescribed()
        let names = ["Ada", "Ben", "Chi", "Dee", "Eli", "Fay", "Gus", "Hye", "Ida", "Jon"]
        let families = ["Moss", "Okoye", "Ruiz", "Lind"]
        description.name = .open("\(self.random.pick(names)) \(self.random.pick(families))")
        description.contactPoints = .open(["+49 30 \(1_000_000 + self.random.below(8_999_999))"])
        description.language = self.world.parameters.customers.namesLanguage
        description.preferredChannel = .phone
        self.write(
            .customerDescribed(description),
            about: Self.subject("customer", self.customerID),
            by: self.world.system("crm", at: self.site)
        )
    }

    /// The customer looks for an answer alone; what they tried.
    private mutating func search() -> [PriorAttempt] {
        guard self.random.happens(self.behaviour.searchesFirst) else { return [] }
        let found = self.answers.last {
            $0.product == self.product.id && $0.symptom == self.symptom.id && $0.at < self.clock
        }
        if self.random.happens(self.behaviour.searchSucceeds) {
            // Somebody else, whom the search helped: no contact comes of it.
            let other = self.random.below(self.world.parameters.customers.count)
            self.endSession(
                Self.customer(other, seed: self.world.seed),
                found,
                .confirmedHelped
            )
        }
        self.endSession(self.customerID, found, .contacted)
        self.clock += 60 + self.random.exponential(1_800)
        var attempt = PriorAttempt()
        attempt.place = self.random.pick([.search, .ownSite, .qa, .forum, .peers])
        attempt.answerID = found?.id
        attempt.rankFound = found.map { _ in UInt32(1 + self.random.below(12)) }
        attempt.stepID = self.symptom.steps.first
        attempt.result = .failed
        return [attempt]
    }

    private mutating func endSession(
        _ customer: String,
        _ found: PublishedAnswer?,
        _ outcome: SessionOutcome
    ) {
        var session = SelfServiceEnded()
        session.customerID = customer
        session.answersViewed = found.map { [$0.id] } ?? []
        session.searches = UInt32(1 + self.random.below(6))
        session.intentToContact = outcome == .contacted
        session.outcome = outcome
        let name = self.name("w")
        self.write(
            .selfServiceEnded(session),
            about: Self.subject("session", name),
            by: self.world.system("web", at: self.site)
        )
    }

    private mutating func openCase(_ attempts: [PriorAttempt]) {
        let channels: [Channel] = [.chat, .email, .phone]
        let phone = max(0, 1 - self.behaviour.chat - self.behaviour.email)
        let kind = self.random.weighted([self.behaviour.chat, self.behaviour.email, phone])
        if self.random.happens(self.behaviour.abandonsInQueue) {
            self.abandon(channels[kind])
        }
        let agent = self.agent(ofTeam: self.world.sites[self.site].facing[0])
        self.begin(channels[kind], .inbound, .customer)
        self.answer(agent)
        var opening = CaseOpened()
        opening.customerID = self.customerID
        opening.product = Product()
        opening.product?.id = self.product.id
        opening.product?.serial = .open("SN\(100_000 + self.random.below(900_000))")
        opening.product?.complexity = self.product.complexity
        opening.purchaseDate = self.world.date(ofDay: self.day - self.daysInField)
        opening.title = .open("\(self.product.id): \(self.symptom.id)")
        opening.ticketType = self.symptom.difficulty < 0.1 ? .question : .incident
        opening.category = self.symptom.component
        opening.severity = UInt32(2 + self.random.below(3))
        opening.priority = "normal"
        opening.initiation = .customer
        opening.priorAttempts = attempts
        let people = self.world.parameters.customers
        let who = self.random.unit()
        opening.customerExpertise =
            who < people.novices
            ? .novice : who > 1 - people.experts ? .expert : .intermediate
        opening.firstContactID = self.lastContactID
        self.write(.caseOpened(opening), by: self.actor(agent), contactID: self.lastContactID)
        self.attach(by: agent)
        self.assign(agent, how: .claimed, reason: .notStated)
        self.stateIssue(askedBy: agent)
        if !self.random.happens(self.behaviour.skipsEntitlement) { self.determine(by: agent) }
    }

    /// The customer gives up in the queue, and tries again.
    private mutating func abandon(_ channel: Channel) {
        guard channel != .email else { return }
        self.clock = self.world.opening(of: self.site, from: self.clock)
        self.begin(channel, .inbound, .customer)
        self.clock += 120 + self.random.exponential(self.times.queueSecondsMean)
        self.end(.abandonedInQueue, by: .customer)
        self.sour()
        self.clock += 600 + self.random.exponential(7_200)
    }

    /// The script. Whether the case is resolved, or believed to be.
    private mutating func workFirstLine() -> Bool {
        guard let agent = self.holder else { return false }
        let skill = self.world.sites[agent.site].parameters.teams[agent.team].skill
        let hard = min(1, self.symptom.difficulty / max(skill, 0.1))
        let helps = !self.random.happens(hard)
        if self.random.happens(self.behaviour.offer) { self.offer(by: agent) }
        let working = self.followScript(by: agent, helps: helps, isRepeat: false)
        if let working {
            self.resolve(.fixed, by: agent, working: working, isFirstContact: true)
            self.end(.completed, by: .customer)
            self.wrapUp(agent, "Solved with the script.", next: nil)
            return true
        }
        let isLate = (self.contact?.limitAt ?? .infinity) < self.clock
        guard isLate, self.random.happens(self.behaviour.timeLimitFalseFix) else { return false }
        self.fobOff(by: agent)
        return false
    }

    /// Near the time limit the agent says anything, and the customer comes back.
    private mutating func fobOff(by agent: Agent) {
        self.resolve(.workaround, by: agent, working: nil, notes: "Get a new one in the shop.")
        self.end(.completed, by: .agent)
        self.wrapUp(agent, "Customer will get a new one.", next: nil)
        self.clock += 60
        self.close(.autoAfter, days: 0)
        self.comeBack(.notFixed)
    }

    /// What the first line could not solve.
    private mutating func workFurther() {
        if self.random.happens(self.behaviour.asksCustomer) { self.askCustomer() }
        if self.random.happens(self.behaviour.ownerTakenAway) { self.takeOwnerAway() }
        if self.random.happens(self.behaviour.thirdParty) { return self.sendElsewhere() }
        guard let agent = self.handToSecondLine() else { return self.giveUp() }
        let skill = self.world.sites[agent.site].parameters.teams[agent.team].skill
        let helps = !self.random.happens(min(1, self.symptom.difficulty * 0.6 / max(skill, 0.1)))
        if helps, let working = self.tryFix(by: agent) {
            self.resolve(.fixed, by: agent, working: working)
            return self.finishContact(agent, "Found it.")
        }
        let isYoung = self.daysInField <= self.product.returnWindowDays
        if isYoung, self.random.happens(self.behaviour.returnsProduct) {
            return self.returnProduct(by: agent)
        }
        guard self.random.happens(self.behaviour.escalates) else { return self.giveUp() }
        self.escalate(by: agent)
    }

    /// Ends the contact under way, if there is one.
    mutating func finishContact(_ agent: Agent, _ summary: String) {
        guard self.contact != nil else { return }
        self.end(.completed, by: self.random.happens(0.6) ? .customer : .agent)
        self.wrapUp(agent, summary, next: nil)
    }
}
