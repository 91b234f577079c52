public import LedgerTypes

/// How well an answer is proven (KCS v6).
public enum ArticleConfidence: UInt32, Vocabulary, FieldScalar {
    case notStated, workInProgress, notValidated, validated, archived
}

/// Who may read an answer.
public enum ArticleAudience: UInt32, Vocabulary, FieldScalar {
    case notStated, `internal`, partners, customers, `public`
}

/// By which rules an answer changes (KCS v6).
public enum ArticleGovernance: UInt32, Vocabulary, FieldScalar {
    case notStated, experience, compliance
}

/// What an answer did for a case.
public enum AnswerRelation: UInt32, Vocabulary, FieldScalar {
    case notStated, solved, sentToCustomer, triedFailed, createdFrom, flagged
}

/// What was asked, and on which scale.
public enum FeedbackInstrument: UInt32, Vocabulary, FieldScalar {
    case notStated, csat, ces, nps, fcrConfirm, verbatim
}

/// What feedback is about.
public enum FeedbackTopic: UInt32, Vocabulary, FieldScalar {
    case notStated, `case`, contact, product, answer, company
}

/// What support says to the rest of the house.
public enum SignalKind: UInt32, Vocabulary, FieldScalar {
    case notStated, usability, defect, docGap, featureWish, damaged, late, missingPart, price
    case delight
}

/// Whether something speaks for us or against us.
public enum Polarity: UInt32, Vocabulary, FieldScalar {
    case notStated, negative, neutral, positive
}

/// What a department decided about signals.
public enum SignalDecision: UInt32, Vocabulary, FieldScalar {
    case notStated, accepted, rejected, deferred, fixed
}

/// How far a return has come.
public enum ReturnStage: UInt32, Vocabulary, FieldScalar {
    case notStated, requested, received, inspected, restocked
}

/// What inspection found.
public enum ReturnFinding: UInt32, Vocabulary, FieldScalar {
    case notStated, faultConfirmed, noFaultFound, damaged, missingParts, wrongItem
}
