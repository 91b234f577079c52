public import LedgerTypes

/// An event that somebody wants to append: a draft before sealing.
public struct ProposedEvent: Hashable, Sendable {
    /// The retry key.
    public var id: EventID
    /// What it is about.
    public var subject: Subject
    /// When it happened.
    public var occurred: Timestamp
    /// Filled in afterwards.
    public var isHistory: Bool
    /// Who acts.
    public var actor: ActorSnapshot
    /// For whom.
    public var onBehalfOf: String?
    /// The contact it belongs to.
    public var contactID: String?
    /// The handoff it belongs to.
    public var handoffID: String?
    /// The escalation it belongs to.
    public var escalationID: String?
    /// Which event makes this one happen.
    public var causation: EventID?
    /// The caller's labels.
    public var labels: [Label]
    /// Who may see the clear fields.
    public var classification: Classification
    /// Regulations that apply.
    public var regulations: [String]
    /// The event's own fields, sealed ones included.
    public var payload: EventPayload

    /// Creates a proposal.
    public init(
        id: EventID,
        subject: Subject,
        occurred: Timestamp,
        isHistory: Bool = false,
        actor: ActorSnapshot,
        onBehalfOf: String? = nil,
        contactID: String? = nil,
        handoffID: String? = nil,
        escalationID: String? = nil,
        causation: EventID? = nil,
        labels: [Label] = [],
        classification: Classification = .notStated,
        regulations: [String] = [],
        payload: EventPayload
    ) {
        self.id = id
        self.subject = subject
        self.occurred = occurred
        self.isHistory = isHistory
        self.actor = actor
        self.onBehalfOf = onBehalfOf
        self.contactID = contactID
        self.handoffID = handoffID
        self.escalationID = escalationID
        self.causation = causation
        self.labels = labels
        self.classification = classification
        self.regulations = regulations
        self.payload = payload
    }

    /// The caller's part of the leaf; `sections` are what sealing made of the sealed text and of
    /// what else goes along.
    public func draft(sections: [SectionReference] = []) -> EventDraft {
        EventDraft(
            id: self.id,
            type: self.payload.typeName,
            schemaVersion: self.payload.type?.schemaVersion ?? 1,
            subject: self.subject,
            occurred: self.occurred,
            isHistory: self.isHistory,
            actor: self.actor,
            onBehalfOf: self.onBehalfOf,
            contactID: self.contactID,
            handoffID: self.handoffID,
            escalationID: self.escalationID,
            causation: self.causation,
            labels: self.labels,
            classification: self.classification,
            regulations: self.regulations,
            sections: sections,
            body: self.payload.body
        )
    }
}
