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
        let isReverted = Self.goesOn(from: local.position, to: checkpoint, message)
        return self.judge(
            local.id,
            checkpoint,
            OwnLogEvidence(
                note: message.note,
                oldSize: message.oldSize,
                proof: message.proof,
                isReverted: isReverted
            )
        )
    }

    /// Whether `message` proves that its checkpoint goes on from `position`.
    private static func goesOn(
        from position: Position,
        to checkpoint: Checkpoint,
        _ message: CheckpointMessage
    ) -> Bool {
        guard message.oldSize == position.size, position.size < checkpoint.size
        else { return false }
        do throws(ProofError) {
            try ConsistencyProof.verifyExchange(
                oldSize: position.size,
                oldRoot: position.root,
                newSize: checkpoint.size,
                newRoot: checkpoint.root,
                proof: message.proof
            )
            return true
        } catch {
            return false
        }
    }

    private mutating func judge(
        _ log: LogID,
        _ checkpoint: Checkpoint,
        _ evidence: OwnLogEvidence
    ) -> [Directive] {
        guard self.judged.count < SyncLimits.logsMax else { return [] }
        self.judged.append(
            Judged(
                log: log,
                size: checkpoint.size,
                root: checkpoint.root,
                evidence: evidence
            )
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
        return [.suspectOwnLog(log, judged.evidence)]
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
                directives += self.judge(
                    local.id,
                    checkpoint,
                    OwnLogEvidence(
                        note: note,
                        oldSize: fork.oldSize,
                        proof: fork.proof,
                        isReverted: false
                    )
                )
            }
        } else if !fork.held.isEmpty {
            directives.append(
                .freeze(
                    ForkEvidence(
                        of: local,
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
}

/// A checkpoint of this ledger's own log that waits for the store's word.
struct Judged: Hashable, Sendable {
    let log: LogID
    let size: UInt64
    let root: Digest
    let evidence: OwnLogEvidence
}
