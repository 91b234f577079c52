internal import EventStore
package import LedgerTypes
package import Merkle

/// A package ready to be sent, with the BLOBs that go before it.
package struct OutgoingPackage: Hashable, Sendable {
    /// Parts of its long sections.
    package let blobs: [Blob]
    /// The package.
    package let package: Package
}

/// Builds packages of one log from stored bytes, hashing them again, so that damage is found where
/// it is and never sent.
///
/// Pure: stored bytes come through the closures.
package struct PackageBuilder: Sendable {
    /// A leaf as it is stored.
    package struct StoredLeaf: Sendable {
        /// Its bytes.
        let leaf: [UInt8]
        /// The sections it refers to, and what is held of each.
        let sections: [(reference: SectionReference, held: VerifiedPackage.Section)]

        /// Creates a stored leaf; `held` is asked for each section by its place, from 0.
        package init(
            _ leaf: [UInt8],
            held: (Int, SectionReference) throws(SyncError) -> VerifiedPackage.Section
        ) throws(SyncError) {
            self.leaf = leaf
            let references = (try? Leaf.sections(leaf.span)) ?? []
            var sections: [(SectionReference, VerifiedPackage.Section)] = []
            for (place, reference) in references.enumerated() {
                sections.append((reference, try held(place, reference)))
            }
            self.sections = sections
        }
    }

    /// The hashes of the leaves before `next` in its tile, kept from the package before.
    private var tile: [Digest] = []
    private var next: UInt64 = 0
    /// Roots of complete subtrees of whole tiles, which never change: neighbouring packages prove
    /// themselves by nearly the same.
    private var nodes: [NodePlace: Digest] = [:]
    private let log: LogID

    private struct NodePlace: Hashable {
        let level: Int
        let index: UInt64
    }

    /// The most roots that are kept.
    private static let nodesMax = 1_024

    /// Starts with nothing known of `log`.
    package init(log: LogID) { self.log = log }

    /// Builds what `request` asks for: as many leaves as fit, at least one. `leaves` hands out the
    /// stored leaves of a range in order until it is told to stop; `node` reads the stored root of
    /// a complete subtree.
    package mutating func build(
        _ request: PackageRequest,
        leaves: (
            Range<UInt64>,
            (StoredLeaf) throws(SyncError) -> Bool
        ) throws(SyncError) -> Void,
        node: MerkleTree.NodeReader<SyncError>
    ) throws(SyncError) -> OutgoingPackage {
        precondition(request.log == self.log && request.start < request.endMax)
        let width = UInt64(SyncLimits.entriesMax)
        let tileStart = request.start / width * width
        if request.start == tileStart {
            self.tile = []
        } else if self.next != request.start {
            var before = HashBatch()
            try leaves(tileStart..<request.start) { (stored) throws(SyncError) in
                before.append(leaf: stored.leaf.span)
                return true
            }
            self.tile = before.finish()
        }
        var filling = Filling()
        var batch = HashBatch()
        try leaves(request.start..<request.endMax) { (stored) throws(SyncError) in
            guard try filling.take(stored, log: self.log) else { return false }
            batch.append(leaf: stored.leaf.span)
            return true
        }
        let hashes = self.tile + batch.finish()
        let end = request.start + UInt64(filling.entries.count)
        guard end > request.start, hashes.count == Int(end - tileStart) else {
            throw .damaged(self.log)
        }
        if self.nodes.count > Self.nodesMax { self.nodes = [:] }
        let proof = try MerkleTree.subtreeConsistencyProof(
            start: tileStart,
            end: end,
            size: request.target.size
        ) { (level, index) throws(SyncError) in
            guard level >= 8 else { return try node(level, index) }
            let place = NodePlace(level: level, index: index)
            if let known = self.nodes[place] { return known }
            let root = try node(level, index)
            self.nodes[place] = root
            return root
        }
        do throws(ProofError) {
            try ConsistencyProof.verifySubtree(
                start: tileStart,
                end: end,
                size: request.target.size,
                subtreeRoot: MerkleTree.root(of: hashes.span),
                root: request.target.root,
                proof: proof
            )
        } catch {
            throw .damaged(self.log)
        }
        self.tile = hashes
        self.next = end
        let package = Package(
            log: self.log,
            start: request.start,
            treeSize: request.target.size,
            proof: proof,
            entries: filling.entries
        )
        return OutgoingPackage(blobs: filling.blobs, package: package)
    }

    /// A package while it fills up.
    struct Filling {
        var entries: [Package.Entry] = []
        var blobs: [Blob] = []
        private var byteCount: Int
        private var blobByteCount = 0
        private var blobDigests: Set<Digest> = []

        /// Starts with what else than leaves the body has.
        init(byteCount: Int = Package.headerBytesMax) { self.byteCount = byteCount }

        /// Adds a leaf, and `extra` bytes that go with it; returns `false`, and leaves it out, when
        /// the package is full.
        mutating func take(
            _ stored: StoredLeaf,
            log: LogID,
            extra: Int = 0
        ) throws(SyncError) -> Bool {
            var sections: [Package.Section] = []
            var count = 3 + stored.leaf.count + 1 + extra
            var long: [(Digest, [UInt8])] = []
            for (reference, held) in stored.sections {
                count += 1
                switch held {
                case .withheld: sections.append(.withheld)
                case .purged: sections.append(.purged)
                case .present(let bytes):
                    guard SectionReference.digest(of: bytes.span) == reference.digest else {
                        throw .damaged(log)
                    }
                    if bytes.count > SyncLimits.inlineSectionBytesMax {
                        sections.append(.blob)
                        long.append((reference.digest, bytes))
                    } else {
                        sections.append(.inline(bytes))
                        count += 3 + bytes.count
                    }
                }
            }
            let isFull =
                self.byteCount + count > SyncLimits.bodyBytesMax
                || self.blobByteCount > SyncLimits.packageBlobBytesMax
            if isFull, !self.entries.isEmpty { return false }
            self.byteCount += count
            for (digest, bytes) in long where self.blobDigests.insert(digest).inserted {
                self.blobByteCount += bytes.count
                self.blobs += Blob.parts(of: bytes, digest: digest)
            }
            self.entries.append(Package.Entry(leaf: stored.leaf, sections: sections))
            return true
        }
    }
}
