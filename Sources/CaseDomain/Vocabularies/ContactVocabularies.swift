public import LedgerTypes

/// The way a contact takes.
public enum Channel: UInt32, Vocabulary, FieldScalar {
    case notStated, phone, chat, email, webForm, sms, messaging, social, forum, qa, inPerson
    case fieldVisit, remoteSession, video, post, api, selfService
}

/// Who reached out (TMF683).
public enum Direction: UInt32, Vocabulary, FieldScalar {
    case notStated, inbound, outbound
}

/// What made a case or contact begin (Amazon `InitiationMethod`).
public enum Initiation: UInt32, Vocabulary, FieldScalar {
    case notStated, customer, callback, followUp, transfer, queueTransfer, proactive, monitor, api
    case system
}

/// Who ended a contact.
public enum EndedBy: UInt32, Vocabulary, FieldScalar {
    case notStated, customer, agent, system
}

/// How a contact ended.
public enum ContactOutcome: UInt32, Vocabulary, FieldScalar {
    case notStated, completed, abandonedInQueue, abandonedOnHold, shortAbandon, dropped, voicemail
    case redirected, noAnswer, busy, wrongNumber

    /// Whether nobody can have answered (L18).
    public var hasNoAnswer: Bool { self == .abandonedInQueue || self == .shortAbandon }
}

/// Whether the customer proved who they are.
public enum IdentityCheck: UInt32, Vocabulary, FieldScalar {
    case notStated, notNeeded, passed, failed, skipped
}

/// How the customer sounds.
public enum Mood: UInt32, Vocabulary, FieldScalar {
    case notStated, pleased, neutral, worried, annoyed, angry
}

/// Who may read a message.
public enum Visibility: UInt32, Vocabulary, FieldScalar {
    case notStated, `public`, `internal`
}
