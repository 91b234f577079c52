/// The rules of DOMAIN.md 2.4 that this version checks, and the notes that folds make.
public enum RuleID: String, CaseIterable, Codable, Hashable, Sendable {
    /// A live event more than five minutes ahead of the clock.
    case occurredAhead
    /// An event more than a day old that is not declared history.
    case undeclaredHistory
    /// A field that is too long, missing or out of place.
    case malformed
    /// A later event that happened before an earlier one; kept and counted.
    case clockInverted
    /// A case begins with `case.opened`; history may begin with `case.observed`.
    case l1 = "L1"
    /// Only an open episode is resolved, and a solution says what worked.
    case l2 = "L2"
    /// No resolve over an escalation that was not answered.
    case l3 = "L3"
    /// No resolve over an open promise.
    case l4 = "L4"
    /// Closed only after resolved, or for a reason that needs no resolution.
    case l5 = "L5"
    /// Reopened only after resolved or closed.
    case l6 = "L6"
    /// Reopening reinstates the last owner.
    case l7 = "L7"
    /// Exactly one owner from the first answered contact on.
    case l8 = "L8"
    /// A system changes an owner only by an event with a rule.
    case l9 = "L9"
    /// A person's offer carries its context; one open offer at a time.
    case l10 = "L10"
    /// An offer ends at most once.
    case l11 = "L11"
    /// Ownership moves only for a reason that allows it.
    case l12 = "L12"
    /// An escalation has an owner, to whom the answer is owed by a time.
    case l13 = "L13"
    /// The answer goes to the owner of now.
    case l14 = "L14"
    /// A failed step is repeated only for a reason.
    case l15 = "L15"
    /// What the customer says again is counted, with the reason.
    case l16 = "L16"
    /// Waiting on the customer cites the question.
    case l17 = "L17"
    /// A contact's parts are in order.
    case l18 = "L18"
    /// A promise is settled once, and not kept after its time.
    case l19 = "L19"
    /// An entitlement before a remedy, a reason for a change, and never a dead end.
    case l20 = "L20"
    /// Above one's authority somebody else approves.
    case l21 = "L21"
    /// An answer solves only what is resolved.
    case l22 = "L22"
    /// Nothing is edited or deleted.
    case l23 = "L23"
    /// A redaction leaves every number as it is.
    case l24 = "L24"
    /// A merge moves no events, and says when it joins two customers.
    case l25 = "L25"
    /// One event id in two logs is one event.
    case c1 = "C1"
    /// Two owners assigned in parallel.
    case c2 = "C2"
    /// Resolved or reopened in parallel.
    case c3 = "C3"
    /// One offer answered at two sites.
    case c4 = "C4"
    /// A redaction wins over what another site did.
    case c5 = "C5"
    /// A merge that would close a circle.
    case c7 = "C7"
}

extension RuleID: Comparable {
    /// Whether `lhs` comes first in the list of rules.
    public static func < (lhs: RuleID, rhs: RuleID) -> Bool {
        lhs.ordinal < rhs.ordinal
    }

    private var ordinal: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
