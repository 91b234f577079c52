internal import LedgerTypes
internal import Replication

/// How a sync ended, on this side.
public struct SyncSummary: Hashable, Sendable, Encodable {
    /// One log at the end.
    public struct Log: Hashable, Sendable, Encodable {
        /// 32 hexadecimal digits.
        public let id: String
        /// The name in checkpoints.
        public let origin: String
        /// The site that writes it.
        public let site: String
        /// Leaves held here.
        public let size: UInt64
        /// The root over them, 64 hexadecimal digits.
        public let root: String
        /// Leaves taken in.
        public let received: UInt64
        /// Leaves that the peer acknowledged.
        public let sent: UInt64
        /// Why the log was left alone, if it was.
        public let problem: String?
    }

    /// The peer's site name.
    public let peer: String
    /// The digest over every position on this side, 64 hexadecimal digits. Equal digests mean equal
    /// history.
    public let digest: String
    /// The digest that the peer stated at the end.
    public let peerDigest: String
    /// Whether both sides hold the same and want nothing.
    public let inStep: Bool
    /// Every log, by id.
    public let logs: [Log]
    /// Keys of sealed texts that the peer gave.
    public let keysReceived: Int
    /// Keys of sealed texts that were given to the peer.
    public let keysGiven: Int
    /// The first problem, if there was one.
    public let problem: String?
    /// Sites whose logs were left alone because their keys are not pinned here.
    public let untrusted: [String]
    /// Sites whose names this sync bound to a key, on first contact.
    public let pinned: [SiteKey]
    /// The peer's new key, if it proved in this sync that it changed it; `nil` if not.
    public let rekeyed: SiteKey?
}

extension SyncSummary {
    init(_ report: SyncReport) {
        let logs = report.logs.map { log in
            Log(
                id: log.position.log.hex,
                origin: log.origin,
                site: log.site.rawValue,
                size: log.position.size,
                root: log.position.root.hex,
                received: log.received,
                sent: log.sent,
                problem: log.problem.map(\.description)
            )
        }
        let refused = report.refused.first.map { "log \($0.log.short): \($0.problem)" }
        self.init(
            peer: report.peer.rawValue,
            digest: report.digest.hex,
            peerDigest: report.peerDigest.hex,
            inStep: report.isInStep,
            logs: logs,
            keysReceived: report.keys.received,
            keysGiven: report.keys.given,
            problem: logs.lazy.compactMap(\.problem).first ?? refused,
            untrusted: report.refused.compactMap { refused in
                if case .untrusted(let site) = refused.problem { site } else { nil }
            },
            pinned: report.pinned.compactMap { SiteKey($0.site, $0.key) },
            rekeyed: report.rekeyed.flatMap { SiteKey($0.site, $0.key) }
        )
    }
}
