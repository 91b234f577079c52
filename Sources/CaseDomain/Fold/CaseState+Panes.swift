public import LedgerTypes

// What a view says of understanding, work and outcomes.
extension CaseState {
    /// The policy of the site that answers to the customer.
    package func policyInForce(at time: Timestamp) -> RulePolicy {
        guard !self.book.isEmpty else { return self.policy }
        let log =
            self.lastAssignment?.address.log ?? self.opened?.address.log
            ?? self.lines.first?.address.log
        return self.book.policy(of: log.map { self.book.site(of: $0) } ?? "", at: time)
    }

    /// Where the customer stands with the product at `time`; `nil` if the purchase is not known.
    public func journey(at time: Timestamp) -> CaseView.Journey? {
        guard let purchaseDate, let days = self.daysSincePurchase(at: time) else { return nil }
        let policy = self.policyInForce(at: time)
        let threshold = policy.journeyThresholdDays
        return CaseView.Journey(
            stage: days <= threshold ? .buying : .owning,
            purchaseDate: purchaseDate,
            daysSincePurchase: days,
            daysLeft: max(threshold.addingSaturated(-days), 0),
            thresholdDays: threshold,
            policy: policy.references.last { $0.what == .journeyThreshold }
        )
    }

    var contendedOwner: Sourced<String>? {
        guard let last = self.owners.last, last.endedBy == nil, self.owners.count > 1 else {
            return nil
        }
        let rival = self.owners[self.owners.count - 2]
        return rival.isContended ? Sourced(value: rival.ownerID, event: rival.event) : nil
    }

    /// The start of the customer's clock, where a contact, also an abandoned one, came before the
    /// case was opened.
    var firstAttemptAt: Timestamp? {
        guard let opened = self.episodes.first?.from,
            let first = self.contacts.lazy.filter({ $0.direction != .outbound }).map(\.at).min()
        else { return nil }
        return first < opened ? first : nil
    }

    var understandingPane: CaseView.Understanding {
        let responsible = self.terms.lines.last { !($0.responsibleParty ?? "").isEmpty }
        return CaseView.Understanding(
            statements: self.understanding.statements,
            explanations: self.understanding.explanations,
            facts: self.understanding.facts,
            crossings: self.understanding.crossings,
            knownIssues: self.understanding.knownIssues,
            responsibleParty: responsible.flatMap { line in
                line.responsibleParty.map { Sourced(value: $0, event: line.event) }
            }
        )
    }

    var stepsPane: CaseView.Steps {
        let steps = self.understanding.steps
        let script = steps.last { $0.scriptID != nil }?.scriptID
        let known = Set(steps.compactMap(\.stepID))
        let all = script.flatMap { self.book.script($0)?.steps } ?? []
        return CaseView.Steps(
            tried: steps,
            needlessRepeats: steps.filter(\.isNeedlessRepeat).map(\.event),
            notYetTried: all.filter { !known.contains($0.stepID) }
        )
    }

    /// The promises as they stand at `time`: owed ones first, by due time.
    func commitments(at time: Timestamp) -> [CommitmentLine] {
        var lines = self.commitments.lines
        for place in lines.indices { lines[place].standing = lines[place].standing(at: time) }
        return lines.enumerated().sorted { one, other in
            let left = Self.urgency(one.element)
            let right = Self.urgency(other.element)
            return (left.0, left.1, one.offset) < (right.0, right.1, other.offset)
        }.map(\.element)
    }

    private static func urgency(_ line: CommitmentLine) -> (Int, Timestamp) {
        let due = line.dueAt ?? Timestamp(microseconds: .max)
        return line.standing.isOwed ? (0, due) : (1, line.at)
    }

    func workPane(at time: Timestamp, _ offers: [HandoffLine]) -> CaseView.Work {
        CaseView.Work(
            nextAction: self.nextAction,
            holder: self.holderEvent.map { Sourced(value: self.holder, event: $0) },
            escalations: self.escalations.lines.filter(\.owesReport)
                + self.escalations.lines.filter { !$0.owesReport },
            debts: self.debts(at: time, offers)
        )
    }

    /// The next action as last said: when a contact was wrapped up, or in a handoff.
    var nextAction: Sourced<Sealed<String>>? {
        var found: (at: Timestamp, action: Sourced<Sealed<String>>)?
        for contact in self.contacts {
            for wrapUp in contact.wrapUps
            where wrapUp.nextAction.isPresent && found.map({ $0.at <= wrapUp.at }) ?? true {
                found = (wrapUp.at, Sourced(value: wrapUp.nextAction, event: wrapUp.event))
            }
        }
        for offer in self.offers {
            guard let next = offer.line.context?.nextAction, next.isPresent,
                found.map({ $0.at <= offer.line.at }) ?? true
            else { continue }
            found = (offer.line.at, Sourced(value: next, event: offer.line.event))
        }
        return found?.action
    }

    /// What is owed at `time`, overdue first, then by due time.
    func debts(at time: Timestamp, _ offers: [HandoffLine]) -> [DebtLine] {
        var debts: [DebtLine] = []
        for line in self.openCommitments {
            let isOwed = line.standing(at: time).isOwed
            guard isOwed else { continue }
            debts.append(
                DebtLine(
                    kind: .commitment,
                    id: line.commitmentID,
                    event: line.event,
                    owedBy: line.promisedBy,
                    dueAt: line.dueAt,
                    isOverdue: line.dueAt.map { $0 < time } ?? false
                )
            )
        }
        for place in self.escalations.owing.places {
            let line = self.escalations.lines[place]
            debts.append(
                DebtLine(
                    kind: .reportBack,
                    id: line.escalationID,
                    event: line.event,
                    owedBy: line.toTeam ?? line.toSite,
                    owedTo: self.owner?.ownerID ?? line.reportBackTo,
                    dueAt: line.reportBackDue,
                    isOverdue: line.isOverdue(at: time)
                )
            )
        }
        for line in offers where line.outcome == .open {
            debts.append(
                DebtLine(
                    kind: .answerToOffer,
                    id: line.handoffID,
                    event: line.event,
                    owedBy: line.to?.actor ?? line.to?.team ?? line.to?.site,
                    owedTo: line.from?.actor ?? line.from?.team,
                    dueAt: line.deadline,
                    isOverdue: false
                )
            )
        }
        if self.standing == .open, let event = self.reinstates?.event ?? self.lacksOwner {
            debts.append(DebtLine(kind: .owner, id: "", event: event, isOverdue: true))
        }
        return debts.enumerated().sorted { one, other in
            let far = Timestamp(microseconds: .max)
            return (one.element.isOverdue ? 0 : 1, one.element.dueAt ?? far, one.offset)
                < (other.element.isOverdue ? 0 : 1, other.element.dueAt ?? far, other.offset)
        }.map(\.element)
    }

    var customerPane: CaseView.Customer {
        let relations: [LinkRelation] = [.recurrenceOf, .followUpOf, .duplicateOf, .causedBy]
        return CaseView.Customer(
            relatedCases: self.links.filter {
                relations.contains($0.relation) && $0.unlinkedBy == nil
            },
            feedback: self.research.feedback,
            signals: self.research.signals,
            sales: self.research.sales,
            mentions: self.research.mentions,
            moods: self.contacts.compactMap { contact in
                contact.mood.map { Sourced(value: $0, event: contact.event) }
            }
        )
    }
}
