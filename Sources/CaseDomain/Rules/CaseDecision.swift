public import LedgerTypes

/// What a decision writes: the proposal, completed, and the breaches that are only flagged.
public struct CaseDecision: Hashable, Sendable {
    /// The events to append, in order; what the ledger adds stands after the event that causes it.
    public let events: [ProposedEvent]
    /// Breaches that policy accepts.
    public let flags: [RuleViolation]
    private let before: StateReference
    private let untaken: Untaken?

    /// The state after the events. Made when it is asked for: who only appends has no need of it.
    public var state: CaseState {
        var state = self.before.state
        guard let untaken else { return state }
        state.evolve(untaken.event, breaches: untaken.breaches)
        return state
    }

    fileprivate init(
        events: [ProposedEvent],
        flags: [RuleViolation],
        before: StateReference,
        untaken: Untaken?
    ) {
        self.events = events
        self.flags = flags
        self.before = before
        self.untaken = untaken
    }
}

/// An event that was checked and not taken into the state yet.
private struct Untaken: Hashable, Sendable {
    let event: CaseEvent
    let breaches: [RuleViolation]
}

extension CaseState {
    /// Decides whether `proposed` may be appended to the case as it stands, in this order and all
    /// together, and completes it. Pure: `now` is the site's clock.
    ///
    /// Every violation comes back at once, not only the first.
    ///
    /// - Parameters:
    ///   - proposed: events of this case, or of contacts that are attached to it.
    ///   - policy: what the site decided about the rules.
    ///   - now: the time at which the events would be recorded.
    ///   - caseHead: the digest over the case's history, put into the context of offers.
    /// - Returns: what to append, and the breaches that are only flagged.
    /// - Throws: every violation, if one of them is refused.
    public func decide(
        _ proposed: [ProposedEvent],
        policy: RulePolicy = .defaults,
        now: Timestamp,
        caseHead: Digest? = nil
    ) throws(RuleViolations) -> CaseDecision {
        try StateReference(self).decide(proposed, policy: policy, now: now, caseHead: caseHead)
    }
}

extension StateReference {
    /// The same on a state that is held: nothing of it is copied as long as nothing is asked about
    /// what an event leads to.
    package func decide(
        _ proposed: [ProposedEvent],
        policy: RulePolicy,
        now: Timestamp,
        caseHead: Digest?
    ) throws(RuleViolations) -> CaseDecision {
        var session = DecisionSession(self, policy: policy, now: now, caseHead: caseHead)
        for event in CaseState.settledFirst(proposed) { session.take(event, among: proposed) }
        session.finish()
        guard !session.violations.contains(where: { $0.severity == .refuse }) else {
            throw RuleViolations(violations: session.violations)
        }
        return CaseDecision(
            events: session.events,
            flags: session.violations,
            before: session.reference,
            untaken: session.untaken
        )
    }
}

extension CaseState {
    /// What settles debts and promises comes before the resolve of the same append, so that it
    /// counts in any order that a caller names them in (L3, L4).
    fileprivate static func settledFirst(_ proposed: [ProposedEvent]) -> [ProposedEvent] {
        guard proposed.count > 1,
            let resolve = proposed.firstIndex(where: {
                if case .caseResolved = $0.payload { true } else { false }
            })
        else { return proposed }
        var before = Array(proposed[..<resolve])
        var after: [ProposedEvent] = []
        for event in proposed[resolve...] {
            switch event.payload {
            case .commitmentSettled, .escalationReportedBack, .escalationClosed:
                before.append(event)
            default: after.append(event)
            }
        }
        before += after
        return before
    }
}

/// A decision under way.
private struct DecisionSession {
    /// After all events but `untaken`: taking an event in copies what it changes, and the last one
    /// is seldom asked about.
    private(set) var reference: StateReference
    private(set) var untaken: Untaken?
    let policy: RulePolicy
    let now: Timestamp
    let caseHead: Digest?
    var events: [ProposedEvent] = []
    var violations: [RuleViolation] = []
    private var firstAnswer: ProposedEvent?

    init(_ reference: StateReference, policy: RulePolicy, now: Timestamp, caseHead: Digest?) {
        self.reference = reference
        // Writing copies the state, and mostly the policy is the one it was judged by before.
        if !reference.isJudged(by: policy) { self.reference.state.policy = policy }
        self.policy = policy
        self.now = now
        self.caseHead = caseHead
    }

    var state: CaseState {
        _read { yield self.reference.state }
        _modify { yield &self.reference.state }
    }

    mutating func take(_ proposed: ProposedEvent, among all: [ProposedEvent]) {
        self.takeUntaken()
        let completed = self.reference.completed(proposed, caseHead: self.caseHead)
        self.write(completed)
        for companion in self.companions(of: completed, among: all) { self.write(companion) }
    }

    /// What must hold when the whole request has been taken in (L7, L8).
    mutating func finish() {
        if let answer = self.firstAnswer, self.reference.lacksOwner == answer.id {
            self.add(
                .l8,
                answer,
                "a person answers the customer, and nobody owns the case",
                remedy: "append owner.assigned with it"
            )
        }
        if let last = self.reference.reinstates,
            let reopen = self.events.first(where: { $0.id == last.event })
        {
            self.add(
                .l7,
                reopen,
                "the last owner \(last.value) is away, and nobody is assigned",
                remedy: "append owner.assigned with it: routed, with a reason"
            )
        }
    }

    private mutating func takeUntaken() {
        guard let untaken else { return }
        self.untaken = nil
        self.state.evolve(untaken.event, breaches: untaken.breaches)
    }

    private mutating func write(_ proposed: ProposedEvent) {
        self.takeUntaken()
        let event = CaseEvent(provisional: proposed, now: self.now)
        self.checkForm(proposed)
        let breaches = self.reference.breaches(of: event, policy: self.policy)
        self.violations += breaches
        self.untaken = Untaken(event: event, breaches: breaches)
        self.events.append(proposed)
        // Of these the ledger asks at once what they lead to.
        switch proposed.payload {
        case .contactAnswered, .caseReopened, .handoffAccepted, .ownerAssigned:
            self.takeUntaken()
        default: break
        }
        if case .contactAnswered = proposed.payload, self.reference.lacksOwner == proposed.id,
            !self.policy.isRoutingOnly(proposed.actor.team ?? "", at: proposed.occurred)
        {
            self.firstAnswer = proposed
        }
    }

    private mutating func checkForm(_ proposed: ProposedEvent) {
        for breach in proposed.payload.limitBreaches {
            self.add(
                .malformed,
                proposed,
                "\(breach)",
                remedy: "shorten it, or put it into an attachment"
            )
        }
        if case .metricDefined(let definition) = proposed.payload,
            let fault = definition.fault(of: proposed.subject.id)
        {
            self.add(
                .malformed,
                proposed,
                "the metric cannot be computed: \(fault)",
                remedy: "caseledger metrics --explain M-19 names a metric's figures"
            )
        }
        guard let type = proposed.payload.type,
            !type.allows(subjectKind: proposed.subject.kind)
        else { return }
        self.add(
            .malformed,
            proposed,
            "\(type.rawValue) is about \(type.subjectKind):…, not \(proposed.subject)",
            remedy: "give a subject of that kind"
        )
    }

    private mutating func add(
        _ rule: RuleID,
        _ event: ProposedEvent,
        _ message: String,
        remedy: String
    ) {
        self.violations.append(
            RuleViolation(
                rule: rule,
                severity: self.policy.severity(of: rule, isHistory: event.isHistory),
                event: event.id,
                message: message,
                remedy: remedy
            )
        )
    }

    /// The events that the ledger writes with `event`, unless the caller does.
    private func companions(
        of event: ProposedEvent,
        among all: [ProposedEvent]
    ) -> [ProposedEvent] {
        guard !event.isHistory else { return [] }
        let assigns = all.contains { if case .ownerAssigned = $0.payload { true } else { false } }
        guard !assigns else { return [] }
        var assignment = OwnerAssigned()
        switch event.payload {
        case .handoffAccepted:
            guard let place = self.state.offerPlace(event.handoffID) else { return [] }
            let offer = self.state.offers[place].line
            guard offer.movesOwnership, offer.endedBy == event.id, let by = offer.by else {
                return []
            }
            assignment.ownerID = by
            assignment.how = .given
            assignment.reason = offer.reason
        case .caseReopened:
            guard let last = self.state.reinstates, last.event == event.id,
                !self.policy.isAway(last.value, at: event.occurred)
            else { return [] }
            assignment.ownerID = last.value
            assignment.how = .reinstated
        default: return []
        }
        assignment.previousOwnerID = self.state.owners.last?.ownerID
        if event.actor.kind == .system || event.actor.kind == .bot {
            assignment.rule = event.payload.typeName
        }
        return [event.companion(.ownerAssigned(assignment))]
    }
}

extension ProposedEvent {
    /// An event that the ledger writes because of this one. Its id follows from this one's, so a
    /// retry writes the same.
    fileprivate func companion(_ payload: EventPayload) -> ProposedEvent {
        ProposedEvent(
            id: EventID(rawValue: self.id.rawValue ^ 1),
            subject: self.subject,
            occurred: self.occurred,
            actor: self.actor,
            onBehalfOf: self.onBehalfOf,
            handoffID: self.handoffID,
            causation: self.id,
            labels: self.labels,
            classification: self.classification,
            regulations: self.regulations,
            payload: payload
        )
    }
}

extension CaseEvent {
    /// The event that `proposed` would become: in a log of its own that has seen everything.
    init(provisional proposed: ProposedEvent, now: Timestamp) {
        self.init(
            id: proposed.id,
            address: EventAddress(log: LogID(rawValue: .max), index: .max),
            subject: proposed.subject,
            occurred: proposed.occurred,
            order: proposed.occurred,
            recorded: HybridTime(after: HybridTime(rawValue: 0), now: now),
            isHistory: proposed.isHistory,
            actor: proposed.actor,
            onBehalfOf: proposed.onBehalfOf,
            contactID: proposed.contactID,
            handoffID: proposed.handoffID,
            escalationID: proposed.escalationID,
            causation: proposed.causation,
            payload: proposed.payload
        )
        self.isProvisional = true
    }
}
