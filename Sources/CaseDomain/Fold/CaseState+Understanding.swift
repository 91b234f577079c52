internal import LedgerTypes

/// What a fold knows of explanations and steps.
struct UnderstandingState: RarePart {
    static let blank = UnderstandingState()

    /// One agent's part of the case.
    struct Segment: Hashable, Sendable {
        var agentID: String
        var isBot: Bool
        var tier: String?
        var site: String?
        var channel: Channel
        var contactID: String?
    }

    /// A step of one product.
    struct StepKey: Hashable, Sendable {
        var stepID: String
        var product: String
    }

    var segment: Segment?
    /// Whether a shift ended since the last segment began.
    var hasNewShift = false
    var crossings: [CrossingLine] = []

    var statements: [StatementLine] = []
    var statementPlaces = Places<String>()
    /// First statements and restatements; updates do not count.
    var explanations: UInt32 = 0
    var facts: [FactLine] = []
    var factPlaces = Places<String>()

    var steps: [StepLine] = []
    var stepPlaces: [EventPlace] = []
    /// The last try of a step that failed or half worked.
    var failedSteps = Places<StepKey>()
    var knownIssues: [KnownIssueLine] = []
}

// `issue.stated`, `step.tried`, `knownIssue.linked`, and the crossings between agents.
extension CaseState {
    /// An agent or bot has the customer: a crossing, if somebody had before.
    mutating func enterSegment(_ agentID: String, contact: String?, _ event: CaseEvent) {
        let isActor = event.actor.actorID == agentID
        let channel = contact.flatMap { self.contact($0)?.channel } ?? .notStated
        let next = UnderstandingState.Segment(
            agentID: agentID,
            isBot: isActor && event.actor.kind == .bot,
            tier: isActor ? event.actor.tier : nil,
            site: isActor ? event.actor.siteID : nil,
            channel: channel,
            contactID: contact
        )
        defer {
            self.understanding.segment = next
            self.understanding.hasNewShift = false
        }
        guard let last = self.understanding.segment else { return }
        self.understanding.crossings.append(
            CrossingLine(
                event: event.id,
                at: event.occurred,
                kind: Self.crossing(last, next, isNewShift: self.understanding.hasNewShift),
                from: last.agentID,
                to: agentID,
                contactID: contact,
                restatements: 0
            )
        )
    }

    /// The first that applies of the list in DOMAIN.md M-04. What is not known never differs.
    private static func crossing(
        _ last: UnderstandingState.Segment,
        _ next: UnderstandingState.Segment,
        isNewShift: Bool
    ) -> CrossingKind {
        func differs(_ one: String?, _ other: String?) -> Bool {
            one != nil && other != nil && one != other
        }
        if last.isBot && !next.isBot { return .botToHuman }
        if differs(last.site, next.site) { return .site }
        if differs(last.tier, next.tier) { return .tier }
        if isNewShift { return .shift }
        if last.channel != next.channel, last.channel != .notStated, next.channel != .notStated {
            return .channel
        }
        return last.agentID == next.agentID ? .sameAgent : .agent
    }

    /// Somebody who was never seen to answer has the customer all the same.
    private mutating func noteSegment(_ asker: String?, _ event: CaseEvent) {
        guard let asker, event.viaCase == nil else { return }
        if let last = self.understanding.segment, last.agentID == asker,
            event.contact == nil || last.contactID == event.contact
        {
            return
        }
        self.enterSegment(asker, contact: event.contact, event)
    }

    mutating func take(_ stated: IssueStated, _ event: CaseEvent) {
        let isStaff = event.actor.kind.isHumanStaff || event.actor.kind == .bot
        let asker = stated.askedBy ?? (isStaff ? event.actor.actorID : nil)
        self.noteSegment(asker, event)
        let restates = stated.isRestatement && !self.understanding.statements.isEmpty
        let seam = restates ? self.understanding.crossings.last : nil
        if seam != nil {
            let last = self.understanding.crossings.count - 1
            self.understanding.crossings[last].restatements += 1
        }
        let facts = stated.statedFacts
        for fact in facts { self.keep(fact, event) }
        if restates || self.understanding.statements.isEmpty {
            self.understanding.explanations += 1
        }
        if !stated.statementID.isEmpty,
            self.understanding.statementPlaces[stated.statementID] == nil
        {
            self.understanding.statementPlaces.set(
                stated.statementID,
                self.understanding.statements.count
            )
        }
        self.understanding.statements.append(
            StatementLine(
                statementID: stated.statementID,
                event: event.id,
                at: event.occurred,
                contactID: event.contact,
                askedBy: asker,
                facts: facts,
                narrative: stated.narrative,
                isRestatement: restates,
                restates: stated.restates,
                reason: stated.reason,
                crossing: seam?.kind,
                crossingEvent: seam?.event,
                viaCase: event.viaCase
            )
        )
    }

    private mutating func keep(_ fact: StatedFact, _ event: CaseEvent) {
        guard !fact.key.isEmpty else { return }
        var line = FactLine(
            key: fact.key,
            value: fact.value,
            source: fact.source,
            actorID: event.actor.actorID,
            event: event.id,
            at: event.occurred,
            told: 1
        )
        if let place = self.understanding.factPlaces[fact.key] {
            line.told = self.understanding.facts[place].told + 1
            self.understanding.facts[place] = line
            return
        }
        self.understanding.factPlaces.set(fact.key, self.understanding.facts.count)
        self.understanding.facts.append(line)
    }

    /// What is known of a fact.
    func fact(_ key: String) -> FactLine? {
        self.understanding.factPlaces[key].map { self.understanding.facts[$0] }
    }

    mutating func take(_ step: StepTried, _ event: CaseEvent) {
        self.worked()
        self.add(
            StepLine(
                event: event.id,
                at: event.occurred,
                stepID: step.stepID,
                scriptID: step.scriptID,
                text: step.text,
                by: step.by == .notStated ? event.actor.kind : step.by,
                actorID: event.actor.actorID,
                site: event.actor.siteID,
                method: step.method,
                result: step.result,
                evidenceHash: step.evidenceHash,
                minutes: step.minutes,
                repeatOf: step.repeatOf,
                repeatReason: step.repeatReason,
                contactID: event.contact,
                viaCase: event.viaCase
            ),
            event
        )
    }

    /// What the customer tried before the first contact counts as the first try.
    mutating func take(_ attempt: PriorAttempt, _ event: CaseEvent) {
        guard attempt.stepID != nil || attempt.answerID != nil else { return }
        self.add(
            StepLine(
                event: event.id,
                at: event.occurred,
                stepID: attempt.stepID,
                text: .absent,
                by: .customer,
                actorID: self.customerID?.value ?? event.actor.actorID,
                method: .notStated,
                result: attempt.result,
                repeatReason: .notStated,
                place: attempt.place
            ),
            event
        )
    }

    private mutating func add(_ line: StepLine, _ event: CaseEvent) {
        if let stepID = line.stepID, line.hasFailed {
            self.understanding.failedSteps.set(
                self.stepKey(stepID),
                self.understanding.steps.count
            )
        }
        self.understanding.steps.append(line)
        self.understanding.stepPlaces.append(event.place)
    }

    /// The last try of the step on this product that failed or half worked.
    func failedStep(_ stepID: String) -> Int? {
        self.understanding.failedSteps[self.stepKey(stepID)]
    }

    private func stepKey(_ stepID: String) -> UnderstandingState.StepKey {
        UnderstandingState.StepKey(stepID: stepID, product: self.product?.value.id ?? "")
    }

    mutating func take(_ link: KnownIssueLinked, _ event: CaseEvent) {
        let subject = event.subject.isOf(kind: "article") ? event.subject.id : nil
        guard let issueID = link.issueID ?? subject else { return }
        self.understanding.knownIssues.append(
            KnownIssueLine(
                event: event.id,
                at: event.occurred,
                issueID: issueID,
                product: link.product
            )
        )
    }
}

extension IssueStated {
    /// The facts with their values, clear or sealed.
    var statedFacts: [StatedFact] {
        let values = self.factValues.value
        return self.facts.enumerated().map { place, fact in
            StatedFact(
                key: fact.key,
                value: fact.value.map { .open($0) }
                    ?? Self.value(values, place, isPresent: self.factValues.isPresent),
                source: fact.source,
                change: fact.change
            )
        }
    }

    private static func value(
        _ values: [String]?,
        _ place: Int,
        isPresent: Bool
    ) -> Sealed<String> {
        guard let values else { return isPresent ? .withheld : .absent }
        return values.indices.contains(place) ? .open(values[place]) : .absent
    }
}
