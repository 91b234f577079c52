package import EventStore
package import LedgerTypes

/// What a session asks its shell to do. The shell does it in the order given, and answers a
/// question before it hands the session another frame.
package enum Directive: Hashable, Sendable {
    /// Sends a frame.
    case send(Frame)
    /// Asks for the site key's signature over 32 bytes: `authenticate(with:)`.
    case sign([UInt8])
    /// Something is about to leave: anchor, sign the own log's checkpoint, and tell how every log
    /// stands now: `offer(_:)`.
    case prepareOffer
    /// Asks for a consistency proof between two sizes of a log, and leaf 0 if the old size is 0:
    /// `offerCheckpoint(of:proof:genesis:)`.
    case readCheckpointProof(LogID, oldSize: UInt64, size: UInt64)
    /// Asks for the hashes of the leaves that are held of a tile: `takeLeafHashes(of:_:)`.
    case readLeafHashes(LogID, Range<UInt64>)
    /// Asks for the next package: `sendPackage(_:)`.
    case readPackage(PackageRequest)
    /// Asks for what a partner is to get: `sendScope(_:head:leafCount:)`.
    case readScope(ScopeRequest)
    /// Asks for the next of it: `sendPart(_:isLast:)`.
    case readPart(LogID)
    /// Keeps a verified part of a log, why it is held, and its checkpoint:
    /// `committedPart(_:leafCount:)`.
    case commitPart(VerifiedPart, share: [UInt8]?, checkpoint: [UInt8])
    /// Keeps why a part of a log is held.
    case keepShare(LogID, [UInt8])
    /// Asks for the root that this ledger's own log had at a size, `nil` if it never had it:
    /// `judgeOwnLog(_:size:root:)`.
    case readOwnRoot(LogID, size: UInt64)
    /// Keeps a verified package; several of one log may share a commit: `committed(_:)`, or
    /// `refused(_:_:)`.
    case commit(VerifiedPackage)
    /// Asks for the site's cosignature of a note whose leaves are durable here now:
    /// `acknowledge(_:with:)`.
    case cosign(Position, note: [UInt8])
    /// Keeps what the peer confirmed to hold of a log of this site.
    case keepReceipt(DeliveryReceipt)
    /// Binds a site's name to a key.
    case pin(SiteName, key: [UInt8])
    /// Binds a site's name to a new key, to which the changes lead from the one it is bound to.
    case rebind(SiteName, key: [UInt8], [KeySuccession])
    /// The log's key signed what the log does not hold: stop appending to it.
    case suspectOwnLog(LogID, OwnLogEvidence)
    /// Two signed histories of one log. When `isConclusive`, the log takes nothing more.
    case freeze(ForkEvidence)
    /// Asks for a signed request of the keys that are lacked, from the one after `after` on:
    /// `ask(_:)`, with `nil` if none is.
    case askForKeys(transcript: [UInt8], after: KeyID?)
    /// Asks for signed answers with the keys that the peer lacks and that are here: `give(_:)`.
    case giveKeys(KeyRequest, transcript: [UInt8])
    /// Keeps the keys that the peer gave: `keptKeys(received:refused:isLast:)`.
    case keepKeys(KeyAnswer, transcript: [UInt8])
    /// Everything that can be exchanged is.
    case finish(SyncReport)
}

/// Which leaves to send next.
package struct PackageRequest: Hashable, Sendable {
    /// The log.
    package let log: LogID
    /// The index of the first leaf.
    package let start: UInt64
    /// The index the package must not pass: the checkpoint's size, or the end of the tile.
    package let endMax: UInt64
    /// The checkpoint's position.
    package let target: Position
}

/// Leaves whose bytes, sections and proof have been verified; not kept yet.
package struct VerifiedPackage: Hashable, Sendable {
    /// The log.
    package let log: LogID
    /// The index of the first leaf.
    package let start: UInt64
    /// One for each leaf.
    package let entries: [Entry]
    /// The log's leaf 0 when the log is new here.
    package let genesis: Genesis?
    /// The signed note that the leaves were verified against.
    package let note: [UInt8]
    /// The position in that note.
    package let target: Position
    /// The root over the leaves, if they are a whole tile.
    package var tileRoot: Digest?

    /// One leaf.
    package struct Entry: Hashable, Sendable {
        /// Its bytes.
        package let leaf: [UInt8]
        /// What the tree hashes it to.
        package let hash: Digest
        /// One for each section it refers to.
        package let sections: [Section]
    }

    /// One section of a leaf.
    package enum Section: Hashable, Sendable {
        /// Its sealed bytes, which have the digest in the leaf.
        case present([UInt8])
        /// The sender withholds it.
        case withheld
        /// The sender purged it.
        case purged
    }

    /// The index after the last leaf.
    package var end: UInt64 { self.start + UInt64(self.entries.count) }

    /// The bytes that a commit of it writes, roughly.
    package var byteCount: Int {
        self.entries.reduce(0) { count, entry in
            entry.sections.reduce(count + entry.leaf.count + 64) { count, section in
                guard case .present(let bytes) = section else { return count + 64 }
                return count + bytes.count
            }
        }
    }
}

/// What this ledger's own key signed of its own log, and the log does not hold.
package struct OwnLogEvidence: Hashable, Sendable {
    /// The note that the peer showed.
    package let note: [UInt8]
    /// The size from which ``proof`` leads to it.
    package let oldSize: UInt64
    /// The proof that came with it.
    package let proof: [Digest]
    /// Whether the log as it is here is proven to be the beginning of what was signed: the machine
    /// went back, and nothing was appended since.
    package let isReverted: Bool
}

/// Two signed histories of one log.
package struct ForkEvidence: Hashable, Sendable {
    /// The log.
    package let log: LogID
    /// Where this side's copy stands.
    package let position: Position
    /// The checkpoint held here; empty if none.
    package let held: [UInt8]
    /// The checkpoint the peer showed; empty if none.
    package let shown: [UInt8]
    /// The size from which `proof` leads to the checkpoint that was shown.
    package let oldSize: UInt64
    /// The proof that came with it.
    package let proof: [Digest]
    /// Whether the log's own key contradicts itself, so that it is not just the peer's word.
    package let isConclusive: Bool
}
