internal import LedgerTypes

// M-01, M-13 to M-17: whose the case was, and how it changed hands.
extension CaseMetrics {
    mutating func addOwnership() {
        let owners = self.state.owners
        let place = self.place(of: owners.last?.event)
        if let closedAt = self.state.episodes.last?.closedAt, self.state.standing == .closed {
            if owners.isEmpty {
                let reason = self.isImported ? ExclusionReason.notCarried : .noOwner
                self.result.add(Measure.oneOwner, .excluded(reason), at: closedAt, place)
            } else {
                let distinct = Set(owners.map(\.ownerID)).count
                self.result.ratio(Measure.oneOwner, distinct == 1, at: closedAt, place)
            }
        }
        guard let began = owners.first?.from else { return }
        for contact in self.state.contacts where contact.viaCase == nil {
            guard let answer = self.humanAnswer(contact), contact.at > began,
                let owner = self.owner(at: contact.at)
            else { continue }
            let isOwner = contact.answers.contains { $0.agentID == owner }
            self.result.ratio(
                Measure.ownerHandled,
                isOwner,
                at: contact.at,
                self.place(of: answer.event, channel: contact.channel)
            )
        }
    }

    /// The first answer of a person of ours.
    func humanAnswer(_ contact: ContactLine) -> AnswerLine? {
        contact.answers.first { self.event($0.event)?.actor.kind.isHumanStaff ?? false }
    }

    private func owner(at time: Timestamp) -> String? {
        self.state.owners.last { $0.from <= time && ($0.until.map { time < $0 } ?? true) }?.ownerID
    }

    /// M-14 (declined), M-15, M-16.
    mutating func addHandoffs() {
        for offer in self.state.offers.map(\.line) {
            let actor = self.event(offer.event)?.actor
            let isHuman = actor?.kind.isHumanStaff ?? false
            let place = self.place(
                actor,
                channel: self.channel(of: offer.event),
                kind: offer.kind.name
            )
            if let percent = offer.completenessPercent {
                self.result.add(Measure.completeness, .value(Int64(percent)), at: offer.at, place)
            } else {
                self.result.add(Measure.completeness, .excluded(.byMachine), at: offer.at, place)
            }
            guard offer.kind != .consult else { continue }
            self.addEnd(offer, place, isHuman: isHuman)
        }
    }

    private mutating func addEnd(_ offer: HandoffLine, _ place: MetricPlace, isHuman: Bool) {
        switch offer.outcome {
        case .accepted:
            self.result.ratio(Measure.bounce, false, at: offer.at, place)
            let taken = offer.endedAt ?? offer.at
            let receiver = self.place(
                self.event(offer.endedBy)?.actor,
                channel: self.channel(of: offer.event),
                kind: offer.kind.name
            )
            if isHuman {
                let isPassedOn = offer.passedOnBy != nil
                self.result.ratio(Measure.hotPotato, isPassedOn, at: taken, receiver)
            } else {
                self.result.add(Measure.hotPotato, .excluded(.byMachine), at: taken, receiver)
            }
            self.result.ratio(Measure.acceptanceGap, !offer.missing.isEmpty, at: taken, place)
        case .declined where offer.declineReason == .withdrawn:
            self.result.add(Measure.bounce, .excluded(.withdrawn), at: offer.at, place)
        case .declined: self.result.ratio(Measure.bounce, true, at: offer.at, place)
        case .open, .timedOut, .notStated:
            self.result.add(Measure.bounce, .pending, at: offer.at, place)
        }
    }

    /// M-14: contacts handed over with the customer on the line.
    mutating func addTransfers() {
        var offered: [String: [HandoffLine]] = [:]
        for offer in self.state.offers.map(\.line)
        where offer.customerOnLine && offer.outcome == .accepted && offer.kind != .consult {
            guard let contact = self.event(offer.event)?.contact else { continue }
            offered[contact, default: []].append(offer)
        }
        for contact in self.state.contacts where contact.viaCase == nil {
            guard let answer = self.humanAnswer(contact) else { continue }
            let place = self.place(of: answer.event, channel: contact.channel)
            let offers = offered[contact.contactID] ?? []
            self.result.ratio(Measure.transfers, !offers.isEmpty, at: contact.at, place)
            let isCold = offers.contains { $0.kind == .cold }
            let isWarm = offers.contains { $0.kind == .warm }
            self.result.ratio(Measure.coldTransfers, isCold, at: contact.at, place)
            self.result.ratio(Measure.warmTransfers, isWarm, at: contact.at, place)
        }
    }

    /// M-14: custody at each level.
    mutating func addLevels() {
        guard let at = self.facts.firstAt else { return }
        let place = self.place(self.state.holder)
        let levels = [self.facts.agents, self.facts.teams, self.facts.tiers, self.facts.sites]
        for (level, custody) in levels.enumerated() {
            guard custody.holders > 0 else {
                let form = MetricEntry.Form.excluded(.notCarried)
                self.result.add(Measure.handoffCases[level], form, at: at, place)
                continue
            }
            self.result.ratio(Measure.handoffCases[level], custody.handoffs > 0, at: at, place)
            let counts = [
                (Measure.handoffs, custody.handoffs), (Measure.pingPongs, custody.pingPongs),
                (Measure.returns, custody.returns),
            ]
            for (measures, count) in counts {
                self.result.add(measures[level], .amount(Int64(count)), at: at, place)
            }
            guard custody.handoffs > 1 else { continue }
            self.result.ratio(Measure.pingPongRate[level], custody.pingPongs > 0, at: at, place)
        }
    }

    /// M-17, M-18.
    mutating func addEscalations() {
        let lines = self.state.escalations.lines
        if let opened = self.state.opened, let at = self.startedAt, !self.isMerged {
            let place = self.place(of: opened.id, channel: self.channel(of: opened.id))
            let isFunctional = lines.contains { $0.kind == .functional }
            let isHierarchic = lines.contains { $0.kind == .hierarchic }
            self.result.ratio(Measure.functional, isFunctional, at: at, place)
            self.result.ratio(Measure.hierarchic, isHierarchic, at: at, place)
        }
        self.addFirstLevel()
        for line in lines {
            let place = self.place(of: line.event, kind: line.kind.name)
            if let closedAt = line.closedAt {
                switch line.closeReason {
                case .waived:
                    self.result.add(Measure.reportedBack, .excluded(.waived), at: closedAt, place)
                case .withdrawn:
                    let form = MetricEntry.Form.excluded(.withdrawn)
                    self.result.add(Measure.reportedBack, form, at: closedAt, place)
                default:
                    let isReported = line.answeredBy != nil
                    self.result.ratio(Measure.reportedBack, isReported, at: closedAt, place)
                }
            }
            guard let answeredAt = line.answeredAt else {
                if line.closedAt == nil {
                    self.result.add(Measure.reportTime, .pending, at: line.at, place)
                }
                continue
            }
            let time = answeredAt.microseconds(since: line.at)
            self.result.add(Measure.reportTime, .value(time), at: answeredAt, place)
            if let due = line.reportBackDue {
                self.result.ratio(Measure.reportOnTime, answeredAt <= due, at: answeredAt, place)
            }
            self.result.ratio(Measure.brokenChain, line.hasBrokenChain, at: answeredAt, place)
        }
    }

    private mutating func addFirstLevel() {
        for episode in self.state.episodes {
            guard let resolvedAt = episode.resolvedAt else { continue }
            let place = self.place(of: episode.resolvedBy)
            let tiers = self.tiers(from: episode.from, to: resolvedAt)
            let isKnown = !tiers.isEmpty && tiers.allSatisfy { Tier(name: $0) != nil }
            guard isKnown, !self.isImported else {
                let form = MetricEntry.Form.excluded(.unknownTiers)
                self.result.add(Measure.firstLevel, form, at: resolvedAt, place)
                continue
            }
            let isFirst = tiers.allSatisfy { $0 == Tier.t0.name || $0 == Tier.t1.name }
            let isEscalated = self.state.escalations.lines.contains {
                $0.kind == .functional && episode.from <= $0.at && $0.at <= resolvedAt
            }
            self.result.ratio(
                Measure.firstLevel,
                isFirst && !isEscalated,
                at: resolvedAt,
                place
            )
        }
    }

    /// The tiers of all who held the case in that time.
    private func tiers(from start: Timestamp, to end: Timestamp) -> [String] {
        let custody = self.state.custody
        var holders: [Holder] = custody.filter { start < $0.at && $0.at <= end }.map(\.to)
        let before = custody.last { $0.at <= start }?.to ?? custody.first?.from
        if let before { holders.append(before) }
        if custody.isEmpty { holders.append(self.state.holder) }
        return holders.compactMap(\.tier)
    }
}
