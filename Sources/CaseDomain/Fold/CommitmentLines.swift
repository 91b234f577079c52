public import LedgerTypes

/// How a promise stands at a time: derived, never written.
public enum CommitmentStanding: UInt32, Vocabulary {
    case notStated, open, overdue, kept, keptLate, missed, attempted, rescheduled
    case cancelledByCustomer, superseded
}

/// A promise to the customer.
public struct CommitmentLine: Hashable, Sendable, Codable {
    /// The promise.
    public var commitmentID: String
    /// The event.
    public var event: EventID
    /// When it was made.
    public var at: Timestamp
    /// What.
    public var kind: CommitmentKind
    /// Who promised it.
    public var promisedBy: String
    /// Not before.
    public var dueFrom: Timestamp?
    /// By when.
    public var dueAt: Timestamp?
    /// The way it shall take.
    public var channel: Channel
    /// What was said.
    public var text: Sealed<String>
    /// Whether the same person was promised.
    public var sameRepPromised: Bool
    /// How it was settled.
    public var outcome: CommitmentOutcome?
    /// By which event.
    public var settledBy: EventID?
    /// When.
    public var settledAt: Timestamp?
    /// Who kept it.
    public var keptBy: String?
    /// The promise in its place.
    public var newCommitmentID: String?
    /// Who moved it.
    public var rescheduledBy: CommitmentParty?
    /// The contact that kept it, in time or late.
    public var fulfilledBy: EventID?
    /// When.
    public var fulfilledAt: Timestamp?
    /// Seconds after `dueAt` within which it still counts as kept.
    public var graceSeconds: Int64
    /// The case through which it came (L25).
    public var viaCase: Subject?
    /// How it stands at the view's time.
    public var standing: CommitmentStanding

    /// Whether the same person kept it, where that was promised; `nil` where it was not.
    public var isSameRep: Bool? {
        guard self.sameRepPromised || self.kind == .callback, let keptBy else { return nil }
        return keptBy == self.promisedBy
    }

    /// The last moment at which it counts as kept.
    var limit: Timestamp? {
        self.dueAt?.adding(microseconds: self.graceSeconds.microsecondsSaturated)
    }

    /// How it stands at `time` (L19).
    func standing(at time: Timestamp) -> CommitmentStanding {
        let isLate = { (moment: Timestamp) in self.limit.map { $0 < moment } ?? false }
        guard let outcome, let settledAt else {
            if let fulfilledAt { return isLate(fulfilledAt) ? .keptLate : .attempted }
            if isLate(time) { return .missed }
            return self.dueAt.map { $0 < time } ?? false ? .overdue : .open
        }
        if isLate(settledAt) {
            let isKept = outcome == .kept || self.fulfilledAt != nil
            return isKept ? .keptLate : .missed
        }
        return switch outcome {
        case .kept: .kept
        case .attempted: .attempted
        case .rescheduled: .rescheduled
        case .cancelledByCustomer: .cancelledByCustomer
        case .superseded: .superseded
        case .notStated: .notStated
        }
    }
}

extension CommitmentStanding {
    /// Whether the promise was broken, though it may have been kept too late.
    public var isBroken: Bool { self == .missed || self == .keptLate }

    /// Whether the customer still waits for it.
    public var isOwed: Bool { self == .open || self == .overdue || self == .missed }
}

extension Int64 {
    /// Seconds as microseconds, or the end of the range.
    var microsecondsSaturated: Int64 {
        let (product, overflow) = self.multipliedReportingOverflow(by: 1_000_000)
        guard overflow else { return product }
        return self < 0 ? .min : .max
    }
}
