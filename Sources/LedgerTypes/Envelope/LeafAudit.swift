/// The fields of an event's leaf that tie it to other rows: subject, sections, labels and clock.
/// Read to verify a log without building whole envelopes.
public struct LeafAudit: Hashable, Sendable {
    /// Where the subject's text lies in the leaf.
    public let subject: Range<Int>
    /// When the site wrote it.
    public let recorded: HybridTime
    /// The sealed sections, in order.
    public let sections: [SectionReference]
    /// The caller's labels, without `subject`.
    public let labels: [Label]
    /// One for the label `subject`, then one for each of `labels`.
    public let labelSequences: [LabelSequence]

    /// Reads an event's leaf; throws if it is none, as for a genesis.
    public init(leaf bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count <= Leaf.bytesMax else { throw .tooLong(bytes: bytes.count) }
        var subject: Range<Int>?
        var recorded: HybridTime?
        var sections: [SectionReference] = []
        var labels: [Label] = []
        var sequences: [LabelSequence] = []
        var fieldOrder = FieldOrder()
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            try fieldOrder.check(field)
            switch field.number {
            case Leaf.Field.subject: subject = try field.range
            case Leaf.Field.recorded: recorded = HybridTime(rawValue: try field.fixed64)
            case Leaf.Field.section:
                guard sections.count < SectionReference.countMax else {
                    throw .outOfRange(field: field.number)
                }
                sections.append(try Leaf.section(bytes, at: try field.range))
            case Leaf.Field.label:
                labels.append(try LeafParts.label(bytes, at: try field.range))
            case Leaf.Field.labelSequence:
                sequences.append(try LeafParts.sequence(bytes, at: try field.range))
            default: break
            }
        }
        guard let subject else { throw .missing(field: Leaf.Field.subject) }
        guard let recorded else { throw .missing(field: Leaf.Field.recorded) }
        guard sequences.count == labels.count + 1 else {
            throw .missing(field: Leaf.Field.labelSequence)
        }
        self.subject = subject
        self.recorded = recorded
        self.sections = sections
        self.labels = labels
        self.labelSequences = sequences
    }
}
