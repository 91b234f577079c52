internal import LedgerTypes

// L7, L9, L10, L11, L12.
extension CaseState {
    func check(_ assignment: OwnerAssigned, _ event: CaseEvent, _ check: inout RuleCheck) {
        if assignment.ownerID.isEmpty {
            check.breaks(
                .malformed,
                "owner.assigned names no owner",
                remedy: "give ownerID"
            )
        }
        self.checkSystem(rule: assignment.rule, event, &check)
        let actor = event.actor
        if let team = actor.team, actor.actorID == assignment.ownerID,
            !check.policy.facesCustomers(team, at: event.occurred)
        {
            check.breaks(
                .l12,
                "\(team) does not face customers, so nobody there can own a case",
                remedy: "assign somebody who talks to customers"
            )
        }
        if let last = self.reinstates, last.value != assignment.ownerID,
            assignment.how != .routed || assignment.reason == .notStated
        {
            check.breaks(
                .l7,
                "reopening reinstates \(last.value), and \(assignment.ownerID) was assigned",
                saw: [last.event],
                remedy: "reinstate the last owner, or route the case with a reason"
            )
        }
        guard let place = self.offerPlace(event.handoffID) else { return }
        let offer = self.offers[place].line
        if offer.movesOwnership && !assignment.reason.mayMoveOwnership {
            check.breaks(
                .l12,
                "ownership may not move for \(assignment.reason.name)",
                saw: [offer.event],
                remedy: Self.reasonsThatMoveOwnership
            )
        }
    }

    func check(_ release: OwnerReleased, _ event: CaseEvent, _ check: inout RuleCheck) {
        self.checkSystem(rule: release.rule, event, &check)
        guard self.owner == nil else { return }
        check.breaks(
            .l8,
            "nobody owns the case, so nobody can be released",
            remedy: "nothing is left to do"
        )
    }

    private func checkSystem(rule: String?, _ event: CaseEvent, _ check: inout RuleCheck) {
        let kind = event.actor.kind
        guard kind == .system || kind == .bot, (rule ?? "").isEmpty else { return }
        check.breaks(
            .l9,
            "a \(kind.name) changes the owner without naming a rule",
            remedy: "give rule"
        )
    }

    func check(_ offer: HandoffOffered, _ event: CaseEvent, _ check: inout RuleCheck) {
        guard let handoffID = event.handoffID, !handoffID.isEmpty else {
            check.breaks(.malformed, "the offer has no handoffID", remedy: "give handoffID")
            return
        }
        if let place = self.offerPlace(handoffID) {
            check.breaks(
                .l11,
                "there is already an offer \"\(handoffID)\"",
                saw: [self.offers[place].line.event],
                remedy: "give a new handoffID"
            )
        }
        self.checkContext(offer, event, &check)
        let open = self.openOffers.places.last {
            self.offers[$0].line.kind != .consult
                && self.offers[$0].isOpen(at: event.occurred)
        }.map { self.offers[$0] }
        if offer.kind != .consult, let open {
            check.breaks(
                .l10,
                "the offer \"\(open.line.handoffID)\" is still open",
                saw: [open.line.event],
                remedy: "wait for its answer, or decline it: withdrawn"
            )
        }
        guard offer.movesOwnership else { return }
        if !offer.reason.mayMoveOwnership {
            check.breaks(
                .l12,
                "ownership may not move for \(offer.reason.name)",
                remedy: Self.reasonsThatMoveOwnership
            )
        }
        if let team = offer.to?.team,
            !check.policy.facesCustomers(team, at: event.occurred)
        {
            check.breaks(
                .l12,
                "\(team) does not face customers, so it cannot own a case",
                remedy: "hand over the work without ownership"
            )
        }
    }

    private func checkContext(_ offer: HandoffOffered, _ event: CaseEvent, _ check: inout RuleCheck)
    {
        guard event.actor.kind.isHumanStaff else { return }
        let hasSummary = offer.context?.summary.isPresent ?? false
        let hasNextAction = offer.context?.nextAction.isPresent ?? false
        guard !hasSummary || !hasNextAction else { return }
        let missing = [hasSummary ? nil : "summary", hasNextAction ? nil : "nextAction"]
        check.breaks(
            .l10,
            "the offer's context lacks " + missing.compactMap { $0 }.joined(separator: " and "),
            remedy: "tell the receiver what it is about and what has to be done"
        )
    }

    func checkAnswer(isAcceptance: Bool, _ event: CaseEvent, _ check: inout RuleCheck) {
        guard let place = self.offerPlace(event.handoffID) else {
            check.breaks(
                .l11,
                "there is no offer \"\(event.handoffID ?? "")\"",
                remedy: "give the handoffID of an offer of this case"
            )
            return
        }
        let offer = self.offers[place]
        if let end = offer.end {
            if event.isParallel(to: end) { return }
            check.breaks(
                .l11,
                "the offer was already \(offer.line.outcome.name)",
                saw: [offer.line.event, end.id],
                remedy: "make a new offer"
            )
            return
        }
        guard let deadline = offer.line.deadline, deadline < event.occurred else { return }
        check.breaks(
            .l11,
            "the offer ended by itself at \(deadline.rfc3339)",
            saw: [offer.line.event],
            severity: isAcceptance ? .flag : nil,
            remedy: isAcceptance
                ? "the late acceptance counts, and is shown as late" : "nothing is left to do"
        )
    }

    private static let reasonsThatMoveOwnership =
        "hand over the work without ownership, or give one of agentLeft, longAbsence, "
        + "customerWish, language, permanentRouting, operatorChange"
}
