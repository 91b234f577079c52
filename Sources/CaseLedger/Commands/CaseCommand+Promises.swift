public import CaseDomain
public import LedgerTypes

// Promises to the customer, and escalations with the report back that they owe.
extension CaseCommand {
    /// Promises something to the customer. That it was missed nobody has to write: it shows as soon
    /// as its time has passed.
    ///
    /// - Parameters:
    ///   - kind: what.
    ///   - due: by when.
    ///   - text: what was said.
    ///   - person: who promises; the actor if not given.
    ///   - samePerson: whether the customer was promised the same person.
    ///   - notBefore: not before.
    ///   - channel: the way it shall take.
    ///   - commitmentID: the promise's name; the text of its event id if not given.
    /// - Returns: the command.
    public static func promise(
        _ kind: CommitmentKind,
        by due: Timestamp,
        text: String? = nil,
        promisedBy person: String? = nil,
        samePerson: Bool = false,
        notBefore: Timestamp? = nil,
        channel: Channel = .notStated,
        commitmentID: String = ""
    ) -> CaseCommand {
        var promise = CommitmentMade()
        promise.commitmentID = commitmentID
        promise.kind = kind
        promise.dueAt = due
        promise.text = .stated(text)
        promise.promisedBy = person ?? ""
        promise.sameRepPromised = samePerson
        promise.dueFrom = notBefore
        promise.channel = channel
        return .record(.commitmentMade(promise))
    }

    /// Says that the actor kept a promise; the only open one if none is named. After its time it
    /// shows as kept late.
    public static func keepPromise(_ commitmentID: String? = nil) -> CaseCommand {
        .settlePromise(commitmentID, .kept)
    }

    /// Settles a promise in another way: attempted, cancelled by the customer, superseded. To give
    /// it another time use ``reschedulePromise(_:to:askedBy:text:commitmentID:)``.
    public static func settlePromise(
        _ commitmentID: String? = nil,
        _ outcome: CommitmentOutcome
    ) -> CaseCommand {
        CaseCommand(clear: { (state, proposals) throws(RuleViolations) in
            var settlement = CommitmentSettled()
            settlement.commitmentID = try proposals.promise(commitmentID, in: state)
            settlement.outcome = outcome
            proposals.add(.commitmentSettled(settlement))
        })
    }

    /// Gives a promise another time: a new promise of the same kind stands in its place.
    ///
    /// - Parameters:
    ///   - commitmentID: the promise; the only open one if not given.
    ///   - due: by when from now on.
    ///   - party: who moved it; what we moved counts against us.
    ///   - text: what was said.
    ///   - newID: the new promise's name; the text of its event id if not given.
    /// - Returns: the command.
    public static func reschedulePromise(
        _ commitmentID: String? = nil,
        to due: Timestamp,
        askedBy party: CommitmentParty,
        text: String? = nil,
        commitmentID newID: String? = nil
    ) -> CaseCommand {
        CaseCommand(clear: { (state, proposals) throws(RuleViolations) in
            let name = try proposals.promise(commitmentID, in: state)
            let old = state.openPromises.first { $0.commitmentID == name }
            var promise = CommitmentMade()
            promise.commitmentID = newID ?? proposals.nextID.description
            promise.kind = old?.kind ?? .notStated
            promise.dueAt = due
            promise.text = .stated(text)
            promise.promisedBy = old?.promisedBy ?? ""
            promise.sameRepPromised = old?.sameRepPromised ?? false
            promise.channel = old?.channel ?? .notStated
            proposals.add(.commitmentMade(promise))
            var settlement = CommitmentSettled()
            settlement.commitmentID = name
            settlement.outcome = .rescheduled
            settlement.newCommitmentID = promise.commitmentID
            settlement.rescheduledBy = party
            proposals.add(.commitmentSettled(settlement))
        })
    }

    /// Asks others for help. The answer is owed to the owner, by a time; nothing moves.
    ///
    /// The steps that failed are filled in by the ledger.
    ///
    /// - Parameters:
    ///   - place: where it goes: team, site, tier.
    ///   - kind: to skill, to authority, outside.
    ///   - reason: why.
    ///   - question: what is asked.
    ///   - due: by when the answer is owed.
    ///   - severity: 1 is the worst; 0 is not stated.
    ///   - escalationID: its name; the text of its event id if not given.
    /// - Returns: the command.
    public static func escalate(
        to place: CustodyPlace,
        _ kind: EscalationKind = .functional,
        because reason: EscalationReason,
        question: String,
        reportBackBy due: Timestamp,
        severity: UInt32 = 0,
        escalationID: String? = nil
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var raise = EscalationRaised()
            raise.kind = kind
            raise.reason = reason
            raise.question = .open(question)
            raise.reportBackDue = due
            raise.severity = severity
            raise.toTeam = place.team ?? place.actor
            raise.toSite = place.site
            raise.toTier = place.tier.flatMap { Tier(name: $0) } ?? .notStated
            let name = escalationID ?? proposals.nextID.description
            proposals.add(.escalationRaised(raise), escalationID: name)
        })
    }

    /// Reports back to the owner of the case. A final report answers the escalation and closes it;
    /// then the work is the owner's again.
    ///
    /// - Parameters:
    ///   - outcome: what came back.
    ///   - findings: what was found.
    ///   - escalationID: the escalation; the only one that owes a report if not given.
    ///   - steps: the steps that were tried.
    ///   - answers: the answers that were found.
    ///   - isFinal: whether nothing more is to come; if not given, whatever the outcome is but
    ///     `interim` and `needsInfo`.
    /// - Returns: the command.
    public static func reportBack(
        _ outcome: ReportOutcome,
        findings: String? = nil,
        on escalationID: String? = nil,
        steps: [EventID] = [],
        answers: [String] = [],
        isFinal: Bool? = nil
    ) -> CaseCommand {
        CaseCommand(clear: { (state, proposals) throws(RuleViolations) in
            let name = try proposals.escalation(escalationID, in: state)
            var report = EscalationReportedBack()
            report.outcome = outcome
            report.findings = .stated(findings)
            report.steps = steps
            report.answerIDs = answers
            report.isFinal = isFinal ?? (outcome != .interim && outcome != .needsInfo)
            let id = proposals.add(.escalationReportedBack(report), escalationID: name)
            guard report.isFinal else { return }
            var close = EscalationClosed()
            close.reason = .answered
            proposals.add(.escalationClosed(close), escalationID: name, causation: id)
        })
    }

    /// Takes an escalation back: the question is settled without an answer.
    public static func withdrawEscalation(_ escalationID: String? = nil) -> CaseCommand {
        CaseCommand(clear: { (state, proposals) throws(RuleViolations) in
            var close = EscalationClosed()
            close.reason = .withdrawn
            let name = try proposals.escalation(escalationID, in: state)
            proposals.add(.escalationClosed(close), escalationID: name)
        })
    }

    /// Goes on without the answer. Only the owner and a supervisor may, and say why (L3).
    public static func waiveEscalation(
        _ escalationID: String? = nil,
        because reason: String
    ) -> CaseCommand {
        CaseCommand(clear: { (state, proposals) throws(RuleViolations) in
            var close = EscalationClosed()
            close.reason = .waived
            close.waiver = .open(reason)
            let name = try proposals.escalation(escalationID, in: state)
            proposals.add(.escalationClosed(close), escalationID: name)
        })
    }
}

extension Proposals {
    /// The promise that is meant.
    func promise(_ name: String?, in state: CaseState) throws(RuleViolations) -> String {
        try self.meant(
            name,
            of: state.openPromises.map { (name: $0.commitmentID, event: $0.event) },
            called: "promises"
        )
    }

    /// The escalation that is meant.
    fileprivate func escalation(
        _ name: String?,
        in state: CaseState
    ) throws(RuleViolations) -> String {
        try self.meant(
            name,
            of: state.owingEscalations.map { (name: $0.escalationID, event: $0.event) },
            called: "escalations"
        )
    }
}
