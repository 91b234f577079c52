internal import CaseDomain
internal import LedgerTypes

extension CaseStory {
    /// Something is promised.
    @discardableResult
    mutating func promise(_ kind: CommitmentKind, by agent: Agent, hours: Double) -> String {
        let id = self.name("p")
        var promise = CommitmentMade()
        promise.commitmentID = id
        promise.kind = kind
        promise.promisedBy = agent.id
        promise.dueAt = self.world.time(self.clock + hours * 3_600)
        promise.channel = .phone
        promise.text = .open("It could take \(Int((hours / 24).rounded(.up))) days.")
        promise.sameRepPromised = self.random.happens(self.behaviour.sameRep)
        self.write(.commitmentMade(promise), by: self.actor(agent), contactID: self.lastContactID)
        self.commitments.append(id)
        return id
    }

    /// `agent` calls the customer back, and keeps what was promised.
    mutating func callBack(by agent: Agent) {
        self.clock = self.world.opening(of: self.site, from: self.clock)
        let promise = self.commitments.first
        self.begin(.phone, .outbound, .callback, fulfils: promise, by: agent)
        self.answer(agent)
        self.attach(by: agent)
        self.settle(.kept, by: agent)
    }

    /// Every open promise ends.
    mutating func settle(_ outcome: CommitmentOutcome, by agent: Agent) {
        for promise in self.commitments {
            var settled = CommitmentSettled()
            settled.commitmentID = promise
            settled.outcome = outcome
            if outcome == .kept { settled.keptBy = agent.id }
            self.write(
                .commitmentSettled(settled),
                by: self.actor(agent),
                contactID: self.lastContactID
            )
        }
        self.commitments = []
    }

    /// The customer is asked something and answers.
    mutating func askCustomer() {
        guard let agent = self.holder else { return }
        let question = self.say("Which light is on when it happens?", by: agent)
        var change = CaseWaitChanged()
        change.waitingOn = .customer
        change.questionMessageID = question
        self.write(.caseWaitChanged(change), by: self.actor(agent))
        self.finishContact(agent, "Asked the customer.")
        let hours = 1 + self.random.exponential(20)
        let handoff = self.offerToNextShift(at: self.clock + hours * 3_600)
        self.wait(hours: hours)
        self.say("The red one.", by: nil)
        self.clock = self.world.opening(of: self.site, from: self.clock)
        if let handoff { self.takeUpShift(handoff) }
    }

    /// The second line asks those behind it; an answer is owed to the owner.
    mutating func escalate(by agent: Agent) {
        let owner = self.ownerNow()
        let escalation = self.name("e")
        let target = self.target
        self.raise(escalation, by: agent, owner, target)
        if self.random.happens(self.behaviour.promisesCallback) {
            self.promise(.callback, by: owner, hours: self.times.callbackHours)
        }
        self.finishContact(agent, "Escalated.")
        if self.random.happens(self.behaviour.merged) { self.openTwin() }
        let isBroken =
            !self.commitments.isEmpty && self.random.happens(self.behaviour.breaksPromise)
        if isBroken {
            self.wait(hours: self.times.callbackHours + 2 + self.random.exponential(12))
            self.chase()
        } else {
            self.wait(hours: min(self.random.exponential(self.times.escalationHoursMean), 60))
        }
        let home = self.site
        self.move(to: target.site)
        let expert = self.agent(ofTeam: target.team)
        let isFound = !self.random.happens(self.symptom.difficulty * 0.4)
        self.report(escalation, by: expert, isFound: isFound)
        self.move(to: home)
        self.closeEscalation(escalation)
        let caller = self.random.happens(self.behaviour.sameRep) ? self.ownerNow() : agent
        self.callBack(by: caller.hasLeft(byDay: self.day) ? self.ownerNow() : caller)
        self.resolve(
            isFound ? .fixed : .knownIssueDeferred,
            by: caller,
            working: nil,
            notes: isFound ? "Fixed with what engineering found." : "Known; a fix will come."
        )
        self.finishContact(caller, "Told the customer what was found.")
    }

    /// Who answers escalations: the farthest team from the customer, here if there is one.
    private var target: (site: Int, team: Int) {
        let sites = [self.site] + self.world.sites.indices.filter { $0 != self.site }
        for site in sites {
            let teams = self.world.sites[site].parameters.teams
            if let team = self.world.sites[site].behind.last, teams.count > 1 {
                return (site, team)
            }
        }
        return (self.site, 0)
    }

    private mutating func raise(
        _ escalation: String,
        by agent: Agent,
        _ owner: Agent,
        _ target: (site: Int, team: Int)
    ) {
        let place = self.world.sites[target.site].parameters
        var raised = EscalationRaised()
        raised.kind = .functional
        raised.fromTier = self.world.sites[agent.site].parameters.teams[agent.team].tier
        raised.toTier = place.teams[target.team].tier
        raised.toTeam = place.teams[target.team].name
        raised.toSite = place.name.name.rawValue
        raised.reason = .stepsExhausted
        raised.severity = 2
        raised.question = .open("Why does nothing of the script help?")
        raised.failedSteps = self.steps.filter { $0.result == .failed }.map(\.event)
        raised.reportBackTo = owner.id
        raised.reportBackDue = self.world.time(self.clock + self.times.callbackHours * 3_600)
        self.write(
            .escalationRaised(raised),
            by: self.actor(agent),
            contactID: self.lastContactID,
            escalationID: escalation
        )
        var change = CaseWaitChanged()
        change.waitingOn = target.site == self.site ? .internalTeam : .otherSite
        self.write(.caseWaitChanged(change), by: self.actor(agent))
    }

    /// The callback did not come: the customer calls, and explains once more.
    private mutating func chase() {
        let agent = self.agent(ofTeam: self.world.sites[self.site].facing[0])
        self.begin(.phone, .inbound, .customer)
        self.answer(agent)
        self.attach(by: agent)
        self.stateIssue(askedBy: agent, reason: .notVisibleHere)
        self.say("You are the third one who asks me this.", by: nil)
        self.end(.completed, by: .customer)
        self.wrapUp(agent, "Customer asked where the callback is.", next: "Call back")
        self.settle(.superseded, by: agent)
    }

    private mutating func report(_ escalation: String, by expert: Agent, isFound: Bool) {
        if self.random.happens(self.behaviour.reportsBackLate) {
            self.wait(hours: self.times.callbackHours)
            self.clock = self.world.opening(of: self.site, from: self.clock)
        }
        var step = StepTried()
        step.stepID = "bench-test"
        step.by = .specialist
        step.method = .bench
        step.result = isFound ? .worked : .failed
        step.text = .open("Rebuilt it on the bench.")
        step.minutes = 45
        let tried = self.write(.stepTried(step), by: self.actor(expert))
        self.steps.append(("bench-test", tried, step.result))
        var report = EscalationReportedBack()
        report.to = self.owner?.id ?? ""
        report.outcome = isFound ? .fixed : .notReproduced
        report.findings = .open(isFound ? "\(self.symptom.fix) helps." : "Not seen here.")
        report.steps = [tried]
        report.isFinal = true
        self.write(
            .escalationReportedBack(report),
            by: self.actor(expert),
            escalationID: escalation
        )
    }

    private mutating func closeEscalation(_ escalation: String) {
        let owner = self.ownerNow()
        self.clock = self.world.opening(of: self.site, from: self.clock)
        var closed = EscalationClosed()
        closed.reason = .answered
        self.write(.escalationClosed(closed), by: self.actor(owner), escalationID: escalation)
        var change = CaseWaitChanged()
        change.waitingOn = .none
        self.write(.caseWaitChanged(change), by: self.actor(owner))
    }

    /// The customer opens another case for the same thing, and it is merged into this one.
    private mutating func openTwin() {
        self.wait(hours: 5)
        let agent = self.agent(ofTeam: self.world.sites[self.site].facing[0])
        let twin = Self.subject("case", "\(self.caseID.id)-again")
        self.begin(.email, .inbound, .customer)
        self.answer(agent)
        var opening = CaseOpened()
        opening.customerID = self.customerID
        opening.title = .open("\(self.product.id) again")
        opening.ticketType = .complaint
        opening.initiation = .customer
        opening.firstContactID = self.lastContactID
        self.write(
            .caseOpened(opening),
            about: twin,
            by: self.actor(agent),
            contactID: self.lastContactID
        )
        var link = CaseLinked()
        link.otherCaseID = self.caseID.id
        link.relation = .mergedInto
        self.write(.caseLinked(link), about: twin, by: self.actor(agent))
        self.end(.completed, by: .agent)
    }
}
