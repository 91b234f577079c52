import LedgerTypes
import Testing

/// Bytes that were written once must read for ever: these never change.
@Suite("Golden leaves")
struct LeafGoldenTests {
    @Test("The caller's part of the smallest event has its frozen bytes")
    func minimalDraft() throws {
        #expect(Leaf.encode(try Examples.minimalDraft()).hex == Golden.minimalDraft)
    }

    @Test("The smallest stamped leaf has its frozen bytes and reads back")
    func minimalLeaf() throws {
        let draft = try Examples.minimalDraft()
        let leaf = Examples.leaf(draft, Examples.minimalStamp)
        #expect(leaf.hex == Golden.minimalDraft + Golden.minimalStamp)
        let envelope = try EventEnvelope(leaf: leaf.span)
        #expect(envelope == EventEnvelope(draft: draft, stamp: Examples.minimalStamp))
    }

    @Test("A leaf with every field of the envelope has its frozen bytes and reads back")
    func fullLeaf() throws {
        let draft = try Examples.fullDraft()
        let leaf = Examples.leaf(draft, Examples.fullStamp)
        #expect(leaf.hex == Golden.fullDraft + Golden.fullStamp)
        let envelope = try EventEnvelope(leaf: leaf.span)
        #expect(envelope == EventEnvelope(draft: draft, stamp: Examples.fullStamp))
    }

    @Test("The keys of a leaf are those of its envelope")
    func keys() throws {
        let draft = try Examples.fullDraft()
        let leaf = Examples.leaf(draft, Examples.fullStamp)
        let keys = try LeafKeys(leaf: leaf.span)
        #expect(keys.id == draft.id)
        #expect(keys.occurred == draft.occurred)
        #expect(keys.recorded == Examples.fullStamp.recorded)
        #expect(keys.order == Examples.fullStamp.order)
        #expect(Array(leaf[keys.subject]) == Array(draft.subject.rawValue.utf8))
        #expect(Array(leaf[keys.type]) == Array(draft.type.utf8))
        let end = try Leaf.callerPartEnd(leaf.span)
        #expect(end == Leaf.encode(draft).count)
        let all = try Leaf.callerPartEnd(Leaf.encode(draft).span)
        #expect(all == end)
    }

    @Test("A section reference has its frozen bytes inside the leaf")
    func section() throws {
        var draft = try Examples.minimalDraft()
        draft.sections = [Examples.section]
        #expect(Leaf.encode(draft).hex == Golden.minimalDraft + Golden.section)
    }

    @Test("A genesis has its frozen bytes and reads back")
    func genesis() throws {
        let genesis = try Examples.genesis()
        #expect(genesis.leaf.hex == Golden.genesis)
        let read = try Genesis(leaf: genesis.leaf.span)
        #expect(read == genesis)
        #expect(genesis.signedBytes == Array("cl/genesis/1\0".utf8) + genesis.unsignedBytes)
    }

    @Test("A genesis with a parent and a predecessor's signature has its frozen bytes")
    func laterGenesis() throws {
        let genesis = try Examples.laterGenesis()
        #expect(genesis.leaf.hex == Golden.laterGenesis)
        let read = try Genesis(leaf: genesis.leaf.span)
        #expect(read == genesis)
    }
}
