package import CaseLedger
internal import LedgerTypes
package import Replication
package import SyncTransport
internal import Synchronization

/// Keeps one ledger in step with its peers: answers those that come, goes to those that have an
/// address, and stays connected, so that an event is soon everywhere.
///
/// One task for each connection. ``run(until:)`` ends when it is told to, after the commits under
/// way; nothing acknowledged is lost by ending it in any other way.
package final class SyncService: Sendable {
    /// What the service is to do.
    package struct Configuration: Sendable {
        /// An address to listen at.
        package struct Place: Hashable, Sendable {
            /// The name or number; empty for every address of this machine.
            package let host: String
            /// The port; 0 for any.
            package let port: UInt16

            /// Creates an address.
            package init(host: String, port: UInt16) {
                self.host = host
                self.port = port
            }
        }

        /// Where peers may come; `nil` where nobody may.
        package var listen: Place?
        /// Where figures are shown in the form that Prometheus reads; `nil` for nowhere.
        package var metrics: Place?
        /// Whether a site that is not known yet is taken, and its name bound to its key.
        package var trustFirstUse = false
        /// With which peers the keys of sealed texts are shared.
        package var keySharing = KeySharing.none
        /// The most connections from outside at a time.
        package var connectionsMax = 64
        /// A connection on which nothing happened has a round this often.
        package var quiet: Duration = .seconds(30)
        /// How often the table of peers is looked at.
        package var reload: Duration = .seconds(2)
        /// How long to wait before a peer is tried again.
        package var backoff = Backoff()
        /// When the stored bytes are looked after.
        package struct Upkeep: Hashable, Sendable {
            /// How often everything is rehashed; `nil` for never.
            package var scrubEvery: Duration? = .seconds(7 * 86_400)
            /// How often leaves and hashes are; `nil` for never.
            package var deepEvery: Duration? = .seconds(86_400)
            /// The most bytes read a second; 0 for no bound.
            package var bytesPerSecond: UInt64 = 20_000_000
            /// How long the service runs before it looks.
            package var settle: Duration = .seconds(60)

            /// Creates the usual times.
            package init() {}
        }

        /// When the stored bytes are looked after.
        package var upkeep = Upkeep()
        /// How long TLS waits.
        package var limits = TLSLimits()
        /// The environment of commands, "NAME=value" each.
        package var environment: [String] = []

        /// Creates the usual configuration.
        package init() {}
    }

    let ledger: Ledger
    let configuration: Configuration
    let state: ServiceState
    private let sink: @Sendable (ServiceLine) -> Void
    /// Opens the ledger in a directory, of a peer on this machine.
    let openDirectory: @Sendable (String) throws -> Ledger

    /// A service of `ledger`, which stays the caller's; `log` gets a line for whatever happens.
    package init(
        _ ledger: Ledger,
        _ configuration: Configuration,
        journal: SyncJournal,
        openDirectory: @escaping @Sendable (String) throws -> Ledger,
        log: @escaping @Sendable (ServiceLine) -> Void
    ) {
        self.ledger = ledger
        self.configuration = configuration
        self.openDirectory = openDirectory
        self.sink = log
        self.state = ServiceState(ledger, journal, log)
    }

    /// Serves until `stop` returns. Throws if it cannot listen where it should.
    package func run(until stop: @escaping @Sendable () async -> Void) async throws {
        let listener = try self.configuration.listen.map { try self.listener($0, "listening") }
        let figures = try self.configuration.metrics.map { try self.listener($0, "metrics") }
        await withTaskGroup(of: Void.self) { group in
            if let listener { group.addTask { await self.answer(listener) } }
            if let figures { group.addTask { await self.show(figures) } }
            group.addTask { await self.visitPeers() }
            group.addTask { await self.lookAfterBytes() }
            await stop()
            self.note("stopping")
            listener?.close()
            figures?.close()
            // Waits end, and streams close; what is being committed is committed.
            await self.state.stop()
            group.cancelAll()
        }
        await self.state.flush()
        self.note("stopped")
    }

    private func listener(
        _ place: Configuration.Place,
        _ event: String
    ) throws -> TCPListener {
        let listener = try TCPListener(host: place.host, port: place.port)
        self.note(event) { $0.remote = "\(place.host):\(listener.port)" }
        return listener
    }

    /// Writes a line of the log.
    func note(
        _ event: String,
        _ level: ServiceLine.Level = .info,
        _ fill: (inout ServiceLine) -> Void = { _ in }
    ) {
        var line = ServiceLine(event, level, now: self.ledger.now)
        fill(&line)
        self.sink(line)
    }

    /// How a conversation ended.
    struct End {
        /// The peer, if it was heard or is the one that was gone to.
        var peer: String?
        /// Why it broke, if it did.
        var failure: (any Error)?
        /// What the round that broke came to.
        var outcome: RoundOutcome?
    }

    /// Has rounds over `stream`, the connection `number`, until it ends. `site` must be there, or
    /// whoever holds `key`, which TLS has proven.
    func converse(
        over stream: ByteStream,
        _ number: UInt64,
        answering: Bool,
        expecting site: SiteName?,
        key: [UInt8]?
    ) async -> End {
        let heard = Mutex<String?>(site?.rawValue)
        let progress = Mutex<SyncProgress?>(nil)
        let (nudges, nudge) = AsyncStream.makeStream(of: Void.self)
        let quiet = self.configuration.quiet
        return await withTaskGroup(of: Void.self) { group in
            // One side's word is enough.
            if !answering {
                group.addTask {
                    while (try? await Task.sleep(for: quiet)) != nil { nudge.yield() }
                }
            }
            defer { group.cancelAll() }
            do throws(LedgerError) {
                _ = try await self.ledger.follow(
                    over: stream,
                    answering: answering,
                    expecting: site,
                    transportKey: key,
                    trustFirstUse: self.configuration.trustFirstUse,
                    keySharing: self.configuration.keySharing,
                    nudges: nudges,
                    progress: { now in progress.withLock { $0 = now } },
                    afterRound: { summary in
                        progress.withLock { $0 = nil }
                        heard.withLock { $0 = summary.peer }
                        return await self.takeRound(summary, number, isByKey: key != nil)
                    }
                )
                return End(peer: heard.withLock { $0 })
            } catch {
                let outcome = RoundOutcome(
                    failed: error,
                    after: progress.withLock { $0 },
                    held: try? self.ledger.heldCount()
                )
                return End(peer: heard.withLock { $0 }, failure: error, outcome: outcome)
            }
        }
    }

    /// Takes in a round that went through; whether there is to be another.
    private func takeRound(
        _ summary: SyncSummary,
        _ number: UInt64,
        isByKey: Bool
    ) async -> Bool {
        await self.state.identify(number, as: summary.peer)
        let outcome = RoundOutcome(summary)
        await self.state.note(outcome, of: summary.peer)
        if outcome.received + outcome.sent > 0 || outcome.standing != .inStep {
            self.note("round", outcome.standing == .inStep ? .info : .warning) {
                $0.peer = summary.peer
                $0.received = outcome.received
                $0.sent = outcome.sent
                $0.detail = outcome.error
            }
        }
        for pin in summary.pinned {
            self.note("key.bound", .warning) {
                $0.peer = pin.site
                $0.phrase = pin.phrase
            }
        }
        if let key = summary.rekeyed {
            self.note("key.changed", .warning) {
                $0.peer = key.site
                $0.phrase = key.phrase
            }
        }
        let peers = try? self.ledger.peers()
        let isKnown = peers?.contains { $0.site == summary.peer } ?? true
        if !isKnown, summary.pinned.contains(where: { $0.site == summary.peer }),
            let site = SiteName(summary.peer)
        {
            // So that it is let in again without trust on first use.
            _ = try? await self.ledger.addPeer(site, address: "-")
            return true
        }
        // A peer that was removed meanwhile is let go.
        return isKnown || !isByKey
    }
}
