package import LedgerTypes

/// Something in `log/` that is not what the hashes around it say.
package enum Damage: Hashable, Sendable {
    /// The row of a leaf is missing, or another one.
    case leaf(EventAddress)
    /// A sealed section is missing without a row that says why, or another one.
    case section(EventAddress, slot: UInt8)
    /// A row of hashes is not that of the leaves below it.
    case tile(LogID, level: UInt8, number: UInt64)
    /// The rows of `runs` of a log, which say where its leaves lie, are not those of the leaves.
    case runs(LogID)
    /// The row of `heads` of a log, which says where it ends, is not that of the leaves.
    case head(LogID)
    /// The copy of leaf 0 that stands apart from it is missing, or another one.
    case genesisCopy(LogID)
    /// A row of `labels` does not name the newest leaf with its label.
    case label(LogID, key: [UInt8])
    /// What is held of a log in part does not make up what its home site signed.
    case part(LogID)

    /// The log.
    package var log: LogID {
        switch self {
        case .leaf(let address), .section(let address, _): address.log
        case .tile(let log, _, _), .runs(let log), .head(let log), .genesisCopy(let log),
            .label(let log, _), .part(let log):
            log
        }
    }

    /// The index of the leaf, if it is one that a peer has to send again.
    package var index: UInt64? {
        switch self {
        case .leaf(let address), .section(let address, _): address.index
        default: nil
        }
    }

    /// Whether it follows from other rows of this ledger, or may: leaf 0 has a copy.
    package var isMendedHere: Bool {
        switch self {
        case .runs, .head, .genesisCopy, .label: true
        case .leaf(let address): address.index == 0
        case .section, .tile, .part: false
        }
    }
}

/// What a scan of all of `log/` found.
package struct DamageReport: Hashable, Sendable {
    /// The most damages that are listed; all are counted.
    package static let listedMax = 100_000

    /// Leaves that were hashed.
    package var leaves: UInt64 = 0
    /// Sections that were hashed.
    package var sections: UInt64 = 0
    /// Bytes that were read.
    package var bytes: UInt64 = 0
    /// What was found, by log, leaves and sections by index.
    package var damages: [Damage] = []
    /// How much was found.
    package var count: UInt64 = 0

    /// A report of nothing yet.
    package init() {}

    /// Notes a damage.
    package mutating func add(_ damage: Damage) {
        self.count += 1
        if self.damages.count < Self.listedMax { self.damages.append(damage) }
    }
}
