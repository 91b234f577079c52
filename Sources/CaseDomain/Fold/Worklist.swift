public import LedgerTypes

/// A case on somebody's worklist: what its rank is made of (DOMAIN.md 3.1).
public struct WorklistEntry: Hashable, Sendable, Codable {
    /// The case.
    public var `case`: Subject
    /// Whose list it is on.
    public var ownerID: String
    /// Whether another site assigned it to somebody else in parallel (C2).
    public var isContended: Bool
    /// What is owed, overdue first.
    public var debts: [DebtLine]
    /// 1 is the worst; 0 is not stated.
    public var severity: UInt32
    /// Since when it is this owner's.
    public var ownedSince: Timestamp
    /// For whom it waits; then it has no rank.
    public var waitingOn: WaitingOn?
    /// Its place in the list, from 1; `nil` until ranked, and for cases that wait on others.
    public var rank: Int?

    /// When the first overdue debt was due.
    public var overdueSince: Timestamp? {
        self.debts.first { $0.isOverdue && $0.dueAt != nil }?.dueAt
    }
}

extension CaseState {
    /// What stands on worklists because of this case at `time`: with its owner, with one whom
    /// another site assigned in parallel, and with "", nobody, while it needs an owner.
    public func worklistEntries(at time: Timestamp) -> [WorklistEntry] {
        self.summary.worklistEntries(at: time)
    }
}

extension WorklistEntry {
    /// One owner's cases in order: overdue debts by due time, then severity 1, then the start of
    /// ownership; cases that wait on others come last, without a rank.
    public static func ranked(_ entries: [WorklistEntry]) -> [WorklistEntry] {
        var sorted = entries.sorted { one, other in
            if one.sortKey != other.sortKey { return one.sortKey < other.sortKey }
            return one.case.rawValue < other.case.rawValue
        }
        for place in sorted.indices {
            sorted[place].rank = sorted[place].isRanked ? place + 1 : nil
        }
        return sorted
    }

    /// A case that waits on others has no rank, unless something in it is overdue.
    private var isRanked: Bool { self.waitingOn == nil || self.overdueSince != nil }

    private struct SortKey: Comparable {
        var group: Int
        var time: Timestamp

        static func < (lhs: SortKey, rhs: SortKey) -> Bool {
            (lhs.group, lhs.time) < (rhs.group, rhs.time)
        }
    }

    private var sortKey: SortKey {
        if let since = self.overdueSince { return SortKey(group: 0, time: since) }
        guard self.isRanked else { return SortKey(group: 3, time: self.ownedSince) }
        return SortKey(group: self.severity == 1 ? 1 : 2, time: self.ownedSince)
    }
}
