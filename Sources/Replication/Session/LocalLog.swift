internal import EventStore
package import LedgerTypes

/// What was kept of a fork: enough to show it to others.
package struct ForkNotes: Hashable, Sendable {
    /// The note that was held when it was found.
    package let held: [UInt8]
    /// The one that was shown.
    package let shown: [UInt8]
    /// The size from which ``proof`` leads to the later one.
    package let oldSize: UInt64
    /// The proof that came with it.
    package let proof: [Digest]
}

/// What a session knows of one log on its own side.
package struct LocalLog: Hashable, Sendable {
    /// Who writes the log.
    package enum Writer: Hashable, Sendable {
        /// This ledger, still.
        case thisLedger
        /// This site in an incarnation that is over: its tail may come back from a peer.
        case formerIncarnation
        /// Another site.
        case otherSite
    }

    /// Where the copy stands.
    package var position: Position
    /// The log's leaf 0, verified when it was taken in.
    package let genesis: Genesis
    /// Who writes it.
    package let writer: Writer
    /// The newest checkpoint held whose size is at most the copy's; empty if there is none.
    package var note: [UInt8]
    /// The size in that note; 0 if there is none.
    package var provable: UInt64
    /// The log takes nothing more here.
    package var isFrozen: Bool
    /// Two notes of the log's key that contradict each other, to be shown to whoever has not frozen
    /// it yet.
    package var fork: ForkNotes?
    /// What is held, if that is only a part.
    package var part: LocalPart?
    /// What alone the peer is to send of the log, which stands at ``Repair/whole`` in truth.
    package var repair: Repair?

    /// What is rotten of a log that is held.
    package struct Repair: Hashable, Sendable {
        /// The leaves that are asked for.
        package let selection: Selection
        /// Where the copy stands.
        package let whole: Position
    }

    /// Creates a log.
    package init(
        position: Position,
        genesis: Genesis,
        writer: Writer,
        note: [UInt8] = [],
        provable: UInt64 = 0,
        isFrozen: Bool = false
    ) {
        self.position = position
        self.genesis = genesis
        self.writer = writer
        self.note = note
        self.provable = provable
        self.isFrozen = isFrozen
    }

    /// The log.
    package var id: LogID { self.position.log }

    /// The checkpoint origin and the name of the log's key.
    package var origin: String { LogState.origin(of: self.genesis, id: self.id) }

    /// Whether a session may add leaves to it.
    var takesLeaves: Bool { self.writer != .thisLedger && !self.isFrozen }
}

extension [LocalLog] {
    /// The logs in the order in which they are sent: by id. After a change of key a log proves that
    /// the one it goes on from is its site's as well, so that the newest goes first.
    var inSendingOrder: [LocalLog] {
        let isRekeyed = self.contains { $0.genesis.predecessorSignature != nil }
        return self.sorted { one, other in
            let numbers = (one.genesis.incarnation, other.genesis.incarnation)
            guard isRekeyed, numbers.0 != numbers.1 else { return one.id < other.id }
            return numbers.0 > numbers.1
        }
    }
}
