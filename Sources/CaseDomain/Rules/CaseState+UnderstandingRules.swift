internal import LedgerTypes

// L15, L16.
extension CaseState {
    func check(_ stated: IssueStated, _ event: CaseEvent, _ check: inout RuleCheck) {
        if !stated.statementID.isEmpty,
            let place = self.understanding.statementPlaces[stated.statementID]
        {
            check.breaks(
                .l16,
                "there is already a statement \"\(stated.statementID)\"",
                saw: [self.understanding.statements[place].event],
                remedy: "give another statementID, or none: the ledger fills it in"
            )
        }
        guard stated.isRestatement, stated.reason == .notStated, !event.isHistory,
            let first = self.understanding.statements.last
        else { return }
        check.breaks(
            .l16,
            "the customer said this before, and nothing says why it is said again",
            saw: [self.restated(stated)?.event ?? first.event],
            remedy: "give reason: \(RestatementReason.allNames)"
        )
    }

    func check(_ step: StepTried, _ event: CaseEvent, _ check: inout RuleCheck) {
        guard let stepID = step.stepID, let place = self.failedStep(stepID) else { return }
        let earlier = self.understanding.stepPlaces[place]
        guard step.repeatOf == nil || step.repeatReason == .notStated,
            !event.isParallel(to: earlier)
        else { return }
        let line = self.understanding.steps[place]
        let who = line.place == nil ? line.actorID : "the customer"
        check.breaks(
            .l15,
            "\(who) tried \"\(stepID)\" already: \(line.result.name)",
            saw: [line.event],
            remedy: "do not ask for it again, or give repeatReason: \(RepeatReason.allNames)"
        )
    }

    /// `stated` with what the case knows of it (L16).
    func completed(_ stated: IssueStated, _ event: ProposedEvent) -> IssueStated {
        var stated = stated
        if stated.statementID.isEmpty { stated.statementID = event.id.description }
        let isStaff = event.actor.kind.isHumanStaff || event.actor.kind == .bot
        if stated.askedBy == nil, isStaff { stated.askedBy = event.actor.actorID }
        var repeats = stated.facts.isEmpty
        for (place, fact) in stated.statedFacts.enumerated() {
            let change = self.change(of: fact)
            stated.facts[place].change = change
            if change == .repeated { repeats = true }
        }
        stated.isRestatement = repeats && !self.understanding.statements.isEmpty
        stated.restates = stated.isRestatement ? self.restated(stated)?.statementID : nil
        return stated
    }

    /// Two values that cannot be compared, since one is not open here, count as the same: the
    /// customer had to say something known again.
    private func change(of fact: StatedFact) -> FactChange {
        guard let known = self.fact(fact.key) else { return .first }
        guard let old = known.value.value, let new = fact.value.value else { return .repeated }
        return old == new ? .repeated : .updated
    }

    /// The statement that is said again: the one that holds a repeated fact, else the last.
    private func restated(_ stated: IssueStated) -> StatementLine? {
        let statements = self.understanding.statements
        for fact in stated.facts where fact.change == .repeated {
            guard let event = self.fact(fact.key)?.event else { continue }
            if let line = statements.last(where: { $0.event == event }) { return line }
        }
        return statements.last
    }

    /// `step` with the earlier try that it repeats.
    func completed(_ step: StepTried, _ event: ProposedEvent) -> StepTried {
        var step = step
        if step.by == .notStated { step.by = event.actor.kind }
        if step.repeatOf == nil, let stepID = step.stepID, let place = self.failedStep(stepID) {
            step.repeatOf = self.understanding.steps[place].event
        }
        return step
    }
}

extension Vocabulary {
    /// The words that say something, in a list for people.
    static var allNames: String {
        self.allCases.filter { $0 != .notStated }.map(\.name).joined(separator: ", ")
    }
}
