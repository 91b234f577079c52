package import LedgerTypes
internal import Merkle

/// One log that this ledger holds, own or copied.
package struct LogState: Hashable, Sendable {
    /// The local number that stands for the log in this ledger's rows.
    package let number: UInt32
    /// The log.
    package let id: LogID
    /// Where it stands here.
    package let position: Position
    /// `recorded` of its last leaf.
    package let lastRecorded: HybridTime
    /// Whether this ledger's site wrote it.
    package let isOwn: Bool
    /// Whether this ledger still appends to it; at most one log is.
    package let isCurrent: Bool
    /// Whether a fork was found in it, so that nothing new is taken.
    package let isFrozen: Bool
    /// Whether only some of its leaves are held.
    package let isPartial: Bool
    /// Its genesis.
    package let genesis: Genesis
    /// The newest signed checkpoint not past `position`.
    package let checkpoint: [UInt8]?

    /// The size in ``checkpoint``; 0 if there is none.
    package var signedSize: UInt64 {
        self.checkpoint.flatMap { Checkpoint(noteBytes: $0) }?.size ?? 0
    }

    /// The site that writes it.
    package var site: SiteName { self.genesis.site }

    /// The incarnation, from 1.
    package var incarnation: UInt32 { self.genesis.incarnation }

    /// The checkpoint origin, which is also the log key's name (SYNC.md 1).
    package var origin: String { Self.origin(of: self.genesis, id: self.id) }

    /// The log when it held `size` leaves; what else is known of it is as of now.
    func cut(at size: UInt64, root: Digest) -> LogState {
        LogState(
            number: self.number,
            id: self.id,
            position: Position(log: self.id, size: size, root: root),
            lastRecorded: self.lastRecorded,
            isOwn: self.isOwn,
            isCurrent: self.isCurrent,
            isFrozen: self.isFrozen,
            isPartial: self.isPartial,
            genesis: self.genesis,
            checkpoint: self.checkpoint
        )
    }

    /// The origin of the log that `genesis` begins.
    package static func origin(of genesis: Genesis, id: LogID) -> String {
        "\(genesis.site)/e\(genesis.incarnation)-\(id.hex.prefix(8))"
    }
}

/// One event of a subject, as the index knows it.
package struct IndexEntry: Hashable, Sendable {
    /// The place in the story.
    package let order: Timestamp
    /// The local arrival number.
    package let arrival: UInt64
    /// The log's local number.
    package let logNumber: UInt32
    /// The index in that log.
    package let index: UInt64

    /// Creates an entry.
    package init(order: Timestamp, arrival: UInt64, logNumber: UInt32, index: UInt64) {
        self.order = order
        self.arrival = arrival
        self.logNumber = logNumber
        self.index = index
    }
}

/// What the writer needs to know of a subject.
package struct SubjectSummary: Sendable {
    /// The subject's number in `views/`; `nil` if the index does not know it yet.
    package var number: UInt64?
    /// How many events of it are held, over all logs.
    package var version: UInt64
    /// The newest `order` held; `nil` without events.
    package var newestOrder: Timestamp?
    /// For each log that holds events of it, the highest index.
    package var newestByLog: [(logNumber: UInt32, index: UInt64)]

    /// Creates a summary.
    package init(
        number: UInt64? = nil,
        version: UInt64 = 0,
        newestOrder: Timestamp? = nil,
        newestByLog: [(logNumber: UInt32, index: UInt64)] = []
    ) {
        self.number = number
        self.version = version
        self.newestOrder = newestOrder
        self.newestByLog = newestByLog
    }
}
