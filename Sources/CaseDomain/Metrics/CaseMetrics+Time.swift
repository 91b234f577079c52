internal import LedgerTypes

// M-10 to M-13, M-19, M-35 and M-37: how long it took, and what was promised.
extension CaseMetrics {
    /// M-11.
    mutating func addResponses() {
        guard let first = self.state.episodes.first else { return }
        guard !self.isImported else {
            let place = self.place(self.state.holder)
            self.result.add(Measure.firstResponse, .excluded(.notCarried), at: first.from, place)
            return
        }
        guard self.state.opened != nil else { return }
        let responses = self.responses
        for (number, episode) in self.state.episodes.enumerated() {
            let measure = number == 0 ? Measure.firstResponse : Measure.reopenResponse
            let end = self.end(of: episode)
            // The contact in which the case was opened was answered before there was a case.
            let began = number == 0 ? self.openingContactAt ?? episode.from : episode.from
            let response = responses.first { response in
                began <= response.at && (end.map { response.at <= $0 } ?? true)
            }
            if number == 0 { self.firstResponseAt = response?.at }
            guard let response else {
                let form: MetricEntry.Form = end == nil ? .pending : .excluded(.noResponse)
                self.result.add(measure, form, at: episode.from, self.place(of: episode.event))
                continue
            }
            let channel = self.channel(of: response.event)
            let place = self.place(of: response.event, channel: channel)
            // Who answers before the case is opened answers at once.
            let time = max(0, response.at.microseconds(since: episode.from))
            self.result.add(measure, .value(time), at: response.at, place)
            guard number == 0 else { continue }
            self.addBusiness(
                Measure.firstResponseBusiness,
                from: episode.from,
                to: response.at,
                place
            )
            let attempt = self.state.firstAttemptAt ?? episode.from
            self.result.add(
                Measure.firstResponseCustomer,
                .value(response.at.microseconds(since: attempt)),
                at: response.at,
                place
            )
        }
    }

    private var openingContactAt: Timestamp? {
        guard let opened = self.event(self.state.opened?.id),
            case .caseOpened(let opening) = opened.payload,
            let contact = opening.firstContactID.flatMap({ self.state.contact($0) }),
            contact.at < opened.occurred
        else { return nil }
        return contact.at
    }

    /// Everything by which a person of ours answered the customer, by time.
    var responses: [(at: Timestamp, event: EventID)] {
        var responses: [(at: Timestamp, event: EventID)] = []
        let messages = self.state.messages.filter { $0.viaCase == nil }
        let told = messages.filter {
            $0.visibility == .public && $0.author.isHumanStaff && !$0.automatic
        }
        // What an agent writes first into a case of their own opens it and answers nothing.
        let isOurs =
            self.isOpenedByUs && !self.state.contacts.contains { $0.direction == .inbound }
            && messages.first.map { !$0.isFromCustomer } ?? false
        for (number, message) in told.enumerated() where number > 0 || !isOurs {
            responses.append((message.at, message.event))
        }
        for contact in self.state.contacts where contact.viaCase == nil {
            for answer in contact.answers {
                guard self.event(answer.event)?.actor.kind.isHumanStaff ?? false else { continue }
                responses.append((answer.at, answer.event))
            }
        }
        return responses.sorted { ($0.at, $0.event.rawValue) < ($1.at, $1.event.rawValue) }
    }

    /// Whether an agent opened the case, and not because the customer asked.
    private var isOpenedByUs: Bool {
        guard let opened = self.event(self.state.opened?.id),
            case .caseOpened(let opening) = opened.payload
        else { return false }
        return opened.actor.kind.isHumanStaff && opening.initiation != .customer
    }

    /// M-10 without windows, M-12 and M-13.
    mutating func addResolution() {
        guard let start = self.startedAt else { return }
        let holder = self.place(self.state.holder)
        if !self.isMerged {
            self.addBacklog(start)
            if self.facts.firstResolvedAt != nil {
                let isReopened = self.facts.reopens > 0
                self.result.ratio(Measure.reopenedCases, isReopened, at: start, holder)
                let reopens = Int64(self.facts.reopens)
                self.result.add(Measure.reopens, .amount(reopens), at: start, holder)
            }
            if let end = self.facts.lastTerminalAt, self.facts.isTerminal {
                let form = MetricEntry.Form.ratio(numerator: 0, denominator: 1)
                self.result.add(Measure.costPerResolution, form, at: end, holder)
            }
        }
        let resolved = self.state.episodes.compactMap(\.resolvedAt)
        let ends = [
            (
                Measure.toFirstResolved,
                self.isImported ? self.facts.firstResolvedAt : resolved.first
            ),
            (Measure.toLastResolved, resolved.last),
            (Measure.toLastTerminal, self.facts.lastTerminalAt),
        ]
        for (measure, end) in ends {
            guard let end else {
                self.result.add(measure, .pending, at: start, holder)
                continue
            }
            self.result.add(measure, .value(end.microseconds(since: start)), at: end, holder)
        }
        self.addBusiness(Measure.toFirstResolvedBusiness, from: start, to: ends[0].1, holder)
        self.addBusiness(Measure.toLastResolvedBusiness, from: start, to: ends[1].1, holder)
        if let last = self.facts.lastAt {
            let time = self.facts.durationMicroseconds
            self.result.add(Measure.duration, .value(time), at: last, holder)
        }
    }

    private mutating func addBacklog(_ start: Timestamp) {
        guard !self.facts.isTerminal else { return }
        let waiting = self.state.openWait.map { $0.waitingOn.name }
        var place = self.place(self.state.holder, kind: waiting)
        if let owner = self.state.ownerID { place[.agent] = owner }
        self.result.add(Measure.backlog, .since(start), at: start, place)
    }

    /// M-12 (waits) and M-35.
    mutating func addWaits() {
        guard let start = self.startedAt, self.facts.firstAt != nil else { return }
        let holder = self.place(self.state.holder)
        var customer: Int64 = 0
        var others: Int64 = 0
        for wait in self.facts.waits {
            let word = wait.subStatus.map { "\(wait.waitingOn.name): \($0)" }
            var place = holder
            place[.kind] = word ?? wait.waitingOn.name
            self.result.add(Measure.waits, .amount(wait.microseconds), at: start, place)
            if wait.waitingOn == .customer {
                customer = customer.addingSaturated(wait.microseconds)
            } else {
                others = others.addingSaturated(wait.microseconds)
            }
        }
        let duration = self.facts.durationMicroseconds
        for (measure, time) in [
            (Measure.waitShare, customer.addingSaturated(others)),
            (Measure.customerWaitShare, customer),
        ] {
            let form = MetricEntry.Form.ratio(numerator: time, denominator: duration)
            self.result.add(measure, form, at: start, holder)
        }
        if let end = self.facts.lastTerminalAt {
            let work = end.microseconds(since: start).subtractingSaturated(self.betweenEpisodes)
            let forUs = work.subtractingSaturated(customer)
            for (measure, time) in [
                (Measure.requesterWait, forUs), (Measure.agentWait, customer),
                (Measure.onHold, others),
            ] {
                self.result.add(measure, .value(time), at: end, holder)
            }
        }
        self.addHonesty(duration)
    }

    /// The time between what ended an episode and what began the next.
    private var betweenEpisodes: Int64 {
        let episodes = self.state.episodes
        return zip(episodes, episodes.dropFirst()).reduce(0) { sum, pair in
            guard let end = self.end(of: pair.0) else { return sum }
            return sum.addingSaturated(pair.1.from.microseconds(since: end))
        }
    }

    private mutating func addHonesty(_ duration: Int64) {
        let waits = self.state.waits.filter { $0.waitingOn == .customer }
        guard let first = waits.first else { return }
        guard !self.isImported else {
            let place = self.place(of: first.event)
            self.result.add(Measure.dishonestWaits, .excluded(.notCarried), at: first.from, place)
            return
        }
        var dishonest: Int64 = 0
        for wait in waits {
            let place = self.place(of: wait.event)
            let isHonest = self.hasOpenQuestion(wait)
            self.result.ratio(Measure.dishonestWaits, !isHonest, at: wait.from, place)
            let end = wait.endedAt ?? self.facts.lastAt ?? wait.from
            if !isHonest {
                dishonest = dishonest.addingSaturated(end.microseconds(since: wait.from))
            }
        }
        self.result.add(
            Measure.dishonestWaitTime,
            .ratio(numerator: dishonest, denominator: duration),
            at: first.from,
            self.place(self.state.holder)
        )
    }

    /// Whether the wait asks the customer something in public that they had not answered by then.
    private func hasOpenQuestion(_ wait: WaitLine) -> Bool {
        guard let question = wait.questionMessageID,
            let asked = self.state.messages.first(where: {
                $0.messageID == question && $0.visibility == .public && !$0.isFromCustomer
            })
        else { return false }
        return !self.state.messages.contains {
            $0.isFromCustomer && asked.at < $0.at && $0.at <= wait.from
        }
    }

    /// M-19.
    mutating func addCommitments() {
        for line in self.state.commitments.lines where line.viaCase == nil {
            let place = self.place(of: line.event, kind: line.kind.name)
            guard let limit = line.limit else {
                self.result.add(Measure.kept, .excluded(.noDueTime), at: line.at, place)
                continue
            }
            let due = line.dueAt ?? limit
            switch line.standing(at: limit) {
            case .kept:
                self.result.ratio(Measure.kept, true, at: due, place)
                if let isSame = line.isSameRep {
                    self.result.ratio(Measure.sameRep, isSame, at: due, place)
                }
            case .keptLate, .missed: self.result.ratio(Measure.kept, false, at: due, place)
            case .attempted:
                self.result.add(Measure.kept, .excluded(.attempted), at: due, place)
            case .rescheduled:
                let byUs = line.rescheduledBy == .us
                let form = MetricEntry.Form.excluded(byUs ? .movedByUs : .movedByCustomer)
                self.result.add(Measure.kept, form, at: due, place)
            case .cancelledByCustomer:
                self.result.add(Measure.kept, .excluded(.cancelled), at: due, place)
            case .superseded:
                self.result.add(Measure.kept, .excluded(.superseded), at: due, place)
            case .open, .overdue, .notStated:
                // Missed as soon as its time, grace included, has passed.
                let form = MetricEntry.Form.ratio(numerator: 0, denominator: 1)
                self.result.add(Measure.kept, form, at: due, maturesAt: limit, place)
            }
        }
    }
}
