internal import LedgerTypes

// M-21, M-23 to M-25, M-29 to M-31 and M-37: what came of it.
extension CaseMetrics {
    /// M-21, M-29 and M-37.
    mutating func addFeedback() {
        if let verdict = self.facts.slaMet, let at = self.facts.lastAt {
            let place = self.place(self.state.holder)
            self.result.ratio(Measure.importedVerdict, verdict, at: at, place)
        }
        let handoffs = self.facts.agents.handoffs
        let path = handoffs > 2 ? "3 or more handoffs" : "\(handoffs) handoffs"
        let place = self.place(self.state.holder, kind: path)
        let answers = self.state.research.feedback
        for (number, line) in answers.enumerated() {
            if line.isRequest {
                let isAnswered = answers.contains {
                    !$0.isRequest && $0.instrument == line.instrument && line.at <= $0.at
                }
                self.result.ratio(Measure.responseRate, isAnswered, at: line.at, place)
                continue
            }
            self.addTold(line, place)
            guard let score = line.score, let measure = self.measure(line.instrument) else {
                continue
            }
            guard line.solicited else {
                self.result.add(measure, .excluded(.unsolicited), at: line.at, place)
                continue
            }
            let isLast = !answers[(number + 1)...].contains {
                !$0.isRequest && $0.instrument == line.instrument && $0.solicited
                    && $0.score != nil
            }
            guard isLast else {
                self.result.add(measure, .excluded(.replaced), at: line.at, place)
                continue
            }
            self.add(score, line, place)
            let resolved = self.state.episodes.compactMap(\.resolvedAt).last { $0 <= line.at }
            if let resolved {
                let lag = line.at.microseconds(since: resolved)
                self.result.add(Measure.responseLag, .value(lag), at: line.at, place)
            }
        }
        for mention in self.state.research.mentions {
            let reach = Int64(clamping: mention.reach)
            let place = self.place(self.state.holder, kind: mention.polarity.name)
            self.result.add(Measure.reach, .amount(reach), at: mention.at, place)
        }
    }

    private func measure(_ instrument: FeedbackInstrument) -> MeasureID? {
        switch instrument {
        case .csat: Measure.csat
        case .ces: Measure.effort
        case .nps: Measure.promoters
        case .fcrConfirm: Measure.confirmedFirst
        case .verbatim, .notStated: nil
        }
    }

    private mutating func add(_ score: Double, _ line: FeedbackLine, _ place: MetricPlace) {
        switch line.instrument {
        case .csat:
            // The two best of the scale.
            let isBest = score >= Double(line.scaleMax) - 1
            self.result.ratio(Measure.csat, isBest, at: line.at, place)
            let contactID = line.contactID ?? self.contactID(of: nil, before: line.at)
            let isOffered = contactID.map { self.offered.contains($0) } ?? false
            let answer = contactID.flatMap { self.state.contact($0) }.flatMap(self.humanAnswer)
            let helper =
                self.event(answer?.event)
                ?? self.event(self.state.episodes.last { $0.resolvedAt != nil }?.resolvedBy)
            let isRotation = helper?.actor.programme != nil
            for measure in [
                Measure.sellingOutcomes.csat(isOffered), Measure.rotationOutcomes.csat(isRotation),
            ] {
                self.result.ratio(measure, isBest, at: line.at, place)
            }
        case .ces:
            guard let thousandths = Int64(exactly: (score * 1_000).rounded()) else { return }
            self.result.add(Measure.effort, .value(thousandths), at: line.at, place)
            self.result.ratio(Measure.effortEasy, score >= 5, at: line.at, place)
        case .nps:
            let side: Int64 = score >= 9 ? 1 : score <= 6 ? -1 : 0
            let form = MetricEntry.Form.ratio(numerator: side, denominator: 1)
            self.result.add(Measure.promoters, form, at: line.at, place)
        case .fcrConfirm:
            self.result.ratio(Measure.confirmedFirst, score > 0, at: line.at, place)
        case .verbatim, .notStated: break
        }
    }

    private mutating func addTold(_ line: FeedbackLine, _ place: MetricPlace) {
        guard let told = line.toldCount else { return }
        var place = place
        place[.kind] = nil
        if let score = line.score, line.scaleMax > line.scaleMin {
            let middle = (Double(line.scaleMin) + Double(line.scaleMax)) / 2
            place[.kind] = (score > middle ? Polarity.positive : .negative).name
        }
        self.result.ratio(Measure.toldTen, told >= 10, at: line.at, place)
    }

    /// M-23.
    mutating func addAnswers() {
        let answers = self.state.research.answers.filter { $0.viaCase == nil }
        if let last = self.state.episodes.last, let resolvedAt = last.resolvedAt {
            let place = self.place(of: last.resolvedBy)
            if self.isImported {
                self.result.add(Measure.linked, .excluded(.notCarried), at: resolvedAt, place)
            } else {
                let isLinked = answers.contains {
                    $0.relation == .solved || $0.relation == .createdFrom || $0.relation == nil
                }
                self.result.ratio(Measure.linked, isLinked, at: resolvedAt, place)
            }
        }
        let own = Set(
            answers.filter { $0.relation == nil || $0.relation == .createdFrom }.map(\.answerID)
        )
        for line in answers {
            let place = self.place(of: line.event, channel: self.channel(of: line.event))
            switch line.relation {
            case .solved:
                let isReused = !own.contains(line.answerID)
                self.result.ratio(Measure.reused, isReused, at: line.at, place)
                self.result.ratio(Measure.answerFailed, false, at: line.at, place)
            case .triedFailed: self.result.ratio(Measure.answerFailed, true, at: line.at, place)
            default: break
            }
        }
        let sent = Set(answers.filter { $0.relation == .sentToCustomer }.compactMap(\.contactID))
        for contact in self.state.contacts where contact.viaCase == nil {
            guard let answer = self.humanAnswer(contact) else { continue }
            let place = self.place(of: answer.event, channel: contact.channel)
            let isSent = sent.contains(contact.contactID)
            self.result.ratio(Measure.signposted, isSent, at: contact.at, place)
        }
    }

    /// M-28: what solved it: the step that worked, or else the answer.
    mutating func addFixes() {
        guard !self.isMerged, !self.isImported,
            let event = self.event(self.state.episodes.last { $0.resolvedAt != nil }?.resolvedBy),
            case .caseResolved(let resolve) = event.payload
        else { return }
        var fix = resolve.answerIDs.first
        if let worked = self.event(resolve.workingStepEventID),
            case .stepTried(let step) = worked.payload, let stepID = step.stepID
        {
            fix = stepID
        }
        let form = MetricEntry.Form.ratio(numerator: 0, denominator: 1)
        let place = self.place(of: event.id, channel: self.channel(of: event.id))
        var kind = place
        kind[.kind] = fix
        self.result.add(Measure.modalFix, form, at: event.occurred, kind)
    }

    /// M-24 and M-25.
    mutating func addRemedies() {
        for remedy in self.state.terms.remedies where remedy.viaCase == nil {
            let place = self.place(of: remedy.event, kind: remedy.kind.name)
            let approvers = Int64(Set(remedy.approvers.map(\.id)).count)
            self.result.add(Measure.approvers, .value(approvers), at: remedy.at, place)
            self.result.ratio(Measure.approvedByOne, approvers <= 1, at: remedy.at, place)
            if let requested = remedy.requestedAt {
                let time = remedy.at.microseconds(since: requested)
                self.result.add(Measure.remedyTime, .value(time), at: remedy.at, place)
            } else {
                let form = MetricEntry.Form.excluded(.noRequestTime)
                self.result.add(Measure.remedyTime, form, at: remedy.at, place)
            }
            if let within = remedy.withinAuthority {
                self.result.ratio(Measure.withinAuthority, within, at: remedy.at, place)
            }
            self.addGoodwill(remedy)
        }
        for line in self.state.terms.returns where line.viaCase == nil {
            guard let at = line.stages.first?.at else { continue }
            let place = self.place(self.state.holder)
            guard line.finding != .notStated else {
                self.result.add(Measure.noFault, .pending, at: at, place)
                continue
            }
            let isFaultless = line.finding == .noFaultFound
            self.result.ratio(Measure.noFault, isFaultless, at: at, place)
            guard isFaultless else { continue }
            self.result.ratio(Measure.noFaultPreventable, line.isPreventable, at: at, place)
            let form = MetricEntry.Form.ratio(numerator: 1, denominator: 0)
            self.result.add(Measure.noFaultSold, form, at: at, place)
        }
    }

    private mutating func addGoodwill(_ remedy: RemedyLine) {
        let isGoodwill = self.state.entitlement?.entitlement == .goodwill
        guard isGoodwill, remedy.decision != .refused, let value = remedy.value else { return }
        let place = self.place(of: remedy.event, kind: value.currency)
        self.result.add(Measure.goodwill, .amount(value.amountMinor), at: remedy.at, place)
    }

    /// M-30.
    mutating func addEntitlements() {
        let lines = self.state.terms.lines
        for line in lines {
            let place = self.place(of: line.event, kind: line.entitlement.name)
            self.result.ratio(Measure.disputed, line.disputed, at: line.at, place)
        }
        guard let last = lines.last else { return }
        let place = self.place(of: last.event, kind: last.entitlement.name)
        guard last.entitlement != .undetermined, last.entitlement != .notStated else {
            self.result.add(Measure.entitlements, .excluded(.undetermined), at: last.at, place)
            return
        }
        self.result.add(Measure.entitlements, .amount(1), at: last.at, place)
        if last.entitlement == .unsupported || last.entitlement == .thirdParty {
            self.result.ratio(Measure.unsupportedHelped, !last.isDeadEnd, at: last.at, place)
        }
        if let asked = last.contactedParty, let responsible = last.responsibleParty {
            self.result.ratio(Measure.wrongParty, asked != responsible, at: last.at, place)
        }
    }

    /// M-31.
    mutating func addSignals() {
        let signals = self.state.research.signals
        if self.state.opened != nil, let at = self.startedAt, !self.isMerged {
            let place = self.place(self.state.holder)
            self.result.ratio(Measure.signalCases, !signals.isEmpty, at: at, place)
        }
        for line in signals {
            var place = self.place(of: line.event, kind: line.kind.name)
            place[.component] = line.component
            self.result.add(Measure.signals, .amount(1), at: line.at, place)
            let form = MetricEntry.Form.ratio(numerator: 1, denominator: 0)
            self.result.add(Measure.signalsPerUnit, form, at: line.at, place)
            if let days = line.daysInField {
                self.result.add(Measure.daysInField, .value(Int64(days)), at: line.at, place)
            }
            self.result.ratio(Measure.signalDecided, line.decision != nil, at: line.at, place)
            guard let decided = self.event(line.decidedBy)?.occurred else {
                self.result.add(Measure.signalTime, .pending, at: line.at, place)
                continue
            }
            let time = decided.microseconds(since: line.at)
            self.result.add(Measure.signalTime, .value(time), at: decided, place)
        }
    }
}
