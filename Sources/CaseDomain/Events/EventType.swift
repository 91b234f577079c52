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
    case issueStated = "issue.stated"
    case stepTried = "step.tried"
    case escalationRaised = "escalation.raised"
    case escalationReportedBack = "escalation.reportedBack"
    case escalationClosed = "escalation.closed"
    case commitmentMade = "commitment.made"
    case commitmentSettled = "commitment.settled"
    case entitlementDetermined = "entitlement.determined"
    case remedyDecided = "remedy.decided"
    case answerPublished = "answer.published"
    case answerLinked = "answer.linked"
    case feedbackReceived = "feedback.received"
    case signalRaised = "signal.raised"
    case returnRecorded = "return.recorded"
    case recordCorrected = "record.corrected"
    case recordRedacted = "record.redacted"
    case customerDescribed = "customer.described"
    case customerLinked = "customer.linked"
    case selfServiceEnded = "selfService.ended"
    case mentionObserved = "mention.observed"
    case offerMade = "offer.made"
    case feedbackRequested = "feedback.requested"
    case signalDecided = "signal.decided"
    case knownIssueLinked = "knownIssue.linked"
    case agentEnrolled = "agent.enrolled"
    case agentAbsent = "agent.absent"
    case agentLeft = "agent.left"
    case teamDefined = "team.defined"
    case scriptDefined = "script.defined"
    case presenceImported = "presence.imported"
    case recordViewed = "record.viewed"
    case policyDefined = "policy.defined"
    case calendarDefined = "calendar.defined"
    case metricDefined = "metric.defined"
    case customerBaseDeclared = "customerBase.declared"
    case headcountDeclared = "headcount.declared"
    case unitsInFieldDeclared = "unitsInField.declared"
    case costDeclared = "cost.declared"
    case holdPlaced = "hold.placed"
    case holdLifted = "hold.lifted"
    case erasureAcknowledged = "erasure.acknowledged"

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
        case .issueStated: 114
        case .stepTried: 115
        case .escalationRaised: 121
        case .escalationReportedBack: 122
        case .escalationClosed: 123
        case .commitmentMade: 124
        case .commitmentSettled: 125
        case .entitlementDetermined: 126
        case .remedyDecided: 127
        case .answerPublished: 128
        case .answerLinked: 129
        case .feedbackReceived: 130
        case .signalRaised: 131
        case .returnRecorded: 132
        case .recordCorrected: 133
        case .recordRedacted: 134
        case .customerDescribed: 138
        case .customerLinked: 139
        case .selfServiceEnded: 155
        case .mentionObserved: 156
        case .offerMade: 157
        case .feedbackRequested: 158
        case .signalDecided: 159
        case .knownIssueLinked: 146
        case .agentEnrolled: 141
        case .agentAbsent: 142
        case .agentLeft: 143
        case .teamDefined: 144
        case .scriptDefined: 145
        case .presenceImported: 154
        case .recordViewed: 160
        case .policyDefined: 147
        case .calendarDefined: 148
        case .metricDefined: 149
        case .customerBaseDeclared: 150
        case .headcountDeclared: 151
        case .unitsInFieldDeclared: 152
        case .costDeclared: 153
        case .holdPlaced: 161
        case .holdLifted: 162
        case .erasureAcknowledged: 163
        }
    }

    /// The version of the type's schema that this code writes.
    public var schemaVersion: UInt32 { 1 }

    /// The kind of subject that the type is about; see ``allows(subjectKind:)``.
    public var subjectKind: String {
        switch self {
        case .contactStarted, .contactAnswered, .contactEnded, .contactWrappedUp,
            .contactAttached, .messageRecorded, .offerMade, .feedbackRequested:
            "contact"
        case .customerDescribed, .customerLinked:
            "customer"
        case .agentEnrolled, .agentAbsent, .agentLeft, .presenceImported, .recordViewed:
            "agent"
        case .teamDefined, .signalDecided:
            "team"
        case .siteRegistered, .customerBaseDeclared, .headcountDeclared, .unitsInFieldDeclared,
            .costDeclared, .erasureAcknowledged:
            "site"
        case .answerPublished:
            "article"
        case .selfServiceEnded, .mentionObserved:
            "session"
        case .scriptDefined, .policyDefined, .calendarDefined, .metricDefined:
            "policy"
        default: "case"
        }
    }

    /// Whether an event of this type may be about a subject of `kind`.
    public func allows(subjectKind kind: String) -> Bool {
        if kind == self.subjectKind { return true }
        return switch self {
        case .messageRecorded: kind == "case"
        case .answerPublished: kind == "case"
        case .knownIssueLinked: kind == "article"
        case .mentionObserved: kind == "customer" || kind == "case"
        case .feedbackRequested: kind == "case" || kind == "customer"
        case .signalDecided: kind == "case"
        case .holdPlaced: kind == "customer"
        case .holdLifted: kind == "customer"
        case .recordRedacted: kind == "customer"
        default: false
        }
    }
}
