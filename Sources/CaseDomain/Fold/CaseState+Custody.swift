internal import LedgerTypes

// Owner, holder and handoffs, also at two sites at once (C2, C4).
extension CaseState {
    /// The span of the owner who answers to the customer now.
    var owner: OwnerSpan? {
        guard let last = self.owners.last, last.endedBy == nil else { return nil }
        return last
    }

    mutating func take(_ assignment: OwnerAssigned, _ event: CaseEvent) {
        if self.owner != nil {
            let last = self.owners.count - 1
            self.owners[last].endedBy = event.id
            self.owners[last].until = event.occurred
            if let rival = self.lastAssignment, event.isParallel(to: rival),
                self.owners[last].ownerID != assignment.ownerID
            {
                self.owners[last].isContended = true
                self.conflict(
                    .c2,
                    event,
                    with: rival.id,
                    "two sites assigned an owner in parallel: \(self.owners[last].ownerID) and "
                        + assignment.ownerID,
                    "the later one owns the case; agree who keeps it"
                )
            }
        }
        self.owners.append(
            OwnerSpan(
                ownerID: assignment.ownerID,
                how: assignment.how,
                reason: assignment.reason,
                rule: assignment.rule,
                event: event.id,
                from: event.occurred,
                isContended: false
            )
        )
        self.lastAssignment = event.place
        self.reinstates = nil
        self.lacksOwner = nil
        self.endOwnerless(at: event.occurred)
        let place = self.place(of: assignment.ownerID, event)
        guard self.holder.isEmpty || assignment.how.movesHolder else { return }
        self.move(to: place, event)
    }

    /// Where `agentID` works: what the event says if it is the actor. Remembered, so that a case
    /// that comes back finds its owner's team again.
    mutating func place(of agentID: String, _ event: CaseEvent) -> Holder {
        guard event.actor.actorID == agentID else { return Holder(agent: agentID) }
        let place = Holder(
            agent: agentID,
            team: event.actor.team,
            tier: event.actor.tier,
            site: event.actor.siteID
        )
        if self.knownPlaces[agentID] != place { self.knownPlaces[agentID] = place }
        return place
    }

    /// Somebody did something for the customer: the case was not just passed on (M-15).
    mutating func worked() { self.unworkedOffer = nil }

    mutating func take(_ release: OwnerReleased, _ event: CaseEvent) {
        guard self.owner != nil else { return }
        self.endOwnership(event)
        self.owners[self.owners.count - 1].releaseReason = release.reason
        self.ownerlessSince = event.occurred
    }

    /// Ends the owner's span: released, or the case closed.
    mutating func endOwnership(_ event: CaseEvent) {
        self.endOwnerless(at: event.occurred)
        guard self.owner != nil else { return }
        self.owners[self.owners.count - 1].endedBy = event.id
        self.owners[self.owners.count - 1].until = event.occurred
    }

    private mutating func endOwnerless(at time: Timestamp) {
        guard let since = self.ownerlessSince else { return }
        self.ownerlessMicroseconds = self.ownerlessMicroseconds.addingSaturated(
            time.microseconds(since: since)
        )
        self.ownerlessSince = nil
    }

    func offerPlace(_ handoffID: String?) -> Int? {
        guard let handoffID else { return nil }
        return self.offerPlaces[handoffID]
    }

    mutating func take(_ offer: HandoffOffered, _ event: CaseEvent) {
        guard let handoffID = event.handoffID, self.offerPlace(handoffID) == nil else { return }
        if offer.kind != .consult, let passed = self.unworkedOffer {
            self.offers[passed].line.passedOnBy = event.id
            self.unworkedOffer = nil
        }
        self.offerPlaces.set(handoffID, self.offers.count)
        self.openOffers.append(self.offers.count)
        self.offers.append(
            OfferState(
                line: HandoffLine(
                    handoffID: handoffID,
                    event: event.id,
                    at: event.occurred,
                    kind: offer.kind,
                    from: offer.from,
                    to: offer.to,
                    reason: offer.reason,
                    deadline: offer.deadline,
                    movesOwnership: offer.movesOwnership,
                    customerOnLine: offer.customerOnLine,
                    context: offer.context,
                    outcome: .open,
                    isLate: false,
                    missing: [],
                    completenessPercent: event.actor.kind.isHumanStaff
                        ? self.completeness(of: offer.context ?? HandoffContext()) : nil,
                    withdrawn: []
                ),
                end: nil
            )
        )
    }

    /// How much of the context is there, of 100 (M-16). A part of which the case has nothing counts
    /// as there.
    private func completeness(of context: HandoffContext) -> UInt32 {
        let known = self.understanding
        var percent: UInt32 = 0
        if context.problemInCustomersWords != nil || known.statements.isEmpty { percent += 20 }
        if !context.keyFacts.isEmpty || !context.doNotAskAgain.isEmpty || known.facts.isEmpty {
            percent += 15
        }
        if !context.stepsTried.isEmpty || known.steps.isEmpty { percent += 15 }
        if context.nextAction.isPresent { percent += 20 }
        if context.whatWeToldTheCustomer != nil || self.lastTold == nil { percent += 15 }
        if context.expectation != nil || self.commitments.open.isEmpty { percent += 15 }
        return percent
    }

    mutating func take(_ acceptance: HandoffAccepted, _ event: CaseEvent) {
        guard let place = self.offerPlace(event.handoffID) else { return }
        if let end = self.offers[place].end {
            guard event.isParallel(to: end) else { return }
            let isAccepted = self.offers[place].line.outcome == .accepted
            self.conflict(
                .c4,
                event,
                with: end.id,
                isAccepted
                    ? "the offer was accepted at two sites" : "the offer was declined elsewhere",
                isAccepted
                    ? "the first holds the case; this one shows as withdrawn"
                    : "the acceptance counts"
            )
            if isAccepted {
                self.offers[place].line.withdrawn.append(event.id)
                return
            }
            self.offers[place].line.withdrawn.append(end.id)
            self.offers[place].line.declineReason = nil
        }
        let line = self.offers[place].line
        self.offers[place].end = event.place
        self.openOffers.remove(place)
        self.offers[place].line.outcome = .accepted
        self.offers[place].line.endedBy = event.id
        self.offers[place].line.endedAt = event.occurred
        self.offers[place].line.by = acceptance.by.isEmpty ? event.actor.actorID : acceptance.by
        self.offers[place].line.missing = acceptance.missing
        self.offers[place].line.isLate = line.deadline.map { $0 < event.occurred } ?? false
        guard line.kind != .consult else { return }
        if line.kind == .shift || line.reason == .shiftEnd {
            self.understanding.hasNewShift = true
        }
        self.unworkedOffer = place
        self.hand(over: self.offers[place].line, event)
    }

    private mutating func hand(over line: HandoffLine, _ event: CaseEvent) {
        let place = line.by.map { self.place(of: $0, event) } ?? Holder()
        self.move(
            to: Holder(
                agent: line.by,
                team: place.team ?? line.to?.team,
                tier: place.tier ?? line.to?.tier,
                site: place.site ?? line.to?.site
            ),
            event,
            kind: line.kind,
            reason: line.reason,
            handoffID: line.handoffID
        )
    }

    mutating func take(_ decline: HandoffDeclined, _ event: CaseEvent) {
        guard let place = self.offerPlace(event.handoffID) else { return }
        if let end = self.offers[place].end {
            guard event.isParallel(to: end) else { return }
            self.offers[place].line.withdrawn.append(event.id)
            self.conflict(
                .c4,
                event,
                with: end.id,
                "the offer was already answered elsewhere",
                "the first answer counts, and an acceptance beats a decline"
            )
            return
        }
        self.offers[place].end = event.place
        self.openOffers.remove(place)
        self.offers[place].line.outcome = .declined
        self.offers[place].line.endedBy = event.id
        self.offers[place].line.endedAt = event.occurred
        self.offers[place].line.declineReason = decline.reason
        self.offers[place].line.isLate =
            self.offers[place].line.deadline.map { $0 < event.occurred } ?? false
    }

    /// Moves custody to `holder`, where it states something.
    mutating func move(
        to holder: Holder,
        _ event: CaseEvent,
        kind: HandoffKind = .notStated,
        reason: HandoffReason = .notStated,
        handoffID: String? = nil
    ) {
        let moves = self.fold.move(
            agent: holder.agent,
            team: holder.team,
            tier: holder.tier,
            site: holder.site
        )
        if !moves.isEmpty {
            self.moveHolder(moves, event, kind: kind, reason: reason, handoffID: handoffID)
        }
    }

    /// Notes that custody moved; the counters already stand at the new holder.
    mutating func moveHolder(
        _ moves: CustodyMoves,
        _ event: CaseEvent,
        kind: HandoffKind = .notStated,
        reason: HandoffReason = .notStated,
        handoffID: String? = nil
    ) {
        let before = self.holder
        self.holder = Holder(
            agent: self.fold.agent,
            team: self.fold.team,
            tier: self.fold.tier,
            site: self.fold.site
        )
        self.holderEvent = event.id
        guard !before.isEmpty else { return }
        self.custody.append(
            CustodyLine(
                event: event.id,
                at: event.occurred,
                levels: moves.levels,
                from: before,
                to: self.holder,
                kind: kind,
                reason: reason,
                handoffID: handoffID
            )
        )
    }
}

extension CustodyMoves {
    /// The levels, from the person outwards.
    var levels: [CustodyLevel] {
        var levels: [CustodyLevel] = []
        if self.contains(.agent) { levels.append(.agent) }
        if self.contains(.team) { levels.append(.team) }
        if self.contains(.tier) { levels.append(.tier) }
        if self.contains(.site) { levels.append(.site) }
        return levels
    }
}
