public import LedgerTypes

/// An event's own fields.
///
/// Indirect: events are handed on far more often than their fields are read.
public indirect enum EventPayload: Hashable, Sendable {
    /// `case.opened`.
    case caseOpened(CaseOpened)
    /// `case.classified`.
    case caseClassified(CaseClassified)
    /// `case.linked`.
    case caseLinked(CaseLinked)
    /// `case.unlinked`.
    case caseUnlinked(CaseUnlinked)
    /// `case.waitChanged`.
    case caseWaitChanged(CaseWaitChanged)
    /// `case.resolved`.
    case caseResolved(CaseResolved)
    /// `case.closed`.
    case caseClosed(CaseClosed)
    /// `case.observed`.
    case caseObserved(CaseObserved)
    /// `case.customerChanged`.
    case caseCustomerChanged(CaseCustomerChanged)
    /// `case.reopened`.
    case caseReopened(CaseReopened)
    /// `contact.started`.
    case contactStarted(ContactStarted)
    /// `contact.answered`.
    case contactAnswered(ContactAnswered)
    /// `contact.ended`.
    case contactEnded(ContactEnded)
    /// `contact.wrappedUp`.
    case contactWrappedUp(ContactWrappedUp)
    /// `contact.attached`.
    case contactAttached(ContactAttached)
    /// `message.recorded`.
    case messageRecorded(MessageRecorded)
    /// `owner.assigned`.
    case ownerAssigned(OwnerAssigned)
    /// `owner.released`.
    case ownerReleased(OwnerReleased)
    /// `handoff.offered`.
    case handoffOffered(HandoffOffered)
    /// `handoff.accepted`.
    case handoffAccepted(HandoffAccepted)
    /// `handoff.declined`.
    case handoffDeclined(HandoffDeclined)
    /// `site.registered`.
    case siteRegistered(SiteRegistered)
    /// `issue.stated`.
    case issueStated(IssueStated)
    /// `step.tried`.
    case stepTried(StepTried)
    /// `escalation.raised`.
    case escalationRaised(EscalationRaised)
    /// `escalation.reportedBack`.
    case escalationReportedBack(EscalationReportedBack)
    /// `escalation.closed`.
    case escalationClosed(EscalationClosed)
    /// `commitment.made`.
    case commitmentMade(CommitmentMade)
    /// `commitment.settled`.
    case commitmentSettled(CommitmentSettled)
    /// `entitlement.determined`.
    case entitlementDetermined(EntitlementDetermined)
    /// `remedy.decided`.
    case remedyDecided(RemedyDecided)
    /// `answer.published`.
    case answerPublished(AnswerPublished)
    /// `answer.linked`.
    case answerLinked(AnswerLinked)
    /// `feedback.received`.
    case feedbackReceived(FeedbackReceived)
    /// `signal.raised`.
    case signalRaised(SignalRaised)
    /// `return.recorded`.
    case returnRecorded(ReturnRecorded)
    /// `record.corrected`.
    case recordCorrected(RecordCorrected)
    /// `record.redacted`.
    case recordRedacted(RecordRedacted)
    /// `customer.described`.
    case customerDescribed(CustomerDescribed)
    /// `customer.linked`.
    case customerLinked(CustomerLinked)
    /// `selfService.ended`.
    case selfServiceEnded(SelfServiceEnded)
    /// `mention.observed`.
    case mentionObserved(MentionObserved)
    /// `offer.made`.
    case offerMade(OfferMade)
    /// `feedback.requested`.
    case feedbackRequested(FeedbackRequested)
    /// `signal.decided`.
    case signalDecided(SignalDecided)
    /// `knownIssue.linked`.
    case knownIssueLinked(KnownIssueLinked)
    /// `agent.enrolled`.
    case agentEnrolled(AgentEnrolled)
    /// `agent.absent`.
    case agentAbsent(AgentAbsent)
    /// `agent.left`.
    case agentLeft(AgentLeft)
    /// `team.defined`.
    case teamDefined(TeamDefined)
    /// `script.defined`.
    case scriptDefined(ScriptDefined)
    /// `presence.imported`.
    case presenceImported(PresenceImported)
    /// `record.viewed`.
    case recordViewed(RecordViewed)
    /// `policy.defined`.
    case policyDefined(PolicyDefined)
    /// `calendar.defined`.
    case calendarDefined(CalendarDefined)
    /// `metric.defined`.
    case metricDefined(MetricDefined)
    /// `customerBase.declared`.
    case customerBaseDeclared(CustomerBaseDeclared)
    /// `headcount.declared`.
    case headcountDeclared(HeadcountDeclared)
    /// `unitsInField.declared`.
    case unitsInFieldDeclared(UnitsInFieldDeclared)
    /// `cost.declared`.
    case costDeclared(CostDeclared)
    /// `hold.placed`.
    case holdPlaced(HoldPlaced)
    /// `hold.lifted`.
    case holdLifted(HoldLifted)
    /// `erasure.acknowledged`.
    case erasureAcknowledged(ErasureAcknowledged)
    /// A type that this version does not know: kept, forwarded, shown and counted. `text` is what
    /// is sealed of it, where that is open.
    case unknown(type: String, body: EventBody?, text: SealedText? = nil)

    /// The type's name.
    public var typeName: String {
        guard case .unknown(let type, _, _) = self else { return self.type?.rawValue ?? "" }
        return type
    }

    /// The clear fields, as the leaf holds them.
    public var body: EventBody? {
        if case .unknown(_, let body, _) = self { return body }
        guard let type = self.type, let bytes = self.read(WriteClear()) else { return nil }
        return EventBody(field: type.field, bytes: bytes)
    }

    /// The sealed fields; `nil` if there are none, or none open.
    public var sealedText: SealedText? {
        if case .unknown(_, _, let text) = self { return text }
        return self.read(CollectSealed()) ?? nil
    }

    /// The fields that are longer than they may be.
    public var limitBreaches: [FieldBreach] {
        if case .unknown(_, _, let text?) = self { return text.limitBreaches }
        return self.read(CheckLimits()) ?? []
    }

    /// Reads the clear fields of an event of type `typeName`. A type that this version does not
    /// know, or a known one whose body is not in its own field, comes out as unknown.
    public init(typeName: String, body: EventBody?) throws(WireError) {
        guard let type = EventType(rawValue: typeName), body.map({ $0.field == type.field }) ?? true
        else {
            self = .unknown(type: typeName, body: body)
            return
        }
        self = try type.make(ReadClear(bytes: body?.bytes ?? []))
    }

    /// Whether it says something of the record and not what happened: corrections, redactions,
    /// holds, links between cases. Facts and figures count what happened, so that an erasure, a
    /// correction taken back or a merge undone leaves them as they were (L24).
    public var isOfTheRecord: Bool {
        switch self {
        case .recordCorrected, .recordRedacted, .recordViewed, .holdPlaced, .holdLifted,
            .erasureAcknowledged, .caseLinked, .caseUnlinked:
            true
        default: false
        }
    }

    /// Puts opened texts in the place of the withheld ones.
    public mutating func open(_ text: SealedText) {
        if case .unknown(let type, let body, _) = self {
            self = .unknown(type: type, body: body, text: text)
            return
        }
        self.update(OpenSealed(text: text))
    }
}

/// Reads something of a message, whatever its type.
protocol MessageUse {
    associatedtype Answer
    func callAsFunction<Message: EventMessage>(_ message: Message) -> Answer
}

struct Boxed: MessageUse {
    func callAsFunction<Message: EventMessage>(_ message: Message) -> any EventMessage { message }
}

private struct WriteClear: MessageUse {
    func callAsFunction<Message: EventMessage>(_ message: Message) -> [UInt8] {
        message.clearBytes
    }
}

private struct CollectSealed: MessageUse {
    func callAsFunction<Message: EventMessage>(_ message: Message) -> SealedText? {
        message.sealedText
    }
}

private struct CheckLimits: MessageUse {
    func callAsFunction<Message: EventMessage>(_ message: Message) -> [FieldBreach] {
        message.limitBreaches
    }
}

/// Makes another message of one, whatever its type.
protocol MessageUpdate<Failure> {
    associatedtype Failure: Error
    func callAsFunction<Message: EventMessage>(_ message: Message) throws(Failure) -> Message
}

/// Makes a message of whatever type is asked for.
protocol MessageMaker<Failure> {
    associatedtype Failure: Error
    func callAsFunction<Message: EventMessage>() throws(Failure) -> Message
}

struct Blank: MessageMaker {
    func callAsFunction<Message: EventMessage>() throws(Never) -> Message { Message() }
}

struct ReadClear: MessageMaker {
    let bytes: [UInt8]
    func callAsFunction<Message: EventMessage>() throws(WireError) -> Message {
        try Message(clear: self.bytes)
    }
}

private struct OpenSealed: MessageUpdate {
    let text: SealedText
    func callAsFunction<Message: EventMessage>(_ message: Message) -> Message {
        var opened = message
        opened.open(self.text)
        return opened
    }
}

struct ReadJSON: MessageMaker {
    let decoder: any Decoder
    func callAsFunction<Message: EventMessage>() throws -> Message {
        try Message(from: self.decoder)
    }
}

extension EventPayload {
    /// Reads the JSON form `data` of an event of type `typeName`; `nil` if this version does not
    /// know the type.
    public init?(typeName: String, from decoder: any Decoder) throws {
        guard let type = EventType(rawValue: typeName) else { return nil }
        self = try type.make(ReadJSON(decoder: decoder))
    }
}

extension EventPayload: Encodable {
    private enum UnknownKeys: String, CodingKey { case field, bytes }

    /// Writes the JSON form `data`; an unknown type's body as its leaf field and hexadecimal bytes.
    public func encode(to encoder: any Encoder) throws {
        if let message = self.message { return try message.encode(to: encoder) }
        var container = encoder.container(keyedBy: UnknownKeys.self)
        guard case .unknown(_, let body?, _) = self else { return }
        try container.encode(body.field, forKey: .field)
        try container.encode(body.bytes.hex, forKey: .bytes)
    }
}
