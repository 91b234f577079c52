import LedgerTesting
import LedgerTypes
import Merkle
import Testing

/// A proof that was tampered with must not pass: each test changes one thing at a time.
@Suite("Tampered proofs")
struct MutationTests {
    private static let tree = NaiveTree(size: 64)

    /// One claim with its proof, for any of the kinds.
    struct Claim: CustomTestStringConvertible, Sendable {
        var start: UInt64
        var end: UInt64
        var size: UInt64
        /// The leaf, for proofs of inclusion.
        var index: UInt64?
        var known: Digest
        var root: Digest
        var proof: [Digest]

        var testDescription: String {
            let what = self.index.map { "leaf \($0) of" } ?? "consistency of"
            return "\(what) [\(self.start), \(self.end)) in \(self.size)"
        }

        static func inclusion(_ index: Int, _ start: Int, _ end: Int) -> Claim {
            Claim(
                start: UInt64(start),
                end: UInt64(end),
                size: UInt64(end),
                index: UInt64(index),
                known: tree.leafHashes[index],
                root: tree.root(start, end),
                proof: MerkleTree.subtreeInclusionProof(
                    index: UInt64(index),
                    start: UInt64(start),
                    end: UInt64(end),
                    read: tree.node
                )
            )
        }

        static func consistency(_ start: Int, _ end: Int, _ size: Int) -> Claim {
            Claim(
                start: UInt64(start),
                end: UInt64(end),
                size: UInt64(size),
                index: nil,
                known: tree.root(start, end),
                root: tree.root(size: size),
                proof: MerkleTree.subtreeConsistencyProof(
                    start: UInt64(start),
                    end: UInt64(end),
                    size: UInt64(size),
                    read: tree.node
                )
            )
        }

        /// Why the claim is refused, if it is.
        var refusal: ProofError? {
            do throws(ProofError) {
                if let index = self.index {
                    try InclusionProof.verifySubtree(
                        leafHash: self.known,
                        index: index,
                        start: self.start,
                        end: self.end,
                        root: self.root,
                        proof: self.proof
                    )
                } else if self.start == 0 {
                    try ConsistencyProof.verify(
                        oldSize: self.end,
                        oldRoot: self.known,
                        newSize: self.size,
                        newRoot: self.root,
                        proof: self.proof
                    )
                } else {
                    try ConsistencyProof.verifySubtree(
                        start: self.start,
                        end: self.end,
                        size: self.size,
                        subtreeRoot: self.known,
                        root: self.root,
                        proof: self.proof
                    )
                }
                return nil
            } catch {
                return error
            }
        }

        func changing(_ change: (inout Claim) -> Void) -> Claim {
            var claim = self
            change(&claim)
            return claim
        }
    }

    static let claims: [Claim] = [
        .inclusion(0, 0, 8), .inclusion(5, 0, 7), .inclusion(6, 0, 7), .inclusion(40, 0, 41),
        .inclusion(13, 8, 14), .inclusion(18, 16, 32),
        .consistency(0, 1, 8), .consistency(0, 6, 7), .consistency(0, 7, 13),
        .consistency(0, 32, 41), .consistency(8, 14, 21), .consistency(16, 32, 41),
        .consistency(4, 6, 7), .consistency(40, 41, 41),
    ]

    @Test("The untouched proof passes", arguments: Self.claims)
    func untouched(claim: Claim) {
        #expect(claim.refusal == nil)
        #expect(!claim.proof.isEmpty)
    }

    @Test("No bit of the proof, of the known hash or of the root may turn", arguments: Self.claims)
    func flippedBits(claim: Claim) {
        for place in claim.proof.indices {
            let passed = (0..<256).filter { bit in
                let hash = claim.proof[place].flipping(bit: bit)
                return claim.changing { $0.proof[place] = hash }.refusal == nil
            }
            #expect(passed == [], "bits of hash \(place)")
        }
        let known = (0..<256).filter { bit in
            claim.changing { $0.known = $0.known.flipping(bit: bit) }.refusal == nil
        }
        #expect(known == [], "bits of the known hash")
        let root = (0..<256).filter { bit in
            claim.changing { $0.root = $0.root.flipping(bit: bit) }.refusal == nil
        }
        #expect(root == [], "bits of the root")
    }

    @Test("No hash may be missing, added, doubled or swapped", arguments: Self.claims)
    func movedHashes(claim: Claim) {
        for place in claim.proof.indices {
            #expect(claim.changing { $0.proof.remove(at: place) }.refusal != nil)
            #expect(claim.changing { $0.proof.insert($0.proof[place], at: place) }.refusal != nil)
            for other in claim.proof.indices where other > place {
                #expect(claim.changing { $0.proof.swapAt(place, other) }.refusal != nil)
            }
        }
        for extra in [claim.root, claim.known, MerkleHash.empty, claim.proof[0]] {
            for place in 0...claim.proof.count {
                #expect(claim.changing { $0.proof.insert(extra, at: place) }.refusal != nil)
            }
        }
        #expect(claim.changing { $0.proof = [] }.refusal != nil)
        #expect(claim.changing { $0.proof.reverse() }.refusal != nil || claim.proof.count == 1)
        #expect(claim.changing { swap(&$0.known, &$0.root) }.refusal != nil)
    }

    @Test("The leaf is at no other index", arguments: Self.claims.filter { $0.index != nil })
    func otherIndex(claim: Claim) {
        for index in claim.start..<claim.end where index != claim.index {
            #expect(claim.changing { $0.index = index }.refusal != nil, "index \(index)")
        }
        for index in [claim.end, claim.end + 1, claim.end * 2, .max] {
            let refusal = claim.changing { $0.index = index }.refusal
            #expect(refusal == .indexOutOfRange(index: index))
        }
    }

    @Test("A size that is one off, or wild, is never a crash and never lets another root in")
    func otherSizes() {
        for claim in Self.claims {
            for size in [claim.size - 1, claim.size + 1, claim.size * 2, claim.size / 2, 0, .max] {
                // The shape of the path may be the same for a size next to it; then the size is
                // vouched for by the checkpoint's signature, and only the hashes by the proof.
                let changed = claim.changing { $0.size = size }
                let forged = changed.changing { $0.root = $0.root.flipping(bit: 0) }
                #expect(changed.index != nil || forged.refusal != nil)
            }
        }
    }

    @Test("A size that changes the shape of the path is refused")
    func otherShape() {
        let index = 40
        let claim = Claim.inclusion(index, 0, 41)
        for size in 42...64 as ClosedRange<UInt64> {
            #expect(
                claim.changing {
                    $0.end = size; $0.size = size
                }.refusal != nil
            )
        }
        let consistency = Claim.consistency(0, 7, 13)
        // 9 to 16 leaves have the same path from 7; which of them it is, the checkpoint says.
        for size in [7, 8, 17, 26] as [UInt64] {
            #expect(consistency.changing { $0.size = size }.refusal != nil, "size \(size)")
        }
        for old in [1, 2, 3, 4, 5, 6, 8, 9] as [UInt64] {
            #expect(consistency.changing { $0.end = old }.refusal != nil, "old size \(old)")
        }
    }

    @Test("A refusal says what is wrong")
    func reasons() {
        let claim = Claim.consistency(0, 7, 13)
        #expect(
            claim.changing { $0.end = 14 }.refusal == .sizesOutOfOrder(old: 14, new: 13)
        )
        #expect(
            claim.changing { $0.proof.removeLast() }.refusal
                == .wrongHashCount(claim.proof.count - 1)
        )
        #expect(
            claim.changing { $0.known = MerkleHash.empty }.refusal
                == .otherOldRoot(computed: claim.known)
        )
        #expect(
            claim.changing { $0.root = MerkleHash.empty }.refusal
                == .otherRoot(computed: claim.root)
        )
        #expect(
            Claim.consistency(8, 14, 21).changing { $0.start = 9 }.refusal
                == .notASubtree(start: 9, end: 14, size: 21)
        )
    }

    @Test("Random changes to random proofs never pass", arguments: [1, 2, 3] as [UInt64])
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let size = Int.random(in: 2...64, using: &random)
            let isInclusion = Bool.random(using: &random)
            let end = isInclusion ? size : Int.random(in: 1..<size, using: &random)
            let claim: Claim =
                isInclusion
                ? .inclusion(Int.random(in: 0..<size, using: &random), 0, size)
                : .consistency(0, end, size)
            #expect(claim.refusal == nil, "seed \(seed): \(claim.testDescription)")
            let place = Int.random(in: 0..<claim.proof.count, using: &random)
            let other = Self.tree.leafHashes[Int.random(in: 0..<64, using: &random)]
            guard claim.proof[place] != other else { continue }
            let changed = claim.changing { $0.proof[place] = other }
            #expect(changed.refusal != nil, "seed \(seed): \(claim.testDescription), hash \(place)")
        }
    }
}
