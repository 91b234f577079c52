import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@Suite("Tiles")
struct TileTests {
    @Test("A builder hands out each tile of two levels, once, with its hashes and its root")
    func tiles() throws {
        let count = 65_536 + 300
        var builder = TileBuilder()
        var range = CompactRange()
        var emitted: [FullTile] = []
        let leafHashes = (0..<count).map { index in
            MerkleHash.leaf([UInt8(index & 0xFF), UInt8(index >> 8 & 0xFF)].span)
        }
        for hash in leafHashes {
            builder.append(hash) { emitted.append($0) }
            range.append(hash)
        }
        #expect(builder.root == range.root)
        #expect(builder.size == UInt64(count))
        let leaves = emitted.filter { $0.level == 0 }
        let upper = emitted.filter { $0.level == 1 }
        #expect(leaves.map(\.number) == Array(0..<257))
        #expect(upper.map(\.number) == [0])
        #expect(upper[0].hashes == leaves.prefix(256).map(\.root))
        #expect(upper[0].root == range.hashes.first)
        for tile in leaves {
            let start = Int(tile.number) * 256
            #expect(tile.hashes == Array(leafHashes[start..<start + 256]))
            let root = MerkleTree.root(of: tile.hashes.span)
            #expect(tile.root == root)
        }
        #expect(builder.tails.map(\.count) == [300 - 256, 1, 1])
        #expect(TileBuilder(size: UInt64(count), tails: builder.tails)?.root == range.root)
    }

    @Test(
        "A builder goes on from its tails as if it had never stopped",
        arguments: [0, 1, 255, 256, 257, 511, 600]
    )
    func resume(size: Int) throws {
        let tree = NaiveTree(size: 700)
        var builder = TileBuilder()
        for hash in tree.leafHashes.prefix(size) { builder.append(hash) { _ in } }
        var resumed = try #require(TileBuilder(size: UInt64(size), tails: builder.tails))
        #expect(resumed.range == builder.range)
        var expected: [FullTile] = []
        var emitted: [FullTile] = []
        for hash in tree.leafHashes.dropFirst(size) {
            builder.append(hash) { expected.append($0) }
            resumed.append(hash) { emitted.append($0) }
        }
        #expect(emitted == expected)
        #expect(resumed.root == tree.root(size: 700))
    }

    @Test("A builder refuses tails of another size")
    func wrongTails() {
        let hashes = NaiveTree(size: 5).leafHashes
        #expect(TileBuilder(size: 4, tails: [hashes]) == nil)
        #expect(TileBuilder(size: 6, tails: [hashes]) == nil)
        #expect(TileBuilder(size: 256 + 5, tails: [hashes]) == nil)
        #expect(TileBuilder(size: 256 + 5, tails: [hashes, []]) == nil)
        #expect(TileBuilder(size: 5, tails: []) == nil)
        #expect(TileBuilder(size: 5, tails: [hashes])?.size == 5)
    }

    @Test("The partial tiles tell every complete subtree that lies in them")
    func nodes() {
        let size = 3 * 256 + 77
        let tree = NaiveTree(size: size)
        var builder = TileBuilder()
        for hash in tree.leafHashes { builder.append(hash) { _ in } }
        for level in 0..<10 {
            for index in 0..<(size >> level) {
                let found = builder.node(level: level, index: UInt64(index))
                let isInTail = level >= 8 || (index << level) >= 3 * 256
                #expect((found != nil) == isInTail)
                if let found { #expect(found == tree.node(level: level, index: UInt64(index))) }
            }
            #expect(builder.node(level: level, index: UInt64(size >> level)) == nil)
        }
        #expect(builder.node(level: 63, index: .max) == nil)
    }

    @Test(
        "A tile's path is what tlog-tiles says, and reads back",
        arguments: [
            ("tile/0/x001/x234/067", TileAddress(content: .hashes(level: 0), number: 1_234_067)),
            ("tile/0/000", TileAddress(content: .hashes(level: 0), number: 0)),
            ("tile/63/999.p/1", TileAddress(content: .hashes(level: 63), number: 999, width: 1)),
            (
                "tile/1/x001/000.p/255",
                TileAddress(content: .hashes(level: 1), number: 1_000, width: 255)
            ),
            ("tile/entries/x123/456", TileAddress(content: .entries, number: 123_456)),
            (
                "tile/entries/x018/x446/x744/x073/x709/x551/615",
                TileAddress(content: .entries, number: .max)
            ),
        ]
    )
    func paths(path: String, address: TileAddress?) throws {
        #expect(try #require(address).path == path)
        #expect(TileAddress(path: path) == address)
    }

    @Test(
        "A path that no tile has is refused",
        arguments: [
            "", "tile", "tile/0", "tile/0/", "tile/0/1", "tile/0/0001", "tile/0/x000/001",
            "tile/0/001/002", "tile/0/x001", "tile/64/000", "tile/-1/000", "tile/00/000",
            "tile/+0/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/",
            "tile/0/000.p", "tile/0/000.q/1", "tile/0/+01", "/tile/0/000", "tile/0/000/",
            "tile/8/data/000", "tile/0/x018/x446/x744/x073/x709/x551/616", "tile/entries/x00a/000",
            "Tile/0/000", "tile/0/000.p/1/x001",
        ]
    )
    func malformedPath(path: String) {
        #expect(TileAddress(path: path) == nil)
    }

    @Test("A tile outside its range has no address")
    func ranges() {
        #expect(TileAddress(content: .hashes(level: 64), number: 0) == nil)
        #expect(TileAddress(content: .hashes(level: -1), number: 0) == nil)
        #expect(TileAddress(content: .entries, number: 0, width: 0) == nil)
        #expect(TileAddress(content: .entries, number: 0, width: 257) == nil)
    }

    @Test(
        "Leaves that are added many at a time make the tiles of leaves added one by one",
        arguments: [[700], [1, 255, 256, 256], [100, 600, 3], [256, 44, 212, 512]]
    )
    func manyAtATime(counts: [Int]) {
        let hashes = NaiveTree(size: counts.reduce(0, +)).leafHashes
        var (plain, joined) = (TileBuilder(), TileBuilder())
        var (tiles, found): ([FullTile], [FullTile]) = ([], [])
        for hash in hashes { plain.append(hash) { tiles.append($0) } }
        var next = 0
        for count in counts {
            joined.append(leafHashes: Array(hashes[next..<next + count])) { found.append($0) }
            next += count
        }
        #expect(found == tiles)
        #expect(joined.range == plain.range)
        #expect(joined.tails == plain.tails)
    }

    @Test("A complete subtree is added as its leaves would be", arguments: [1, 2, 32, 256])
    func subtrees(width: Int) {
        let hashes = NaiveTree(size: 1_024).leafHashes
        var (plain, joined) = (TileBuilder(), TileBuilder())
        var (tiles, found): ([FullTile], [FullTile]) = ([], [])
        for hash in hashes { plain.append(hash) { tiles.append($0) } }
        for start in stride(from: 0, to: hashes.count, by: width) {
            let part = Array(hashes[start..<start + width])
            joined.append(subtree: part, root: MerkleTree.completeRoot(of: part)) {
                found.append($0)
            }
        }
        #expect(found == tiles)
        #expect(joined.range == plain.range)
        #expect(joined.tails == plain.tails)
    }
}
