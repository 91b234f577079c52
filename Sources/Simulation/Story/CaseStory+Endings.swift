internal import CaseDomain
internal import LedgerTypes

extension CaseStory {
    /// The question of the episode is answered, or given up.
    mutating func resolve(
        _ kind: ResolutionKind,
        by agent: Agent,
        working: EventID?,
        isFirstContact: Bool = false,
        notes: String? = nil
    ) {
        var resolved = CaseResolved()
        resolved.resolutionKind = kind
        resolved.workingStepEventID = working
        resolved.notes = .open(notes ?? "\(self.symptom.fix) helped.")
        resolved.rootCause = kind == .fixed ? self.symptom.component : nil
        resolved.resolvedTier = self.world.sites[agent.site].parameters.teams[agent.team].tier
        resolved.episode = self.episode
        let isSure = working != nil && self.random.happens(self.behaviour.confirms)
        resolved.customerConfirmed = isSure ? .yes : .notAsked
        resolved.firstContactClaim = isFirstContact
        resolved.carriedOver = self.commitments
        self.write(.caseResolved(resolved), by: self.actor(agent), contactID: self.lastContactID)
    }

    /// Nothing more is expected.
    mutating func close(_ reason: CloseReason, days: UInt32? = nil) {
        var closed = CaseClosed()
        closed.reason = reason
        closed.days = days
        self.write(.caseClosed(closed), by: self.world.system("clock", at: self.site))
    }

    /// It is somebody else's problem, and the customer is told whose.
    mutating func sendElsewhere() {
        guard let agent = self.holder else { return }
        if self.contact == nil { self.callBack(by: agent) }
        let party = self.random.pick(["network-operator", "retailer", "router-maker"])
        self.determine(by: agent, thirdParty: party)
        // A shop mends nothing.
        if party != "retailer", self.random.happens(self.behaviour.handsToVendor) {
            let receiver = self.handToVendor(party, by: agent)
            self.callBack(by: receiver)
            self.resolve(.fixed, by: receiver, working: nil, notes: "The \(party) mended it.")
            return self.finishContact(receiver, "The \(party) mended it.")
        }
        self.say("Please turn to your \(party); here is what to tell them.", by: agent)
        self.settle(.superseded, by: agent)
        self.resolve(.thirdParty, by: agent, working: nil, notes: "Sent to \(party).")
        self.finishContact(agent, "Sent to \(party).")
    }

    /// Nobody finds out what it is.
    mutating func giveUp() {
        let agent = self.ownerNow()
        let isGood = self.random.happens(self.behaviour.remedy)
        if isGood { self.decideRemedy(.credit, by: agent) }
        if self.contact == nil { self.callBack(by: agent) }
        self.say("We could not find the reason.", by: agent)
        self.settle(.superseded, by: agent)
        self.resolve(.unresolvedClosed, by: agent, working: nil, notes: "No reason was found.")
        self.finishContact(agent, "Given up.")
    }

    /// What the customer gets.
    mutating func decideRemedy(_ kind: RemedyKind, by agent: Agent) {
        if self.entitlement == nil { self.determine(by: agent) }
        var remedy = RemedyDecided()
        remedy.remedyID = self.name("r")
        remedy.kind = kind
        remedy.value = Money()
        let amount = kind == .credit ? self.product.priceMinor / 10 : self.product.priceMinor
        remedy.value?.amountMinor = amount
        remedy.value?.currency = self.product.currency
        remedy.requestedAt = self.world.time(self.clock)
        remedy.requestedBy = agent.id
        remedy.decision = .granted
        let actor = self.actor(agent)
        let isWithin = amount <= actor.authorityLimit?.amountMinor ?? 0
        remedy.withinAuthority = isWithin
        if !isWithin {
            var approver = Approver()
            approver.id = "s\(self.site)-lead"
            self.clock += 600 + self.random.exponential(3_600)
            approver.at = self.world.time(self.clock)
            remedy.approvers = [approver]
        }
        self.write(.remedyDecided(remedy), by: actor, contactID: self.lastContactID)
    }

    /// The product comes back, and more often than not nothing is wrong with it.
    mutating func returnProduct(by agent: Agent) {
        self.decideRemedy(.replacement, by: agent)
        let id = self.name("b")
        var stage = ReturnRecorded()
        stage.returnID = id
        stage.stage = .requested
        stage.reasonStated = .open(self.random.pick(self.symptom.words))
        stage.withinWindow = true
        self.write(.returnRecorded(stage), by: self.actor(agent), contactID: self.lastContactID)
        self.settle(.superseded, by: agent)
        self.resolve(.replaced, by: agent, working: nil, notes: "A new one is on its way.")
        self.finishContact(agent, "Replacement.")
        let depot = self.world.system("depot", at: self.site)
        let finding: ReturnFinding =
            self.random.happens(self.behaviour.noFaultFound) ? .noFaultFound : .faultConfirmed
        for next in [ReturnStage.received, .inspected, .restocked] {
            guard next != .restocked || finding == .noFaultFound else { continue }
            self.wait(hours: 12 + self.random.exponential(self.times.returnDaysMean * 24))
            var stage = ReturnRecorded()
            stage.returnID = id
            stage.stage = next
            stage.withinWindow = true
            if next != .received { stage.finding = finding }
            self.write(.returnRecorded(stage), by: depot)
        }
    }

    /// What follows a resolve: a false fix, a close, feedback, signals.
    mutating func follow() {
        let isFalse = self.random.happens(self.behaviour.falseFix)
        if isFalse, self.random.happens(self.behaviour.comesBack), self.episode < 4 {
            self.comeBack(self.random.happens(0.7) ? .notFixed : .recurred)
            if let agent = self.holder {
                let working = self.tryFix(by: self.random.happens(0.5) ? self.ownerNow() : agent)
                self.resolve(.fixed, by: agent, working: working)
                self.finishContact(agent, "Done again.")
            }
        }
        if self.random.happens(self.behaviour.signal) { self.raiseSignal() }
        self.askFeedback()
        self.wait(hours: Double(self.times.closesAfterDays) * 24)
        self.close(.autoAfter, days: UInt32(self.times.closesAfterDays))
    }

    private mutating func raiseSignal() {
        guard let agent = self.holder, !agent.hasLeft(byDay: self.day) else { return }
        var signal = SignalRaised()
        signal.signalID = self.name("g")
        signal.kind = self.symptom.difficulty < 0.1 ? .usability : .defect
        signal.polarity = .negative
        signal.component = self.symptom.component
        signal.daysInField = UInt32(self.daysInField)
        signal.department = signal.kind == .usability ? "design" : "engineering"
        self.write(.signalRaised(signal), by: self.actor(agent), contactID: self.lastContactID)
    }

    private mutating func askFeedback() {
        self.wait(hours: 20)
        var request = FeedbackRequested()
        request.instrument = .csat
        request.about = .case
        self.write(.feedbackRequested(request), by: self.world.system("survey", at: self.site))
        guard !self.random.happens(self.world.parameters.customers.silent),
            self.random.happens(self.behaviour.feedback)
        else { return }
        self.wait(hours: 1 + self.random.exponential(10))
        var feedback = FeedbackReceived()
        feedback.instrument = .csat
        feedback.scaleMin = 1
        feedback.scaleMax = 5
        let bad = self.restatements + Int(self.episode) - 1
        feedback.score = Double(max(1, 5 - bad - self.random.below(2)))
        feedback.toldCount = UInt32(bad * 2)
        feedback.about = .case
        feedback.solicited = true
        if bad > 1 { feedback.verbatim = .open("I had to explain it \(bad + 1) times.") }
        self.write(.feedbackReceived(feedback), by: self.customer)
        guard self.mood == .angry, self.random.happens(self.behaviour.mention) else { return }
        var mention = MentionObserved()
        mention.platform = "forum.example"
        mention.polarity = .negative
        mention.reach = UInt64(10 + self.random.below(5_000))
        mention.consent = true
        mention.caseID = self.caseID.id
        self.write(.mentionObserved(mention), by: self.world.system("listener", at: self.site))
    }
}
