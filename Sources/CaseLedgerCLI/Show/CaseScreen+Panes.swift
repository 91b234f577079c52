import CaseDomain
import LedgerTypes

// What the customer explained, what was tried, what is owed and what came of it.
extension CaseScreen {
    /// Lines of a pane before `--all` is needed.
    private static let paneMax = 6

    /// Where the customer stands with the product, and what for.
    var journey: String? {
        var parts: [String] = []
        if let journey = self.view.journey {
            parts.append("\(journey.stage.name), day \(journey.daysSincePurchase)")
            if journey.stage == .buying {
                parts.append("\(journey.daysLeft) of \(journey.thresholdDays) days left")
            }
        }
        if let terms = self.view.header.entitlement {
            parts.append(Self.terms(terms))
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// What the customer explained, and what is known: not to be asked again.
    func printUnderstanding() {
        let understanding = self.view.understanding
        if !understanding.statements.isEmpty {
            let times = understanding.explanations
            self.section("Explained " + (times == 1 ? "once" : "\(times) times"))
            for line in self.newest(understanding.statements, max: Self.paneMax) {
                var text = Self.words(line.narrative) ?? "(no words kept)"
                if let asker = line.askedBy { text = "to \(asker): \(text)" }
                if line.isRestatement {
                    text +=
                        line.crossing.map { "; again, after a change of \($0.name)" } ?? "; again"
                }
                self.dated(line.at, text, linesMax: 2)
            }
        }
        guard !understanding.facts.isEmpty || understanding.responsibleParty != nil else { return }
        self.section("Known (do not ask again)")
        for fact in self.newest(understanding.facts, max: Self.paneMax) {
            let told = fact.told > 1 ? " (told \(fact.told) times)" : ""
            self.field(fact.key, (Self.words(fact.value) ?? "") + told)
        }
        self.field("party", understanding.responsibleParty?.value)
        for issue in understanding.knownIssues { self.field("issue", issue.issueID) }
    }

    /// What was tried, and what the script has left.
    func printSteps() {
        let steps = self.view.steps
        guard !steps.tried.isEmpty || !steps.notYetTried.isEmpty else { return }
        self.section("Tried")
        for step in self.newest(steps.tried, max: Self.paneMax) {
            let what = step.stepID ?? Self.words(step.text) ?? "a step"
            let who = step.place == nil ? step.actorID : "the customer, before"
            var text = "\(what): \(step.result.name), by \(who)"
            if step.isNeedlessRepeat {
                text += "; REPEATED without need"
            } else if step.repeatOf != nil {
                text += "; repeated to \(step.repeatReason.name)"
            }
            self.dated(step.at, text, linesMax: 2)
        }
        if !steps.notYetTried.isEmpty {
            let left = steps.notYetTried.map(\.stepID).joined(separator: ", ")
            self.field("not yet", left)
        }
    }

    /// What is owed, and escalations. The next action stands on top of the screen.
    func printWork() {
        let work = self.view.work
        guard !work.debts.isEmpty || !work.escalations.isEmpty else { return }
        self.section("Owed")
        for debt in work.debts { self.field(debt.isOverdue ? "OVERDUE" : "owed", self.words(debt)) }
        for escalation in work.escalations {
            var text = "\(escalation.kind.name) to "
            text += escalation.toTeam ?? escalation.toSite ?? escalation.toTier.name
            if let question = Self.words(escalation.question) { text += ": \(question)" }
            if escalation.closedBy != nil {
                text += "; closed"
            } else if escalation.owesReport {
                text += "; no report back to \(escalation.reportBackTo) yet"
            } else {
                text += "; answered"
            }
            self.dated(escalation.at, text, linesMax: 2)
        }
    }

    private func words(_ debt: DebtLine) -> String {
        var text = ListText.words(debt.kind)
        if !debt.id.isEmpty { text += " \(debt.id)" }
        if let due = debt.dueAt {
            text +=
                debt.isOverdue
                ? ", \(ListText.span(from: due, to: self.view.asOf)) late"
                : ", in \(ListText.span(from: self.view.asOf, to: due))"
            text += " (\(DisplayText.minute(due)))"
        }
        if let by = debt.owedBy { text += ", by \(by)" }
        if let to = debt.owedTo { text += ", to \(to)" }
        return text
    }

    /// What was promised, and what came of it.
    func printPromises() {
        guard !self.view.commitments.isEmpty else { return }
        self.section("Promised")
        for promise in self.newest(self.view.commitments, max: Self.paneMax) {
            let standing =
                promise.standing.isBroken
                ? promise.standing.name.uppercased() : promise.standing.name
            var text = "\(standing): \(promise.kind.name) by \(promise.promisedBy)"
            if let due = promise.dueAt { text += ", due \(DisplayText.minute(due))" }
            if let words = Self.words(promise.text) { text += ": \(words)" }
            self.dated(promise.at, text, linesMax: 2)
        }
    }

    /// Claims, entitlement, remedies, returns and answers.
    func printOutcomes() {
        let outcomes = self.view.outcomes
        let claims = self.view.claims
        let isEmpty =
            claims.entitlements.isEmpty && outcomes.remedies.isEmpty && outcomes.returns.isEmpty
            && outcomes.answers.isEmpty
        guard !isEmpty else { return }
        self.section("Decided and given")
        for terms in self.newest(claims.entitlements, max: Self.paneMax) {
            self.dated(terms.at, Self.terms(terms), linesMax: 2)
        }
        for remedy in outcomes.remedies {
            let count = remedy.approvers.count
            let approvers = count == 1 ? "1 approver" : "\(count) approvers"
            self.dated(
                remedy.at,
                "\(remedy.kind.name): \(remedy.decision.name), \(approvers)",
                linesMax: 2
            )
        }
        for line in outcomes.returns {
            guard let last = line.stages.last else { continue }
            var text = "return \(line.returnID): \(last.stage.name)"
            if line.finding != .notStated { text += ", \(line.finding.name)" }
            if let contact = line.savingContact {
                text += "; contact \(contact) could have saved it"
            }
            self.dated(last.at, text, linesMax: 2)
        }
        for answer in outcomes.answers {
            let relation = answer.relation?.name ?? "linked"
            self.dated(answer.at, "answer \(answer.answerID): \(relation)", linesMax: 1)
        }
    }

    /// Corrections and redactions.
    func printRecords() {
        let records = self.view.records
        guard !records.corrections.isEmpty || !records.redactions.isEmpty else { return }
        self.section("Changed afterwards")
        if !records.corrections.isEmpty {
            self.field("corrected", DisplayText.counted(records.corrections.count, "field"))
        }
        if !records.redactions.isEmpty {
            self.field("redacted", DisplayText.counted(records.redactions.count, "time"))
        }
    }

    private static func terms(_ line: EntitlementLine) -> String {
        var text = line.entitlement.name
        if !line.ruleID.isEmpty { text += ", rule \(line.ruleID) version \(line.ruleVersion)" }
        if let party = line.responsibleParty { text += ", \(party) is responsible" }
        if line.disputed { text += ", disputed" }
        if line.isDeadEnd { text += ", NOWHERE TO GO" }
        return text
    }
}

/// The lines of a briefing, for a warm handoff.
struct BriefingScreen {
    let view: CaseView

    /// Prints it.
    func print() {
        var last: BriefingTopic?
        for line in self.view.briefing {
            let lead = line.topic == last ? "" : line.topic.name
            last = line.topic
            let text = DisplayText.clip(DisplayText.clean(line.text), to: Terminal.columns - 10)
            Terminal.line(DisplayText.left(lead, 10) + text)
        }
    }
}
