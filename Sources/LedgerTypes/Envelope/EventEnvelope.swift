/// A whole event as its leaf states it: the caller's part and the writer's.
public struct EventEnvelope: Hashable, Sendable {
    /// The caller's part.
    public var draft: EventDraft
    /// The writer's part.
    public var stamp: Stamp

    /// Creates an envelope.
    public init(draft: EventDraft, stamp: Stamp) {
        self.draft = draft
        self.stamp = stamp
    }

    /// Decodes a leaf. Fields of a newer version are passed over here; the leaf keeps them. A leaf
    /// that two readers could understand differently, for its fields are out of order or repeated,
    /// is refused.
    public init(leaf bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count <= Leaf.bytesMax else { throw .tooLong(bytes: bytes.count) }
        var parts = LeafParts()
        var reader = WireReader(bytes)
        var fieldOrder = FieldOrder()
        while let field = try reader.next() {
            try fieldOrder.check(field)
            if try parts.readCaller(field, reader, bytes) { continue }
            try parts.readWriter(field, reader, bytes)
        }
        self.draft = try parts.draft()
        self.stamp = try parts.stamp()
    }
}

/// What has been read of a leaf so far.
struct LeafParts {
    var id: EventID?
    var type: String?
    var schemaVersion: UInt32 = 1
    var subject: Subject?
    var occurred: Timestamp?
    var isHistory = false
    var actor: ActorSnapshot?
    var onBehalfOf: String?
    var contactID: String?
    var handoffID: String?
    var escalationID: String?
    var causation: EventID?
    var labels: [Label] = []
    var classification = Classification.notStated
    var regulations: [String] = []
    var sections: [SectionReference] = []
    var body: EventBody?
    var recorded: HybridTime?
    var order: Timestamp?
    var seen: [EventAddress] = []
    var was: FormerPlace?
    var labelSequences: [LabelSequence] = []

    /// Reads `field` if it is the caller's; returns whether it was.
    mutating func readCaller(
        _ field: WireField,
        _ reader: borrowing WireReader,
        _ bytes: Span<UInt8>
    ) throws(WireError) -> Bool {
        switch field.number {
        case Leaf.Field.id: self.id = try reader.id(field)
        case Leaf.Field.type: self.type = try reader.string(field)
        case Leaf.Field.schemaVersion: self.schemaVersion = try field.unsigned32
        case Leaf.Field.subject:
            self.subject = Subject(try reader.string(field))
            if self.subject == nil { throw .outOfRange(field: field.number) }
        case Leaf.Field.occurred: self.occurred = Timestamp(microseconds: try field.sfixed64)
        case Leaf.Field.history: self.isHistory = try field.flag
        case Leaf.Field.actor: self.actor = try ActorSnapshot(bytes, at: try field.range)
        case Leaf.Field.onBehalfOf: self.onBehalfOf = try reader.string(field)
        case Leaf.Field.contactID: self.contactID = try reader.string(field)
        case Leaf.Field.handoffID: self.handoffID = try reader.string(field)
        case Leaf.Field.escalationID: self.escalationID = try reader.string(field)
        case Leaf.Field.causation: self.causation = try reader.id(field)
        case Leaf.Field.label: self.labels.append(try Self.label(bytes, at: try field.range))
        case Leaf.Field.classification:
            self.classification = Classification(wire: try field.unsigned32)
        case Leaf.Field.regulation: self.regulations.append(try reader.string(field))
        case Leaf.Field.section:
            guard self.sections.count < SectionReference.countMax else {
                throw .outOfRange(field: field.number)
            }
            self.sections.append(try Leaf.section(bytes, at: try field.range))
        case EventBody.fields:
            self.body = EventBody(field: field.number, bytes: try reader.data(field))
        default: return false
        }
        return true
    }

    /// Reads `field` if it is the writer's; passes over any other.
    mutating func readWriter(
        _ field: WireField,
        _ reader: borrowing WireReader,
        _ bytes: Span<UInt8>
    ) throws(WireError) {
        switch field.number {
        case Leaf.Field.recorded: self.recorded = HybridTime(rawValue: try field.fixed64)
        case Leaf.Field.order: self.order = Timestamp(microseconds: try field.sfixed64)
        case Leaf.Field.seen:
            let place = try Self.place(bytes, at: try field.range)
            self.seen.append(place.address)
        case Leaf.Field.was: self.was = try Self.place(bytes, at: try field.range)
        case Leaf.Field.labelSequence:
            self.labelSequences.append(try Self.sequence(bytes, at: try field.range))
        default: break
        }
    }

    func draft() throws(WireError) -> EventDraft {
        guard let id else { throw .missing(field: Leaf.Field.id) }
        guard let type else { throw .missing(field: Leaf.Field.type) }
        guard let subject else { throw .missing(field: Leaf.Field.subject) }
        guard let occurred else { throw .missing(field: Leaf.Field.occurred) }
        return EventDraft(
            id: id,
            type: type,
            schemaVersion: self.schemaVersion,
            subject: subject,
            occurred: occurred,
            isHistory: self.isHistory,
            actor: self.actor ?? ActorSnapshot(actorID: "", kind: .notStated),
            onBehalfOf: self.onBehalfOf,
            contactID: self.contactID,
            handoffID: self.handoffID,
            escalationID: self.escalationID,
            causation: self.causation,
            labels: self.labels,
            classification: self.classification,
            regulations: self.regulations,
            sections: self.sections,
            body: self.body
        )
    }

    func stamp() throws(WireError) -> Stamp {
        guard let recorded else { throw .missing(field: Leaf.Field.recorded) }
        guard let order else { throw .missing(field: Leaf.Field.order) }
        return Stamp(
            recorded: recorded,
            order: order,
            seen: self.seen,
            was: self.was,
            labelSequences: self.labelSequences
        )
    }

    static func label(
        _ bytes: Span<UInt8>,
        at range: Range<Int>
    ) throws(WireError) -> Label {
        var name = ""
        var value = ""
        var reader = WireReader(bytes, at: range)
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try reader.string(field)
            case 2: value = try reader.string(field)
            default: break
            }
        }
        return Label(name: name, value: value)
    }

    static func place(
        _ bytes: Span<UInt8>,
        at range: Range<Int>
    ) throws(WireError) -> FormerPlace {
        var log: LogID?
        var index: UInt64 = 0
        var recorded: UInt64 = 0
        var reader = WireReader(bytes, at: range)
        while let field = try reader.next() {
            switch field.number {
            case 1: log = try reader.id(field)
            case 2: index = try field.unsigned
            case 3: recorded = try field.fixed64
            default: break
            }
        }
        guard let log else { throw .missing(field: 1) }
        return FormerPlace(
            address: EventAddress(log: log, index: index),
            recorded: HybridTime(rawValue: recorded)
        )
    }

    static func sequence(
        _ bytes: Span<UInt8>,
        at range: Range<Int>
    ) throws(WireError) -> LabelSequence {
        var sequence: UInt64 = 0
        var previous: UInt64 = 0
        var reader = WireReader(bytes, at: range)
        while let field = try reader.next() {
            switch field.number {
            case 1: sequence = try field.unsigned
            case 2: previous = try field.unsigned
            default: break
            }
        }
        return LabelSequence(sequence: sequence, previous: previous)
    }
}
