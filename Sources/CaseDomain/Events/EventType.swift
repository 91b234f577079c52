/// The event types that this version knows (DOMAIN.md 2.3).
///
/// To add one: a case here with its leaf field, a case in ``EventPayload`` and its line in each of
/// that type's three switches. The compiler names the places.
public enum EventType: String, CaseIterable, Sendable {
    case caseOpened = "case.opened"
    case caseClassified = "case.classified"
    case caseLinked = "case.linked"
    case caseUnlinked = "case.unlinked"
    case caseWaitChanged = "case.waitChanged"
    case caseResolved = "case.resolved"
    case caseClosed = "case.closed"
    case caseObserved = "case.observed"
    case caseCustomerChanged = "case.customerChanged"
    case caseReopened = "case.reopened"
    case contactStarted = "contact.started"
    case contactAnswered = "contact.answered"
    case contactEnded = "contact.ended"
    case contactWrappedUp = "contact.wrappedUp"
    case contactAttached = "contact.attached"
    case messageRecorded = "message.recorded"
    case ownerAssigned = "owner.assigned"
    case ownerReleased = "owner.released"
    case handoffOffered = "handoff.offered"
    case handoffAccepted = "handoff.accepted"
    case handoffDeclined = "handoff.declined"
    case siteRegistered = "site.registered"

    /// The leaf's field that holds the type's message: 100 and its row in the catalogue.
    public var field: UInt32 {
        switch self {
        case .caseOpened: 101
        case .caseClassified: 102
        case .caseLinked: 103
        case .caseUnlinked: 104
        case .caseWaitChanged: 105
        case .caseResolved: 106
        case .caseClosed: 107
        case .caseReopened: 108
        case .contactStarted: 109
        case .contactAnswered: 110
        case .contactEnded: 111
        case .contactWrappedUp: 112
        case .messageRecorded: 113
        case .ownerAssigned: 116
        case .ownerReleased: 117
        case .handoffOffered: 118
        case .handoffAccepted: 119
        case .handoffDeclined: 120
        case .caseObserved: 135
        case .caseCustomerChanged: 136
        case .contactAttached: 137
        case .siteRegistered: 140
        }
    }

    /// The version of the type's schema that this code writes.
    public var schemaVersion: UInt32 { 1 }

    /// The kind of subject that the type is about; a message may also be about a case.
    public var subjectKind: String {
        switch self {
        case .contactStarted, .contactAnswered, .contactEnded, .contactWrappedUp,
            .contactAttached, .messageRecorded:
            "contact"
        case .siteRegistered: "site"
        default: "case"
        }
    }

    /// Whether an event of this type may be about a subject of `kind`.
    public func allows(subjectKind kind: String) -> Bool {
        kind == self.subjectKind || (self == .messageRecorded && kind == "case")
    }
}
