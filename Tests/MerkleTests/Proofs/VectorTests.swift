import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@Suite("Proof vectors", .enabled(if: SharedData.hasVectors, "\(SharedData.absence)"))
struct VectorTests {
    struct Inclusion: Decodable {
        var leafIdx: UInt64
        var treeSize: UInt64
        var root: String
        var leafHash: String
        var proof: [String]?
        var wantErr: Bool
    }

    struct SubtreeInclusion: Decodable {
        var leafIdx: UInt64
        var start: UInt64
        var end: UInt64
        var root: String
        var leafHash: String
        var proof: [String]?
        var wantErr: Bool
    }

    struct Consistency: Decodable {
        var size1: UInt64
        var size2: UInt64
        var root1: String
        var root2: String
        var proof: [String]?
        var wantErr: Bool
    }

    struct SubtreeConsistency: Decodable {
        var start: UInt64
        var end: UInt64
        var size: UInt64
        var root1: String
        var root2: String
        var proof: [String]?
        var wantErr: Bool
    }

    @Test("All 518 vector files are there, and each is of a kind that a test reads")
    func everyFileIsRead() {
        let kinds = ["inclusion", "consistency", "subtreeinclusion", "subtreeconsistency"]
        #expect(VectorFiles.paths().count == VectorFiles.count)
        #expect(kinds.map { VectorFiles.paths(in: $0).count }.reduce(0, +) == VectorFiles.count)
    }

    @Test("An inclusion proof is accepted exactly where its vector says so")
    func inclusion() throws {
        let paths = VectorFiles.paths(in: "inclusion")
        #expect(paths.count == 98)
        for path in paths {
            let vector = try VectorFiles.read(path, as: Inclusion.self)
            let root = try VectorFiles.root(vector.root)
            let isValid = try self.accepts(vector.proof, of: vector.leafHash) {
                (proof, leafHash) throws(ProofError) in
                try InclusionProof.verify(
                    leafHash: leafHash,
                    index: vector.leafIdx,
                    size: vector.treeSize,
                    root: root,
                    proof: proof
                )
            }
            #expect(isValid == !vector.wantErr, "\(path)")
        }
    }

    @Test("A subtree inclusion proof is accepted exactly where its vector says so")
    func subtreeInclusion() throws {
        let paths = VectorFiles.paths(in: "subtreeinclusion")
        #expect(paths.count == 204)
        for path in paths {
            let vector = try VectorFiles.read(path, as: SubtreeInclusion.self)
            let root = try VectorFiles.root(vector.root)
            let isValid = try self.accepts(vector.proof, of: vector.leafHash) {
                (proof, leafHash) throws(ProofError) in
                try InclusionProof.verifySubtree(
                    leafHash: leafHash,
                    index: vector.leafIdx,
                    start: vector.start,
                    end: vector.end,
                    root: root,
                    proof: proof
                )
            }
            #expect(isValid == !vector.wantErr, "\(path)")
        }
    }

    @Test("A consistency proof is accepted exactly where its vector says so")
    func consistency() throws {
        let paths = VectorFiles.paths(in: "consistency")
        #expect(paths.count == 98)
        for path in paths {
            let vector = try VectorFiles.read(path, as: Consistency.self)
            let oldRoot = try VectorFiles.root(vector.root1)
            let newRoot = try VectorFiles.root(vector.root2)
            let isValid = try self.accepts(vector.proof) { proof throws(ProofError) in
                try ConsistencyProof.verify(
                    oldSize: vector.size1,
                    oldRoot: oldRoot,
                    newSize: vector.size2,
                    newRoot: newRoot,
                    proof: proof
                )
            }
            #expect(isValid == !vector.wantErr, "\(path)")
        }
    }

    @Test("A subtree consistency proof is accepted exactly where its vector says so")
    func subtreeConsistency() throws {
        let paths = VectorFiles.paths(in: "subtreeconsistency")
        #expect(paths.count == 118)
        for path in paths {
            let vector = try VectorFiles.read(path, as: SubtreeConsistency.self)
            let subtreeRoot = try VectorFiles.root(vector.root1)
            let root = try VectorFiles.root(vector.root2)
            let isValid = try self.accepts(vector.proof) { proof throws(ProofError) in
                try ConsistencyProof.verifySubtree(
                    start: vector.start,
                    end: vector.end,
                    size: vector.size,
                    subtreeRoot: subtreeRoot,
                    root: root,
                    proof: proof
                )
            }
            #expect(isValid == !vector.wantErr, "\(path)")
        }
    }

    /// Whether the leaf's hash is a hash too.
    private func accepts(
        _ hashes: [String]?,
        of leafHash: String,
        _ verify: ([Digest], Digest) throws(ProofError) -> Void
    ) throws -> Bool {
        guard let leaf = try VectorFiles.proof([leafHash])?.first else { return false }
        return try self.accepts(hashes) { proof throws(ProofError) in try verify(proof, leaf) }
    }

    /// Whether the hashes are hashes and `verify` takes them.
    private func accepts(
        _ hashes: [String]?,
        _ verify: ([Digest]) throws(ProofError) -> Void
    ) throws -> Bool {
        guard let proof = try VectorFiles.proof(hashes) else { return false }
        do throws(ProofError) {
            try verify(proof)
            return true
        } catch {
            return false
        }
    }
}
