public import LedgerTypes

/// What was promised.
public enum CommitmentKind: UInt32, Vocabulary, FieldScalar {
    case notStated, callback, update, fix, part, refund, decision, visit
}

/// How a promise was settled. That it was missed is derived, never written.
public enum CommitmentOutcome: UInt32, Vocabulary, FieldScalar {
    case notStated, kept, attempted, rescheduled, cancelledByCustomer, superseded
}

/// Who moved a promise.
public enum CommitmentParty: UInt32, Vocabulary, FieldScalar {
    case notStated, customer, us
}
