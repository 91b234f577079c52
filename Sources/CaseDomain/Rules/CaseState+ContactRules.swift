internal import LedgerTypes

// L8, L18.
extension CaseState {
    /// Seconds by which talk and hold may exceed the time on the wall (L18).
    private static let wallSlackSeconds = 5.0

    func checkAnswer(_ event: CaseEvent, _ check: inout RuleCheck) {
        self.checkStarted(event, &check)
        guard let contact = self.contact(of: event) else { return }
        if let end = contact.endedBy {
            check.breaks(
                .l18,
                "the contact was answered after it ended",
                saw: [end],
                remedy: "give the times in order, or start another contact"
            )
        }
    }

    func check(_ end: ContactEnded, _ event: CaseEvent, _ check: inout RuleCheck) {
        self.checkStarted(event, &check)
        let contact = self.contact(of: event)
        if let first = contact?.endedBy {
            check.breaks(
                .l18,
                "the contact has already ended",
                saw: [first],
                remedy: "start another contact"
            )
        }
        let answers = contact?.answers ?? []
        if end.outcome.hasNoAnswer && !answers.isEmpty {
            check.breaks(
                .l18,
                "\(end.outcome.name) has no answer, but the contact was answered",
                saw: answers.map(\.event),
                remedy: "give another outcome"
            )
        }
        for segment in end.segments { self.check(segment, of: end, event, &check) }
    }

    private func check(
        _ segment: ContactSegment,
        of end: ContactEnded,
        _ event: CaseEvent,
        _ check: inout RuleCheck
    ) {
        guard let answeredAt = segment.answeredAt else { return }
        let wall = Double(event.occurred.microseconds(since: answeredAt)) / 1_000_000
        if wall < 0 {
            check.breaks(
                .l18,
                "\(segment.agentID) answered after the contact ended",
                remedy: "give answeredAt before the end"
            )
            return
        }
        let handled = segment.talkSeconds + segment.holdSeconds
        let room = wall * max(end.concurrency ?? 1, 1) + Self.wallSlackSeconds
        guard handled > room else { return }
        check.breaks(
            .l18,
            "\(segment.agentID) talked and held for \(handled) s in \(wall) s",
            remedy: "check the times, or give concurrency"
        )
    }

    func checkWrapUp(_ event: CaseEvent, _ check: inout RuleCheck) {
        self.checkStarted(event, &check)
        guard let contact = self.contact(of: event) else { return }
        let agent = event.actor.actorID
        if contact.endedBy == nil {
            check.breaks(
                .l18,
                "the contact is wrapped up before it ended",
                saw: [contact.event],
                remedy: "append contact.ended first"
            )
        }
        let took =
            contact.answers.contains { $0.agentID == agent }
            || contact.segments.contains { $0.agentID == agent }
        if !took && event.actor.kind.isHumanStaff {
            check.breaks(
                .l18,
                "\(agent) wraps up a contact without a part in it",
                saw: contact.answers.map(\.event),
                remedy: "let the agent who answered wrap it up"
            )
        }
    }

    private func checkStarted(_ event: CaseEvent, _ check: inout RuleCheck) {
        if let contact = self.contact(of: event), contact.isStarted { return }
        check.breaks(
            .l18,
            "the contact has not started",
            remedy: "append contact.started first"
        )
    }

    private func contact(of event: CaseEvent) -> ContactLine? {
        event.contact.flatMap { self.contact($0) }
    }

    /// A case must not end without an owner once a person has answered (L8).
    func checkNobodyOwns(_ event: CaseEvent, _ check: inout RuleCheck) {
        guard let answer = self.lacksOwner else { return }
        check.breaks(
            .l8,
            "a person answered the customer, and nobody ever owned the case",
            saw: [answer],
            remedy: "append owner.assigned"
        )
    }
}
