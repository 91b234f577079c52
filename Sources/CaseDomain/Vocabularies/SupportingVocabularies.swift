public import LedgerTypes

/// What a policy is about.
public enum PolicyTopic: UInt32, Vocabulary, FieldScalar {
    case notStated, demarcation, slaTarget, handleTimeLimit, reopenWindow, grace
    case journeyThreshold, ruleMode, maxOwned
}

/// What a service level counts.
public enum SLAMetric: UInt32, Vocabulary, FieldScalar {
    case notStated, firstResponse, resolution, update, reportBack
}

/// What a member of staff is doing.
public enum PresenceState: UInt32, Vocabulary, FieldScalar {
    case notStated, available, busy, wrapUp, away, training, offline
}

/// How a self-service session ended.
public enum SessionOutcome: UInt32, Vocabulary, FieldScalar {
    case notStated, confirmedHelped, left, openedCase, contacted
}

/// What became of an offer to buy.
public enum SaleOutcome: UInt32, Vocabulary, FieldScalar {
    case notStated, accepted, declined, undecided
}

extension RuleSeverity: FieldScalar {}
