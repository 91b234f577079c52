internal import LedgerTypes

// L2, L3, L4, L5, L6, L7, L17, L23, L25.
extension CaseState {
    func check(_ resolve: CaseResolved, _ event: CaseEvent, _ check: inout RuleCheck) {
        let isParallel =
            [self.lastResolve, self.lastReopen].contains { place in
                place.map { event.isParallel(to: $0) } ?? false
            }
        if self.standing != .open && !isParallel {
            check.breaks(
                .l2,
                "the case is \(self.standing.name), so there is nothing to resolve",
                saw: self.lastResolve.map { [$0.id] } ?? [],
                remedy: "append case.reopened first"
            )
        }
        if resolve.resolutionKind == .notStated {
            check.breaks(
                .l2,
                "the resolve does not say how",
                remedy: "give resolutionKind"
            )
        }
        let isExplained =
            resolve.workingStepEventID != nil || !resolve.answerIDs.isEmpty
            || resolve.notes.isPresent
        if resolve.resolutionKind.claimsSolution && !isExplained {
            check.breaks(
                .l2,
                "\(resolve.resolutionKind.name) does not say what worked",
                remedy: "give workingStepEventID, answerIDs or notes"
            )
        }
        self.checkDebts(event, &check)
        self.checkPromises(resolve, event, &check)
    }

    func check(_ close: CaseClosed, _ event: CaseEvent, _ check: inout RuleCheck) {
        if self.standing == .closed {
            check.breaks(
                .l5,
                "the case is already closed",
                saw: self.episodes.last?.closedBy.map { [$0] } ?? [],
                remedy: "nothing is left to do"
            )
        } else if self.standing != .resolved && !close.reason.needsNoResolution {
            check.breaks(
                .l5,
                "the case is \(self.standing.name), and \(close.reason.name) needs a resolve",
                remedy: "append case.resolved first, or close for a reason that needs none"
            )
        }
        self.checkNobodyOwns(event, &check)
    }

    func checkReopening(_ event: CaseEvent, _ check: inout RuleCheck) {
        guard self.standing == .resolved || self.standing == .closed else {
            if let reopen = self.lastReopen, event.isParallel(to: reopen) { return }
            check.breaks(
                .l6,
                "the case is \(self.standing.name), so it cannot be reopened",
                saw: self.lastReopen.map { [$0.id] } ?? [],
                remedy: "append to the case as it is"
            )
            return
        }
        guard let window = check.policy.reopenWindowSeconds, let end = self.lastTerminalAt else {
            return
        }
        let passed = event.occurred.microseconds(since: end) / 1_000_000
        guard passed > window else { return }
        check.breaks(
            .l6,
            "the case ended \(passed) s ago; it may be reopened for \(window) s",
            saw: self.lastResolve.map { [$0.id] } ?? [],
            remedy: "open a new case and link it: followUpOf"
        )
    }

    func check(_ change: CaseClassified, _ event: CaseEvent, _ check: inout RuleCheck) {
        self.checkOld(
            change.old,
            is: self.classification(change.field),
            field: change.field,
            event,
            &check
        )
    }

    func check(_ change: CaseCustomerChanged, _ event: CaseEvent, _ check: inout RuleCheck) {
        self.checkOld(change.old, is: self.customerID?.value, field: "customerID", event, &check)
    }

    /// A change says from what to what; an old value that the case does not have would rewrite
    /// its history (L23).
    private func checkOld(
        _ old: String?,
        is current: String?,
        field: String,
        _ event: CaseEvent,
        _ check: inout RuleCheck
    ) {
        guard let old, old != current else { return }
        check.breaks(
            .l23,
            "\(field) is \(current.map { "\"\($0)\"" } ?? "not set"), not \"\(old)\"",
            remedy: "leave `old` out; the ledger fills it in"
        )
    }

    func check(_ link: CaseLinked, _ event: CaseEvent, _ check: inout RuleCheck) {
        if link.otherCaseID == self.caseID.id {
            check.breaks(
                .l25,
                "a case cannot be linked to itself",
                remedy: "give another case as otherCaseID"
            )
        }
        guard link.relation == .mergedInto else { return }
        if self.merges.sources.contains(link.otherCaseID) {
            check.breaks(
                .l25,
                "\(link.otherCaseID) is merged into this case, so the merge would close a circle",
                remedy: "undo that merge first"
            )
        }
        if let merge = self.openLink(.mergedInto) {
            check.breaks(
                .l25,
                "the case is already merged into \(merge.otherCaseID)",
                saw: [merge.event],
                remedy: "append case.unlinked first"
            )
        }
        guard let mine = self.customerID?.value,
            let theirs = check.policy.customersOfOtherCases[link.otherCaseID],
            mine != theirs, !link.crossCustomer
        else { return }
        check.breaks(
            .l25,
            "the two cases are of different customers",
            saw: self.customerID.map { [$0.event] } ?? [],
            remedy: "set crossCustomer if they are to be merged all the same"
        )
    }

    func check(_ unlink: CaseUnlinked, _ event: CaseEvent, _ check: inout RuleCheck) {
        let link = unlink.linkEventID.flatMap { self.linkPlaces[$0] }.map { self.links[$0] }
        if let link, link.unlinkedBy == nil { return }
        check.breaks(
            .l25,
            link == nil ? "there is no such link" : "the link is already undone",
            saw: link?.unlinkedBy.map { [$0] } ?? [],
            remedy: "give the id of a case.linked of this case as linkEventID"
        )
    }

    func check(_ change: CaseWaitChanged, _ event: CaseEvent, _ check: inout RuleCheck) {
        guard change.waitingOn == .customer else { return }
        let spoke = self.lastHeard.map { self.messages[$0] }
        if let contactID = event.contactID, let contact = self.contact(contactID) {
            if spoke.map({ $0.at <= (contact.endedAt ?? event.occurred) }) ?? true { return }
        }
        guard let asked = change.questionMessageID else {
            check.breaks(
                .l17,
                "waiting on the customer cites no question",
                remedy: "give questionMessageID, or the contact in which it was asked"
            )
            return
        }
        guard let question = self.toldPlaces[asked].map({ self.messages[$0] }) else {
            check.breaks(
                .l17,
                "there is no public message \"\(asked)\" to the customer",
                remedy: "cite a message that the customer could read"
            )
            return
        }
        guard let spoke, question.at < spoke.at else { return }
        check.breaks(
            .l17,
            "the customer wrote after the question",
            saw: [question.event, spoke.event],
            remedy: "ask again, or do not wait"
        )
    }
}
