package import LedgerTypes

/// How a session ended.
package struct SyncReport: Hashable, Sendable {
    /// One log at the end.
    package struct Log: Hashable, Sendable {
        /// Where this side's copy stands.
        package let position: Position
        /// The checkpoint origin.
        package let origin: String
        /// The site that writes it.
        package let site: SiteName
        /// The number of leaves taken in.
        package let received: UInt64
        /// The number of leaves that the peer acknowledged.
        package let sent: UInt64
        /// Why the log was left alone, if it was.
        package let problem: SyncError?
    }

    /// The peer.
    package let peer: SiteName
    /// Its key.
    package let peerKey: [UInt8]
    /// Whether the peer proved that it holds the key; not needed when both were in step.
    package let isPeerAuthenticated: Bool
    /// The digest over every position on this side.
    package let digest: Digest
    /// The digest that the peer stated at the end.
    package let peerDigest: Digest
    /// Whether both sides hold the same and want nothing: only then they are synced.
    package let isInStep: Bool
    /// Every log, by id; logs that were refused and never held are in ``refused``.
    package let logs: [Log]
    /// Logs of the peer that were not taken in at all, by id, and why.
    package let refused: [RefusedLog]
    /// Data keys that were shared.
    package let keys: Keys
    /// The names that were bound to a key in this session, in order.
    package var pinned: [PinnedSite] = []
    /// The site that proved in this session that it changed its key, the peer as a rule, and the
    /// new key; the last of several.
    package var rekeyed: PinnedSite?

    /// Data keys that were shared.
    package struct Keys: Hashable, Sendable {
        /// Keys that the peer gave.
        package var received = 0
        /// Keys that were given to the peer.
        package var given = 0
        /// Keys that the peer gave and that do not open what they are for; they were not kept.
        package var refused = 0
    }

    /// A name that was bound to a key on first contact.
    package struct PinnedSite: Hashable, Sendable {
        /// The site.
        package let site: SiteName
        /// Its key.
        package let key: [UInt8]
    }

    /// A log that was not taken in.
    package struct RefusedLog: Hashable, Sendable {
        /// The log.
        package let log: LogID
        /// Why.
        package let problem: SyncError
    }
}
