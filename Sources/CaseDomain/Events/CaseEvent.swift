public import LedgerTypes

/// An event as the domain sees it: the envelope's fields that folds read, and the payload.
public struct CaseEvent: Hashable, Sendable {
    /// How far `order` may stand ahead of `recorded` (DESIGN.md 2).
    public static let aheadMaxMicroseconds: Int64 = 5 * 60 * 1_000_000

    /// The retry key.
    public var id: EventID
    /// Where the event stands.
    public var address: EventAddress
    /// What it is about.
    public var subject: Subject
    /// When it happened.
    public var occurred: Timestamp
    /// The story clock, clamped to `recorded` and five minutes.
    public var order: Timestamp
    /// When the site wrote it.
    public var recorded: HybridTime
    /// Filled in afterwards.
    public var isHistory: Bool
    /// Who acted.
    public var actor: ActorSnapshot
    /// For whom.
    public var onBehalfOf: String?
    /// The contact it belongs to; for `contact.*` the subject's.
    public var contactID: String?
    /// The handoff it belongs to.
    public var handoffID: String?
    /// The escalation it belongs to.
    public var escalationID: String?
    /// Which event made this one happen.
    public var causation: EventID?
    /// For each other log, the newest index of this subject that the writer held.
    public var seen: [EventAddress]
    /// The event's own fields.
    public var payload: EventPayload
    /// The case through which it came, if a merge brought it (L25).
    public var viaCase: Subject?
    /// The address of the copy that counts, if this is another (C1).
    public var duplicateOf: EventAddress?
    /// Whether this copy differs from the one that counts (C1).
    public var differs = false
    /// Whether the event is not written yet, so that its writer has seen all that the state has.
    var isProvisional = false

    /// Creates an event.
    public init(
        id: EventID,
        address: EventAddress,
        subject: Subject,
        occurred: Timestamp,
        order: Timestamp,
        recorded: HybridTime,
        isHistory: Bool,
        actor: ActorSnapshot,
        onBehalfOf: String? = nil,
        contactID: String? = nil,
        handoffID: String? = nil,
        escalationID: String? = nil,
        causation: EventID? = nil,
        seen: [EventAddress] = [],
        payload: EventPayload
    ) {
        self.id = id
        self.address = address
        self.subject = subject
        self.occurred = occurred
        self.order = Self.clamped(order, recorded)
        self.recorded = recorded
        self.isHistory = isHistory
        self.actor = actor
        self.onBehalfOf = onBehalfOf
        self.contactID = contactID
        self.handoffID = handoffID
        self.escalationID = escalationID
        self.causation = causation
        self.seen = seen
        self.payload = payload
    }

    /// Reads an event from its envelope; `sealed` is what its section `text` holds, if it is open.
    public init(
        _ envelope: EventEnvelope,
        at address: EventAddress,
        sealed: SealedText? = nil
    ) throws(WireError) {
        let draft = envelope.draft
        var payload = try EventPayload(typeName: draft.type, body: draft.body)
        if let sealed { payload.open(sealed) }
        self.init(
            id: draft.id,
            address: address,
            subject: draft.subject,
            occurred: draft.occurred,
            order: envelope.stamp.order,
            recorded: envelope.stamp.recorded,
            isHistory: draft.isHistory,
            actor: draft.actor,
            onBehalfOf: draft.onBehalfOf,
            contactID: draft.contactID,
            handoffID: draft.handoffID,
            escalationID: draft.escalationID,
            causation: draft.causation,
            seen: envelope.stamp.seen,
            payload: payload
        )
    }

    /// The story clock as the fold reads it: at most five minutes ahead of `recorded`.
    static func clamped(_ order: Timestamp, _ recorded: HybridTime) -> Timestamp {
        min(order, recorded.timestamp.adding(microseconds: Self.aheadMaxMicroseconds))
    }

    /// The type's name.
    public var typeName: String { self.payload.typeName }

    /// The contact the event belongs to: the envelope's, or the subject where that is a contact.
    public var contact: String? {
        if let id = self.contactID { return id }
        return self.subject.isOf(kind: "contact") ? self.subject.id : nil
    }

    /// Whether `self` comes first in the fold: by `order`, then log id, then index.
    public func folds(before other: CaseEvent) -> Bool {
        (self.order, self.address.log, self.address.index)
            < (other.order, other.address.log, other.address.index)
    }

    /// Whether the writer of this event held `other`.
    public func saw(_ other: EventPlace) -> Bool {
        if self.isProvisional { return true }
        if self.address.log == other.address.log {
            return other.address.index < self.address.index
        }
        return self.seen.contains {
            $0.log == other.address.log && $0.index >= other.address.index
        }
    }

    /// Whether neither event's writer held the other. Events of one log never are.
    public func isParallel(to other: EventPlace) -> Bool {
        if self.address.log == other.address.log || self.saw(other) || other.address == self.address
        {
            return false
        }
        return !other.seen.contains {
            $0.log == self.address.log && $0.index >= self.address.index
        }
    }

    /// What a fold keeps of the event to tell what was parallel to it.
    public var place: EventPlace {
        EventPlace(id: self.id, address: self.address, seen: self.seen)
    }
}

/// Which event, where it stands and what its writer held.
public struct EventPlace: Hashable, Sendable {
    /// The event.
    public let id: EventID
    /// Where it stands.
    public let address: EventAddress
    /// For each other log, the newest index of the subject that the writer held.
    public let seen: [EventAddress]
}
