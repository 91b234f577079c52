internal import LedgerTypes

// L3, L13, L14.
extension CaseState {
    func check(_ raise: EscalationRaised, _ event: CaseEvent, _ check: inout RuleCheck) {
        guard let id = event.escalationID, !id.isEmpty else {
            check.breaks(
                .malformed,
                "the escalation has no escalationID",
                remedy: "give escalationID"
            )
            return
        }
        if let place = self.escalationPlace(id) {
            check.breaks(
                .l13,
                "there is already an escalation \"\(id)\"",
                saw: [self.escalations.lines[place].event],
                remedy: "give a new escalationID"
            )
        }
        if self.owner == nil {
            check.breaks(
                .l13,
                "nobody owns the case, so nobody can get the answer",
                saw: self.owners.last?.endedBy.map { [$0] } ?? [],
                remedy: "append owner.assigned first"
            )
        }
        if raise.reportBackTo.isEmpty {
            check.breaks(
                .l13,
                "the escalation does not say to whom the answer is owed",
                remedy: "give reportBackTo, or an owner"
            )
        }
        if raise.reportBackDue == nil {
            check.breaks(
                .l13,
                "the escalation does not say by when the answer is owed",
                remedy: "give reportBackDue"
            )
        }
        let needsNoSteps = raise.reason == .skill || raise.reason == .authority
        guard raise.kind == .functional, raise.failedSteps.isEmpty, !needsNoSteps else { return }
        check.breaks(
            .l13,
            "a functional escalation names no step that failed",
            remedy: "append step.tried, or give reason skill or authority"
        )
    }

    func check(_ report: EscalationReportedBack, _ event: CaseEvent, _ check: inout RuleCheck) {
        guard let place = self.escalationPlace(event.escalationID) else {
            self.breaksUnknownEscalation(event, &check)
            return
        }
        let line = self.escalations.lines[place]
        if let first = line.answeredBy, report.isFinal, !self.isParallelReport(place, event) {
            check.breaks(
                .l13,
                "the escalation was already answered",
                saw: [first],
                severity: .flag,
                remedy: "raise a new escalation if there is a new question"
            )
        }
        guard let owner = self.owner, owner.ownerID != report.to else { return }
        check.breaks(
            .l14,
            "the answer is addressed to \"\(report.to)\", and \(owner.ownerID) owns the case now",
            saw: [line.event, owner.event],
            remedy: "leave `to` out; the ledger fills in the owner"
        )
    }

    private func isParallelReport(_ place: Int, _ event: CaseEvent) -> Bool {
        guard let first = self.escalations.reportPlaces[place] else { return false }
        return event.isParallel(to: first)
    }

    func check(_ close: EscalationClosed, _ event: CaseEvent, _ check: inout RuleCheck) {
        guard let place = self.escalationPlace(event.escalationID) else {
            self.breaksUnknownEscalation(event, &check)
            return
        }
        let line = self.escalations.lines[place]
        if let first = line.closedBy {
            if let end = self.escalations.ends[first], event.isParallel(to: end) { return }
            check.breaks(
                .l13,
                "the escalation is already closed",
                saw: [first],
                remedy: "nothing is left to do"
            )
            return
        }
        if close.reason == .answered, line.answeredBy == nil {
            check.breaks(
                .l13,
                "the escalation was not answered",
                saw: [line.event] + line.reports.map(\.event),
                remedy:
                    "append escalation.reportedBack with final, or close it: withdrawn or waived"
            )
        }
        if close.reason == .waived { self.checkWaiver(close, line, event, &check) }
    }

    /// Only who answers to the customer, or a supervisor, may give up an answer, and says why (L3).
    private func checkWaiver(
        _ close: EscalationClosed,
        _ line: EscalationLine,
        _ event: CaseEvent,
        _ check: inout RuleCheck
    ) {
        let actor = event.actor
        let mayWaive =
            actor.kind == .supervisor || actor.actorID == self.owner?.ownerID
            || event.onBehalfOf == self.owner?.ownerID && self.owner != nil
        if !mayWaive {
            check.breaks(
                .l3,
                "\(actor.actorID) is neither the owner nor a supervisor",
                saw: [line.event],
                remedy: "let the owner or a supervisor waive the answer"
            )
        }
        guard !close.waiver.isPresent else { return }
        check.breaks(
            .l3,
            "the waiver does not say why",
            saw: [line.event],
            remedy: "give waiver"
        )
    }

    private func breaksUnknownEscalation(_ event: CaseEvent, _ check: inout RuleCheck) {
        check.breaks(
            .l13,
            "there is no escalation \"\(event.escalationID ?? "")\"",
            remedy: "give the escalationID of an escalation of this case"
        )
    }

    /// A case is not resolved over a question that nobody answered (L3).
    func checkDebts(_ event: CaseEvent, _ check: inout RuleCheck) {
        for place in self.escalations.owing.places {
            let line = self.escalations.lines[place]
            check.breaks(
                .l3,
                "the escalation \"\(line.escalationID)\" was not answered",
                saw: [line.event] + line.reports.map(\.event),
                remedy: "wait for its final report, or close it: withdrawn or waived"
            )
        }
    }

    func completed(_ raise: EscalationRaised, _ event: ProposedEvent) -> EscalationRaised {
        var raise = raise
        if raise.reportBackTo.isEmpty { raise.reportBackTo = self.owner?.ownerID ?? "" }
        if raise.fromTier == .notStated {
            raise.fromTier = event.actor.tier.flatMap { Tier(name: $0) } ?? .notStated
        }
        if raise.failedSteps.isEmpty { raise.failedSteps = self.failedStepEvents }
        return raise
    }

    func completed(_ report: EscalationReportedBack) -> EscalationReportedBack {
        var report = report
        if report.to.isEmpty { report.to = self.owner?.ownerID ?? "" }
        return report
    }

    /// The steps that did not help, the newest as far as a list may be long.
    private var failedStepEvents: [EventID] {
        self.understanding.steps.filter { $0.hasFailed && $0.viaCase == nil && $0.place == nil }
            .suffix(FieldLimits.countMax).map(\.event)
    }
}
