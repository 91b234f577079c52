import EventStore
import LedgerTesting
import LedgerTypes
import Sealing
import Testing

@Suite("Preparing an event")
struct PlainSectionTests {
    private static let text = PlainSection(kind: "text", bytes: Array("hello".utf8))

    @Test("Sections are sealed into the draft in their order and open again")
    func seals() throws {
        let key = try Fixed.key()
        let sections = [Self.text, PlainSection(kind: "row", bytes: []), Self.text]
        let prepared = try PreparedEvent.sealing(
            Fixed.draft(),
            sections,
            under: key,
            order: Timestamp(microseconds: 5),
            random: SharedRandom(seed: 1).bytes
        )
        #expect(prepared.draft.sections.map(\.kind) == ["text", "row", "text"])
        #expect(prepared.callerPart == Leaf.encode(prepared.draft))
        #expect(prepared.order == Timestamp(microseconds: 5))
        for (index, section) in sections.enumerated() {
            let opened = try SealedSection.open(
                prepared.sections[index],
                as: prepared.draft.sections[index],
                event: Fixed.event,
                under: key
            )
            #expect(opened == section.bytes)
        }
    }

    @Test("An event without sections needs no key")
    func noSections() throws {
        let prepared = try PreparedEvent.sealing(Fixed.draft(), [], under: nil) { _ in [] }
        #expect(prepared.sections.isEmpty)
        #expect(prepared.draft == (try Fixed.draft()))
    }

    @Test("A ninth section, a malformed draft and a leaf that is too long are refused")
    func refusals() throws {
        func error(_ draft: EventDraft, _ sections: [PlainSection]) throws -> SealingError? {
            let key = try Fixed.key()
            let random = SharedRandom(seed: 1)
            return refusal { () throws(SealingError) in
                _ = try PreparedEvent.sealing(draft, sections, under: key, random: random.bytes)
            }
        }
        let draft = try Fixed.draft()
        let nine = [PlainSection](repeating: Self.text, count: 9)
        #expect(try error(draft, nine) == .tooManySections(count: 9))
        #expect(try error(draft, Array(nine[..<8])) == nil)
        var malformed = draft
        malformed.type = "opened"
        #expect(try error(malformed, [Self.text]) == .draft(.malformedType(bytes: 6)))
        var long = draft
        long.body = EventBody(field: 100, bytes: [UInt8](repeating: 0, count: 65_535))
        let expected = Leaf.encode(long).count
        #expect(try error(long, []) == .draft(.tooLong(bytes: expected)))
    }
}
