extension Leaf {
    /// The sequence of a leaf in its first label, which is `subject`; `nil` if `bytes` is no
    /// stamped leaf. Reads no other field.
    public static func firstLabelSequence(_ bytes: Span<UInt8>) -> UInt64? {
        do {
            var reader = WireReader(bytes)
            while let field = try reader.next() {
                guard field.number == Field.labelSequence else { continue }
                var inner = WireReader(bytes, at: try field.range)
                var sequence: UInt64 = 0
                while let part = try inner.next() {
                    if part.number == 1 { sequence = try part.unsigned }
                }
                return sequence
            }
            return nil
        } catch {
            return nil
        }
    }

    /// The section references of a leaf, in order. Reads no other field.
    public static func sections(_ bytes: Span<UInt8>) throws(WireError) -> [SectionReference] {
        var sections: [SectionReference] = []
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            guard field.number <= Field.section else { break }
            guard field.number == Field.section else { continue }
            guard sections.count < SectionReference.countMax else {
                throw .outOfRange(field: field.number)
            }
            sections.append(try Self.section(bytes, at: try field.range))
        }
        return sections
    }
}
