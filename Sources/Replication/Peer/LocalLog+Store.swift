internal import EventStore
internal import LedgerTypes
internal import Merkle

extension LocalLog {
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

extension ForeignBatch.Section {
    fileprivate init(_ section: VerifiedPackage.Section) {
        switch section {
        case .present(let bytes): self = .present(bytes)
        case .withheld: self = .absent(.withheld)
        case .purged: self = .absent(.purged)
        }
    }
}
