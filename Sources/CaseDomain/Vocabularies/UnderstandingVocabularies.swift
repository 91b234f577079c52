public import LedgerTypes

/// Who says that a fact is so.
public enum FactSource: UInt32, Vocabulary, FieldScalar {
    case notStated, customer, agent, telemetry
}

/// What a stated fact is beside what was known; the ledger fills it in (L16).
public enum FactChange: UInt32, Vocabulary, FieldScalar {
    case notStated, first, repeated, updated
}

/// Why a customer explained again.
public enum RestatementReason: UInt32, Vocabulary, FieldScalar {
    case notStated, notRecorded, notVisibleHere, notRead, unclear, identityCheck
    case customerVolunteered, bot
}

/// How a step was done.
public enum StepMethod: UInt32, Vocabulary, FieldScalar {
    case notStated, guided, remote, onSite, automatic, bench
}

/// Why a step was done again.
public enum RepeatReason: UInt32, Vocabulary, FieldScalar {
    case notStated, verify, conditionsChanged, notVisible, scriptForced, unaware
}
