public import LedgerTypes

/// Where an escalation goes: to skill, to authority, outside.
public enum EscalationKind: UInt32, Vocabulary, FieldScalar {
    case notStated, functional, hierarchic, vendor, regulatory
}

/// Why a case was escalated.
public enum EscalationReason: UInt32, Vocabulary, FieldScalar {
    case notStated, skill, authority, stepsExhausted, severity, complaint, knownDefect
    case regulation, customerWish
}

/// What came back from an escalation.
public enum ReportOutcome: UInt32, Vocabulary, FieldScalar {
    case notStated, fixed, workaround, needsInfo, notReproduced, rejected, interim
}

/// Why an escalation ended.
public enum EscalationCloseReason: UInt32, Vocabulary, FieldScalar {
    case notStated, answered, withdrawn, waived
}
