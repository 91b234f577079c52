package import EventStore
package import LedgerTypes
package import Merkle

/// Leaves of a partner's scope whose bytes, sections, place in the tree and place in their labels
/// have been verified; not kept yet.
package struct VerifiedPart: Hashable, Sendable {
    /// The log.
    package let log: LogID
    /// The leaves, rising, and the index of each.
    package let entries: [(index: UInt64, entry: VerifiedPackage.Entry)]
    /// The roots over leaves that are not here.
    package let gaps: [GapNode]
    /// Whether the leaves are new at the end of the copy.
    package let goesOn: Bool
    /// Up to where each label of the grant is held with them.
    package let labels: [ScopeHead.Entry]

    /// Whether two are equal.
    package static func == (lhs: VerifiedPart, rhs: VerifiedPart) -> Bool {
        lhs.log == rhs.log && lhs.gaps == rhs.gaps && lhs.goesOn == rhs.goesOn
            && lhs.labels == rhs.labels && lhs.entries.elementsEqual(rhs.entries) { $0 == $1 }
    }

    /// Feeds the log and the gaps to `hasher`.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.log)
        hasher.combine(self.gaps)
    }
}

/// What a partner believes of a log that it is sent a part of, and why.
///
/// Pure. Each PART is compared with the tree: one that goes on by a proof to the checkpoint, one
/// that fills in by a root that was known before. Each leaf goes on from the one before it in each
/// label of the grant, and at the end the newest of each label is the one that the log's key signed
/// for: so nothing of the scope was left out.
package struct IncomingScope: Hashable, Sendable {
    /// The grant.
    package let grant: Grant
    /// What the log signed to have of it.
    package let head: ScopeHead
    /// Where the copy will stand.
    package let target: Position
    /// The log's first leaf.
    private let genesisLeaf: [UInt8]
    /// The largest complete subtrees of the copy as it stood at the start.
    private let peaks: [GapNode]
    private let heldSize: UInt64
    /// The copy's tree.
    private var range: CompactRange
    /// Up to where each label of the grant is held.
    private var labels: [Label: LabelPlace]
    private let granted: Set<Label>

    /// Starts with a copy whose right edge is `range`, and which has each of `labels` up to there.
    /// `target` has been verified.
    package init(
        grant: Grant,
        head: ScopeHead,
        target: Position,
        genesisLeaf: [UInt8],
        range: CompactRange,
        labels: [Label: LabelPlace]
    ) throws(SyncError) {
        guard head.grant == grant.id, head.position == target,
            Set(grant.labels).isSuperset(of: head.entries.map(\.label))
        else { throw .badScopeHead(target.log) }
        self.grant = grant
        self.head = head
        self.target = target
        self.genesisLeaf = genesisLeaf
        self.range = range
        self.peaks = range.peaks
        self.heldSize = range.size
        let granted = Set(grant.labels)
        self.granted = granted
        self.labels = labels.filter { granted.contains($0.key) }
    }

    /// Whether everything that the head says is here.
    package var isComplete: Bool { self.range.size == self.target.size && self.missing == nil }

    /// The first label of which something is missing.
    package var missing: Label? {
        let entries = self.head.entries.map { ($0.label, $0.newest) }
        let newest = Dictionary(uniqueKeysWithValues: entries)
        return self.grant.labels.first { self.labels[$0] != newest[$0] }
    }

    /// Where the copy stands.
    package var position: Position {
        Position(log: self.target.log, size: self.range.size, root: self.range.root)
    }

    /// Throws unless nothing is missing, for when nothing more comes.
    package func finish() throws(SyncError) {
        if let missing { throw .scopeIncomplete(self.target.log, label: missing) }
        guard self.range.size == self.target.size else { throw .badProof(self.target.log) }
    }

    /// Believes a PART if it is the next one and all of it holds.
    mutating func take(_ part: Part, _ blobs: PendingBlobs) throws(SyncError) -> VerifiedPart {
        let log = self.target.log
        guard part.log == log else { throw .unexpected(.part) }
        let indexes = part.indexes
        let entries = try Incoming.verified(
            part.entries,
            at: indexes,
            of: log,
            genesisLeaf: self.genesisLeaf,
            blobs
        )
        let nodes = part.nodes(leafHashes: entries.map(\.hash))
        switch part.kind {
        case .goesOn:
            guard part.treeSize == self.target.size,
                part.range.lowerBound == self.range.size
            else { throw .unexpected(.part) }
            if self.range.size == 0, indexes.first != 0 { throw .badPackage(log, index: 0) }
            var range = self.range
            range.append(nodes)
            guard PartBuilder.leads(range, to: self.target, part.proof) else {
                throw .badProof(log)
            }
            self.range = range
        case .fillsIn:
            guard part.treeSize == self.heldSize, self.range.size == self.heldSize,
                let peak = self.peaks.first(where: { $0.place.first == part.range.lowerBound }),
                peak.place.end == part.range.upperBound
            else { throw .unexpected(.part) }
            var subtree = CompactRange()
            subtree.append(nodes, offset: part.range.lowerBound)
            guard subtree.root == peak.hash else { throw .badProof(log) }
        }
        for (index, entry) in zip(indexes, part.entries) where index > 0 {
            try self.follow(entry.leaf, index)
        }
        if self.range.size == self.target.size, part.kind == .goesOn { try self.finish() }
        let places = Set(part.gapPlaces)
        return VerifiedPart(
            log: log,
            entries: Array(zip(indexes, entries)),
            gaps: nodes.filter { places.contains($0.place) },
            goesOn: part.kind == .goesOn,
            labels: self.grant.labels.compactMap { label in
                self.labels[label].map { ScopeHead.Entry(label: label, newest: $0) }
            }
        )
    }

    /// Goes on in each label of the grant that a leaf has; it must have one.
    private mutating func follow(_ leaf: [UInt8], _ index: UInt64) throws(SyncError) {
        let log = self.target.log
        guard let audit = try? LeafAudit(leaf: leaf.span) else {
            throw .badPackage(log, index: index)
        }
        let subject = String(decoding: leaf[audit.subject], as: UTF8.self)
        let labels = [Label(name: Label.subjectName, value: subject)] + audit.labels
        var isInScope = false
        for (label, place) in zip(labels, audit.labelSequences)
        where self.granted.contains(label) {
            isInScope = true
            let newest = self.labels[label]
            // What is sent once more is compared with what is held.
            if let newest, place.sequence <= newest.sequence { continue }
            guard place.sequence == newest.map({ $0.sequence + 1 }) ?? 0,
                place.previous == newest.map({ $0.index + 1 }) ?? 0
            else { throw .scopeIncomplete(log, label: label) }
            self.labels[label] = LabelPlace(sequence: place.sequence, index: index)
        }
        guard isInScope else { throw .badPackage(log, index: index) }
    }
}
