/// Sees to it that a leaf can be understood in one way only: field numbers never fall, a field that
/// may be there once is there once, and there is at most one body.
///
/// An unknown field may be repeated, since a newer version may have made it so.
struct FieldOrder {
    private var previous: UInt32 = 0

    mutating func check(_ field: WireField) throws(WireError) {
        let number = field.number
        guard number >= self.previous else { throw .outOfOrder(field: number) }
        if number == self.previous, !Self.mayRepeat(number) { throw .repeated(field: number) }
        if EventBody.fields.contains(number), EventBody.fields.contains(self.previous) {
            throw .repeated(field: number)
        }
        if Genesis.fields.contains(number) { throw .outOfRange(field: number) }
        self.previous = number
    }

    private static func mayRepeat(_ number: UInt32) -> Bool {
        switch number {
        case Leaf.Field.label, Leaf.Field.regulation, Leaf.Field.section: true
        case Leaf.Field.seen, Leaf.Field.labelSequence: true
        case Leaf.Field.id...Leaf.Field.section: false
        case Leaf.Field.recorded...Leaf.Field.labelSequence: false
        default: !EventBody.fields.contains(number)
        }
    }
}

extension Leaf {
    /// The field number of a section reference.
    public static let sectionField = Leaf.Field.section
    /// The field numbers of the writer's part, which comes last.
    public static let writerFields: ClosedRange<UInt32> = 1_001...1_999

    /// Where the caller's part of `leaf` ends and the writer's begins; the whole count if `leaf`
    /// has not been stamped.
    public static func callerPartEnd(_ leaf: Span<UInt8>) throws(WireError) -> Int {
        var reader = WireReader(leaf)
        while let field = try reader.next() {
            if Self.writerFields.contains(field.number) { return field.start }
        }
        return leaf.count
    }
}
