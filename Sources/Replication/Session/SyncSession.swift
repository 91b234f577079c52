package import EventStore
package import LedgerTypes
internal import Merkle

/// One side of a CLSP/1 session, from HELLO to DONE (docs/SYNC.md).
///
/// Pure: frames and answers in, directives out; no I/O, no clock, no randomness. The shell is
/// ``SyncPeer``.
///
/// ```
///   idle ── start ──▶ awaitingHello ── HELLO ──▶ finished              in step
///                          └── HELLO ──▶ awaitingAuthentication
///                                              └── AUTH ──▶ awaitingVector
///                                                               └── VECTOR ──▶ exchanging
///   exchanging ── both DONE ──▶ finished             any ── error ──▶ failed
/// ```
///
/// Invariants:
/// - Before AUTH has been verified only HELLO and AUTH are taken, and no leaf leaves.
/// - Nothing is committed but what a proof leads to a checkpoint that the log's own key signed,
///   consistent with what is held.
/// - A log is in at most one of `outgoing` and `incoming`.
/// - `Incoming.next` counts leaves that were verified and may still be in a commit;
///   ``LocalLog/position`` moves only with ``committed(_:)``, and only then an ACK is sent.
package struct SyncSession: Sendable {
    /// Who spoke first.
    package enum Role: Hashable, Sendable {
        /// Opened the stream.
        case initiator
        /// Answers.
        case responder
    }

    /// What a session is given at the start.
    package struct Configuration: Sendable {
        /// Who speaks first.
        package var role: Role
        /// This site.
        package var site: SiteName
        /// This site's public key, 32 bytes.
        package var siteKey: [UInt8]
        /// 16 bytes that no other session has.
        package var nonce: [UInt8]
        /// Whose keys are taken.
        package var policy: TrustPolicy
        /// The keys that names are bound to.
        package var pins: [SiteName: [UInt8]]
        /// The site that must answer; `nil` when any may.
        package var expectedPeer: SiteName?
        /// The key that the transport has proven to be the peer's; `nil` where it proves none.
        package var transportKey: [UInt8]?
        /// Whether this side goes on with another session on the same stream.
        package var follows = false
        /// The most bytes of bodies to take.
        package var sessionBytesMax = SyncLimits.sessionBytesMax
        /// With which peers data keys are shared.
        package var keySharing = KeySharing.none
        /// Whether sections are held here whose keys are not.
        package var lacksKeys = false
        /// How this site's key came to be what it is, oldest change first.
        package var successions: [KeySuccession] = []
        /// The grants of this site.
        package var grants: [GrantRecord] = []
        /// The sites that get nothing without a grant.
        package var partners: Set<SiteName> = []
        /// When the session begins, for the times of grants.
        package var now = Timestamp(microseconds: 0)

        /// Creates a configuration.
        package init(
            role: Role,
            site: SiteName,
            siteKey: [UInt8],
            nonce: [UInt8],
            policy: TrustPolicy,
            pins: [SiteName: [UInt8]] = [:],
            expectedPeer: SiteName? = nil
        ) {
            precondition(siteKey.count == 32 && nonce.count == 16)
            self.role = role
            self.site = site
            self.siteKey = siteKey
            self.nonce = nonce
            self.policy = policy
            self.pins = pins
            self.expectedPeer = expectedPeer
        }
    }

    enum State: Hashable, Sendable {
        case idle, awaitingHello, awaitingAuthentication, awaitingVector, exchanging
        case finished, failed
    }

    var configuration: Configuration
    var state = State.idle
    /// Every log held, by id. Iterated only through ``sortedLogs``.
    var logs: [LogID: LocalLog] = [:]
    var ownHello: Hello?
    var peerHello: Hello?
    var isPeerAuthenticated = false
    /// Where the peer's copies stand, after its VECTOR.
    var peerEntries: [LogID: Vector.Entry] = [:]
    /// What alone the peer wants of some logs.
    var peerSelections: [LogID: Selection] = [:]
    /// Logs being sent, in the order they are sent.
    var outgoing: [Outgoing] = []
    /// Logs being received.
    var incoming: [LogID: Incoming] = [:]
    /// Sections that BLOBs have brought for the next package.
    var blobs = PendingBlobs()
    /// Logs that were left alone in this session, and why.
    var problems: [LogID: SyncError] = [:]
    /// Leaves taken in and acknowledged, per log.
    var receivedCounts: [LogID: UInt64] = [:]
    var sentCounts: [LogID: UInt64] = [:]
    /// Names that were bound to a key, in order.
    var pinned: [SyncReport.PinnedSite] = []
    /// The peer, if it proved that it changed its key.
    var rekeyed: SyncReport.PinnedSite?
    /// Packages that arrived for logs left alone.
    var droppedCounts: [LogID: Int] = [:]
    /// Logs that a FORK came for.
    var forkedLogs: Set<LogID> = []
    /// Checkpoints of the own log that wait for the store's word.
    var judged: [Judged] = []
    var isReading = false
    var isDoneSent = false
    var keys = KeyPhase()
    var scope = ScopePhase()
    var scopeAnswered = false
    /// Every log that this side held at the start, also those that the session is not about.
    let allLogs: [LocalLog]
    var peerDone: Done?
    var bytesTaken: UInt64 = 0

    /// Creates a session of a side that holds `logs`.
    package init(_ configuration: Configuration, logs: [LocalLog]) {
        self.configuration = configuration
        self.allLogs = logs
        for log in logs where log.part == nil { self.logs[log.id] = log }
    }

    /// Whether the session came to its end; nothing is expected from the peer any more.
    package var isFinished: Bool { self.state == .finished }

    /// The leaves taken in and acknowledged so far, over all logs.
    package var progress: SyncProgress {
        SyncProgress(
            received: self.receivedCounts.values.reduce(0, +),
            receiving: self.incoming.values.reduce(0) { $0 + $1.total },
            sent: self.sentCounts.values.reduce(0, +),
            sending: self.outgoing.reduce(0) { $0 + $1.target.size - $1.oldSize },
            toReceive: self.incoming.reduce(0) {
                $0 + $1.value.total - (self.receivedCounts[$1.key] ?? 0)
            },
            toSend: self.outgoing.reduce(0) {
                $0 + $1.target.size - $1.oldSize - (self.sentCounts[$1.log] ?? 0)
            }
        )
    }

    var sortedLogs: [LocalLog] { self.logs.values.sorted { $0.id < $1.id } }

    /// Whether both sides go on with another session on the same stream after this one.
    package var isFollowing: Bool {
        guard let own = self.ownHello, let peer = self.peerHello else { return false }
        return own.features.contains(.follows) && peer.features.contains(.follows)
    }

    /// Begins. The initiator speaks; the responder waits, so that its HELLO can say what it holds
    /// of the other's logs. In a later session on the same stream either side may speak.
    package mutating func start(speaking: Bool? = nil) throws(SyncError) -> [Directive] {
        precondition(self.state == .idle)
        guard self.logs.count <= SyncLimits.logsMax else { throw .limit(.logs, log: nil) }
        self.state = .awaitingHello
        try self.settleExpectedScope()
        guard speaking ?? (self.configuration.role == .initiator) else { return [] }
        return [self.sayHello(to: self.configuration.expectedPeer)]
    }

    /// Takes the next frame. After a throw the session is over: the shell says so to the peer with
    /// an ERROR and closes the stream.
    package mutating func receive(_ frame: Frame) throws(SyncError) -> [Directive] {
        do throws(SyncError) {
            self.bytesTaken += UInt64(frame.body.count)
            guard self.bytesTaken <= self.configuration.sessionBytesMax else {
                throw .limit(.sessionBytes, log: nil)
            }
            return try self.take(frame)
        } catch {
            self.state = .failed
            throw error
        }
    }

    private mutating func take(_ frame: Frame) throws(SyncError) -> [Directive] {
        if frame.type == .error { return try self.takeError(try ErrorMessage(frame)) }
        switch (self.state, frame.type) {
        case (.awaitingHello, .hello): return try self.takeHello(try Hello(frame))
        case (.awaitingAuthentication, .authentication):
            return try self.takeAuthentication(try Authentication(frame))
        case (.awaitingVector, .vector): return try self.takeVector(try Vector(frame))
        case (.awaitingVector, .selection):
            return try self.takeSelection(try Selection(frame))
        case (.exchanging, .checkpoint):
            return try self.takeCheckpoint(try CheckpointMessage(frame))
        case (.exchanging, .blob): return try self.takeBlob(try Blob(frame))
        case (.exchanging, .package): return try self.takePackage(try Package(frame))
        case (.exchanging, .acknowledgement):
            return try self.takeAcknowledgement(try Acknowledgement(frame))
        case (.exchanging, .fork): return try self.takeFork(try Fork(frame))
        case (.exchanging, .done): return try self.takeDone(try Done(frame))
        case (.exchanging, .keys): return try self.takeKeys(try KeysMessage(frame))
        case (.exchanging, .intervals):
            return try self.takeIntervals(try IntervalsMessage(frame))
        case (.exchanging, .scope): return try self.takeScope(try ScopeMessage(frame))
        case (.exchanging, .part): return try self.takePart(try Part(frame))
        default: throw .unexpected(frame.type)
        }
    }

    private mutating func takeError(_ message: ErrorMessage) throws(SyncError) -> [Directive] {
        // About one log the others go on; but nobody is listened to before AUTH.
        guard let log = message.position?.log, self.isPeerAuthenticated else { throw message.error }
        if message.code == SyncError.proofRequired(log).code, self.outgoing(log) != nil {
            return self.showOnlyCheckpoint(of: log)
        }
        return self.leave(log, because: message.error) + self.proceed()
    }
}

/// How far a session is.
package struct SyncProgress: Hashable, Sendable {
    /// Leaves that were taken in and are durable.
    package var received: UInt64
    /// Leaves that logs still being received have in all.
    package var receiving: UInt64
    /// Leaves that the peer acknowledged.
    package var sent: UInt64
    /// Leaves that logs still being sent have in all.
    package var sending: UInt64
    /// Leaves that are known to come and are not durable yet.
    package var toReceive: UInt64 = 0
    /// Leaves that the peer has not acknowledged yet.
    package var toSend: UInt64 = 0
}
