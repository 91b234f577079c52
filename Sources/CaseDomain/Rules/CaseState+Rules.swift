internal import LedgerTypes

/// A live event may be this old before it must be declared history (DOMAIN.md 2.1).
private let liveBehindMaxMicroseconds: Int64 = 24 * 3_600 * 1_000_000

extension CaseState {
    /// The rules that `event` breaks if it comes next, with what becomes of each under `policy`.
    public func breaches(of event: CaseEvent, policy: RulePolicy) -> [RuleViolation] {
        var check = RuleCheck(event, policy)
        self.checkTimes(event, &check)
        if event.subject.isCase, event.subject == self.caseID { self.checkBeginning(event, &check) }
        switch event.payload {
        case .caseResolved(let resolve): self.check(resolve, event, &check)
        case .caseClosed(let close): self.check(close, event, &check)
        case .caseReopened: self.checkReopening(event, &check)
        case .caseClassified(let change): self.check(change, event, &check)
        case .caseCustomerChanged(let change): self.check(change, event, &check)
        case .caseLinked(let link): self.check(link, event, &check)
        case .caseUnlinked(let unlink): self.check(unlink, event, &check)
        case .caseWaitChanged(let change): self.check(change, event, &check)
        case .contactAnswered: self.checkAnswer(event, &check)
        case .contactEnded(let end): self.check(end, event, &check)
        case .contactWrappedUp: self.checkWrapUp(event, &check)
        case .ownerAssigned(let assignment): self.check(assignment, event, &check)
        case .ownerReleased(let release): self.check(release, event, &check)
        case .handoffOffered(let offer): self.check(offer, event, &check)
        case .handoffAccepted: self.checkAnswer(isAcceptance: true, event, &check)
        case .handoffDeclined: self.checkAnswer(isAcceptance: false, event, &check)
        case .issueStated(let stated): self.check(stated, event, &check)
        case .stepTried(let step): self.check(step, event, &check)
        case .escalationRaised(let raise): self.check(raise, event, &check)
        case .escalationReportedBack(let report): self.check(report, event, &check)
        case .escalationClosed(let close): self.check(close, event, &check)
        case .commitmentMade(let promise): self.check(promise, event, &check)
        case .commitmentSettled(let settlement): self.check(settlement, event, &check)
        case .entitlementDetermined(let determined): self.check(determined, event, &check)
        case .remedyDecided(let remedy): self.check(remedy, event, &check)
        case .answerLinked(let link): self.check(link, event, &check)
        case .recordCorrected(let correction): self.check(correction, event, &check)
        case .recordRedacted(let redaction): self.check(redaction, event, &check)
        default: break
        }
        return check.violations
    }

    private func checkTimes(_ event: CaseEvent, _ check: inout RuleCheck) {
        guard !event.isHistory else { return }
        let recorded = event.recorded.timestamp
        let ahead = event.occurred.microseconds(since: recorded)
        if ahead > CaseEvent.aheadMaxMicroseconds {
            check.breaks(
                .occurredAhead,
                "it happened \(ahead / 1_000_000) s after it was recorded",
                remedy: "set the clock right, or give the time at which it happened"
            )
        } else if ahead < -liveBehindMaxMicroseconds {
            check.breaks(
                .undeclaredHistory,
                "it happened \(ahead.magnitude / 3_600_000_000) h before it was recorded",
                remedy: "declare it history"
            )
        }
    }

    private func checkBeginning(_ event: CaseEvent, _ check: inout RuleCheck) {
        if case .caseOpened(let opening) = event.payload {
            if let opened = self.opened {
                check.breaks(
                    .l1,
                    "the case is already open",
                    saw: [opened.id],
                    remedy: "append to it, or reopen it"
                )
            }
            let isUnasked = opening.initiation == .proactive || opening.initiation == .system
            if opening.firstContactID == nil && event.contactID == nil && !isUnasked {
                check.breaks(
                    .l1,
                    "the opening cites no contact",
                    remedy: "give firstContactID, or initiation proactive or system"
                )
            }
            return
        }
        guard self.standing == .notStated, self.opened == nil else { return }
        if case .caseObserved = event.payload, event.isHistory { return }
        check.breaks(
            .l1,
            "the case does not exist yet",
            remedy: "append case.opened first"
        )
    }
}

/// Collects what one event breaks. Holds of the event only what a breach says of it, so that
/// checking copies nothing.
struct RuleCheck {
    let policy: RulePolicy
    private let id: EventID
    private let isHistory: Bool
    private(set) var violations: [RuleViolation] = []

    init(_ event: CaseEvent, _ policy: RulePolicy) {
        self.id = event.id
        self.isHistory = event.isHistory
        self.policy = policy
    }

    mutating func breaks(
        _ rule: RuleID,
        _ message: String,
        saw: [EventID] = [],
        severity: RuleSeverity? = nil,
        remedy: String
    ) {
        let standard = self.policy.severity(of: rule, isHistory: self.isHistory)
        self.violations.append(
            RuleViolation(
                rule: rule,
                severity: severity ?? standard,
                event: self.id,
                message: message,
                saw: saw,
                remedy: remedy
            )
        )
    }
}
