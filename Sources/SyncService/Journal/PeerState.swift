package import LedgerTypes

/// What this site knows of a peer: the last line about it in the journal.
package struct PeerState: Hashable, Sendable, Codable {
    /// How the two sides stand.
    package enum Standing: String, Hashable, Sendable, Codable {
        /// The last round ended with equal digests.
        case inStep
        /// The last round went through, and the sides still differ.
        case apart
        /// The peer was not reached, or the session broke.
        case failing
    }

    /// The peer's site name.
    package var peer: String
    /// When this was written, RFC 3339 as all times here.
    package var time: String
    /// How the two sides stand.
    package var standing: Standing
    /// Since when they stand so.
    package var since: String
    /// When they were last in step.
    package var lastInStep: String?
    /// The leaves held here when the peer was last heard.
    package var held: UInt64 = 0
    /// The leaves that the peer still lacked then.
    package var toSend: UInt64 = 0
    /// The leaves that this site still lacked then, as far as the peer said.
    package var toReceive: UInt64 = 0
    /// The leaves taken in since the line before.
    package var received: UInt64 = 0
    /// The leaves that the peer acknowledged since the line before.
    package var sent: UInt64 = 0
    /// What went wrong, while they are not in step.
    package var error: String?
    /// When the peer is tried again.
    package var next: String?

    /// A peer of which nothing is known yet.
    package init(peer: String, now: Timestamp) {
        self.peer = peer
        self.time = now.rfc3339
        self.standing = .failing
        self.since = now.rfc3339
    }

    /// Takes in what a round, or the attempt at one, came to.
    package mutating func take(_ outcome: RoundOutcome, now: Timestamp) {
        self.time = now.rfc3339
        self.next = nil
        self.received += outcome.received
        self.sent += outcome.sent
        if let held = outcome.held {
            self.held = held
            self.toSend = outcome.toSend
            self.toReceive = outcome.toReceive
        }
        self.error = outcome.error.map { String($0.prefix(400)) }
        if outcome.standing != self.standing {
            self.standing = outcome.standing
            self.since = self.time
        }
        if outcome.standing == .inStep { self.lastInStep = self.time }
    }
}

/// What one round, or the attempt at one, came to.
package struct RoundOutcome: Hashable, Sendable {
    /// How the two sides stand.
    package var standing: PeerState.Standing
    /// The leaves taken in.
    package var received: UInt64 = 0
    /// The leaves that the peer acknowledged.
    package var sent: UInt64 = 0
    /// The leaves held here at the end; `nil` if the peer was not heard.
    package var held: UInt64?
    /// The leaves that the peer still lacks.
    package var toSend: UInt64 = 0
    /// The leaves that are still lacking here.
    package var toReceive: UInt64 = 0
    /// What went wrong.
    package var error: String?

    /// Creates an outcome.
    package init(standing: PeerState.Standing) { self.standing = standing }
}
