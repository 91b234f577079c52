package import LedgerTypes

/// Something in `log/` that is not what the hashes around it say.
package enum Damage: Hashable, Sendable {
    /// The row of a leaf is missing, or another one.
    case leaf(EventAddress)
    /// A sealed section is missing without a row that says why, or another one.
    case section(EventAddress, slot: UInt8)
    /// A row of hashes is not that of the leaves below it.
    case tile(LogID, level: UInt8, number: UInt64)

    /// The log.
    package var log: LogID {
        switch self {
        case .leaf(let address), .section(let address, _): address.log
        case .tile(let log, _, _): log
        }
    }

    /// The index of the leaf, if it is one that a peer has to send again.
    package var index: UInt64? {
        switch self {
        case .leaf(let address), .section(let address, _): address.index
        case .tile: nil
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

    mutating func add(_ damage: Damage) {
        self.count += 1
        if self.damages.count < Self.listedMax { self.damages.append(damage) }
    }
}
