extension Leaf {
    /// The sections that `leaf` refers to, in order, read without building the rest; none for a
    /// genesis.
    public static func sections(of leaf: Span<UInt8>) throws(WireError) -> [SectionReference] {
        var sections: [SectionReference] = []
        var reader = WireReader(leaf)
        while let field = try reader.next() {
            if field.number < Field.section { continue }
            if field.number > Field.section { break }
            guard sections.count < SectionReference.countMax else {
                throw .outOfRange(field: field.number)
            }
            sections.append(try Self.section(leaf, at: try field.range))
        }
        return sections
    }
}
