import LedgerTesting
import LedgerTypes
import Merkle
import Testing

/// What a verifier says, as a value.
func refusal(_ verify: () throws(ProofError) -> Void) -> ProofError? {
    do throws(ProofError) {
        try verify()
        return nil
    } catch {
        return error
    }
}

@Suite("Proofs")
struct ProofTests {
    private func inclusion(_ tree: NaiveTree, _ index: Int, _ size: Int) -> [Digest] {
        MerkleTree.inclusionProof(index: UInt64(index), size: UInt64(size), read: tree.node)
    }

    private func consistency(_ tree: NaiveTree, _ old: Int, _ new: Int) -> [Digest] {
        MerkleTree.consistencyProof(from: UInt64(old), to: UInt64(new), read: tree.node)
    }

    @Test("Every leaf of every tree of up to 70 leaves has a proof, and only for its place")
    func everyInclusion() {
        let tree = NaiveTree(size: 70)
        for size in 1...70 {
            let root = tree.root(size: size)
            for index in 0..<size {
                let proof = self.inclusion(tree, index, size)
                let found = refusal { () throws(ProofError) in
                    try InclusionProof.verify(
                        leafHash: tree.leafHashes[index],
                        index: UInt64(index),
                        size: UInt64(size),
                        root: root,
                        proof: proof
                    )
                }
                #expect(found == nil, "leaf \(index) of \(size)")
                let elsewhere = refusal { () throws(ProofError) in
                    try InclusionProof.verify(
                        leafHash: tree.leafHashes[index],
                        index: UInt64((index + 1) % max(size, 2)),
                        size: UInt64(size),
                        root: root,
                        proof: proof
                    )
                }
                #expect(elsewhere != nil, "leaf \(index) of \(size), one further")
            }
        }
    }

    @Test("Every tree of up to 40 leaves is consistent with each of its prefixes")
    func everyConsistency() {
        let tree = NaiveTree(size: 41)
        for new in 1...40 {
            for old in 1...new {
                let proof = self.consistency(tree, old, new)
                let found = refusal { () throws(ProofError) in
                    try ConsistencyProof.verify(
                        oldSize: UInt64(old),
                        oldRoot: tree.root(size: old),
                        newSize: UInt64(new),
                        newRoot: tree.root(size: new),
                        proof: proof
                    )
                }
                #expect(found == nil, "\(old) to \(new)")
                let other = refusal { () throws(ProofError) in
                    try ConsistencyProof.verify(
                        oldSize: UInt64(old),
                        oldRoot: tree.root(size: old),
                        newSize: UInt64(new),
                        newRoot: tree.root(1, new + 1),
                        proof: proof
                    )
                }
                #expect(other != nil, "\(old) to \(new), other leaves")
            }
        }
    }

    @Test("Every subtree of every tree of up to 40 leaves is proved, and each leaf in it")
    func everySubtree() {
        let tree = NaiveTree(size: 40)
        for size in 1...40 {
            for end in 0...size {
                for start in 0...end
                where start == end || MerkleTree.isSubtree(start: UInt64(start), end: UInt64(end)) {
                    self.checkSubtree(tree, start, end, size)
                }
            }
        }
    }

    private func checkSubtree(_ tree: NaiveTree, _ start: Int, _ end: Int, _ size: Int) {
        let root = tree.root(start, end)
        let proof = MerkleTree.subtreeConsistencyProof(
            start: UInt64(start),
            end: UInt64(end),
            size: UInt64(size),
            read: tree.node
        )
        let found = refusal { () throws(ProofError) in
            try ConsistencyProof.verifySubtree(
                start: UInt64(start),
                end: UInt64(end),
                size: UInt64(size),
                subtreeRoot: root,
                root: tree.root(size: size),
                proof: proof
            )
        }
        #expect(found == nil, "[\(start), \(end)) of \(size)")
        for index in start..<end where size == 40 {
            let proof = MerkleTree.subtreeInclusionProof(
                index: UInt64(index),
                start: UInt64(start),
                end: UInt64(end),
                read: tree.node
            )
            let found = refusal { () throws(ProofError) in
                try InclusionProof.verifySubtree(
                    leafHash: tree.leafHashes[index],
                    index: UInt64(index),
                    start: UInt64(start),
                    end: UInt64(end),
                    root: root,
                    proof: proof
                )
            }
            #expect(found == nil, "leaf \(index) of [\(start), \(end))")
        }
    }

    @Test("A span is a subtree exactly if it starts at a multiple of its width's power of two")
    func subtreeShape() {
        for start in 0...70 as ClosedRange<UInt64> {
            for end in 0...70 as ClosedRange<UInt64> {
                var width: UInt64 = 1
                while end > start, width < end - start { width *= 2 }
                let expected = start < end && start.isMultiple(of: width)
                #expect(MerkleTree.isSubtree(start: start, end: end) == expected)
            }
        }
        #expect(MerkleTree.isSubtree(start: 0, end: .max))
        #expect(!MerkleTree.isSubtree(start: 1, end: .max))
        #expect(MerkleTree.isSubtree(start: 1 << 63, end: .max))
    }

    @Test("A reader's error comes out of the generator")
    func readerFails() {
        struct Unreadable: Error {}
        #expect(throws: Unreadable.self) {
            _ = try MerkleTree.inclusionProof(index: 3, size: 9) {
                (_: Int, _: UInt64) throws(Unreadable) -> Digest in throw Unreadable()
            }
        }
    }

    @Test("From an empty tree there is no proof, but an exchange of checkpoints may begin there")
    func emptyOldTree() {
        let root = NaiveTree(size: 3).root(size: 3)
        let empty = MerkleHash.empty
        func verify(_ old: Digest, _ size: UInt64, _ new: Digest) -> ProofError? {
            refusal { () throws(ProofError) in
                try ConsistencyProof.verify(
                    oldSize: 0,
                    oldRoot: old,
                    newSize: size,
                    newRoot: new,
                    proof: []
                )
            }
        }
        func exchange(
            _ old: Digest,
            _ size: UInt64,
            _ new: Digest,
            _ proof: [Digest] = []
        ) -> ProofError? {
            refusal { () throws(ProofError) in
                try ConsistencyProof.verifyExchange(
                    oldSize: 0,
                    oldRoot: old,
                    newSize: size,
                    newRoot: new,
                    proof: proof
                )
            }
        }
        #expect(verify(empty, 0, empty) == .oldTreeEmpty)
        #expect(verify(empty, 3, root) == .oldTreeEmpty)
        #expect(exchange(empty, 0, empty) == nil)
        #expect(exchange(empty, 3, root) == nil)
        #expect(exchange(empty, 3, root, [root]) == .wrongHashCount(1))
        #expect(exchange(root, 3, root) == .otherOldRoot(computed: empty))
        #expect(exchange(empty, 0, root) == .otherRoot(computed: empty))
    }

    @Test("A checkpoint exchange from a size above zero is an ordinary proof")
    func exchangeProof() {
        let tree = NaiveTree(size: 9)
        let proof = self.consistency(tree, 5, 9)
        for (newRoot, isValid) in [(tree.root(size: 9), true), (tree.root(size: 8), false)] {
            let found = refusal { () throws(ProofError) in
                try ConsistencyProof.verifyExchange(
                    oldSize: 5,
                    oldRoot: tree.root(size: 5),
                    newSize: 9,
                    newRoot: newRoot,
                    proof: proof
                )
            }
            #expect((found == nil) == isValid)
        }
    }
}
