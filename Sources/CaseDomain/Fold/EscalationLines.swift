public import LedgerTypes

// Escalations and the answers they owe, line by line.

/// An answer to an escalation.
public struct ReportLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// Who reported, as a pseudonym.
    public var actorID: String
    /// To whom it was addressed.
    public var to: String
    /// The owner of then, to whom it goes if it was addressed to another (L14).
    public var reachedOwner: String?
    /// What came back.
    public var outcome: ReportOutcome
    /// What was found.
    public var findings: Sealed<String>
    /// The steps that were tried.
    public var steps: [EventID]
    /// The answers that were found.
    public var answerIDs: [String]
    /// Whether nothing more is to come.
    public var final: Bool
}

/// An escalation and the report back that it owes.
public struct EscalationLine: Hashable, Sendable, Codable {
    /// The escalation.
    public var escalationID: String
    /// The event.
    public var event: EventID
    /// When it was raised.
    public var at: Timestamp
    /// Who raised it, as a pseudonym.
    public var raisedBy: String
    /// Where it went.
    public var kind: EscalationKind
    /// From which tier.
    public var fromTier: Tier
    /// To which tier.
    public var toTier: Tier
    /// To which team.
    public var toTeam: String?
    /// To which site.
    public var toSite: String?
    /// Why.
    public var reason: EscalationReason
    /// 1 is the worst; 0 is not stated.
    public var severity: UInt32
    /// What was asked.
    public var question: Sealed<String>
    /// The steps that did not help.
    public var failedSteps: [EventID]
    /// To whom the answer is owed.
    public var reportBackTo: String
    /// By when.
    public var reportBackDue: Timestamp?
    /// The owner at the time.
    public var ownerAtRaise: String?
    /// The answers.
    public var reports: [ReportLine]
    /// The final answer.
    public var answeredBy: EventID?
    /// When it came.
    public var answeredAt: Timestamp?
    /// What ended it.
    public var closedBy: EventID?
    /// When.
    public var closedAt: Timestamp?
    /// Why.
    public var closeReason: EscalationCloseReason?
    /// Why no answer is needed.
    public var waiver: Sealed<String>
    /// Whether the owner changed between question and answer (L14).
    public var hasBrokenChain: Bool

    /// Whether an answer is still owed.
    public var owesReport: Bool { self.answeredBy == nil && self.closedBy == nil }

    /// Whether the answer is owed at `time` and should be there.
    public func isOverdue(at time: Timestamp) -> Bool {
        self.owesReport && (self.reportBackDue.map { $0 < time } ?? false)
    }
}
