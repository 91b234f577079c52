/// The few fields of a leaf that an index needs, read without building the rest.
public struct LeafKeys: Sendable {
    /// The event id.
    public let id: EventID
    /// Where the subject's text lies in the leaf.
    public let subject: Range<Int>
    /// Where the type's text lies in the leaf.
    public let type: Range<Int>
    /// The leaf's field that holds the clear fields, and where they lie; `nil` without any.
    public let body: (field: UInt32, range: Range<Int>)?
    /// Whether it was filled in afterwards.
    public let isHistory: Bool
    /// When it happened.
    public let occurred: Timestamp
    /// When the site wrote it.
    public let recorded: HybridTime
    /// The case's own story clock.
    public let order: Timestamp

    /// Reads the keys of an event's leaf; throws if it is none, as for a genesis.
    public init(leaf bytes: Span<UInt8>) throws(WireError) {
        var id: EventID?
        var subject: Range<Int>?
        var type: Range<Int>?
        var body: (field: UInt32, range: Range<Int>)?
        var isHistory = false
        var occurred: Timestamp?
        var recorded: HybridTime?
        var order: Timestamp?
        guard bytes.count <= Leaf.bytesMax else { throw .tooLong(bytes: bytes.count) }
        var reader = WireReader(bytes)
        var fieldOrder = FieldOrder()
        while let field = try reader.next() {
            try fieldOrder.check(field)
            switch field.number {
            case Leaf.Field.id: id = try reader.id(field)
            case Leaf.Field.type: type = try field.range
            case Leaf.Field.subject:
                let range = try field.range
                guard Subject.isSubject(bytes.extracting(range)) else {
                    throw .outOfRange(field: field.number)
                }
                subject = range
            case Leaf.Field.history: isHistory = try field.flag
            case EventBody.fields: body = (field.number, try field.range)
            case Leaf.Field.occurred: occurred = Timestamp(microseconds: try field.sfixed64)
            case Leaf.Field.recorded: recorded = HybridTime(rawValue: try field.fixed64)
            case Leaf.Field.order: order = Timestamp(microseconds: try field.sfixed64)
            default: break
            }
        }
        guard let id else { throw .missing(field: Leaf.Field.id) }
        guard let type else { throw .missing(field: Leaf.Field.type) }
        guard let subject else { throw .missing(field: Leaf.Field.subject) }
        guard let occurred else { throw .missing(field: Leaf.Field.occurred) }
        guard let recorded else { throw .missing(field: Leaf.Field.recorded) }
        guard let order else { throw .missing(field: Leaf.Field.order) }
        self.id = id
        self.type = type
        self.body = body
        self.isHistory = isHistory
        self.subject = subject
        self.occurred = occurred
        self.recorded = recorded
        self.order = order
    }
}
