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
        case .caseOpened(let message): self = .caseOpened(try update(message))
        case .caseClassified(let message): self = .caseClassified(try update(message))
        case .caseLinked(let message): self = .caseLinked(try update(message))
        case .caseUnlinked(let message): self = .caseUnlinked(try update(message))
        case .caseWaitChanged(let message): self = .caseWaitChanged(try update(message))
        case .caseResolved(let message): self = .caseResolved(try update(message))
        case .caseClosed(let message): self = .caseClosed(try update(message))
        case .caseObserved(let message): self = .caseObserved(try update(message))
        case .caseCustomerChanged(let message): self = .caseCustomerChanged(try update(message))
        case .caseReopened(let message): self = .caseReopened(try update(message))
        case .contactStarted(let message): self = .contactStarted(try update(message))
        case .contactAnswered(let message): self = .contactAnswered(try update(message))
        case .contactEnded(let message): self = .contactEnded(try update(message))
        case .contactWrappedUp(let message): self = .contactWrappedUp(try update(message))
        case .contactAttached(let message): self = .contactAttached(try update(message))
        case .messageRecorded(let message): self = .messageRecorded(try update(message))
        case .ownerAssigned(let message): self = .ownerAssigned(try update(message))
        case .ownerReleased(let message): self = .ownerReleased(try update(message))
        case .handoffOffered(let message): self = .handoffOffered(try update(message))
        case .handoffAccepted(let message): self = .handoffAccepted(try update(message))
        case .handoffDeclined(let message): self = .handoffDeclined(try update(message))
        case .siteRegistered(let message): self = .siteRegistered(try update(message))
        case .unknown: break
        }
    }
}
