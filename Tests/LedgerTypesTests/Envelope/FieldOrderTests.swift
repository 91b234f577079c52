import LedgerTypes
import Testing

/// The readers of a leaf, those of the log, the index and the fold, must see the same event.
@Suite("One reading of a leaf")
struct FieldOrderTests {
    /// What the readers say of `leaf`; they agree.
    private static func refusal(_ leaf: [UInt8]) -> WireError? {
        var refusals: [WireError?] = []
        do throws(WireError) {
            _ = try EventEnvelope(leaf: leaf.span)
            refusals.append(nil)
        } catch {
            refusals.append(error)
        }
        do throws(WireError) {
            _ = try LeafKeys(leaf: leaf.span)
            refusals.append(nil)
        } catch {
            refusals.append(error)
        }
        do throws(WireError) {
            _ = try LeafFields(leaf: leaf.span)
            refusals.append(nil)
        } catch {
            refusals.append(error)
        }
        #expect(refusals[0] == refusals[1])
        #expect(refusals[0] == refusals[2])
        return refusals[0]
    }

    private static func minimal() throws -> [UInt8] {
        Examples.leaf(try Examples.minimalDraft(), Examples.minimalStamp)
    }

    @Test("A field after one with a greater number is refused")
    func outOfOrder() throws {
        var wire = WireWriter(continuing: try Self.minimal())
        wire.string("case:2", field: 4)
        #expect(Self.refusal(wire.bytes) == .outOfOrder(field: 4))
    }

    @Test("A second id, body, stamp or former place is refused")
    func repeated() throws {
        var wire = WireWriter()
        wire.id(EventID(rawValue: 1), field: 1)
        #expect(Self.refusal(wire.bytes + (try Self.minimal())) == .repeated(field: 1))

        var draft = try Examples.minimalDraft()
        draft.body = EventBody(field: 100, bytes: [])
        for second in [100, 101, 899] as [UInt32] {
            wire = WireWriter(continuing: Leaf.encode(draft))
            wire.data([], field: second)
            var leaf = wire.bytes
            Leaf.append(Examples.minimalStamp, to: &leaf)
            #expect(Self.refusal(leaf) == .repeated(field: second))
        }

        wire = WireWriter(continuing: Leaf.encode(draft))
        wire.fixed64(1, field: 1_001)
        var leaf = wire.bytes
        Leaf.append(Examples.minimalStamp, to: &leaf)
        #expect(Self.refusal(leaf) == .repeated(field: 1_001))
    }

    @Test("A field that only a genesis has is refused")
    func genesisField() throws {
        var wire = WireWriter(continuing: try Self.minimal())
        wire.varint(1, field: 2_000)
        #expect(Self.refusal(wire.bytes) == .outOfRange(field: 2_000))
    }

    @Test("Fields of a newer version are passed over, also when repeated")
    func newer() throws {
        var wire = WireWriter(continuing: Leaf.encode(try Examples.minimalDraft()))
        for _ in 0..<2 { wire.varint(7, field: 17) }
        for _ in 0..<2 { wire.string("new", field: 950) }
        var leaf = wire.bytes
        Leaf.append(Examples.minimalStamp, to: &leaf)
        wire = WireWriter(continuing: leaf)
        for _ in 0..<2 { wire.varint(7, field: 1_999) }
        for _ in 0..<2 { wire.varint(7, field: 3_000) }
        #expect(Self.refusal(wire.bytes) == nil)
        let envelope = try EventEnvelope(leaf: wire.bytes.span)
        #expect(envelope.draft == (try Examples.minimalDraft()))
        let end = try Leaf.callerPartEnd(wire.bytes.span)
        #expect(end == leaf.count - (Golden.minimalStamp.count / 2))
    }

    @Test("A word of a newer version reads as not stated")
    func newerWord() throws {
        var draft = try Examples.minimalDraft()
        draft.actor.kind = .notStated
        var bytes = Leaf.encode(draft)
        // After the actor: a classification that this version does not know.
        bytes += [0x70, 99]
        Leaf.append(Examples.minimalStamp, to: &bytes)
        let envelope = try EventEnvelope(leaf: bytes.span)
        #expect(envelope.draft.classification == .notStated)
    }

    @Test("Each field that an event must have is missed", arguments: [1, 2, 4, 5, 1_001, 1_002])
    func missing(number: Int) throws {
        let leaf = try Self.minimal()
        var kept: [UInt8] = []
        var reader = WireReader(leaf.span)
        while let field = try reader.next() {
            guard field.number != UInt32(number) else { continue }
            kept += reader.copy(field.start..<reader.offset)
        }
        #expect(Self.refusal(kept) == .missing(field: UInt32(number)))
    }

    @Test("A malformed subject, a ninth section and a malformed section reference are refused")
    func malformed() throws {
        var wire = WireWriter()
        wire.string("nobody", field: 4)
        #expect(Self.refusal(wire.bytes) == .outOfRange(field: 4))

        var draft = try Examples.minimalDraft()
        draft.sections = [SectionReference](repeating: Examples.section, count: 9)
        let leaf = Examples.leaf(draft, Examples.minimalStamp)
        #expect(throws: WireError.outOfRange(field: 16)) { try EventEnvelope(leaf: leaf.span) }

        draft.sections = [
            SectionReference(
                kind: "row",
                digest: Examples.digest,
                keyID: KeyID(rawValue: 1),
                commitment: [1, 2, 3],
                paddedLength: 256
            )
        ]
        let short = Examples.leaf(draft, Examples.minimalStamp)
        #expect(throws: WireError.outOfRange(field: 4)) { try EventEnvelope(leaf: short.span) }
    }
}

@Suite("Genesis")
struct GenesisTests {
    /// The error of the later example after `change`.
    private static func refusal(_ change: (inout Genesis) -> Void) throws -> WireError? {
        var genesis = try Examples.laterGenesis()
        change(&genesis)
        do throws(WireError) {
            _ = try Genesis(leaf: genesis.leaf.span)
            return nil
        } catch {
            return error
        }
    }

    @Test("A genesis whose keys, nonce, reason, number or signatures are malformed is refused")
    func malformed() throws {
        #expect(try Self.refusal { $0.siteKey = [] } == .outOfRange(field: 2_002))
        #expect(try Self.refusal { $0.logKey.append(0) } == .outOfRange(field: 2_003))
        #expect(try Self.refusal { $0.incarnation = 0 } == .outOfRange(field: 2_004))
        #expect(try Self.refusal { $0.nonce.removeLast() } == .outOfRange(field: 2_005))
        #expect(try Self.refusal { $0.reason = .notStated } == .outOfRange(field: 2_006))
        #expect(try Self.refusal { $0.predecessorSignature = [] } == .outOfRange(field: 2_009))
        #expect(try Self.refusal { $0.signature = [] } == .outOfRange(field: 2_010))
    }

    @Test("Bytes that we would not have written are refused, for they are not what is signed")
    func canonical() throws {
        let leaf = try Examples.genesis().leaf
        var long = leaf
        // The version once more, in two bytes where one does.
        long.replaceSubrange(2..<3, with: [0x81, 0x00])
        #expect(throws: WireError.outOfRange(field: 2_000)) { try Genesis(leaf: long.span) }
        #expect(throws: WireError.outOfRange(field: 2_011)) {
            try Genesis(leaf: (leaf + [0xDA, 0x7D, 0x00]).span)
        }
        var newer = leaf
        newer[2] = 2
        #expect(throws: WireError.outOfRange(field: 2_000)) { try Genesis(leaf: newer.span) }
    }

    @Test("A genesis is no event and an event is no genesis")
    func told() throws {
        let genesis = try Examples.genesis().leaf
        let event = Examples.leaf(try Examples.minimalDraft(), Examples.minimalStamp)
        let isGenesis = Genesis.isGenesis(genesis.span)
        let isEvent = !Genesis.isGenesis(event.span)
        #expect(isGenesis && isEvent)
        #expect(throws: WireError.missing(field: 2_000)) { try Genesis(leaf: event.span) }
        let refused = WireError.outOfRange(field: 2_000)
        #expect(throws: refused) { try EventEnvelope(leaf: genesis.span) }
        #expect(throws: refused) { try LeafKeys(leaf: genesis.span) }
    }
}
