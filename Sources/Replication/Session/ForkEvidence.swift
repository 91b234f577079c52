internal import LedgerTypes
internal import Merkle

extension ForkEvidence {
    /// What is known of a fork, and whether the log's own key contradicts itself.
    init(
        of local: LocalLog,
        shown: [UInt8],
        oldSize: UInt64,
        proof: [Digest],
        peerShown: [UInt8] = []
    ) {
        let isConclusive =
            Self.contradict(local, local.note, shown, oldSize: oldSize, proof: proof)
            || Self.contradict(local, shown, peerShown, oldSize: oldSize, proof: proof)
        self.init(
            log: local.id,
            position: local.position,
            held: local.note,
            shown: shown,
            oldSize: oldSize,
            proof: proof,
            isConclusive: isConclusive
        )
    }

    /// Whether the log's key signed both notes and they cannot both be true: two roots of one size,
    /// or a proof that leads the longer one back to another root of the shorter one.
    private static func contradict(
        _ local: LocalLog,
        _ old: [UInt8],
        _ new: [UInt8],
        oldSize: UInt64,
        proof: [Digest]
    ) -> Bool {
        guard
            let old = try? LogIdentity.checkpoint(old, of: local.id, genesis: local.genesis),
            let new = try? LogIdentity.checkpoint(new, of: local.id, genesis: local.genesis)
        else { return false }
        if old.size == new.size { return old.root != new.root }
        guard old.size == oldSize, old.size < new.size else { return false }
        func verify(oldRoot: Digest) throws(ProofError) {
            try ConsistencyProof.verify(
                oldSize: old.size,
                oldRoot: oldRoot,
                newSize: new.size,
                newRoot: new.root,
                proof: proof
            )
        }
        do throws(ProofError) {
            try verify(oldRoot: old.root)
        } catch {
            guard case .otherOldRoot(let computed) = error else { return false }
            return (try? verify(oldRoot: computed)) != nil
        }
        return false
    }
}
