/// A (name, value) by which partner scopes are cut (SYNC.md 6).
public struct Label: Hashable, Sendable {
    /// The name of the label that the writer sets on every event.
    public static let subjectName = "subject"
    /// The most bytes of a name.
    public static let nameBytesMax = 63
    /// The most bytes of a value.
    public static let valueBytesMax = 300
    /// The most labels of an event, `subject` not counted.
    public static let countMax = 16

    /// Such as `queue`, `brand`, `product`, `region`, or the caller's own.
    public let name: String
    /// The value.
    public let value: String

    /// Creates a label.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Whether the bytes of both are the same.
    public static func == (lhs: Label, rhs: Label) -> Bool {
        lhs.name.hasSameBytes(as: rhs.name) && lhs.value.hasSameBytes(as: rhs.value)
    }
}

/// What a leaf holds of one sealed section (PRIVACY.md 1).
public struct SectionReference: Hashable, Sendable {
    /// The most sections of a leaf.
    public static let countMax = 8
    /// The most bytes of a sealed section.
    public static let bytesMax = 16 << 20
    /// The most bytes of a kind.
    public static let kindBytesMax = 32
    /// The bytes of a commitment.
    public static let commitmentByteCount = 16

    /// An ASCII name: `pii`, `text`, `row`, `header`, `trace`, `log`, or an attachment's.
    public let kind: String
    /// SHA-256("cl/section/1" ‖ salt ‖ ciphertext ‖ tag).
    public let digest: Digest
    /// The key it is sealed under.
    public let keyID: KeyID
    /// 16 bytes that bind the section to one key.
    public let commitment: [UInt8]
    /// Bytes of the sealed section, salt and tag included.
    public let paddedLength: UInt32

    /// Creates a reference. `commitment` has 16 bytes.
    public init(
        kind: String,
        digest: Digest,
        keyID: KeyID,
        commitment: [UInt8],
        paddedLength: UInt32
    ) {
        self.kind = kind
        self.digest = digest
        self.keyID = keyID
        self.commitment = commitment
        self.paddedLength = paddedLength
    }
}

/// The clear fields of one type: which protobuf message of the schema, and its bytes.
public struct EventBody: Hashable, Sendable {
    /// Body messages have these field numbers in the leaf; 100 holds a caller's own type.
    public static let fields: ClosedRange<UInt32> = 100...899
    /// The field of a caller's own type.
    public static let customField: UInt32 = 100

    /// The leaf's field number.
    public let field: UInt32
    /// The message.
    public let bytes: [UInt8]

    /// Creates a body.
    public init(field: UInt32, bytes: [UInt8]) {
        self.field = field
        self.bytes = bytes
    }
}

/// The caller's part of an event: every field but those the writer stamps (DESIGN.md 4).
public struct EventDraft: Hashable, Sendable {
    /// The retry key.
    public var id: EventID
    /// `<noun>.<pastVerb>`.
    public var type: String
    /// The version of the type's schema.
    public var schemaVersion: UInt32
    /// What the event is about.
    public var subject: Subject
    /// When it happened.
    public var occurred: Timestamp
    /// Filled in afterwards.
    public var isHistory: Bool
    /// Who acted.
    public var actor: ActorSnapshot
    /// A supervisor or bot acting for somebody stays visible.
    public var onBehalfOf: String?
    /// The contact it belongs to.
    public var contactID: String?
    /// The handoff it belongs to.
    public var handoffID: String?
    /// The escalation it belongs to.
    public var escalationID: String?
    /// Which event made this one happen.
    public var causation: EventID?
    /// The caller's labels, without `subject`.
    public var labels: [Label]
    /// Who may see the clear fields.
    public var classification: Classification
    /// Regulations that apply, such as `gdpr`.
    public var regulations: [String]
    /// The sealed sections, in order.
    public var sections: [SectionReference]
    /// The clear fields.
    public var body: EventBody?

    /// Creates a draft.
    public init(
        id: EventID,
        type: String,
        schemaVersion: UInt32 = 1,
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
        sections: [SectionReference] = [],
        body: EventBody? = nil
    ) {
        self.id = id
        self.type = type
        self.schemaVersion = schemaVersion
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
        self.sections = sections
        self.body = body
    }
}

/// Where a re-homed event stood before (SYNC.md 2).
public struct FormerPlace: Hashable, Sendable {
    /// Its address then.
    public let address: EventAddress
    /// Its `recorded` then.
    public let recorded: HybridTime

    /// Creates a former place.
    public init(address: EventAddress, recorded: HybridTime) {
        self.address = address
        self.recorded = recorded
    }
}

/// A leaf's place in one label of its log.
public struct LabelSequence: Hashable, Sendable {
    /// From 0, counted per log and label.
    public let sequence: UInt64
    /// The index of the leaf before it with this label, plus 1; 0 if there is none.
    public let previous: UInt64

    /// Creates a place.
    public init(sequence: UInt64, previous: UInt64) {
        self.sequence = sequence
        self.previous = previous
    }
}

/// The writer's part of an event, the last fields of the leaf in this order (DESIGN.md 4).
public struct Stamp: Hashable, Sendable {
    /// When the site wrote it.
    public var recorded: HybridTime
    /// The case's own story clock.
    public var order: Timestamp
    /// For each other log, the newest index of this subject that the writer held; logs rise.
    public var seen: [EventAddress]
    /// Where a re-homed event stood before.
    public var was: FormerPlace?
    /// One for the label `subject`, then one for each of the draft's labels in order.
    public var labelSequences: [LabelSequence]

    /// Creates a stamp.
    public init(
        recorded: HybridTime,
        order: Timestamp,
        seen: [EventAddress] = [],
        was: FormerPlace? = nil,
        labelSequences: [LabelSequence]
    ) {
        self.recorded = recorded
        self.order = order
        self.seen = seen
        self.was = was
        self.labelSequences = labelSequences
    }
}
