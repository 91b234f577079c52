internal import LedgerTypes
internal import Merkle

extension SyncSession {
    /// Both sides derive from the two VECTORs who sends what, so that each knows when it has
    /// everything and no frame needs to say so.
    mutating func takeVector(_ vector: Vector) throws(SyncError) -> [Directive] {
        for entry in vector.entries { self.peerEntries[entry.position.log] = entry }
        self.state = .exchanging
        self.scope.isOpen = self.scope.scope != nil
        var directives: [Directive] = []
        for log in Array(self.logs.values).inSendingOrder { directives += self.plan(log) }
        for entry in vector.entries where self.logs[entry.position.log] == nil {
            directives += self.expect(entry)
        }
        return directives + self.proceed()
    }

    /// Where the peer's copy of `log` stands; a log that its VECTOR leaves out is equal if this
    /// side's HELLO said where it stands, and else not held.
    private func peerEntry(_ log: LocalLog) -> Vector.Entry? {
        if let entry = self.peerEntries[log.id] { return entry }
        guard let view = self.ownHello?.views.first(where: { $0.log == log.id }) else { return nil }
        return Vector.Entry(position: view, provable: 0)
    }

    private mutating func plan(_ log: LocalLog) -> [Directive] {
        let peer = self.peerEntry(log)
        let peerSize = peer?.position.size ?? 0
        if log.writer == .otherSite, log.isFrozen, let known = log.fork, let peer, !peer.isFrozen,
            peerSize > log.position.size
        {
            // Its writer goes on, or somebody takes what it writes: they have to see both notes.
            let fork = Fork(
                log: log.id,
                held: known.held,
                shown: known.shown,
                oldSize: known.oldSize,
                proof: known.proof
            )
            return self.leave(log.id, because: .forked(log.id)) + [.send(fork.frame)]
        }
        if let peer, peerSize == log.position.size {
            guard peer.position.root != log.position.root else { return [] }
            return self.forked(log.id, shown: [], oldSize: 0, proof: [])
        }
        if log.part != nil, peerSize < log.position.size {
            // Home went back behind what it signed: it is shown that, and nothing else.
            guard peerSize > 0, let target = self.checkpoint(of: log) else { return [] }
            var outgoing = Outgoing(oldSize: peerSize, target: target, note: log.note)
            outgoing.isCheckpointOnly = true
            self.outgoing.append(outgoing)
            self.scope.isOpen = false
            return []
        }
        if let peer, peerSize > log.position.size {
            guard log.writer != .thisLedger else {
                // A bare claim of more than this ledger wrote: it must be shown, and signed.
                let error = SyncError.proofRequired(log.id)
                self.problems[log.id] = error
                return [.send(ErrorMessage(error, position: log.position).frame)]
            }
            guard log.takesLeaves, peer.provable > log.position.size else { return [] }
            let incoming = Incoming(
                old: log.position,
                expected: peer.provable,
                selection: log.repair?.selection
            )
            // Nothing of what is rotten can be proven there.
            if incoming.next < incoming.end { self.incoming[log.id] = incoming }
            return []
        }
        guard peerSize < log.provable, !(peer?.isFrozen ?? false) else { return [] }
        // A partner is sent its part of the log, once it has said what it holds.
        if self.scope.scope != nil, log.writer == .thisLedger, self.isHome { return [] }
        guard let target = self.checkpoint(of: log) else {
            return self.refuse(log.id, because: .damaged(log.id))
        }
        let outgoing = Outgoing(
            oldSize: peerSize,
            target: target,
            note: log.note,
            selection: self.peerSelections[log.id]
        )
        if outgoing.next < outgoing.end { self.outgoing.append(outgoing) }
        return []
    }

    /// Whether this side lets the peer have a part of its log.
    private var isHome: Bool { self.scope.scope != .partner && self.scope.scope != nil }

    /// What the checkpoint that is held of a log says; `nil` if it is not the log's.
    private func checkpoint(of log: LocalLog) -> Position? {
        guard
            let checkpoint = try? LogIdentity.checkpoint(
                log.note,
                of: log.id,
                genesis: log.genesis
            ),
            checkpoint.size == log.provable
        else { return nil }
        return Position(log: log.id, size: checkpoint.size, root: checkpoint.root)
    }

    /// Where the peer's copy of `log` stands; `nil` if it holds nothing of it.
    func peerPosition(of log: LocalLog) -> Position? { self.peerEntry(log)?.position }

    private mutating func expect(_ entry: Vector.Entry) -> [Directive] {
        guard entry.provable > 0 else { return [] }
        // The partner's part of a former log of this site, which the session is not about.
        if self.isHome, self.allLogs.contains(where: { $0.id == entry.position.log }) { return [] }
        // What is held in part is not taken whole.
        guard !self.allLogs.contains(where: { $0.id == entry.position.log && $0.part != nil })
        else { return self.refuse(entry.position.log, because: .closed(entry.position.log)) }
        if case .home(let record) = self.scope.scope, record.grant.direction == .out {
            return self.refuse(entry.position.log, because: .closed(entry.position.log))
        }
        let empty = Position(log: entry.position.log, size: 0, root: StateDigest.emptyRoot)
        guard self.logs.count + self.incoming.count < SyncLimits.logsMax else {
            let error = SyncError.limit(.logs, log: entry.position.log)
            self.problems[entry.position.log] = error
            return [.send(ErrorMessage(error, position: empty).frame)]
        }
        self.incoming[entry.position.log] = Incoming(old: empty, expected: entry.provable)
        return []
    }

    /// Leaves `log` alone for the rest of this session.
    mutating func leave(_ log: LogID, because problem: SyncError) -> [Directive] {
        if self.problems[log] == nil { self.problems[log] = problem }
        self.outgoing.removeAll { $0.log == log }
        self.incoming[log] = nil
        if self.scope.scope == .partner, self.isOfHome(log) { self.scope.isOpen = false }
        return []
    }

    /// Leaves `log` alone and says so to the peer.
    mutating func refuse(_ log: LogID, because problem: SyncError) -> [Directive] {
        let position =
            self.logs[log]?.position
            ?? Position(log: log, size: 0, root: StateDigest.emptyRoot)
        _ = self.leave(log, because: problem)
        return [.send(ErrorMessage(problem, position: position).frame)]
    }

    /// Leaves `log` alone and shows the peer why the two histories do not fit.
    mutating func forked(
        _ log: LogID,
        shown: [UInt8],
        oldSize: UInt64,
        proof: [Digest]
    ) -> [Directive] {
        guard let local = self.logs[log] else { return [] }
        _ = self.leave(log, because: .forked(log))
        let fork = Fork(
            log: log,
            held: local.note,
            shown: shown,
            oldSize: oldSize,
            proof: proof
        )
        let evidence = ForkEvidence(
            of: local,
            shown: shown,
            oldSize: oldSize,
            proof: proof
        )
        // With nothing shown there is no evidence yet: the peer's FORK will bring it.
        return [.send(fork.frame)] + (shown.isEmpty ? [] : [.freeze(evidence)])
    }

    /// What is next: packages, or DONE, or the end.
    mutating func proceed() -> [Directive] {
        guard self.state == .exchanging else { return [] }
        let reads = self.readNext()
        guard reads.isEmpty, !self.isReading else { return reads }
        guard self.outgoing.isEmpty, self.incoming.isEmpty, !self.isScopeOpen else { return [] }
        if let ask = self.askForKeys() { return ask }
        var directives: [Directive] = []
        if !self.isDoneSent {
            self.isDoneSent = true
            directives.append(.send(Done(stateDigest: self.digest).frame))
        }
        guard let peerDone else { return directives }
        let isInStep = peerDone.stateDigest == self.digest && peerDone.wantedCount == 0
        return directives + [self.finish(peerDigest: peerDone.stateDigest, isInStep: isInStep)]
    }

    mutating func takeDone(_ done: Done) throws(SyncError) -> [Directive] {
        // The peer has everything and was acknowledged everything, so this side has to be through
        // as well, but for what it still may be committing.
        guard self.peerDone == nil, self.outgoing.isEmpty else { throw .unexpected(.done) }
        try self.requireWholeScope()
        self.peerDone = done
        return self.proceed()
    }

    mutating func finish(peerDigest: Digest, isInStep: Bool) -> Directive {
        self.state = .finished
        let logs = self.sortedLogs.map { log in
            SyncReport.Log(
                position: log.position,
                origin: log.origin,
                site: log.genesis.site,
                received: self.receivedCounts[log.id] ?? 0,
                sent: self.sentCounts[log.id] ?? 0,
                problem: self.problems[log.id]
            )
        }
        let refused = self.problems.filter { self.logs[$0.key] == nil }
            .map { SyncReport.RefusedLog(log: $0.key, problem: $0.value) }
            .sorted { $0.log < $1.log }
        return .finish(
            SyncReport(
                peer: self.peerHello?.site ?? self.configuration.site,
                peerKey: self.peerHello?.siteKey ?? [],
                isPeerAuthenticated: self.isPeerAuthenticated,
                digest: self.digest,
                peerDigest: peerDigest,
                isInStep: isInStep,
                logs: logs,
                refused: refused,
                keys: self.keys.report,
                pinned: self.pinned,
                rekeyed: self.rekeyed
            )
        )
    }
}
