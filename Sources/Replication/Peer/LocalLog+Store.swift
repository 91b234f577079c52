internal import EventStore
internal import LedgerTypes
internal import Merkle

extension LocalLog {
    /// A log as the store holds it and a peer may see it; `nil` if it may see nothing of it.
    ///
    /// A former log of this site may have a tail that was never signed, and that nobody can prove
    /// any more: peers see the log as far as its newest checkpoint. Where another history of it was
    /// shown and the place is not known yet, it is asked for from its beginning, and compared.
    ///
    /// A log that is left out counts as equal for a peer whose HELLO has shown it (`isShown`). It
    /// is given with its leaf 0 then, which every copy of it has.
    init?(_ state: LogState, known forks: [ForkRecord], isShown: Bool) {
        self.init(state)
        let fork = forks.first { $0.log == state.id && !$0.isResolved && $0.kind == .divergent }
        if state.isFrozen, let fork, !fork.held.isEmpty, !fork.shown.isEmpty {
            self.fork = ForkNotes(
                held: fork.held,
                shown: fork.shown,
                oldSize: fork.oldSize,
                proof: fork.proof
            )
        }
        guard self.writer == .formerIncarnation else { return }
        self.isFrozen = self.isFrozen || fork?.forkIndex != nil
        let isPlaceSought = fork != nil && fork?.forkIndex == nil
        if !isPlaceSought, self.provable == self.position.size { return }
        if !isPlaceSought, let note = try? SignedNote(parsing: self.note.span),
            let checkpoint = try? Checkpoint(parsing: note.text)
        {
            self.position = Position(log: state.id, size: checkpoint.size, root: checkpoint.root)
            return
        }
        guard isShown else { return nil }
        let isFrozen = self.isFrozen
        self = Self(state, endingAfterLeaves: 1, root: MerkleHash.leaf(state.genesis.leaf.span))
        self.isFrozen = isFrozen
    }

    /// A log of which this side claims to hold less than it does, so that the rest is sent again.
    init(_ state: LogState, endingAfterLeaves size: UInt64, root: Digest) {
        self.init(
            position: Position(log: state.id, size: size, root: root),
            genesis: state.genesis,
            writer: state.isOwn && !state.isCurrent ? .formerIncarnation : .otherSite
        )
    }

    /// A log as the store holds it.
    init(_ state: LogState) {
        let note = state.checkpoint ?? []
        let checkpoint = (try? SignedNote(parsing: note.span)).flatMap {
            try? Checkpoint(parsing: $0.text)
        }
        let writer: Writer =
            state.isCurrent ? .thisLedger : state.isOwn ? .formerIncarnation : .otherSite
        self.init(
            position: state.position,
            genesis: state.genesis,
            writer: writer,
            note: checkpoint == nil ? [] : note,
            provable: checkpoint?.size ?? 0,
            isFrozen: state.isFrozen
        )
    }
}

extension ForeignBatch {
    /// What the store is to keep of a package.
    init(_ package: VerifiedPackage) {
        self.init(
            log: package.log,
            start: package.start,
            entries: package.entries.map { entry in
                Entry(
                    leaf: entry.leaf,
                    hash: entry.hash,
                    sections: entry.sections.map(Section.init)
                )
            },
            checkpoint: package.note
        )
        self.tileRoot = package.tileRoot
        self.areSectionsVerified = true
    }
}

extension PartialBatch {
    /// What the store is to keep of a part of a log.
    init(_ part: VerifiedPart, share: [UInt8]?, checkpoint: [UInt8]) {
        self.init(
            log: part.log,
            entries: part.entries.map { index, entry in
                let sections = entry.sections.map(ForeignBatch.Section.init)
                return (
                    index,
                    ForeignBatch.Entry(leaf: entry.leaf, hash: entry.hash, sections: sections)
                )
            },
            gaps: part.gaps,
            goesOn: part.goesOn,
            labels: part.labels.map { ($0.label, $0.newest) },
            checkpoint: checkpoint.isEmpty ? nil : checkpoint,
            share: share
        )
    }
}

extension ForeignBatch.Section {
    fileprivate init(_ section: VerifiedPackage.Section) {
        switch section {
        case .present(let bytes): self = .present(bytes)
        case .withheld: self = .absent(.withheld)
        case .purged: self = .absent(.purged)
        }
    }
}
