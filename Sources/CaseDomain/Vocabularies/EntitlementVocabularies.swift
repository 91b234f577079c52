public import LedgerTypes

/// What the customer gets.
public enum RemedyKind: UInt32, Vocabulary, FieldScalar {
    case notStated, replacement, refund, credit, visit, freeSupport, exception
}

/// What was decided about a remedy.
public enum RemedyDecision: UInt32, Vocabulary, FieldScalar {
    case notStated, granted, refused, partial
}
