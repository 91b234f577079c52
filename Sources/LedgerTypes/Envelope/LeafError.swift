/// Why a draft cannot become a leaf, or a leaf breaks a rule of the format (docs/FORMAT.md).
///
/// Nothing here is helped by trying again: the caller changes the event.
public enum LeafError: Error, Hashable, Sendable {
    /// The id is not a UUIDv7.
    case idNotVersion7(EventID)
    /// The type is not `<noun>.<pastVerb>` in ASCII letters and digits, or is too long.
    case malformedType(bytes: Int)
    /// Schema versions count from 1.
    case schemaVersionZero
    /// The id in this field of the leaf is empty, too long, or has characters that ids do not have.
    case malformedID(field: UInt32)
    /// A text in this field of the leaf is longer than `EventDraft.textBytesMax`.
    case textTooLong(field: UInt32, bytes: Int)
    /// This field of the leaf is there too often.
    case tooMany(field: UInt32, count: Int, max: Int)
    /// The label's name is empty, too long, or not ASCII letters, digits, `_`, `-` and `.`.
    case malformedLabelName(label: Int)
    /// The writer sets the label `subject`; a caller may not.
    case reservedLabelName(label: Int)
    /// The label's value is empty or too long.
    case labelValueLength(label: Int, bytes: Int)
    /// The same name and value once more.
    case repeatedLabel(label: Int)
    /// The kind is empty, too long, or not ASCII letters, digits, `_`, `-` and `.`.
    case malformedSectionKind(section: Int)
    /// The commitment has not 16 bytes.
    case commitmentLength(section: Int, bytes: Int)
    /// The length is none of the size classes.
    case sectionLength(section: Int, bytes: UInt32)
    /// Bodies have the fields 100 to 899.
    case bodyField(UInt32)
    /// More bytes than a leaf may have.
    case tooLong(bytes: Int)
    /// A leaf has one label sequence for `subject` and one for each label.
    case labelSequenceCount(labels: Int, sequences: Int)
    /// `seen` names a log twice, or logs not in rising order.
    case seenOutOfOrder(LogID)
    /// Not the bytes of an event.
    case malformed(WireError)
}

extension Leaf {
    /// Checks a caller's part before it is handed to the writer thread.
    public static func check(callerPart bytes: Span<UInt8>) throws(LeafError) {
        guard bytes.count <= Self.bytesMax else { throw .tooLong(bytes: bytes.count) }
    }

    /// Decodes a whole leaf and checks every rule of the format.
    public static func check(_ leaf: Span<UInt8>) throws(LeafError) -> EventEnvelope {
        guard leaf.count <= Self.bytesMax else { throw .tooLong(bytes: leaf.count) }
        let envelope: EventEnvelope
        do throws(WireError) {
            envelope = try EventEnvelope(leaf: leaf)
        } catch {
            throw .malformed(error)
        }
        try envelope.draft.validate()
        let labels = envelope.draft.labels.count
        let sequences = envelope.stamp.labelSequences.count
        guard sequences == labels + 1 else {
            throw .labelSequenceCount(labels: labels, sequences: sequences)
        }
        for (earlier, later) in zip(envelope.stamp.seen, envelope.stamp.seen.dropFirst()) {
            guard earlier.log < later.log else { throw .seenOutOfOrder(later.log) }
        }
        return envelope
    }
}
