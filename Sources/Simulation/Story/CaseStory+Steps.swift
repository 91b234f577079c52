internal import CaseDomain
internal import LedgerTypes

extension CaseStory {
    /// Tries the script's steps; the event of the one that worked, if one did.
    mutating func followScript(by agent: Agent, helps: Bool, isRepeat: Bool) -> EventID? {
        for step in self.symptom.steps where step != self.symptom.fix {
            self.tryStep(step, by: agent, result: .failed, isScripted: true)
        }
        guard helps, !isRepeat else { return nil }
        return self.tryStep(self.symptom.fix, by: agent, result: .worked, isScripted: true)
    }

    /// Tries what helps.
    mutating func tryFix(by agent: Agent) -> EventID? {
        if self.random.happens(0.3) {
            self.tryStep("read-log", by: agent, result: .inconclusive, isScripted: false)
        }
        let working = self.tryStep(
            self.symptom.fix,
            by: agent,
            result: .worked,
            isScripted: false
        )
        if let found = self.answer {
            self.link(found.id, .solved, by: agent)
        } else if self.random.happens(self.behaviour.publishesAnswer) {
            self.publish(by: agent)
        }
        return working
    }

    @discardableResult
    private mutating func tryStep(
        _ step: String,
        by agent: Agent,
        result: StepResult,
        isScripted: Bool
    ) -> EventID {
        let minutes = 0.5 + self.random.exponential(self.times.stepMinutesMean)
        self.clock += minutes * 60
        var tried = StepTried()
        tried.stepID = step
        if isScripted {
            tried.scriptID = "script-\(self.product.id)"
            tried.scriptVersion = 1
        }
        tried.text = .open("Tried \(step).")
        tried.by = .customer
        tried.method = .guided
        tried.result = result
        tried.minutes = (minutes * 10).rounded() / 10
        if let earlier = self.steps.last(where: { $0.id == step && $0.result != .worked }) {
            tried.repeatOf = earlier.event
            tried.repeatReason = isScripted ? .scriptForced : .unaware
            self.sour()
        }
        let event = self.write(
            .stepTried(tried),
            by: self.actor(agent),
            contactID: self.lastContactID
        )
        self.steps.append((step, event, result))
        return event
    }

    /// What was published about the symptom by now.
    private var answer: PublishedAnswer? {
        self.answers.last {
            $0.product == self.product.id && $0.symptom == self.symptom.id && $0.at < self.clock
        }
    }

    private mutating func link(_ answer: String, _ relation: AnswerRelation, by agent: Agent) {
        var link = AnswerLinked()
        link.answerID = answer
        link.version = 1
        link.relation = relation
        self.write(.answerLinked(link), by: self.actor(agent), contactID: self.lastContactID)
    }

    /// The solution becomes an answer that all can read.
    private mutating func publish(by agent: Agent) {
        let id = "a-\(self.product.id)-\(self.symptom.id)-\(self.number)"
        var answer = AnswerPublished()
        answer.version = 1
        answer.place = "help.example"
        answer.confidence = .notValidated
        answer.audience = .public
        answer.governance = .experience
        answer.author = agent.id
        answer.minutes = 12
        answer.originCaseIDs = [self.caseID.id]
        self.write(
            .answerPublished(answer),
            about: Self.subject("article", id),
            by: self.actor(agent)
        )
        self.published.append(
            PublishedAnswer(
                id: id,
                product: self.product.id,
                symptom: self.symptom.id,
                at: self.clock
            )
        )
        self.link(id, .createdFrom, by: agent)
    }

    /// What the customer is entitled to, by the rule of the sites.
    mutating func determine(by agent: Agent, thirdParty: String? = nil) {
        var entitlement = EntitlementDetermined()
        let isNew = self.daysInField <= self.product.warrantyDays
        entitlement.entitlement =
            thirdParty != nil ? .thirdParty : isNew ? .warranty : .paidIncident
        entitlement.scope = "repair"
        entitlement.basis = EntitlementBasis()
        entitlement.basis?.warrantyEnd = self.world.date(
            ofDay: self.day - self.daysInField + self.product.warrantyDays
        )
        entitlement.ruleID = "demarcation"
        entitlement.ruleVersion = 1
        entitlement.previousEntitlement = self.entitlement
        if let thirdParty {
            entitlement.responsibleParty = thirdParty
            entitlement.disputed = self.random.happens(0.4)
            entitlement.reason = .open("The fault is on the other side of the line.")
        }
        if entitlement.entitlement == .paidIncident {
            entitlement.price = Money()
            entitlement.price?.amountMinor = self.product.priceMinor / 5
            entitlement.price?.currency = self.product.currency
        }
        self.entitlement = entitlement.entitlement
        self.write(
            .entitlementDetermined(entitlement),
            by: self.actor(agent),
            contactID: self.lastContactID
        )
    }

    /// The agent tries to sell something.
    mutating func offer(by agent: Agent) {
        guard let open = self.contact else { return }
        var offer = OfferMade()
        offer.product = "care-plan"
        offer.outcome = self.random.happens(0.1) ? .accepted : .declined
        if offer.outcome == .declined { self.sour() }
        self.clock += 60
        self.write(.offerMade(offer), about: open.subject, by: self.actor(agent))
    }
}
