public import CaseDomain
public import LedgerTypes

// A contact from its beginning to its wrap-up: three calls with what is done in between.
extension Desk {
    /// Somebody reaches out, and the actor takes the contact. Its case need not be known yet.
    ///
    /// - Parameters:
    ///   - channel: the way it takes.
    ///   - direction: who reached out.
    ///   - waitSeconds: how long the customer waited; the contact began that long before.
    ///   - isAnswered: whether the actor takes it now; if not, `answerContact` says so later, or
    ///     nobody does.
    ///   - initiation: what made it begin.
    ///   - queue: the queue it entered.
    ///   - menu: the menu options chosen, in order.
    ///   - previous: the contact it continues.
    ///   - identity: whether the customer proved who they are.
    ///   - mood: how the customer sounds.
    ///   - contactID: its id; the text of its event id if not given.
    ///   - time: when it was answered, if not now.
    ///   - id: the retry key.
    /// - Returns: this desk, on the contact.
    /// - Throws: as `decide` does.
    ///
    /// Cancelling the task does not stop it.
    public func startContact(
        _ channel: Channel,
        _ direction: Direction = .inbound,
        waitSeconds: Double = 0,
        isAnswered: Bool = true,
        initiation: Initiation? = nil,
        queue: String? = nil,
        menu: [String] = [],
        continuing previous: String? = nil,
        identity: IdentityCheck = .notStated,
        mood: Mood? = nil,
        contactID: String? = nil,
        at time: Timestamp? = nil,
        id: EventID? = nil
    ) async throws(LedgerError) -> Desk {
        var start = ContactStarted()
        start.channel = channel
        start.direction = direction
        start.initiation = initiation ?? (direction == .inbound ? .customer : .followUp)
        start.queue = queue
        start.ivrPath = menu
        start.previousContactID = previous
        start.identityCheck = identity
        start.mood = mood
        let id = id ?? self.ledger.makeEventID()
        let contact = try self.contact(contactID ?? id.description)
        let body = Self.beginning(start, contact, waitSeconds: waitSeconds, isAnswered: isAnswered)
        try await self.decide(contact, [CaseCommand(clear: body)], at: time, id: id)
        return self.on(contactID: contact.id)
    }

    /// The actor calls a customer back, or follows up on a case: a contact of that case from its
    /// beginning on, which keeps a promise where there is one.
    ///
    /// - Parameters:
    ///   - caseID: the case.
    ///   - channel: the way it takes.
    ///   - promise: the promise that it keeps; the only open callback if not given, or none.
    ///   - isAnswered: whether the customer was reached; if not, the promise was attempted.
    ///   - mood: how the customer sounds.
    ///   - contactID: its id; the text of its event id if not given.
    ///   - time: when, if not now.
    ///   - id: the retry key.
    /// - Returns: this desk, on the contact.
    /// - Throws: as `decide` does.
    ///
    /// Cancelling the task does not stop it.
    public func callBack(
        _ caseID: Subject,
        _ channel: Channel = .phone,
        keeping promise: String? = nil,
        isAnswered: Bool = true,
        mood: Mood? = nil,
        contactID: String? = nil,
        at time: Timestamp? = nil,
        id: EventID? = nil
    ) async throws(LedgerError) -> Desk {
        let id = id ?? self.ledger.makeEventID()
        let contact = try self.contact(contactID ?? id.description)
        let desk = self.on(contactID: contact.id)
        let command = CaseCommand(clear: { (state, proposals) throws(RuleViolations) in
            var start = ContactStarted()
            start.channel = channel
            start.direction = .outbound
            start.mood = mood
            start.fulfils = try proposals.callback(promise, in: state)
            start.initiation = start.fulfils == nil ? .followUp : .callback
            Self.beginning(start, contact, waitSeconds: 0, isAnswered: isAnswered)(
                state,
                &proposals
            )
            guard let kept = start.fulfils else { return }
            var settlement = CommitmentSettled()
            settlement.commitmentID = kept
            settlement.outcome = isAnswered ? .kept : .attempted
            proposals.add(.commitmentSettled(settlement))
        })
        try await desk.decide(caseID, [command], at: time, id: id)
        return desk
    }

    /// The actor takes the contact of this desk: after somebody else in it, or as the first.
    ///
    /// - Parameters:
    ///   - waitSeconds: how long the customer waited.
    ///   - time: when, if not now.
    ///   - id: the retry key.
    /// - Throws: as `decide` does, and
    ///   ``LedgerError/invalidEvent(_:what:)`` if the desk is on no contact.
    ///
    /// Cancelling the task does not stop it.
    public func answerContact(
        waitSeconds: Double = 0,
        at time: Timestamp? = nil,
        id: EventID? = nil
    ) async throws(LedgerError) {
        let contact = try self.contact(self.contactID)
        let command = CaseCommand(clear: { (_, proposals) in
            var answer = ContactAnswered()
            answer.agentID = proposals.actor.actorID
            answer.waitSeconds = waitSeconds
            proposals.add(.contactAnswered(answer), about: contact)
        })
        try await self.decide(contact, [command], at: time, id: id)
    }

    /// Ends the contact of this desk, and wraps it up where the actor took part in it.
    ///
    /// Who talked for how long follows from who answered when.
    ///
    /// - Parameters:
    ///   - outcome: how it ended.
    ///   - party: who ended it.
    ///   - wrapSeconds: how long the work after it took, which is done now.
    ///   - holdSeconds: how long the customer was on hold with the last agent.
    ///   - queueSeconds: how long it was in a queue.
    ///   - dispositions: the house's codes.
    ///   - summary: what was done.
    ///   - nextAction: what has to be done next.
    ///   - time: when, if not now.
    ///   - id: the retry key.
    /// - Throws: as `decide` does, and
    ///   ``LedgerError/invalidEvent(_:what:)`` if the desk is on no contact.
    ///
    /// Cancelling the task does not stop it.
    public func endContact(
        _ outcome: ContactOutcome = .completed,
        by party: EndedBy = .notStated,
        wrapSeconds: Double = 0,
        holdSeconds: Double = 0,
        queueSeconds: Double = 0,
        dispositions: [String] = [],
        summary: String? = nil,
        next nextAction: String? = nil,
        at time: Timestamp? = nil,
        id: EventID? = nil
    ) async throws(LedgerError) {
        let contact = try self.contact(self.contactID)
        var wrapUp = ContactWrappedUp()
        wrapUp.wrapSeconds = wrapSeconds
        wrapUp.dispositionCodes = dispositions
        wrapUp.summary = .stated(summary)
        wrapUp.nextAction = .stated(nextAction)
        let command = CaseCommand(clear: { [wrapUp] (state, proposals) in
            // Talking ended before the work after it began. The event itself is not dated back:
            // what was written down meanwhile comes before it.
            let talked = proposals.now.adding(seconds: -wrapSeconds)
            let answers = state.contactLine(contact.id)?.answers ?? []
            var end = ContactEnded()
            end.outcome = outcome
            end.endedBy = party
            end.queueSeconds = queueSeconds
            end.segments = ContactSegment.segments(of: answers, until: talked, hold: holdSeconds)
            proposals.add(.contactEnded(end), about: contact)
            guard answers.contains(where: { $0.agentID == proposals.actor.actorID }) else { return }
            proposals.add(.contactWrappedUp(wrapUp), about: contact)
        })
        try await self.decide(contact, [command], at: time, id: id)
    }

    private func contact(_ id: String?) throws(LedgerError) -> Subject {
        guard let id else {
            throw .invalidEvent(nil, what: "the desk is on no contact")
        }
        guard let contact = Subject(kind: "contact", id: id) else {
            throw .invalidEvent(nil, what: "\"\(id)\" cannot be the id of a contact")
        }
        return contact
    }

    private static func beginning(
        _ start: ContactStarted,
        _ contact: Subject,
        waitSeconds: Double,
        isAnswered: Bool
    ) -> @Sendable (CaseState, inout Proposals) -> Void {
        { (_, proposals) in
            let began = proposals.now.adding(seconds: isAnswered ? -waitSeconds : 0)
            proposals.add(.contactStarted(start), about: contact, at: began)
            guard isAnswered else { return }
            var answer = ContactAnswered()
            answer.agentID = proposals.actor.actorID
            answer.waitSeconds = waitSeconds
            proposals.add(.contactAnswered(answer), about: contact)
        }
    }
}

extension Proposals {
    /// The promise that a call back keeps: the one it was given, the only callback that is open, or
    /// none.
    fileprivate func callback(_ name: String?, in state: CaseState) throws(RuleViolations)
        -> String?
    {
        let open = state.openPromises.filter { $0.kind == .callback }
        let meant = try self.meant(
            name,
            of: open.map { (name: $0.commitmentID, event: $0.event) },
            called: "callbacks"
        )
        return meant.isEmpty ? nil : meant
    }
}

extension ContactSegment {
    /// The parts of a contact: each agent has it until the next answers, the last until it ends.
    fileprivate static func segments(
        of answers: [AnswerLine],
        until end: Timestamp,
        hold holdSeconds: Double
    ) -> [ContactSegment] {
        var segments: [ContactSegment] = []
        for (place, answer) in answers.enumerated() {
            let isLast = place + 1 == answers.count
            let until = isLast ? end : answers[place + 1].at
            let held = isLast ? holdSeconds : 0
            let seconds = Double(until.microseconds(since: answer.at)) / 1_000_000
            var segment = ContactSegment()
            segment.agentID = answer.agentID
            segment.answeredAt = answer.at
            segment.holdSeconds = held
            segment.holdCount = held > 0 ? 1 : 0
            segment.talkSeconds = max(seconds - held, 0)
            segments.append(segment)
        }
        return segments
    }
}

extension Timestamp {
    /// The time some seconds later; earlier where they are negative.
    func adding(seconds: Double) -> Timestamp {
        let micros = (seconds * 1_000_000).rounded()
        guard abs(micros) < 9e18 else { return self }
        return self.adding(microseconds: Int64(micros))
    }
}
