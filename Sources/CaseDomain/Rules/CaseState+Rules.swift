internal import LedgerTypes

/// A live event may be this old before it must be declared history (DOMAIN.md 2.1).
private let liveBehindMaxMicroseconds: Int64 = 24 * 3_600 * 1_000_000

extension CaseState {
    /// The rules that `event` breaks if it comes next, with what becomes of each under `policy`.
    public func breaches(of event: CaseEvent, policy: RulePolicy) -> [RuleViolation] {
        var check = RuleCheck(event: event, policy: policy)
        self.checkTimes(&check)
        if event.subject.isCase, event.subject == self.caseID { self.checkBeginning(&check) }
        switch event.payload {
        case .caseResolved(let resolve): self.check(resolve, &check)
        case .caseClosed(let close): self.check(close, &check)
        case .caseReopened: self.checkReopening(&check)
        case .caseClassified(let change): self.check(change, &check)
        case .caseCustomerChanged(let change): self.check(change, &check)
        case .caseLinked(let link): self.check(link, &check)
        case .caseUnlinked(let unlink): self.check(unlink, &check)
        case .caseWaitChanged(let change): self.check(change, &check)
        case .contactAnswered: self.checkAnswer(&check)
        case .contactEnded(let end): self.check(end, &check)
        case .contactWrappedUp: self.checkWrapUp(&check)
        case .ownerAssigned(let assignment): self.check(assignment, &check)
        case .ownerReleased(let release): self.check(release, &check)
        case .handoffOffered(let offer): self.check(offer, &check)
        case .handoffAccepted: self.checkAnswer(isAcceptance: true, &check)
        case .handoffDeclined: self.checkAnswer(isAcceptance: false, &check)
        case .issueStated(let stated): self.check(stated, &check)
        case .stepTried(let step): self.check(step, &check)
        case .escalationRaised(let raise): self.check(raise, &check)
        case .escalationReportedBack(let report): self.check(report, &check)
        case .escalationClosed(let close): self.check(close, &check)
        case .commitmentMade(let promise): self.check(promise, &check)
        case .commitmentSettled(let settlement): self.check(settlement, &check)
        case .entitlementDetermined(let determined): self.check(determined, &check)
        case .remedyDecided(let remedy): self.check(remedy, &check)
        case .answerLinked(let link): self.check(link, &check)
        case .recordCorrected(let correction): self.check(correction, &check)
        case .recordRedacted(let redaction): self.check(redaction, &check)
        default: break
        }
        return check.violations
    }

    private func checkTimes(_ check: inout RuleCheck) {
        guard !check.event.isHistory else { return }
        let recorded = check.event.recorded.timestamp
        let ahead = check.event.occurred.microseconds(since: recorded)
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

    private func checkBeginning(_ check: inout RuleCheck) {
        if case .caseOpened(let opening) = check.event.payload {
            if let opened = self.opened {
                check.breaks(
                    .l1,
                    "the case is already open",
                    saw: [opened.id],
                    remedy: "append to it, or reopen it"
                )
            }
            let isUnasked = opening.initiation == .proactive || opening.initiation == .system
            if opening.firstContactID == nil && check.event.contactID == nil && !isUnasked {
                check.breaks(
                    .l1,
                    "the opening cites no contact",
                    remedy: "give firstContactID, or initiation proactive or system"
                )
            }
            return
        }
        guard self.standing == .notStated, self.opened == nil else { return }
        if case .caseObserved = check.event.payload, check.event.isHistory { return }
        check.breaks(
            .l1,
            "the case does not exist yet",
            remedy: "append case.opened first"
        )
    }
}

/// Collects what one event breaks.
struct RuleCheck {
    let event: CaseEvent
    let policy: RulePolicy
    private(set) var violations: [RuleViolation] = []

    init(event: CaseEvent, policy: RulePolicy) {
        self.event = event
        self.policy = policy
    }

    mutating func breaks(
        _ rule: RuleID,
        _ message: String,
        saw: [EventID] = [],
        severity: RuleSeverity? = nil,
        remedy: String
    ) {
        let standard = self.policy.severity(of: rule, isHistory: self.event.isHistory)
        self.violations.append(
            RuleViolation(
                rule: rule,
                severity: severity ?? standard,
                event: self.event.id,
                message: message,
                saw: saw,
                remedy: remedy
            )
        )
    }
}
