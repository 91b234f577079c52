/// One event's place: the 0-based index in a log.
public struct EventAddress: Hashable, Sendable, Codable {
    /// The log that holds the event.
    public let log: LogID
    /// The event's 0-based place in it.
    public let index: UInt64

    /// Creates an address.
    public init(log: LogID, index: UInt64) {
        self.log = log
        self.index = index
    }
}

extension EventAddress: Comparable {
    /// Whether `lhs` comes first by log id, then index.
    public static func < (lhs: EventAddress, rhs: EventAddress) -> Bool {
        lhs.log == rhs.log ? lhs.index < rhs.index : lhs.log < rhs.log
    }
}

extension EventAddress: CustomStringConvertible {
    /// The short log id and the index, as people see them.
    public var description: String { "\(self.log.short)/\(self.index)" }
}

/// Where a log stands, always with its root: (log, size, root hash).
public struct Position: Hashable, Sendable {
    /// The log.
    public let log: LogID
    /// The number of leaves.
    public let size: UInt64
    /// The RFC 6962 root over those leaves.
    public let root: Digest

    /// Creates a position.
    public init(log: LogID, size: UInt64, root: Digest) {
        self.log = log
        self.size = size
        self.root = root
    }
}
