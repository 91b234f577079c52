internal import CaseDomain
internal import LedgerTypes

extension CaseStory {
    /// Somebody answers to the customer from now on.
    mutating func assign(
        _ agent: Agent,
        how: AssignmentMode,
        reason: HandoffReason,
        by actor: ActorSnapshot? = nil,
        causation: EventID? = nil
    ) {
        var assignment = OwnerAssigned()
        assignment.ownerID = agent.id
        assignment.how = how
        assignment.previousOwnerID = self.owner?.id
        assignment.reason = reason
        let who = actor ?? self.actor(agent)
        if who.kind == .system { assignment.rule = "routing/1" }
        self.write(.ownerAssigned(assignment), by: who, causation: causation)
        self.owner = agent
        if how.movesHolder { self.holder = agent }
    }

    /// The owner, or whoever follows one who has left.
    mutating func ownerNow() -> Agent {
        guard let owner = self.owner else {
            let agent = self.agent(ofTeam: self.world.sites[self.site].facing[0])
            self.assign(agent, how: .claimed, reason: .notStated)
            return agent
        }
        guard owner.hasLeft(byDay: self.day) else { return owner }
        let router = self.world.system("router", at: self.site)
        var release = OwnerReleased()
        release.reason = .agentLeft
        release.rule = "roster/1"
        self.write(.ownerReleased(release), by: router)
        let home = owner.site == self.site ? owner.team : self.world.sites[self.site].facing[0]
        let agent = self.agent(ofTeam: home)
        self.assign(agent, how: .routed, reason: .agentLeft, by: router)
        return agent
    }

    /// A reassignment for no reason that allows it: the customer's one person is lost.
    mutating func takeOwnerAway() {
        guard self.owner != nil else { return }
        let agent = self.agent(ofTeam: self.world.sites[self.site].facing[0])
        guard agent.id != self.owner?.id else { return }
        self.assign(agent, how: .given, reason: .capacity)
    }

    /// Hands the case to those who know more, here or at another site; who took it.
    mutating func handToSecondLine() -> Agent? {
        let here = self.secondLine(of: self.site)
        let elsewhere = self.world.sites.indices.filter {
            $0 != self.site && self.secondLine(of: $0) != nil
        }
        let goesAway = here == nil || self.random.happens(self.behaviour.handsToOtherSite)
        if goesAway, let site = elsewhere.isEmpty ? nil : self.random.pick(elsewhere),
            let team = self.secondLine(of: site)
        {
            return self.handOver(.site, toSite: site, team: team)
        }
        guard let here else { return self.holder }
        let isCold = self.random.happens(self.behaviour.coldHandoff)
        return self.handOver(isCold ? .cold : .warm, toSite: self.site, team: here)
    }

    private func secondLine(of site: Int) -> Int? {
        let teams = self.world.sites[site].parameters.teams
        return self.world.sites[site].facing.first {
            teams[$0].tier.rawValue > Tier.t1.rawValue
        }
    }

    private mutating func handOver(_ kind: HandoffKind, toSite site: Int, team: Int) -> Agent? {
        guard let from = self.holder else { return nil }
        let isWhole = self.random.happens(self.behaviour.fullContext) && kind != .cold
        let handoff = self.name("h")
        let offer = self.offer(kind, from: from, site, team, isWhole: isWhole)
        self.write(.handoffOffered(offer), by: self.actor(from), handoffID: handoff)
        if kind == .site {
            self.promise(.callback, by: from, hours: self.times.callbackHours)
            self.finishContact(from, "Goes to \(offer.to?.team ?? "the second line").")
        }
        self.move(to: site)
        let agent = self.agent(ofTeam: team)
        if kind != .site, self.random.happens(self.behaviour.declinesHandoff) {
            var declined = HandoffDeclined()
            declined.reason = isWhole ? .noCapacity : .missingContext
            declined.returnsTo = from.id
            self.write(.handoffDeclined(declined), by: self.actor(agent), handoffID: handoff)
            self.finishContact(from, "Nobody took it.")
            return nil
        }
        let reads = isWhole && self.random.happens(self.behaviour.readsContext)
        self.accept(handoff, agent, reads: reads, isWhole: isWhole)
        self.takeUp(agent, kind, knowsAll: reads)
        return agent
    }

    private mutating func offer(
        _ kind: HandoffKind,
        from: Agent,
        _ site: Int,
        _ team: Int,
        isWhole: Bool,
        reason: HandoffReason = .skill
    ) -> HandoffOffered {
        let place = self.world.sites[site].parameters
        var offer = HandoffOffered()
        offer.kind = kind
        offer.from = CustodyPlace()
        offer.from?.actor = from.id
        offer.from?.team = self.world.sites[from.site].parameters.teams[from.team].name
        offer.from?.site = self.world.sites[from.site].parameters.name.name.rawValue
        offer.to = CustodyPlace()
        offer.to?.team = place.teams[team].name
        offer.to?.site = place.name.name.rawValue
        offer.to?.tier = place.teams[team].tier.name
        offer.reason = reason
        offer.customerOnLine = self.contact != nil && kind != .site
        offer.deadline = self.world.time(self.clock + 4 * 86_400)
        guard isWhole || kind != .cold else { return offer }
        var context = HandoffContext()
        context.summary = .open("\(self.product.id): \(self.symptom.id)")
        context.nextAction = .open("Find out why the script does not help.")
        if isWhole {
            context.problemInCustomersWords = self.statementID
            context.keyFacts = ["model", "symptom", "since"]
            context.doNotAskAgain = ["model", "since"]
            context.stepsTried = self.steps.map(\.event)
            context.openCommitments = self.commitments
            context.entitlement = self.entitlement
            context.whatWeToldTheCustomer = self.lastMessageID
            context.mood = self.mood
        }
        offer.context = context
        return offer
    }

    /// The holder's shift is over at `second`, when the case goes on: somebody of the next one is
    /// offered the work; its id, to be taken up then.
    mutating func offerToNextShift(at second: Double) -> String? {
        guard let holder = self.holder, holder.site == self.site else { return nil }
        let opening = self.world.opening(of: self.site, from: second)
        guard !self.world.isAtWork(holder.shift, of: self.site, at: opening),
            self.random.happens(self.behaviour.handsToNextShift)
        else { return nil }
        let isWhole = self.random.happens(self.behaviour.fullContext)
        let handoff = self.name("h")
        let offer = self.offer(
            .shift,
            from: holder,
            self.site,
            holder.team,
            isWhole: isWhole,
            reason: .shiftEnd
        )
        self.write(.handoffOffered(offer), by: self.actor(holder), handoffID: handoff)
        return handoff
    }

    /// Whoever is there takes up what the last shift left.
    mutating func takeUpShift(_ handoff: String) {
        guard let holder = self.holder else { return }
        let agent = self.agent(ofTeam: holder.team)
        let reads = self.random.happens(self.behaviour.readsContext)
        self.accept(handoff, agent, reads: reads, isWhole: reads)
    }

    /// A vendor takes the work, mends its part and hands it back; who has it then.
    mutating func handToVendor(_ vendor: String, by agent: Agent) -> Agent {
        let desk = ActorSnapshot(actorID: "\(vendor)-desk", kind: .vendor, team: vendor)
        var offer = self.offer(
            .vendor,
            from: agent,
            agent.site,
            agent.team,
            isWhole: true,
            reason: .demarc
        )
        offer.to = CustodyPlace()
        offer.to?.team = vendor
        offer.customerOnLine = false
        let there = self.name("h")
        self.write(.handoffOffered(offer), by: self.actor(agent), handoffID: there)
        self.finishContact(agent, "Goes to the \(vendor).")
        self.wait(hours: 2 + self.random.exponential(8))
        var taken = HandoffAccepted()
        taken.by = desk.actorID
        taken.contextRead = true
        self.write(.handoffAccepted(taken), by: desk, handoffID: there)
        var change = CaseWaitChanged()
        change.waitingOn = .vendor
        self.write(.caseWaitChanged(change), by: self.actor(agent))
        self.wait(hours: 4 + self.random.exponential(40))
        var back = HandoffOffered()
        back.kind = .vendor
        back.from = offer.to
        back.to = offer.from
        back.reason = .wrongPlace
        back.context = HandoffContext()
        back.context?.summary = .open("The \(vendor) has replaced its part.")
        back.context?.nextAction = .open("Tell the customer, and see whether it works.")
        let here = self.name("h")
        self.write(.handoffOffered(back), by: desk, handoffID: here)
        let receiver = self.agent(ofTeam: agent.team)
        self.accept(here, receiver, reads: true, isWhole: true)
        change.waitingOn = .none
        self.write(.caseWaitChanged(change), by: self.actor(receiver))
        return receiver
    }

    private mutating func accept(_ handoff: String, _ agent: Agent, reads: Bool, isWhole: Bool) {
        self.clock += 20 + self.random.exponential(90)
        var accepted = HandoffAccepted()
        accepted.by = agent.id
        accepted.contextRead = reads
        accepted.missing = isWhole ? [] : ["stepsTried", "symptom"]
        if reads { accepted.readSeconds = (15 + self.random.exponential(60)).rounded() }
        self.write(.handoffAccepted(accepted), by: self.actor(agent), handoffID: handoff)
        self.holder = agent
    }

    /// The receiver speaks with the customer; whoever knows little asks again and tries again.
    private mutating func takeUp(_ agent: Agent, _ kind: HandoffKind, knowsAll: Bool) {
        if self.contact == nil {
            self.callBack(by: agent)
        } else {
            self.answer(agent)
        }
        guard !knowsAll else { return }
        self.stateIssue(askedBy: agent, reason: kind == .cold ? .notRecorded : .notRead)
        guard self.random.happens(self.behaviour.repeatsSteps) else { return }
        _ = self.followScript(by: agent, helps: false, isRepeat: true)
    }
}
