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
    /// Waiting on the customer cites the question.
    case l17 = "L17"
    /// A contact's parts are in order.
    case l18 = "L18"
    /// Nothing is edited or deleted.
    case l23 = "L23"
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
}

extension RuleID: Comparable {
    /// Whether `lhs` comes first in the list of rules.
    public static func < (lhs: RuleID, rhs: RuleID) -> Bool {
        lhs.ordinal < rhs.ordinal
    }

    private var ordinal: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
