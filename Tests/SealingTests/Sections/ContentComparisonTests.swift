import EventStore
import LedgerTesting
import LedgerTypes
import Sealing
import Testing

@Suite("Same id, same content")
struct ContentComparisonTests {
    private static let sections = [
        PlainSection(kind: "row", bytes: Array("a,b".utf8)),
        PlainSection(kind: "header", bytes: Array("x,y".utf8)),
    ]

    /// An event as it is stored, and as it comes again.
    private struct Retry {
        var leaf: [UInt8]
        var stored: [[UInt8]?]
        var event: PreparedEvent
        var plaintexts: [PlainSection]
        var keys: [DataKey]

        /// Seals `first`, stores it, and seals `again`.
        init(
            _ first: [PlainSection],
            again: [PlainSection],
            change: (inout EventDraft) -> Void = { _ in }
        ) throws {
            let firstKey = try Fixed.key(id: 1)
            let secondKey = try Fixed.key(id: 2, first: 9)
            let draft = try Fixed.draft()
            let stored = try PreparedEvent.sealing(
                draft,
                first,
                under: firstKey,
                random: SharedRandom(seed: 1).bytes
            )
            var changed = draft
            change(&changed)
            self.event = try PreparedEvent.sealing(
                changed,
                again,
                under: secondKey,
                order: Timestamp(microseconds: 77),
                random: SharedRandom(seed: 2).bytes
            )
            self.leaf = stored.callerPart
            let stamp = Stamp(
                recorded: HybridTime(rawValue: 1),
                order: Timestamp(microseconds: 1),
                labelSequences: [LabelSequence(sequence: 0, previous: 0)]
            )
            Leaf.append(stamp, to: &self.leaf)
            self.stored = stored.sections
            self.plaintexts = again
            self.keys = [firstKey, secondKey]
        }

        func isSame(kinds: Set<String>? = nil) -> Bool {
            let keys = self.keys
            let comparison = ContentComparison(kinds: kinds) { id in keys.first { $0.id == id } }
            let rule = comparison.rule([self.event.draft.id: self.plaintexts])
            return rule(self.leaf, self.stored, self.event)
        }
    }

    @Test("The same event sealed anew, under another key, is the same")
    func sealedAnew() throws {
        let retry = try Retry(Self.sections, again: Self.sections)
        #expect(retry.isSame())
        #expect(try Retry([], again: []).isSame())
    }

    @Test("Another text in a section is other content, if only by its length")
    func otherText() throws {
        var other = Self.sections
        other[0].bytes.append(0)
        #expect(!(try Retry(Self.sections, again: other).isSame()))
    }

    @Test("More, fewer, other or reordered sections are other content")
    func otherSections() throws {
        let sections = Self.sections
        #expect(!(try Retry(sections, again: [sections[0]]).isSame()))
        #expect(!(try Retry([sections[0]], again: sections).isSame()))
        #expect(!(try Retry(sections, again: sections.reversed()).isSame()))
        let renamed = [sections[0], PlainSection(kind: "trace", bytes: sections[1].bytes)]
        #expect(!(try Retry(sections, again: renamed).isSame()))
    }

    @Test("Any other field of the caller is other content")
    func otherFields() throws {
        func isSame(_ change: (inout EventDraft) -> Void) throws -> Bool {
            try Retry(Self.sections, again: Self.sections, change: change).isSame()
        }
        #expect(!(try isSame { $0.type = "case.closed" }))
        #expect(!(try isSame { $0.occurred = Timestamp(microseconds: 2) }))
        #expect(!(try isSame { $0.isHistory = true }))
        #expect(!(try isSame { $0.actor.team = "V5" }))
        #expect(!(try isSame { $0.labels = [Label(name: "queue", value: "a")] }))
        #expect(!(try isSame { $0.body = EventBody(field: 100, bytes: [1]) }))
        #expect(!(try isSame { $0.causation = Fixed.otherEvent }))
    }

    @Test("Where the key or the section is gone, the clear fields decide")
    func gone() throws {
        var other = Self.sections
        other[0].bytes.append(0)
        var retry = try Retry(Self.sections, again: other)
        retry.keys.removeFirst()
        #expect(retry.isSame())
        retry = try Retry(Self.sections, again: other)
        retry.stored[0] = nil
        #expect(retry.isSame())
        retry.stored = []
        #expect(retry.isSame())
        // The section whose key is here still counts.
        retry = try Retry(Self.sections, again: Self.sections)
        retry.stored[0] = nil
        retry.plaintexts[1].bytes = []
        #expect(!retry.isSame())
    }

    /// Lost otherwise: a longer extract of the same source would be refused at its first row.
    @Test("An import compares its rows and lets the header stand at another row")
    func importedRows() throws {
        let sections = Self.sections
        #expect(try Retry(sections, again: [sections[0]]).isSame(kinds: ["row"]))
        #expect(try Retry([sections[0]], again: sections.reversed()).isSame(kinds: ["row"]))
        var other = sections
        other[0].bytes = []
        #expect(!(try Retry(sections, again: other).isSame(kinds: ["row"])))
        #expect(!(try Retry(sections, again: [sections[1]]).isSame(kinds: ["row"])))
    }

    @Test("A genesis or damaged leaf is not the same as anything")
    func damaged() throws {
        var retry = try Retry(Self.sections, again: Self.sections)
        retry.leaf.removeLast()
        #expect(!retry.isSame())
        retry.leaf = []
        #expect(!retry.isSame())
    }
}
