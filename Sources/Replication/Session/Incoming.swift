internal import EventStore
internal import LedgerTypes
internal import Merkle

/// A log that is being received, from a session or out of a bundle: what is believed of its frames,
/// and why.
///
/// Pure. CHECKPOINT first, then the leaves' hashes in the tile that is begun, then PACKAGEs in
/// order.
struct Incoming: Hashable, Sendable {
    /// Where the copy stood at the start; size 0 for a log that is new here.
    let old: Position
    /// The size the peer said it can prove.
    let expected: UInt64
    /// The checkpoint's position, once its signature and consistency are verified.
    var target: Position?
    /// That checkpoint.
    var note: [UInt8] = []
    /// The log's first leaf, verified.
    var genesis: Genesis?
    /// That leaf's bytes when the log is new here; the first package must begin with them.
    var genesisLeaf: [UInt8] = []
    /// The hashes of the leaves before `next` in its tile.
    var tile: [Digest] = []
    /// Whether `tile` is complete.
    var isReady = false
    /// The index of the next leaf to take.
    var next: UInt64
    /// What alone was asked for; `nil` if everything.
    let selection: Selection?

    init(old: Position, expected: UInt64, selection: Selection? = nil) {
        self.old = old
        self.expected = expected
        self.selection = selection
        self.next = selection.following(old.size)
    }

    /// The index behind the last leaf to come.
    var end: UInt64 { min(self.selection?.end ?? .max, self.expected) }

    /// The number of leaves to come.
    var total: UInt64 { self.expected - self.old.size }

    /// The first leaf of the tile in which the first package begins.
    var tileStart: UInt64 {
        self.next / UInt64(SyncLimits.entriesMax) * UInt64(SyncLimits.entriesMax)
    }

    /// Believes a CHECKPOINT if the log, which `genesis` began, signed it, and it goes on from
    /// what is held; `false` if it goes on from another history.
    mutating func take(
        _ message: CheckpointMessage,
        genesis: Genesis
    ) throws(SyncError) -> Bool {
        let log = message.log
        guard self.target == nil, message.oldSize == self.old.size else {
            throw .unexpected(.checkpoint)
        }
        let checkpoint = try LogIdentity.checkpoint(message.note, of: log, genesis: genesis)
        guard checkpoint.size == self.expected else { throw .badCheckpoint(log) }
        do throws(ProofError) {
            try ConsistencyProof.verifyExchange(
                oldSize: self.old.size,
                oldRoot: self.old.root,
                newSize: checkpoint.size,
                newRoot: checkpoint.root,
                proof: message.proof
            )
        } catch {
            return false
        }
        self.target = Position(log: log, size: checkpoint.size, root: checkpoint.root)
        self.note = message.note
        self.genesis = genesis
        self.genesisLeaf = message.genesis
        self.isReady = self.tileStart == self.next
        return true
    }

    /// Takes the hashes of the leaves that are held of the tile in which the copy ended.
    mutating func take(leafHashes: [Digest]) {
        self.tile = leafHashes
        self.isReady = true
    }

    /// Believes a PACKAGE if it is the next one and its proof holds.
    mutating func take(
        _ package: Package,
        blobs: PendingBlobs
    ) throws(SyncError) -> VerifiedPackage {
        guard self.isReady, let target = self.target, package.treeSize == target.size,
            package.start == self.next
        else { throw .unexpected(.package) }
        let entries = try Self.verified(
            package.entries,
            at: Array(package.start..<package.end),
            of: package.log,
            genesisLeaf: self.genesisLeaf,
            blobs
        )
        let hashes = self.tile + entries.map(\.hash)
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
            throw .badProof(package.log)
        }
        let isFull = package.end.isMultiple(of: UInt64(SyncLimits.entriesMax))
        let isTile = isFull && entries.count == SyncLimits.entriesMax
        self.tile = isFull ? [] : hashes
        self.next = self.selection.following(package.end)
        return VerifiedPackage(
            log: package.log,
            start: package.start,
            entries: entries,
            genesis: package.start == 0 ? self.genesis : nil,
            note: self.note,
            target: target,
            tileRoot: isTile ? subtreeRoot : nil
        )
    }

    /// Hashes leaves of a log that stand at `indexes`, and compares their sections, which are with
    /// them or among `blobs`, with what they say of them. Leaf 0 must be `genesisLeaf`.
    static func verified(
        _ sent: [Package.Entry],
        at indexes: [UInt64],
        of log: LogID,
        genesisLeaf: [UInt8],
        _ blobs: PendingBlobs
    ) throws(SyncError) -> [VerifiedPackage.Entry] {
        var entries: [VerifiedPackage.Entry] = []
        entries.reserveCapacity(sent.count)
        var blobsUsed: Set<Digest> = []
        var leaves = HashBatch()
        for entry in sent { leaves.append(leaf: entry.leaf.span) }
        let hashes = leaves.finish()
        for (offset, entry) in sent.enumerated() {
            let index = indexes[offset]
            if index == 0, entry.leaf != genesisLeaf { throw .badPackage(log, index: 0) }
            let references = (try? Leaf.sections(entry.leaf.span)) ?? []
            guard references.count == entry.sections.count else {
                throw .badPackage(log, index: index)
            }
            var sections: [VerifiedPackage.Section] = []
            for (reference, section) in zip(references, entry.sections) {
                switch section {
                case .withheld: sections.append(.withheld)
                case .purged: sections.append(.purged)
                case .inline(let bytes):
                    guard SectionReference.digest(of: bytes.span) == reference.digest else {
                        throw .badPackage(log, index: index)
                    }
                    sections.append(.present(bytes))
                case .blob:
                    guard let bytes = blobs.section(reference.digest) else {
                        throw .badPackage(log, index: index)
                    }
                    blobsUsed.insert(reference.digest)
                    sections.append(.present(bytes))
                }
            }
            entries.append(
                VerifiedPackage.Entry(leaf: entry.leaf, hash: hashes[offset], sections: sections)
            )
        }
        guard blobsUsed.count == blobs.count else { throw .unexpected(.blob) }
        return entries
    }
}
