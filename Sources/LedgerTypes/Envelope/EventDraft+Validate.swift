extension EventDraft {
    /// The most bytes of a text in the actor or of a regulation.
    public static let textBytesMax = 300
    /// The most regulations.
    public static let regulationsMax = 8
    /// The most skills of the actor.
    public static let skillsMax = 32

    /// Checks every rule of the format that the types leave open; throws the first breach.
    public func validate() throws(LeafError) {
        guard self.id.isVersion7 else { throw .idNotVersion7(self.id) }
        guard Self.isType(self.type) else { throw .malformedType(bytes: self.type.utf8.count) }
        guard self.schemaVersion > 0 else { throw .schemaVersionZero }
        try self.validateActor()
        try Self.validate(id: self.onBehalfOf, field: Leaf.Field.onBehalfOf)
        try Self.validate(id: self.contactID, field: Leaf.Field.contactID)
        try Self.validate(id: self.handoffID, field: Leaf.Field.handoffID)
        try Self.validate(id: self.escalationID, field: Leaf.Field.escalationID)
        try self.validateLabels()
        try Self.validate(
            count: self.regulations.count,
            max: Self.regulationsMax,
            field: Leaf.Field.regulation
        )
        for text in self.regulations {
            try Self.validate(text: text, field: Leaf.Field.regulation)
        }
        try self.validateSections()
        if let body, !EventBody.fields.contains(body.field) { throw .bodyField(body.field) }
    }

    /// Whether `text` is `<noun>.<pastVerb>`: two or more names of ASCII letters and digits, each
    /// beginning with a letter, joined by full stops.
    public static func isType(_ text: String) -> Bool {
        guard text.utf8.count <= Leaf.typeBytesMax else { return false }
        var names = 0
        var isStart = true
        for byte in text.utf8 {
            if isStart {
                guard Self.isLetter(byte) else { return false }
                names += 1
                isStart = false
            } else if byte == UInt8(ascii: ".") {
                isStart = true
            } else {
                guard Self.isLetter(byte) || Self.isDigit(byte) else { return false }
            }
        }
        return names >= 2 && !isStart
    }

    /// Whether `text` is an ASCII name of 1 to `bytesMax` letters, digits, `_`, `-` and `.`.
    static func isName(_ text: String, bytesMax: Int) -> Bool {
        (1...bytesMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                Self.isLetter(byte) || Self.isDigit(byte) || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            }
    }

    private func validateActor() throws(LeafError) {
        // History may not say who acted; then there is neither a kind nor an id.
        if !self.actor.actorID.isEmpty || self.actor.kind != .notStated {
            try Self.validate(id: self.actor.actorID, field: Leaf.Field.actor)
        }
        try Self.validate(
            count: self.actor.skills.count,
            max: Self.skillsMax,
            field: Leaf.Field.actor
        )
        let texts = [
            self.actor.role, self.actor.tier, self.actor.team, self.actor.siteID,
            self.actor.programme, self.actor.authorityLimit?.currency,
        ]
        for case let text? in texts { try Self.validate(text: text, field: Leaf.Field.actor) }
        for text in self.actor.skills { try Self.validate(text: text, field: Leaf.Field.actor) }
    }

    private func validateLabels() throws(LeafError) {
        try Self.validate(count: self.labels.count, max: Label.countMax, field: Leaf.Field.label)
        for (index, label) in self.labels.enumerated() {
            guard Self.isName(label.name, bytesMax: Label.nameBytesMax) else {
                throw .malformedLabelName(label: index)
            }
            guard label.name != Label.subjectName else { throw .reservedLabelName(label: index) }
            let bytes = label.value.utf8.count
            guard (1...Label.valueBytesMax).contains(bytes) else {
                throw .labelValueLength(label: index, bytes: bytes)
            }
            guard !self.labels[..<index].contains(label) else {
                throw .repeatedLabel(label: index)
            }
        }
    }

    private func validateSections() throws(LeafError) {
        try Self.validate(
            count: self.sections.count,
            max: SectionReference.countMax,
            field: Leaf.Field.section
        )
        for (index, section) in self.sections.enumerated() {
            guard SectionReference.isKind(section.kind) else {
                throw .malformedSectionKind(section: index)
            }
            let bytes = section.commitment.count
            guard bytes == SectionReference.commitmentByteCount else {
                throw .commitmentLength(section: index, bytes: bytes)
            }
            guard SectionReference.isSizeClass(Int(section.paddedLength)) else {
                throw .sectionLength(section: index, bytes: section.paddedLength)
            }
        }
    }

    private static func validate(id: String?, field: UInt32) throws(LeafError) {
        if let id, !Subject.isID(id) { throw .malformedID(field: field) }
    }

    private static func validate(text: String, field: UInt32) throws(LeafError) {
        let bytes = text.utf8.count
        guard bytes <= Self.textBytesMax else { throw .textTooLong(field: field, bytes: bytes) }
    }

    private static func validate(count: Int, max: Int, field: UInt32) throws(LeafError) {
        guard count <= max else { throw .tooMany(field: field, count: count, max: max) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension SectionReference {
    /// Whether `text` is an ASCII name of 1 to ``kindBytesMax`` letters, digits, `_`, `-` and `.`.
    public static func isKind(_ text: String) -> Bool {
        EventDraft.isName(text, bytesMax: Self.kindBytesMax)
    }
}
