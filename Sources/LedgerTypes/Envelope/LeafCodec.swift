/// The bytes of a leaf: protobuf wire format, schema in docs/caseledger.proto (DESIGN.md 3).
///
/// The caller's part comes first, in field order; the writer's stamps follow as the last fields, so
/// that the caller's part is encoded off the writer thread and only the stamps on it.
public enum Leaf {
    /// The most bytes of a leaf: a C2SP tile entry's length is a `u16`.
    public static let bytesMax = 65_535
    /// The most bytes of an event type.
    public static let typeBytesMax = 100

    enum Field {
        static let id: UInt32 = 1
        static let type: UInt32 = 2
        static let schemaVersion: UInt32 = 3
        static let subject: UInt32 = 4
        static let occurred: UInt32 = 5
        static let history: UInt32 = 6
        static let actor: UInt32 = 7
        static let onBehalfOf: UInt32 = 8
        static let contactID: UInt32 = 9
        static let handoffID: UInt32 = 10
        static let escalationID: UInt32 = 11
        static let causation: UInt32 = 12
        static let label: UInt32 = 13
        static let classification: UInt32 = 14
        static let regulation: UInt32 = 15
        static let section: UInt32 = 16
        static let recorded: UInt32 = 1_001
        static let order: UInt32 = 1_002
        static let seen: UInt32 = 1_003
        static let was: UInt32 = 1_004
        static let labelSequence: UInt32 = 1_005
        static let genesis: UInt32 = 2_000
    }

    /// Encodes the caller's part.
    public static func encode(_ draft: EventDraft) -> [UInt8] {
        var wire = WireWriter(capacity: 384 + (draft.body?.bytes.count ?? 0))
        wire.id(draft.id, field: Field.id)
        wire.string(draft.type, field: Field.type)
        wire.varint(UInt64(draft.schemaVersion), field: Field.schemaVersion)
        wire.string(draft.subject.rawValue, field: Field.subject)
        wire.sfixed64(draft.occurred.microseconds, field: Field.occurred)
        wire.flag(draft.isHistory, field: Field.history)
        wire.message(field: Field.actor) { draft.actor.encode(to: &$0) }
        wire.string(draft.onBehalfOf, field: Field.onBehalfOf)
        wire.string(draft.contactID, field: Field.contactID)
        wire.string(draft.handoffID, field: Field.handoffID)
        wire.string(draft.escalationID, field: Field.escalationID)
        if let causation = draft.causation { wire.id(causation, field: Field.causation) }
        for label in draft.labels {
            wire.message(field: Field.label) { inner in
                inner.string(label.name, field: 1)
                inner.string(label.value, field: 2)
            }
        }
        if draft.classification != .notStated {
            wire.varint(UInt64(draft.classification.rawValue), field: Field.classification)
        }
        for regulation in draft.regulations { wire.string(regulation, field: Field.regulation) }
        for section in draft.sections {
            wire.message(field: Field.section) { Self.encode(section, to: &$0) }
        }
        if let body = draft.body { wire.data(body.bytes, field: body.field) }
        return wire.bytes
    }

    /// Appends the writer's part to the encoded caller's part.
    public static func append(_ stamp: Stamp, to callerPart: inout [UInt8]) {
        var wire = WireWriter(continuing: callerPart)
        callerPart = []
        wire.fixed64(stamp.recorded.rawValue, field: Field.recorded)
        wire.sfixed64(stamp.order.microseconds, field: Field.order)
        for seen in stamp.seen {
            wire.message(field: Field.seen) { inner in
                inner.id(seen.log, field: 1)
                inner.varint(seen.index, field: 2)
            }
        }
        if let was = stamp.was {
            wire.message(field: Field.was) { inner in
                inner.id(was.address.log, field: 1)
                inner.varint(was.address.index, field: 2)
                inner.fixed64(was.recorded.rawValue, field: 3)
            }
        }
        for place in stamp.labelSequences {
            wire.message(field: Field.labelSequence) { inner in
                inner.varint(place.sequence, field: 1)
                inner.varint(place.previous, field: 2)
            }
        }
        callerPart = wire.bytes
    }

    private static func encode(_ section: SectionReference, to wire: inout WireWriter) {
        wire.string(section.kind, field: 1)
        wire.digest(section.digest, field: 2)
        wire.id(section.keyID, field: 3)
        wire.data(section.commitment, field: 4)
        wire.varint(UInt64(section.paddedLength), field: 5)
    }

    /// Reads one section reference.
    static func section(
        _ bytes: Span<UInt8>,
        at range: Range<Int>
    ) throws(WireError) -> SectionReference {
        var kind: String?
        var digest: Digest?
        var keyID: KeyID?
        var commitment: [UInt8] = []
        var length: UInt32 = 0
        var reader = WireReader(bytes, at: range)
        while let field = try reader.next() {
            switch field.number {
            case 1: kind = try reader.string(field)
            case 2: digest = try reader.digest(field)
            case 3: keyID = try reader.id(field)
            case 4: commitment = try reader.data(field)
            case 5: length = try field.unsigned32
            default: break
            }
        }
        guard let kind else { throw .missing(field: 1) }
        guard let digest else { throw .missing(field: 2) }
        guard let keyID else { throw .missing(field: 3) }
        guard commitment.count == 16 else { throw .outOfRange(field: 4) }
        guard length <= UInt32(SectionReference.bytesMax) else { throw .outOfRange(field: 5) }
        return SectionReference(
            kind: kind,
            digest: digest,
            keyID: keyID,
            commitment: commitment,
            paddedLength: length
        )
    }
}
