package import LedgerTypes
internal import Merkle

extension SyncSession {
    /// The peer shows what this ledger's own key signed. It is believed only if the store agrees.
    mutating func takeOwnCheckpoint(
        _ message: CheckpointMessage,
        _ local: LocalLog
    ) throws(SyncError) -> [Directive] {
        let checkpoint = try LogIdentity.checkpoint(
            message.note,
            of: local.id,
            genesis: local.genesis
        )
        return self.judge(local.id, checkpoint, note: message.note)
    }

    private mutating func judge(
        _ log: LogID,
        _ checkpoint: Checkpoint,
        note: [UInt8]
    ) -> [Directive] {
        guard self.judged.count < SyncLimits.logsMax else { return [] }
        self.judged.append(
            Judged(log: log, size: checkpoint.size, root: checkpoint.root, note: note)
        )
        return [.readOwnRoot(log, size: checkpoint.size)]
    }

    /// The answer to ``Directive/readOwnRoot(_:size:)``: the root that the log has now at `size`;
    /// `nil` if it is shorter.
    package mutating func judgeOwnLog(
        _ log: LogID,
        size: UInt64,
        root: Digest?
    ) -> [Directive] {
        guard let index = self.judged.firstIndex(where: { $0.log == log && $0.size == size })
        else { return [] }
        let judged = self.judged.remove(at: index)
        guard judged.root != root else { return [] }
        self.problems[log] = .forked(log)
        _ = self.leave(log, because: .forked(log))
        return [.suspectOwnLog(log, note: judged.note)]
    }

    mutating func takeFork(_ fork: Fork) throws(SyncError) -> [Directive] {
        guard let local = self.logs[fork.log] else {
            // A log that is not held here was shown by nobody.
            guard self.incoming[fork.log] != nil else { throw .unexpected(.fork) }
            return self.leave(fork.log, because: .forked(fork.log)) + self.proceed()
        }
        guard !self.forkedLogs.contains(fork.log) else { throw .unexpected(.fork) }
        self.forkedLogs.insert(fork.log)
        var directives: [Directive] = []
        if local.writer == .thisLedger {
            for note in [fork.held, fork.shown] where !note.isEmpty {
                let checkpoint = try LogIdentity.checkpoint(
                    note,
                    of: local.id,
                    genesis: local.genesis
                )
                directives += self.judge(local.id, checkpoint, note: note)
            }
        } else if !fork.held.isEmpty {
            directives.append(
                .freeze(
                    self.evidence(
                        local,
                        shown: fork.held,
                        oldSize: fork.oldSize,
                        proof: fork.proof,
                        peerShown: fork.shown
                    )
                )
            )
        }
        return directives + self.leave(fork.log, because: .forked(fork.log)) + self.proceed()
    }

    /// What is known of a fork, and whether the log's own key contradicts itself.
    func evidence(
        _ local: LocalLog,
        shown: [UInt8],
        oldSize: UInt64,
        proof: [Digest],
        peerShown: [UInt8] = []
    ) -> ForkEvidence {
        let isConclusive =
            self.contradict(local, local.note, shown, oldSize: oldSize, proof: proof)
            || self.contradict(local, shown, peerShown, oldSize: oldSize, proof: proof)
        return ForkEvidence(
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
    private func contradict(
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

/// A checkpoint of this ledger's own log that waits for the store's word.
struct Judged: Hashable, Sendable {
    let log: LogID
    let size: UInt64
    let root: Digest
    let note: [UInt8]
}
