import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@Suite("Right edge")
struct CompactRangeTests {
    @Test("The root over nothing is SHA-256 of nothing")
    func empty() {
        #expect(CompactRange().root == Digest.sha256(domain: ""))
        #expect(CompactRange().root == MerkleHash.empty)
    }

    @Test("An empty leaf has the hash of RFC 6962's test vectors")
    func emptyLeaf() {
        let none: [UInt8] = []
        let hash = MerkleHash.leaf(none.span)
        #expect(
            hash.hex
                == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        )
    }

    @Test("Appending gives the root of the plain recursion at every size up to 300")
    func everySize() throws {
        let tree = NaiveTree(size: 300)
        var range = CompactRange()
        for size in 0...300 {
            #expect(range.size == UInt64(size))
            #expect(range.root == tree.root(size: size))
            #expect(range.hashes.count == size.nonzeroBitCount)
            let bytes = range.encode()
            let read = CompactRange(decoding: bytes.span)
            #expect(read == range)
            if size < 300 { range.append(tree.leafHashes[size]) }
        }
    }

    @Test("Whole subtrees are appended as their leaves would be")
    func subtrees() {
        let tree = NaiveTree(size: 16 + 8 + 8 + 1)
        var range = CompactRange()
        range.append(tree.root(0, 16), level: 4)
        range.append(tree.root(16, 24), level: 3)
        range.append(tree.root(24, 32), level: 3)
        #expect(range.hashes == [tree.root(0, 32)])
        range.append(tree.leafHashes[32])
        #expect(range.root == tree.root(size: 33))
    }

    @Test("A right edge is not read from too few, too many or half hashes")
    func malformed() {
        var range = CompactRange()
        for hash in NaiveTree(size: 7).leafHashes { range.append(hash) }
        let bytes = range.encode()
        for count in 0..<bytes.count {
            let prefix = Array(bytes.prefix(count))
            let read = CompactRange(decoding: prefix.span)
            #expect(read == nil)
        }
        for extra in [1, 31, 32] {
            let longer = bytes + [UInt8](repeating: 0, count: extra)
            let read = CompactRange(decoding: longer.span)
            #expect(read == nil)
        }
        #expect(CompactRange(size: 8, hashes: range.hashes) == nil)
        #expect(CompactRange(size: .max, hashes: range.hashes) == nil)
    }
}
