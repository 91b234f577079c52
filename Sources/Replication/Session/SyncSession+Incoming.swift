package import LedgerTypes

extension SyncSession {
    mutating func takeCheckpoint(_ message: CheckpointMessage) throws(SyncError) -> [Directive] {
        let log = message.log
        if let local = self.logs[log], local.writer == .thisLedger {
            return try self.takeOwnCheckpoint(message, local)
        }
        guard var incoming = self.incoming[log] else {
            guard self.problems[log] != nil else { throw .unexpected(.checkpoint) }
            return []
        }
        guard incoming.target == nil, message.oldSize == incoming.old.size else {
            throw .unexpected(.checkpoint)
        }
        let genesis: Genesis
        if let local = self.logs[log] {
            genesis = local.genesis
        } else {
            genesis = try LogIdentity.genesis(message.genesis, of: log)
            do throws(SyncError) {
                try self.trusted.admit(genesis, of: log)
            } catch {
                return self.refuse(log, because: error) + self.proceed()
            }
        }
        guard try incoming.take(message, genesis: genesis) else {
            return self.forked(
                log,
                shown: message.note,
                oldSize: message.oldSize,
                proof: message.proof
            ) + self.proceed()
        }
        self.incoming[log] = incoming
        if try self.beginWaitingScope(incoming) || incoming.isReady { return [] }
        return [.readLeafHashes(log, incoming.tileStart..<incoming.next)]
    }

    /// The answer to ``Directive/readLeafHashes(_:_:)``.
    package mutating func takeLeafHashes(of log: LogID, _ hashes: [Digest]) -> [Directive] {
        self.incoming[log]?.take(leafHashes: hashes)
        return []
    }

    mutating func takeBlob(_ blob: Blob) throws(SyncError) -> [Directive] {
        try self.blobs.take(blob)
        return []
    }

    mutating func takePackage(_ package: Package) throws(SyncError) -> [Directive] {
        let log = package.log
        defer { self.blobs.removeAll() }
        if self.scope.scope == .partner, self.isOfHome(log) { throw .unexpected(.package) }
        guard var incoming = self.incoming[log] else {
            // What was on its way when the log was left alone; more than a window is a flood.
            guard self.problems[log] != nil else { throw .unexpected(.package) }
            let dropped = self.droppedCounts[log, default: 0] + 1
            guard dropped <= SyncLimits.windowPackagesMax else { throw .limit(.window, log: log) }
            self.droppedCounts[log] = dropped
            return []
        }
        let verified = try incoming.take(package, blobs: self.blobs)
        let pins = verified.genesis.map { genesis in self.pin { $0.pin(genesis) } } ?? []
        self.incoming[log] = incoming
        return pins + [.commit(verified)]
    }

    /// The answer to ``Directive/commit(_:)`` of packages of one log, now durable: where the copy
    /// stands.
    package mutating func committed(_ position: Position) throws(SyncError) -> [Directive] {
        let log = position.log
        guard let incoming = self.incoming[log] else { return [] }
        if let local = self.logs[log] {
            self.logs[log] = local.moved(to: position)
        } else if let genesis = incoming.genesis {
            let isOwn = genesis.site == self.configuration.site
            self.logs[log] = LocalLog(
                position: position,
                genesis: genesis,
                writer: isOwn ? .formerIncarnation : .otherSite
            )
        }
        self.receivedCounts[log] = min(position.size, incoming.next) - incoming.old.size
        guard let target = incoming.target else { return [] }
        let isWhole = position.size == target.size && position.root == target.root
        var directives: [Directive] =
            isWhole && self.cosigns(incoming)
            ? [.cosign(position, note: incoming.note)]
            : [.send(Acknowledgement(position: position).frame)]
        if let repair = self.logs[log]?.repair {
            guard position.size >= incoming.end else { return directives }
            self.logs[log]?.position = repair.whole
            self.incoming[log] = nil
            directives += self.proceed()
        } else if position.size >= target.size {
            guard position.size > target.size || position.root == target.root else {
                throw .damaged(log)
            }
            self.logs[log]?.note = incoming.note
            self.logs[log]?.provable = target.size
            self.incoming[log] = nil
            directives += self.proceed()
        }
        return directives
    }

    /// Whether the peer asks for a receipt: for a log of its own site.
    private func cosigns(_ incoming: Incoming) -> Bool {
        guard let own = self.ownHello, let peer = self.peerHello else { return false }
        return own.features.contains(.cosigns) && peer.features.contains(.cosigns)
            && incoming.genesis?.site == peer.site
    }

    /// The answer to ``Directive/cosign(_:note:)``; empty if this side cannot sign.
    package func acknowledge(_ position: Position, with cosignature: [UInt8]) -> [Directive] {
        [.send(Acknowledgement(position: position, cosignature: cosignature).frame)]
    }

    /// The answer to ``Directive/commit(_:)`` when the store holds other leaves there, or takes
    /// none: the log is left alone, others go on.
    package mutating func refused(_ log: LogID, _ error: SyncError) -> [Directive] {
        guard self.incoming[log] != nil else { return [] }
        return self.refuse(log, because: error) + self.proceed()
    }
}

extension LocalLog {
    func moved(to position: Position) -> LocalLog {
        var log = self
        log.position = position
        return log
    }
}
