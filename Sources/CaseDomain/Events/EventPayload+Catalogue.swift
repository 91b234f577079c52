// The four switches over the catalogue: everything else goes through them.

extension EventPayload {
    /// The type, if this version knows it.
    public var type: EventType? {
        switch self {
        case .caseOpened: .caseOpened
        case .caseClassified: .caseClassified
        case .caseLinked: .caseLinked
        case .caseUnlinked: .caseUnlinked
        case .caseWaitChanged: .caseWaitChanged
        case .caseResolved: .caseResolved
        case .caseClosed: .caseClosed
        case .caseObserved: .caseObserved
        case .caseCustomerChanged: .caseCustomerChanged
        case .caseReopened: .caseReopened
        case .contactStarted: .contactStarted
        case .contactAnswered: .contactAnswered
        case .contactEnded: .contactEnded
        case .contactWrappedUp: .contactWrappedUp
        case .contactAttached: .contactAttached
        case .messageRecorded: .messageRecorded
        case .ownerAssigned: .ownerAssigned
        case .ownerReleased: .ownerReleased
        case .handoffOffered: .handoffOffered
        case .handoffAccepted: .handoffAccepted
        case .handoffDeclined: .handoffDeclined
        case .siteRegistered: .siteRegistered
        case .unknown: nil
        }
    }

    /// The message, if this version knows the type.
    public var message: (any EventMessage)? {
        switch self {
        case .caseOpened(let message): message
        case .caseClassified(let message): message
        case .caseLinked(let message): message
        case .caseUnlinked(let message): message
        case .caseWaitChanged(let message): message
        case .caseResolved(let message): message
        case .caseClosed(let message): message
        case .caseObserved(let message): message
        case .caseCustomerChanged(let message): message
        case .caseReopened(let message): message
        case .contactStarted(let message): message
        case .contactAnswered(let message): message
        case .contactEnded(let message): message
        case .contactWrappedUp(let message): message
        case .contactAttached(let message): message
        case .messageRecorded(let message): message
        case .ownerAssigned(let message): message
        case .ownerReleased(let message): message
        case .handoffOffered(let message): message
        case .handoffAccepted(let message): message
        case .handoffDeclined(let message): message
        case .siteRegistered(let message): message
        case .unknown: nil
        }
    }

    /// The payload of `type` in which nothing is stated.
    public static func blank(_ type: EventType) -> EventPayload {
        switch type {
        case .caseOpened: .caseOpened(CaseOpened())
        case .caseClassified: .caseClassified(CaseClassified())
        case .caseLinked: .caseLinked(CaseLinked())
        case .caseUnlinked: .caseUnlinked(CaseUnlinked())
        case .caseWaitChanged: .caseWaitChanged(CaseWaitChanged())
        case .caseResolved: .caseResolved(CaseResolved())
        case .caseClosed: .caseClosed(CaseClosed())
        case .caseObserved: .caseObserved(CaseObserved())
        case .caseCustomerChanged: .caseCustomerChanged(CaseCustomerChanged())
        case .caseReopened: .caseReopened(CaseReopened())
        case .contactStarted: .contactStarted(ContactStarted())
        case .contactAnswered: .contactAnswered(ContactAnswered())
        case .contactEnded: .contactEnded(ContactEnded())
        case .contactWrappedUp: .contactWrappedUp(ContactWrappedUp())
        case .contactAttached: .contactAttached(ContactAttached())
        case .messageRecorded: .messageRecorded(MessageRecorded())
        case .ownerAssigned: .ownerAssigned(OwnerAssigned())
        case .ownerReleased: .ownerReleased(OwnerReleased())
        case .handoffOffered: .handoffOffered(HandoffOffered())
        case .handoffAccepted: .handoffAccepted(HandoffAccepted())
        case .handoffDeclined: .handoffDeclined(HandoffDeclined())
        case .siteRegistered: .siteRegistered(SiteRegistered())
        }
    }

    /// Changes the message; leaves an unknown payload alone.
    mutating func update<Update: MessageUpdate>(_ update: Update) throws(Update.Failure) {
        switch self {
        case .caseOpened(var message):
            try update(&message)
            self = .caseOpened(message)
        case .caseClassified(var message):
            try update(&message)
            self = .caseClassified(message)
        case .caseLinked(var message):
            try update(&message)
            self = .caseLinked(message)
        case .caseUnlinked(var message):
            try update(&message)
            self = .caseUnlinked(message)
        case .caseWaitChanged(var message):
            try update(&message)
            self = .caseWaitChanged(message)
        case .caseResolved(var message):
            try update(&message)
            self = .caseResolved(message)
        case .caseClosed(var message):
            try update(&message)
            self = .caseClosed(message)
        case .caseObserved(var message):
            try update(&message)
            self = .caseObserved(message)
        case .caseCustomerChanged(var message):
            try update(&message)
            self = .caseCustomerChanged(message)
        case .caseReopened(var message):
            try update(&message)
            self = .caseReopened(message)
        case .contactStarted(var message):
            try update(&message)
            self = .contactStarted(message)
        case .contactAnswered(var message):
            try update(&message)
            self = .contactAnswered(message)
        case .contactEnded(var message):
            try update(&message)
            self = .contactEnded(message)
        case .contactWrappedUp(var message):
            try update(&message)
            self = .contactWrappedUp(message)
        case .contactAttached(var message):
            try update(&message)
            self = .contactAttached(message)
        case .messageRecorded(var message):
            try update(&message)
            self = .messageRecorded(message)
        case .ownerAssigned(var message):
            try update(&message)
            self = .ownerAssigned(message)
        case .ownerReleased(var message):
            try update(&message)
            self = .ownerReleased(message)
        case .handoffOffered(var message):
            try update(&message)
            self = .handoffOffered(message)
        case .handoffAccepted(var message):
            try update(&message)
            self = .handoffAccepted(message)
        case .handoffDeclined(var message):
            try update(&message)
            self = .handoffDeclined(message)
        case .siteRegistered(var message):
            try update(&message)
            self = .siteRegistered(message)
        case .unknown: break
        }
    }
}
