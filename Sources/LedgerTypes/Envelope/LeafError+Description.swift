extension LeafError: CustomStringConvertible {
    /// What is wrong, as a sentence.
    public var description: String {
        switch self {
        case .idNotVersion7(let id): "its id \(id) is not a UUIDv7"
        case .malformedType(let bytes):
            "its type (\(bytes) bytes) is not <noun>.<pastVerb> of at most \(Leaf.typeBytesMax)"
        case .schemaVersionZero: "its schema version is 0; versions count from 1"
        case .malformedID(let field):
            "the id in \(Self.name(field)) is empty, too long or has characters ids do not have"
        case .textTooLong(let field, let bytes):
            "the text in \(Self.name(field)) has \(bytes) bytes, more than are allowed"
        case .tooMany(let field, let count, let max):
            "\(Self.name(field)) is there \(count) times; at most \(max) are allowed"
        case .malformedLabelName(let label):
            "the name of label \(label + 1) is empty, too long or not plain ASCII"
        case .reservedLabelName: "the label \"\(Label.subjectName)\" is set by the ledger"
        case .labelValueLength(let label, let bytes):
            "the value of label \(label + 1) has \(bytes) bytes; "
                + "1 to \(Label.valueBytesMax) are allowed"
        case .repeatedLabel(let label): "label \(label + 1) is there twice"
        case .malformedSectionKind(let section):
            "the kind of section \(section + 1) is empty, too long or not plain ASCII"
        case .commitmentLength(let section, let bytes):
            "the commitment of section \(section + 1) has \(bytes) bytes, not 16"
        case .sectionLength(let section, let bytes):
            "section \(section + 1) has \(bytes) bytes, which is no size class"
        case .bodyField(let field): "its body is in field \(field), outside 100 to 899"
        case .tooLong(let bytes): "it has \(bytes) bytes; at most \(Leaf.bytesMax) are allowed"
        case .labelSequenceCount(let labels, let sequences):
            "it has \(labels) labels and \(sequences) label sequences"
        case .seenOutOfOrder(let log): "what it saw of log \(log.short) is out of order"
        case .malformed(let error): "its bytes are malformed: \(error)"
        }
    }

    private static func name(_ field: UInt32) -> String {
        switch field {
        case Leaf.Field.type: "type"
        case Leaf.Field.subject: "subject"
        case Leaf.Field.actor: "actor"
        case Leaf.Field.onBehalfOf: "onBehalfOf"
        case Leaf.Field.contactID: "contactID"
        case Leaf.Field.handoffID: "handoffID"
        case Leaf.Field.escalationID: "escalationID"
        case Leaf.Field.label: "labels"
        case Leaf.Field.regulation: "regulations"
        case Leaf.Field.section: "sections"
        default: "field \(field)"
        }
    }
}
