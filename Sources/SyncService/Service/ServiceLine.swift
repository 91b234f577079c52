internal import LedgerTypes

/// A line of a service's log, for machines: one JSON object on standard error.
package struct ServiceLine: Hashable, Sendable, Encodable {
    /// How much it matters.
    package enum Level: String, Hashable, Sendable, Encodable {
        case info, warning, error
    }

    /// When, RFC 3339.
    package let time: String
    /// How much it matters.
    package let level: Level
    /// What happened, one word or two joined by a full stop: `listening`, `peer.connected`.
    package let event: String
    /// The peer's site name, once it is known.
    package var peer: String?
    /// Where the peer, or the port, is.
    package var remote: String?
    /// The leaves taken in.
    package var received: UInt64?
    /// The leaves that the peer acknowledged.
    package var sent: UInt64?
    /// Words for people.
    package var detail: String?
    /// A key in eight words, where one was bound to a name.
    package var phrase: String?

    init(_ event: String, _ level: Level = .info, now: Timestamp) {
        self.time = now.rfc3339
        self.level = level
        self.event = event
    }
}
