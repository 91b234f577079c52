internal import LedgerTypes

// M-03, M-04, M-05, M-08: what customers explained, what was tried, and what it took.
extension CaseMetrics {
    private static let apart: Set<RestatementReason> = [.identityCheck, .customerVolunteered]

    mutating func addUnderstanding() {
        let known = self.state.understanding
        let statements = known.statements.filter { $0.viaCase == nil }
        guard !statements.isEmpty else {
            guard let at = self.startedAt, known.segment != nil else { return }
            let form = MetricEntry.Form.excluded(.noStatement)
            self.result.add(Measure.explanations, form, at: at, self.place(self.state.holder))
            return
        }
        let count = Int64(known.explanations)
        self.result.add(
            Measure.explanations,
            .value(count),
            at: statements[0].at,
            self.place(of: statements[0].event)
        )
        for crossing in known.crossings {
            let said = statements.filter { $0.isRestatement && $0.crossingEvent == crossing.event }
            let plain = said.count { !Self.apart.contains($0.reason) }
            let channel = crossing.contactID.flatMap { self.state.contact($0)?.channel }
            let place = self.place(of: crossing.event, channel: channel, kind: crossing.kind.name)
            self.result.ratio(Measure.restated, plain > 0, at: crossing.at, place)
            self.result.ratio(Measure.restatedApart, said.count > plain, at: crossing.at, place)
            self.result.add(
                Measure.seams,
                .ratio(numerator: Int64(plain), denominator: 1),
                at: crossing.at,
                place
            )
        }
    }

    mutating func addSteps() {
        let steps = self.state.understanding.steps.filter { $0.viaCase == nil }
        let people = steps.compactMap { step -> String? in
            switch step.by {
            case .bot, .system: nil
            case .customer, .customerDelegate: "customer:"
            default: step.actorID
            }
        }
        let isShared = Set(people).count > 1
        for step in steps {
            let place = self.place(of: step.event, channel: self.channel(of: step.event))
            guard isShared else {
                let form = MetricEntry.Form.excluded(.onePerson)
                self.result.add(Measure.repeatedSteps, form, at: step.at, place)
                continue
            }
            self.result.ratio(Measure.repeatedSteps, step.isNeedlessRepeat, at: step.at, place)
        }
    }

    /// M-08, and the minutes of steps and answers for M-34.
    mutating func addHandleTime() {
        var handled: Int64 = 0
        var isKnown = false
        for contact in self.state.contacts where contact.viaCase == nil {
            guard let time = contact.handleMicroseconds else { continue }
            isKnown = true
            let share = min(max(contact.share ?? 1, 0), 1)
            handled = handled.addingSaturated(Int64(Double(time) * share))
        }
        for step in self.state.understanding.steps where step.viaCase == nil {
            guard let minutes = step.minutes.flatMap(Int64.microseconds(minutes:)) else { continue }
            isKnown = true
            handled = handled.addingSaturated(minutes)
            let form = MetricEntry.Form.ratio(numerator: 0, denominator: minutes)
            self.result.add(Measure.onlineAnswers, form, at: step.at, self.place(of: step.event))
        }
        for event in self.events {
            if case .answerPublished(let answer) = event.payload {
                self.result.addOnline(answer, event, self.place(event.actor))
            }
        }
        guard !self.isMerged, let last = self.state.episodes.last, let resolvedAt = last.resolvedAt
        else { return }
        let place = self.place(of: last.resolvedBy)
        guard isKnown else {
            let reason = self.isImported ? ExclusionReason.notCarried : .noParts
            self.result.add(Measure.resolutionHandleTime, .excluded(reason), at: resolvedAt, place)
            return
        }
        self.result.add(
            Measure.resolutionHandleTime,
            .value(handled),
            at: resolvedAt,
            maturesAt: resolvedAt.adding(microseconds: 30 * MetricEntry.day),
            place
        )
    }
}

extension MetricContribution {
    /// M-34: an answer that took time.
    mutating func addOnline(_ answer: AnswerPublished, _ event: CaseEvent, _ place: MetricPlace) {
        guard let minutes = answer.minutes.flatMap(Int64.microseconds(minutes:)), minutes > 0
        else { return }
        let isOnline = answer.audience == .public || answer.audience == .customers
        if isOnline {
            let form = MetricEntry.Form.ratio(numerator: minutes, denominator: 0)
            self.add(Measure.onlineAnswers, form, at: event.occurred, place)
        }
        let form = MetricEntry.Form.ratio(numerator: 0, denominator: minutes)
        self.add(Measure.onlineAnswers, form, at: event.occurred, place)
    }
}

extension ContactLine {
    /// Talking and on hold; `nil` where no parts are recorded.
    var talkMicroseconds: Int64? {
        guard !self.segments.isEmpty else { return nil }
        return self.segments.reduce(0) { sum, segment in
            let seconds = segment.talkSeconds + segment.holdSeconds
            return sum.addingSaturated(Int64.microseconds(seconds: seconds) ?? 0)
        }
    }

    /// The same, and wrapping up.
    var handleMicroseconds: Int64? {
        guard var sum = self.talkMicroseconds else { return nil }
        for wrapUp in self.wrapUps {
            sum = sum.addingSaturated(Int64.microseconds(seconds: wrapUp.wrapSeconds) ?? 0)
        }
        return sum
    }
}

extension Int64 {
    /// Whole microseconds; `nil` where they are no number of a sensible size.
    static func microseconds(seconds: Double) -> Int64? {
        let scaled = (seconds * 1_000_000).rounded()
        guard scaled.isFinite, abs(scaled) < 9e15 else { return nil }
        return Int64(scaled)
    }

    /// The same of minutes.
    static func microseconds(minutes: Double) -> Int64? { Self.microseconds(seconds: minutes * 60) }
}
