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
        case .issueStated: .issueStated
        case .stepTried: .stepTried
        case .escalationRaised: .escalationRaised
        case .escalationReportedBack: .escalationReportedBack
        case .escalationClosed: .escalationClosed
        case .commitmentMade: .commitmentMade
        case .commitmentSettled: .commitmentSettled
        case .entitlementDetermined: .entitlementDetermined
        case .remedyDecided: .remedyDecided
        case .answerPublished: .answerPublished
        case .answerLinked: .answerLinked
        case .feedbackReceived: .feedbackReceived
        case .signalRaised: .signalRaised
        case .returnRecorded: .returnRecorded
        case .recordCorrected: .recordCorrected
        case .recordRedacted: .recordRedacted
        case .customerDescribed: .customerDescribed
        case .customerLinked: .customerLinked
        case .selfServiceEnded: .selfServiceEnded
        case .mentionObserved: .mentionObserved
        case .offerMade: .offerMade
        case .feedbackRequested: .feedbackRequested
        case .signalDecided: .signalDecided
        case .knownIssueLinked: .knownIssueLinked
        case .agentEnrolled: .agentEnrolled
        case .agentAbsent: .agentAbsent
        case .agentLeft: .agentLeft
        case .teamDefined: .teamDefined
        case .scriptDefined: .scriptDefined
        case .presenceImported: .presenceImported
        case .recordViewed: .recordViewed
        case .policyDefined: .policyDefined
        case .calendarDefined: .calendarDefined
        case .metricDefined: .metricDefined
        case .customerBaseDeclared: .customerBaseDeclared
        case .headcountDeclared: .headcountDeclared
        case .unitsInFieldDeclared: .unitsInFieldDeclared
        case .costDeclared: .costDeclared
        case .holdPlaced: .holdPlaced
        case .holdLifted: .holdLifted
        case .erasureAcknowledged: .erasureAcknowledged
        case .unknown: nil
        }
    }

    /// The message, if this version knows the type.
    public var message: (any EventMessage)? { self.read(Boxed()) }

    /// Reads the message with its own type, so that what `use` does is compiled for each type and
    /// nothing is looked up while running; `nil` for an unknown payload.
    func read<Use: MessageUse>(_ use: Use) -> Use.Answer? {
        switch self {
        case .caseOpened(let message): use(message)
        case .caseClassified(let message): use(message)
        case .caseLinked(let message): use(message)
        case .caseUnlinked(let message): use(message)
        case .caseWaitChanged(let message): use(message)
        case .caseResolved(let message): use(message)
        case .caseClosed(let message): use(message)
        case .caseObserved(let message): use(message)
        case .caseCustomerChanged(let message): use(message)
        case .caseReopened(let message): use(message)
        case .contactStarted(let message): use(message)
        case .contactAnswered(let message): use(message)
        case .contactEnded(let message): use(message)
        case .contactWrappedUp(let message): use(message)
        case .contactAttached(let message): use(message)
        case .messageRecorded(let message): use(message)
        case .ownerAssigned(let message): use(message)
        case .ownerReleased(let message): use(message)
        case .handoffOffered(let message): use(message)
        case .handoffAccepted(let message): use(message)
        case .handoffDeclined(let message): use(message)
        case .siteRegistered(let message): use(message)
        case .issueStated(let message): use(message)
        case .stepTried(let message): use(message)
        case .escalationRaised(let message): use(message)
        case .escalationReportedBack(let message): use(message)
        case .escalationClosed(let message): use(message)
        case .commitmentMade(let message): use(message)
        case .commitmentSettled(let message): use(message)
        case .entitlementDetermined(let message): use(message)
        case .remedyDecided(let message): use(message)
        case .answerPublished(let message): use(message)
        case .answerLinked(let message): use(message)
        case .feedbackReceived(let message): use(message)
        case .signalRaised(let message): use(message)
        case .returnRecorded(let message): use(message)
        case .recordCorrected(let message): use(message)
        case .recordRedacted(let message): use(message)
        case .customerDescribed(let message): use(message)
        case .customerLinked(let message): use(message)
        case .selfServiceEnded(let message): use(message)
        case .mentionObserved(let message): use(message)
        case .offerMade(let message): use(message)
        case .feedbackRequested(let message): use(message)
        case .signalDecided(let message): use(message)
        case .knownIssueLinked(let message): use(message)
        case .agentEnrolled(let message): use(message)
        case .agentAbsent(let message): use(message)
        case .agentLeft(let message): use(message)
        case .teamDefined(let message): use(message)
        case .scriptDefined(let message): use(message)
        case .presenceImported(let message): use(message)
        case .recordViewed(let message): use(message)
        case .policyDefined(let message): use(message)
        case .calendarDefined(let message): use(message)
        case .metricDefined(let message): use(message)
        case .customerBaseDeclared(let message): use(message)
        case .headcountDeclared(let message): use(message)
        case .unitsInFieldDeclared(let message): use(message)
        case .costDeclared(let message): use(message)
        case .holdPlaced(let message): use(message)
        case .holdLifted(let message): use(message)
        case .erasureAcknowledged(let message): use(message)
        case .unknown: nil
        }
    }

    /// The payload of `type` in which nothing is stated.
    public static func blank(_ type: EventType) -> EventPayload { type.make(Blank()) }
}

extension EventType {
    /// The payload of the type with the message that `maker` gives.
    func make<Maker: MessageMaker>(_ maker: Maker) throws(Maker.Failure) -> EventPayload {
        switch self {
        case .caseOpened: .caseOpened(try maker())
        case .caseClassified: .caseClassified(try maker())
        case .caseLinked: .caseLinked(try maker())
        case .caseUnlinked: .caseUnlinked(try maker())
        case .caseWaitChanged: .caseWaitChanged(try maker())
        case .caseResolved: .caseResolved(try maker())
        case .caseClosed: .caseClosed(try maker())
        case .caseObserved: .caseObserved(try maker())
        case .caseCustomerChanged: .caseCustomerChanged(try maker())
        case .caseReopened: .caseReopened(try maker())
        case .contactStarted: .contactStarted(try maker())
        case .contactAnswered: .contactAnswered(try maker())
        case .contactEnded: .contactEnded(try maker())
        case .contactWrappedUp: .contactWrappedUp(try maker())
        case .contactAttached: .contactAttached(try maker())
        case .messageRecorded: .messageRecorded(try maker())
        case .ownerAssigned: .ownerAssigned(try maker())
        case .ownerReleased: .ownerReleased(try maker())
        case .handoffOffered: .handoffOffered(try maker())
        case .handoffAccepted: .handoffAccepted(try maker())
        case .handoffDeclined: .handoffDeclined(try maker())
        case .siteRegistered: .siteRegistered(try maker())
        case .issueStated: .issueStated(try maker())
        case .stepTried: .stepTried(try maker())
        case .escalationRaised: .escalationRaised(try maker())
        case .escalationReportedBack: .escalationReportedBack(try maker())
        case .escalationClosed: .escalationClosed(try maker())
        case .commitmentMade: .commitmentMade(try maker())
        case .commitmentSettled: .commitmentSettled(try maker())
        case .entitlementDetermined: .entitlementDetermined(try maker())
        case .remedyDecided: .remedyDecided(try maker())
        case .answerPublished: .answerPublished(try maker())
        case .answerLinked: .answerLinked(try maker())
        case .feedbackReceived: .feedbackReceived(try maker())
        case .signalRaised: .signalRaised(try maker())
        case .returnRecorded: .returnRecorded(try maker())
        case .recordCorrected: .recordCorrected(try maker())
        case .recordRedacted: .recordRedacted(try maker())
        case .customerDescribed: .customerDescribed(try maker())
        case .customerLinked: .customerLinked(try maker())
        case .selfServiceEnded: .selfServiceEnded(try maker())
        case .mentionObserved: .mentionObserved(try maker())
        case .offerMade: .offerMade(try maker())
        case .feedbackRequested: .feedbackRequested(try maker())
        case .signalDecided: .signalDecided(try maker())
        case .knownIssueLinked: .knownIssueLinked(try maker())
        case .agentEnrolled: .agentEnrolled(try maker())
        case .agentAbsent: .agentAbsent(try maker())
        case .agentLeft: .agentLeft(try maker())
        case .teamDefined: .teamDefined(try maker())
        case .scriptDefined: .scriptDefined(try maker())
        case .presenceImported: .presenceImported(try maker())
        case .recordViewed: .recordViewed(try maker())
        case .policyDefined: .policyDefined(try maker())
        case .calendarDefined: .calendarDefined(try maker())
        case .metricDefined: .metricDefined(try maker())
        case .customerBaseDeclared: .customerBaseDeclared(try maker())
        case .headcountDeclared: .headcountDeclared(try maker())
        case .unitsInFieldDeclared: .unitsInFieldDeclared(try maker())
        case .costDeclared: .costDeclared(try maker())
        case .holdPlaced: .holdPlaced(try maker())
        case .holdLifted: .holdLifted(try maker())
        case .erasureAcknowledged: .erasureAcknowledged(try maker())
        }
    }
}

extension EventPayload {

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
        case .issueStated(let message): self = .issueStated(try update(message))
        case .stepTried(let message): self = .stepTried(try update(message))
        case .escalationRaised(let message): self = .escalationRaised(try update(message))
        case .escalationReportedBack(let message):
            self = .escalationReportedBack(try update(message))
        case .escalationClosed(let message): self = .escalationClosed(try update(message))
        case .commitmentMade(let message): self = .commitmentMade(try update(message))
        case .commitmentSettled(let message): self = .commitmentSettled(try update(message))
        case .entitlementDetermined(let message): self = .entitlementDetermined(try update(message))
        case .remedyDecided(let message): self = .remedyDecided(try update(message))
        case .answerPublished(let message): self = .answerPublished(try update(message))
        case .answerLinked(let message): self = .answerLinked(try update(message))
        case .feedbackReceived(let message): self = .feedbackReceived(try update(message))
        case .signalRaised(let message): self = .signalRaised(try update(message))
        case .returnRecorded(let message): self = .returnRecorded(try update(message))
        case .recordCorrected(let message): self = .recordCorrected(try update(message))
        case .recordRedacted(let message): self = .recordRedacted(try update(message))
        default: try self.updateSupporting(update)
        }
    }

    private mutating func updateSupporting<Update: MessageUpdate>(
        _ update: Update
    ) throws(Update.Failure) {
        switch self {
        case .customerDescribed(let message): self = .customerDescribed(try update(message))
        case .customerLinked(let message): self = .customerLinked(try update(message))
        case .selfServiceEnded(let message): self = .selfServiceEnded(try update(message))
        case .mentionObserved(let message): self = .mentionObserved(try update(message))
        case .offerMade(let message): self = .offerMade(try update(message))
        case .feedbackRequested(let message): self = .feedbackRequested(try update(message))
        case .signalDecided(let message): self = .signalDecided(try update(message))
        case .knownIssueLinked(let message): self = .knownIssueLinked(try update(message))
        case .agentEnrolled(let message): self = .agentEnrolled(try update(message))
        case .agentAbsent(let message): self = .agentAbsent(try update(message))
        case .agentLeft(let message): self = .agentLeft(try update(message))
        case .teamDefined(let message): self = .teamDefined(try update(message))
        case .scriptDefined(let message): self = .scriptDefined(try update(message))
        case .presenceImported(let message): self = .presenceImported(try update(message))
        case .recordViewed(let message): self = .recordViewed(try update(message))
        case .policyDefined(let message): self = .policyDefined(try update(message))
        case .calendarDefined(let message): self = .calendarDefined(try update(message))
        case .metricDefined(let message): self = .metricDefined(try update(message))
        case .customerBaseDeclared(let message): self = .customerBaseDeclared(try update(message))
        case .headcountDeclared(let message): self = .headcountDeclared(try update(message))
        case .unitsInFieldDeclared(let message): self = .unitsInFieldDeclared(try update(message))
        case .costDeclared(let message): self = .costDeclared(try update(message))
        case .holdPlaced(let message): self = .holdPlaced(try update(message))
        case .holdLifted(let message): self = .holdLifted(try update(message))
        case .erasureAcknowledged(let message): self = .erasureAcknowledged(try update(message))
        default: break
        }
    }
}
