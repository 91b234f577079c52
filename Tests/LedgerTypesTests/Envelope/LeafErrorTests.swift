import LedgerTypes
import Testing

@Suite("Limits of a leaf")
struct LeafErrorTests {
    /// The error of the full example after `change`.
    private static func refusal(_ change: (inout EventDraft) -> Void) throws -> LeafError? {
        var draft = try Examples.fullDraft()
        change(&draft)
        do throws(LeafError) {
            try draft.validate()
            return nil
        } catch {
            return error
        }
    }

    @Test("The examples break no rule")
    func valid() throws {
        try Examples.minimalDraft().validate()
        try Examples.fullDraft().validate()
        let leaf = Examples.leaf(try Examples.fullDraft(), Examples.fullStamp)
        _ = try Leaf.check(leaf.span)
    }

    @Test("An id that is no UUIDv7 is refused")
    func id() throws {
        let id = EventID(rawValue: 1)
        let error = try Self.refusal { $0.id = id }
        #expect(error == .idNotVersion7(id))
    }

    @Test(
        "A type that is not <noun>.<pastVerb> is refused",
        arguments: [
            "", "case", ".opened", "case.", "case..opened", "case.öffnete", "case opened",
            "1case.opened", "case.2opened", "case.opened\n",
            "case." + String(repeating: "x", count: 96),
        ]
    )
    func type(text: String) throws {
        let error = try Self.refusal { $0.type = text }
        #expect(error == .malformedType(bytes: text.utf8.count))
    }

    @Test("Schema version 0 is refused")
    func schemaVersion() throws {
        let error = try Self.refusal { $0.schemaVersion = 0 }
        #expect(error == .schemaVersionZero)
    }

    @Test("An id that breaks the rules for ids is refused in each field that has one")
    func ids() throws {
        let long = String(repeating: "x", count: 256)
        #expect(try Self.refusal { $0.actor.actorID = "" } == .malformedID(field: 7))
        #expect(try Self.refusal { $0.actor.actorID = long } == .malformedID(field: 7))
        #expect(try Self.refusal { $0.onBehalfOf = "" } == .malformedID(field: 8))
        #expect(try Self.refusal { $0.contactID = " x" } == .malformedID(field: 9))
        #expect(try Self.refusal { $0.handoffID = long } == .malformedID(field: 10))
        #expect(try Self.refusal { $0.escalationID = "a\u{0}b" } == .malformedID(field: 11))
    }

    @Test("History that does not say who acted has neither kind nor id")
    func unknownActor() throws {
        let nobody = ActorSnapshot(actorID: "", kind: .notStated)
        #expect(try Self.refusal { $0.actor = nobody } == nil)
    }

    @Test("A text over its maximum is refused in the actor and in the regulations")
    func texts() throws {
        let fits = String(repeating: "x", count: EventDraft.textBytesMax)
        let long = fits + "x"
        let error = LeafError.textTooLong(field: 7, bytes: 301)
        #expect(try Self.refusal { $0.actor.team = fits } == nil)
        #expect(try Self.refusal { $0.actor.role = long } == error)
        #expect(try Self.refusal { $0.actor.tier = long } == error)
        #expect(try Self.refusal { $0.actor.team = long } == error)
        #expect(try Self.refusal { $0.actor.siteID = long } == error)
        #expect(try Self.refusal { $0.actor.programme = long } == error)
        #expect(try Self.refusal { $0.actor.authorityLimit?.currency = long } == error)
        #expect(try Self.refusal { $0.actor.skills = ["a", long] } == error)
        #expect(
            try Self.refusal { $0.regulations = [long] } == .textTooLong(field: 15, bytes: 301)
        )
    }

    @Test("More skills, labels, regulations or sections than the maximum are refused")
    func counts() throws {
        let labels = (0...Label.countMax).map { Label(name: "n\($0)", value: "v") }
        let sections = [SectionReference](repeating: Examples.section, count: 9)
        let texts = (0...EventDraft.skillsMax).map { "\($0)" }
        #expect(
            try Self.refusal { $0.actor.skills = texts } == .tooMany(field: 7, count: 33, max: 32)
        )
        #expect(
            try Self.refusal { $0.labels = labels } == .tooMany(field: 13, count: 17, max: 16)
        )
        #expect(
            try Self.refusal { $0.regulations = Array(texts[..<9]) }
                == .tooMany(field: 15, count: 9, max: 8)
        )
        #expect(
            try Self.refusal { $0.sections = sections } == .tooMany(field: 16, count: 9, max: 8)
        )
    }

    @Test(
        "A label name that is empty, too long or not ASCII is refused",
        arguments: ["", "grün", "a b", "a:b", String(repeating: "x", count: 64)]
    )
    func labelName(name: String) throws {
        let label = Label(name: name, value: "v")
        #expect(try Self.refusal { $0.labels.append(label) } == .malformedLabelName(label: 2))
    }

    @Test("The writer's own label, an empty or long value, and a repeated label are refused")
    func labels() throws {
        let own = Label(name: "subject", value: "case:1")
        #expect(try Self.refusal { $0.labels = [own] } == .reservedLabelName(label: 0))
        let empty = Label(name: "queue", value: "")
        #expect(
            try Self.refusal { $0.labels = [empty] } == .labelValueLength(label: 0, bytes: 0)
        )
        let long = Label(name: "queue", value: String(repeating: "x", count: 301))
        #expect(
            try Self.refusal { $0.labels = [long] } == .labelValueLength(label: 0, bytes: 301)
        )
        #expect(
            try Self.refusal { $0.labels.append($0.labels[0]) } == .repeatedLabel(label: 2)
        )
    }

    @Test("A section's kind, commitment and length are refused where they break the format")
    func sections() throws {
        func changed(_ kind: String, _ commitment: Int, _ length: UInt32) -> SectionReference {
            SectionReference(
                kind: kind,
                digest: Examples.digest,
                keyID: KeyID(rawValue: 1),
                commitment: [UInt8](repeating: 0, count: commitment),
                paddedLength: length
            )
        }
        for kind in ["", "größe", "a/b", String(repeating: "k", count: 33)] {
            let section = changed(kind, 16, 256)
            let error = try Self.refusal { $0.sections = [section] }
            #expect(error == .malformedSectionKind(section: 0))
        }
        for count in [0, 15, 17] {
            let section = changed("row", count, 256)
            let error = try Self.refusal { $0.sections = [section] }
            #expect(error == .commitmentLength(section: 0, bytes: count))
        }
        for length in [0, 255, 257, 4_081, 16_711_681, 33_423_360] as [UInt32] {
            let section = changed("row", 16, length)
            let error = try Self.refusal { $0.sections = [section] }
            #expect(error == .sectionLength(section: 0, bytes: length))
        }
    }

    @Test("A body outside its fields is refused", arguments: [0, 16, 99, 900, 1_001] as [UInt32])
    func body(field: UInt32) throws {
        let body = EventBody(field: field, bytes: [])
        #expect(try Self.refusal { $0.body = body } == .bodyField(field))
    }

    @Test("Bytes over 65,535 are refused, as caller's part and as leaf")
    func tooLong() throws {
        var draft = try Examples.minimalDraft()
        let empty = Leaf.encode(draft).count
        // The body's key and length take 5 bytes.
        let room = Leaf.bytesMax - empty - 5
        draft.body = EventBody(field: 100, bytes: [UInt8](repeating: 1, count: room))
        let fits = Leaf.encode(draft)
        #expect(fits.count == Leaf.bytesMax)
        try Leaf.check(callerPart: fits.span)
        draft.body = EventBody(field: 100, bytes: [UInt8](repeating: 1, count: room + 1))
        #expect(throws: LeafError.tooLong(bytes: 65_536)) {
            try Leaf.check(callerPart: Leaf.encode(draft).span)
        }
        let leaf = Examples.leaf(draft, Examples.minimalStamp)
        #expect(throws: LeafError.tooLong(bytes: leaf.count)) { try Leaf.check(leaf.span) }
        #expect(throws: WireError.tooLong(bytes: leaf.count)) {
            try EventEnvelope(leaf: leaf.span)
        }
        #expect(throws: WireError.tooLong(bytes: leaf.count)) { try LeafKeys(leaf: leaf.span) }
    }

    @Test("A leaf without a label sequence for each label, and what is no leaf, are refused")
    func leaf() throws {
        let leaf = Examples.leaf(try Examples.fullDraft(), Examples.minimalStamp)
        #expect(throws: LeafError.labelSequenceCount(labels: 2, sequences: 1)) {
            try Leaf.check(leaf.span)
        }
        var stamp = Examples.fullStamp
        stamp.seen.reverse()
        let disordered = Examples.leaf(try Examples.fullDraft(), stamp)
        #expect(throws: LeafError.seenOutOfOrder(Examples.log)) {
            try Leaf.check(disordered.span)
        }
        #expect(throws: LeafError.malformed(.truncated(offset: 1))) {
            try Leaf.check(([0x0A] as [UInt8]).span)
        }
        let draft = try Examples.minimalDraft()
        #expect(throws: LeafError.malformed(.missing(field: 1_001))) {
            try Leaf.check(Leaf.encode(draft).span)
        }
    }
}

@Suite("Size classes")
struct SizeClassTests {
    @Test(
        "A count takes the smallest class that holds it",
        arguments: [
            (0, 256), (256, 256), (257, 496), (496, 496), (497, 1_008), (1_008, 1_008),
            (1_009, 2_000), (2_000, 2_000), (2_001, 4_080), (4_080, 4_080), (4_081, 8_160),
            (8_161, 16_320), (16_711_680, 16_711_680),
        ]
    )
    func holding(count: Int, size: Int) {
        #expect(SectionReference.sizeClass(holding: count) == size)
        #expect(SectionReference.isSizeClass(size))
    }

    @Test("Over 16 MiB there is none", arguments: [16_711_681, 16 << 20, 1 << 30, Int.max])
    func none(count: Int) {
        #expect(SectionReference.sizeClass(holding: count) == nil)
        #expect(!SectionReference.isSizeClass(count))
    }
}
