internal import EventStore
package import LedgerTypes
internal import Merkle

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
                try self.trust(genesis.site, key: genesis.siteKey)
            } catch {
                return self.refuse(log, because: error) + self.proceed()
            }
        }
        let checkpoint = try LogIdentity.checkpoint(message.note, of: log, genesis: genesis)
        guard checkpoint.size == incoming.expected else { throw .badCheckpoint(log) }
        do throws(ProofError) {
            try ConsistencyProof.verifyExchange(
                oldSize: incoming.old.size,
                oldRoot: incoming.old.root,
                newSize: checkpoint.size,
                newRoot: checkpoint.root,
                proof: message.proof
            )
        } catch {
            return self.forked(
                log,
                shown: message.note,
                oldSize: message.oldSize,
                proof: message.proof
            ) + self.proceed()
        }
        incoming.target = Position(log: log, size: checkpoint.size, root: checkpoint.root)
        incoming.note = message.note
        incoming.genesis = genesis
        incoming.genesisLeaf = message.genesis
        let tileStart = incoming.old.size / 256 * 256
        incoming.isReady = tileStart == incoming.old.size
        self.incoming[log] = incoming
        if incoming.isReady { return [] }
        return [.readLeafHashes(log, tileStart..<incoming.old.size)]
    }

    /// The answer to ``Directive/readLeafHashes(_:_:)``.
    package mutating func takeLeafHashes(of log: LogID, _ hashes: [Digest]) -> [Directive] {
        self.incoming[log]?.tile = hashes
        self.incoming[log]?.isReady = true
        return []
    }

    mutating func takeBlob(_ blob: Blob) throws(SyncError) -> [Directive] {
        try self.blobs.take(blob)
        return []
    }

    mutating func takePackage(_ package: Package) throws(SyncError) -> [Directive] {
        let log = package.log
        defer { self.blobs.removeAll() }
        guard var incoming = self.incoming[log] else {
            // What was on its way when the log was left alone; more than a window is a flood.
            guard self.problems[log] != nil else { throw .unexpected(.package) }
            let dropped = self.droppedCounts[log, default: 0] + 1
            guard dropped <= SyncLimits.windowPackagesMax else { throw .limit(.window, log: log) }
            self.droppedCounts[log] = dropped
            return []
        }
        guard incoming.isReady, let target = incoming.target, package.treeSize == target.size,
            package.start == incoming.next
        else { throw .unexpected(.package) }
        let entries = try self.verifiedEntries(package, incoming)
        let hashes = incoming.tile + entries.map(\.hash)
        let subtreeRoot = MerkleTree.root(of: hashes.span)
        do throws(ProofError) {
            try ConsistencyProof.verifySubtree(
                start: package.subtreeStart,
                end: package.end,
                size: target.size,
                subtreeRoot: subtreeRoot,
                root: target.root,
                proof: package.proof
            )
        } catch {
            throw .badProof(log)
        }
        let isFull = package.end.isMultiple(of: UInt64(SyncLimits.entriesMax))
        let isTile = isFull && entries.count == SyncLimits.entriesMax
        incoming.tile = isFull ? [] : hashes
        incoming.next = package.end
        let isNew = package.start == 0
        let pins = isNew ? incoming.genesis.map { self.pin($0.site, key: $0.siteKey) } ?? [] : []
        self.incoming[log] = incoming
        let verified = VerifiedPackage(
            log: log,
            start: package.start,
            entries: entries,
            genesis: isNew ? incoming.genesis : nil,
            note: incoming.note,
            target: target,
            tileRoot: isTile ? subtreeRoot : nil
        )
        return pins + [.commit(verified)]
    }

    private func verifiedEntries(
        _ package: Package,
        _ incoming: Incoming
    ) throws(SyncError) -> [VerifiedPackage.Entry] {
        var entries: [VerifiedPackage.Entry] = []
        entries.reserveCapacity(package.entries.count)
        var blobsUsed: Set<Digest> = []
        var leaves = HashBatch()
        for entry in package.entries { leaves.append(leaf: entry.leaf.span) }
        let hashes = leaves.finish()
        for (offset, entry) in package.entries.enumerated() {
            let index = package.start + UInt64(offset)
            if index == 0, entry.leaf != incoming.genesisLeaf {
                throw .badPackage(package.log, index: 0)
            }
            let references = (try? Leaf.sections(entry.leaf.span)) ?? []
            guard references.count == entry.sections.count else {
                throw .badPackage(package.log, index: index)
            }
            var sections: [VerifiedPackage.Section] = []
            for (reference, section) in zip(references, entry.sections) {
                switch section {
                case .withheld: sections.append(.withheld)
                case .purged: sections.append(.purged)
                case .inline(let bytes):
                    guard SectionReference.digest(of: bytes.span) == reference.digest else {
                        throw .badPackage(package.log, index: index)
                    }
                    sections.append(.present(bytes))
                case .blob:
                    guard let bytes = self.blobs.section(reference.digest) else {
                        throw .badPackage(package.log, index: index)
                    }
                    blobsUsed.insert(reference.digest)
                    sections.append(.present(bytes))
                }
            }
            entries.append(
                VerifiedPackage.Entry(leaf: entry.leaf, hash: hashes[offset], sections: sections)
            )
        }
        guard blobsUsed.count == self.blobs.count else { throw .unexpected(.blob) }
        return entries
    }

    /// The answer to ``Directive/commit(_:)`` of packages of one log, now durable: where the copy
    /// stands.
    package mutating func committed(_ position: Position) throws(SyncError) -> [Directive] {
        let log = position.log
        guard let incoming = self.incoming[log] else { return [] }
        if let local = self.logs[log] {
            self.logs[log] = local.moved(to: position)
        } else if let genesis = incoming.genesis {
            let isOwn = genesis.siteKey == self.configuration.siteKey
            self.logs[log] = LocalLog(
                position: position,
                genesis: genesis,
                writer: isOwn ? .formerIncarnation : .otherSite
            )
        }
        self.receivedCounts[log] = min(position.size, incoming.next) - incoming.old.size
        guard let target = incoming.target else { return [] }
        var directives: [Directive] = [.send(Acknowledgement(position: position).frame)]
        if position.size >= target.size {
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
