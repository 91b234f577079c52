internal import LedgerTypes

// L4, L19.
extension CaseState {
    func check(_ promise: CommitmentMade, _ event: CaseEvent, _ check: inout RuleCheck) {
        if promise.commitmentID.isEmpty, !event.isHistory {
            check.breaks(
                .malformed,
                "the promise has no commitmentID",
                remedy: "give commitmentID"
            )
        }
        if let known = self.commitment(promise.commitmentID) {
            check.breaks(
                .l19,
                "there is already a promise \"\(promise.commitmentID)\"",
                saw: [known.event],
                remedy: "give a new commitmentID"
            )
        }
        guard let from = promise.dueFrom, let until = promise.dueAt, until < from else { return }
        check.breaks(
            .malformed,
            "the promise is due at \(until.rfc3339), before it begins at \(from.rfc3339)",
            remedy: "give dueFrom before dueAt"
        )
    }

    func check(_ settlement: CommitmentSettled, _ event: CaseEvent, _ check: inout RuleCheck) {
        guard let line = self.commitment(settlement.commitmentID) else {
            check.breaks(
                .l19,
                "there is no promise \"\(settlement.commitmentID)\"",
                remedy: "give the commitmentID of a promise of this case"
            )
            return
        }
        if let first = line.settledBy {
            if let end = self.commitments.ends[first], event.isParallel(to: end) { return }
            check.breaks(
                .l19,
                "the promise was already settled: \(line.outcome?.name ?? "")",
                saw: [line.event, first],
                remedy: "make a new promise"
            )
            return
        }
        if settlement.outcome == .rescheduled, (settlement.newCommitmentID ?? "").isEmpty {
            check.breaks(
                .l19,
                "the promise was rescheduled, and no promise stands in its place",
                saw: [line.event],
                remedy: "append commitment.made, and give its id as newCommitmentID"
            )
        }
        guard settlement.outcome == .kept, let limit = line.limit,
            limit < event.occurred
        else { return }
        check.breaks(
            .l19,
            "the promise was due at \((line.dueAt ?? limit).rfc3339), so it was missed",
            saw: [line.event],
            severity: .flag,
            remedy: "it shows as kept late"
        )
    }

    /// A promise outlives the case only if somebody says so (L4).
    func checkPromises(_ resolve: CaseResolved, _ event: CaseEvent, _ check: inout RuleCheck) {
        for place in self.commitments.open.places {
            let line = self.commitments.lines[place]
            guard !resolve.carriedOver.contains(line.commitmentID) else { continue }
            check.breaks(
                .l4,
                "the promise \"\(line.commitmentID)\" is open",
                saw: [line.event],
                remedy: "settle it in the same append, or name it in carriedOver"
            )
        }
    }

    func completed(_ promise: CommitmentMade, _ event: ProposedEvent) -> CommitmentMade {
        var promise = promise
        if promise.commitmentID.isEmpty { promise.commitmentID = event.id.description }
        if promise.promisedBy.isEmpty { promise.promisedBy = event.actor.actorID }
        return promise
    }

    func completed(_ settlement: CommitmentSettled, _ event: ProposedEvent) -> CommitmentSettled {
        var settlement = settlement
        if settlement.outcome == .kept, settlement.keptBy == nil {
            settlement.keptBy = event.actor.actorID
        }
        return settlement
    }
}
