internal import EventStore
package import LedgerTypes

extension SyncSession {
    func outgoing(_ log: LogID) -> Int? { self.outgoing.firstIndex { $0.log == log } }

    /// The next thing to read for sending; at most one at a time.
    func nextRead() -> Directive? {
        var packages = 0
        var bytes = 0
        for log in self.outgoing {
            packages += log.window.count
            bytes += log.window.reduce(0) { $0 + $1.byteCount }
        }
        let isWindowOpen =
            packages < SyncLimits.windowPackagesMax && bytes < SyncLimits.windowBytesMax
        for log in self.outgoing {
            guard log.isCheckpointSent else {
                return .readCheckpointProof(log.log, oldSize: log.oldSize, size: log.target.size)
            }
            if log.isPartial {
                if isWindowOpen, !log.isRead { return .readPart(log.log) }
            } else if isWindowOpen, log.next < log.end {
                return .readPackage(log.request)
            }
        }
        return nil
    }

    mutating func readNext() -> [Directive] {
        guard !self.isReading, let read = self.nextRead() else { return [] }
        self.isReading = true
        return [read]
    }

    /// The answer to ``Directive/readCheckpointProof(_:oldSize:size:)``: `genesis` is leaf 0 if the
    /// old size is 0, else empty.
    package mutating func offerCheckpoint(
        of log: LogID,
        proof: [Digest],
        genesis: [UInt8]
    ) -> [Directive] {
        self.isReading = false
        guard let index = self.outgoing(log) else { return self.proceed() }
        let message = CheckpointMessage(
            log: log,
            oldSize: self.outgoing[index].oldSize,
            proof: proof,
            genesis: genesis,
            note: self.outgoing[index].note
        )
        self.outgoing[index].isCheckpointSent = true
        if self.outgoing[index].isCheckpointOnly { self.outgoing.remove(at: index) }
        return [.send(message.frame)] + self.proceed()
    }

    /// The answer to ``Directive/readPackage(_:)``.
    package mutating func sendPackage(_ outgoing: OutgoingPackage) -> [Directive] {
        self.isReading = false
        let package = outgoing.package
        guard let index = self.outgoing(package.log) else { return self.proceed() }
        precondition(package.start == self.outgoing[index].next)
        let frames = outgoing.blobs.map(\.frame) + [package.frame]
        let byteCount = frames.reduce(0) { $0 + $1.body.count }
        self.outgoing[index].next = self.outgoing[index].selection.following(package.end)
        self.outgoing[index].window.append(
            Outgoing.Sent(
                leaves: package.end - package.start,
                end: package.end,
                byteCount: byteCount
            )
        )
        return frames.map { .send($0) } + self.proceed()
    }

    /// The answer to a read that found damage, or nothing: the peer is told, other logs go on.
    package mutating func readFailed(_ log: LogID, _ error: SyncError) -> [Directive] {
        self.isReading = false
        return self.refuse(log, because: error) + self.proceed()
    }

    /// The peer wants proof that its own log is longer than it believes; it takes no leaves of it.
    mutating func showOnlyCheckpoint(of log: LogID) -> [Directive] {
        guard let index = self.outgoing(log) else { return [] }
        self.problems[log] = .proofRequired(log)
        if self.outgoing[index].isCheckpointSent {
            self.outgoing.remove(at: index)
        } else {
            self.outgoing[index].isCheckpointOnly = true
        }
        return self.proceed()
    }

    mutating func takeAcknowledgement(
        _ message: Acknowledgement
    ) throws(SyncError) -> [Directive] {
        let position = message.position
        guard let index = self.outgoing(position.log) else {
            // Late, for a log that is through or was left alone.
            guard self.logs[position.log] != nil else { throw .unexpected(.acknowledgement) }
            return []
        }
        let log = self.outgoing[index]
        if log.isPartial { return try self.takePartAcknowledgement(position, index) }
        guard position.size > log.oldSize, log.isCheckpointSent else {
            throw .badAcknowledgement(position.log)
        }
        guard position.size != log.target.size || position.root == log.target.root else {
            throw .badAcknowledgement(position.log)
        }
        var directives: [Directive] = []
        if !message.cosignature.isEmpty {
            guard let receipt = self.receipt(message, log) else {
                throw .badAcknowledgement(position.log)
            }
            directives.append(.keepReceipt(receipt))
        }
        for sent in log.window where sent.end <= position.size {
            self.sentCounts[position.log, default: 0] += sent.leaves
        }
        self.outgoing[index].window.removeAll { $0.end <= position.size }
        if self.outgoing[index].window.isEmpty, log.next >= log.end {
            self.outgoing.remove(at: index)
        }
        return directives + self.proceed()
    }

    /// What the peer signed in an ACK: the checkpoint that it was sent, of a log of this site.
    private func receipt(_ message: Acknowledgement, _ log: Outgoing) -> DeliveryReceipt? {
        guard let peer = self.peerHello, let local = self.logs[log.log],
            message.position == log.target
        else { return nil }
        return DeliveryReceipt(
            checkpoint: log.note,
            cosignature: message.cosignature,
            of: log.log,
            genesis: local.genesis,
            peer: peer.site,
            key: peer.siteKey
        )
    }
}
