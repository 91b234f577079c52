internal import LedgerTypes

// L20, L21, L22.
extension CaseState {
    func check(_ determined: EntitlementDetermined, _ event: CaseEvent, _ check: inout RuleCheck) {
        let saw = self.entitlement.map { [$0.event] } ?? []
        if let last = self.entitlement, last.entitlement != determined.entitlement,
            !determined.reason.isPresent, !self.isParallelTerms(event)
        {
            check.breaks(
                .l20,
                "the entitlement changes from \(last.entitlement.name) to "
                    + "\(determined.entitlement.name), and nothing says why",
                saw: saw,
                remedy: "give reason"
            )
        }
        let sendsAway =
            determined.entitlement == .unsupported || determined.entitlement == .thirdParty
        guard sendsAway, (determined.signpostAnswerID ?? "").isEmpty,
            (determined.responsibleParty ?? "").isEmpty
        else { return }
        check.breaks(
            .l20,
            "\(determined.entitlement.name) does not say where the customer can go",
            saw: saw,
            remedy: "give signpostAnswerID or responsibleParty"
        )
    }

    private func isParallelTerms(_ event: CaseEvent) -> Bool {
        self.terms.lastPlace.map { event.isParallel(to: $0) } ?? false
    }

    func check(_ remedy: RemedyDecided, _ event: CaseEvent, _ check: inout RuleCheck) {
        if self.entitlement == nil {
            check.breaks(
                .l20,
                "nobody determined what the customer is entitled to",
                remedy: "append entitlement.determined first"
            )
        }
        guard remedy.decision == .granted || remedy.decision == .partial,
            remedy.isWithinAuthority(of: event.actor) == false
        else { return }
        let requester = remedy.requestedBy.isEmpty ? event.actor.actorID : remedy.requestedBy
        guard !remedy.approvers.contains(where: { !$0.id.isEmpty && $0.id != requester }) else {
            return
        }
        check.breaks(
            .l21,
            "the remedy is above the authority of \(event.actor.actorID), "
                + "and nobody else approved it",
            saw: self.entitlement.map { [$0.event] } ?? [],
            remedy: "give an approver other than \(requester)"
        )
    }

    func check(_ link: AnswerLinked, _ event: CaseEvent, _ check: inout RuleCheck) {
        guard link.relation == .solved, self.lastResolve == nil else { return }
        check.breaks(
            .l22,
            "the answer \"\(link.answerID)\" is said to have solved a case that is not resolved",
            saw: self.episodes.last.map { [$0.event] } ?? [],
            remedy: "append case.resolved first"
        )
    }

    func completed(_ determined: EntitlementDetermined) -> EntitlementDetermined {
        var determined = determined
        if determined.previousEntitlement == nil {
            determined.previousEntitlement = self.entitlement?.entitlement
        }
        return determined
    }

    func completed(_ remedy: RemedyDecided, _ event: ProposedEvent) -> RemedyDecided {
        var remedy = remedy
        if remedy.remedyID.isEmpty { remedy.remedyID = event.id.description }
        if remedy.requestedBy.isEmpty { remedy.requestedBy = event.actor.actorID }
        if remedy.withinAuthority == nil {
            remedy.withinAuthority = remedy.isWithinAuthority(of: event.actor)
        }
        return remedy
    }

    func completed(_ signal: SignalRaised, _ event: ProposedEvent) -> SignalRaised {
        var signal = signal
        if signal.signalID.isEmpty { signal.signalID = event.id.description }
        if signal.daysInField == nil, let days = self.daysSincePurchase(at: event.occurred) {
            signal.daysInField = UInt32(exactly: days)
        }
        return signal
    }

    func completed(_ record: ReturnRecorded, _ event: ProposedEvent) -> ReturnRecorded {
        var record = record
        if record.returnID.isEmpty {
            record.returnID = self.terms.returns.last?.returnID ?? event.id.description
        }
        if record.withinWindow == nil, self.terms.returnPlaces[record.returnID] == nil,
            let days = self.daysSincePurchase(at: event.occurred)
        {
            record.withinWindow = days <= self.policy.journeyThresholdDays
        }
        return record
    }
}

extension RemedyDecided {
    /// Whether `actor` may decide this alone; `nil` where the value or the limit is not known.
    func isWithinAuthority(of actor: ActorSnapshot) -> Bool? {
        guard let value = self.value, let limit = actor.authorityLimit else { return nil }
        // Another currency cannot be compared, so somebody else decides as well.
        guard value.currency == limit.currency else { return false }
        return value.amountMinor <= limit.amountMinor
    }
}
