import ArgumentParser
import CaseLedger
import LedgerTypes
import Replication
import SyncService
import SyncTransport

/// `caseledger serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract:
            "Keep this ledger in step with its peers: a service, or one peer on standard input.",
        discussion: """
            With --listen a service that runs until SIGTERM or Ctrl-C: peers come to it over TLS \
            1.3, in which both sides show the keys of their sites; it goes to the peers that have \
            an address; and it stays connected, so that an event is soon everywhere. Only peers \
            are let in (caseledger peer add). Each line on standard error is a JSON object.

              caseledger serve --listen :7421 --metrics 127.0.0.1:9421 --ledger support
              caseledger serve --peers --ledger support     # goes to peers, lets nobody in

            With --stdio it speaks with one peer on standard input and output, and is run by the \
            other side, over ssh or any command that carries bytes:

              caseledger peer add NAME ssh://host/var/lib/support KEY --ledger support

            docs/OPERATIONS.md has a systemd unit, a container file and every figure.
            """
    )

    @OptionGroup var options: LedgerOptions
    @OptionGroup var restore: RestoreOptions
    @Option(help: ArgumentHelp("Let peers in at this address.", valueName: "HOST:PORT"))
    var listen: PlaceArgument?
    @Option(help: ArgumentHelp("Show figures for Prometheus here.", valueName: "HOST:PORT"))
    var metrics: PlaceArgument?
    @Flag(help: "Go to the peers that have an address, without listening.")
    var peers = false
    @Option(help: ArgumentHelp("At most so many connections from outside.", valueName: "N"))
    var connections = 64
    @Option(
        help: ArgumentHelp(
            "Rehash everything this often, and fetch what is rotten; or never.",
            valueName: "TIME"
        )
    )
    var scrubEvery = PeriodArgument(days: 7)
    @Option(
        help: ArgumentHelp("Rehash leaves and hashes this often; or never.", valueName: "TIME")
    )
    var deepEvery = PeriodArgument(days: 1)
    @Option(
        help: ArgumentHelp("The most megabytes rehashed a second; 0 for no bound.", valueName: "MB")
    )
    var scrubRate = 20
    @Flag(help: "Use standard input and output.") var stdio = false
    @Option(
        help: ArgumentHelp(
            "Share the keys of sealed texts with this peer; may be repeated.",
            valueName: "NAME"
        )
    )
    var shareKeys: [String] = []
    @Flag(help: "Pin the peer's key if none is pinned for its name yet.")
    var trustFirstUse = false

    func validate() throws {
        let isService = self.listen != nil || self.peers
        guard self.stdio != isService else {
            throw ValidationError("Add --listen HOST:PORT, --peers or --stdio.")
        }
        guard self.metrics == nil || isService else {
            throw ValidationError("--metrics goes with --listen or --peers.")
        }
        for name in self.shareKeys where SiteName(name) == nil {
            throw ValidationError("\(name) is not a site's name.")
        }
        guard (0...100_000).contains(self.scrubRate) else {
            throw ValidationError("--scrub-rate takes 0 to 100000.")
        }
        guard (1...4_096).contains(self.connections) else {
            throw ValidationError("--connections takes 1 to 4096.")
        }
    }

    func run() async throws {
        let ledger = try self.options.open(.readWrite, onRestore: self.restore.policy)
        defer { ledger.close() }
        if self.stdio { try await self.serveOnce(ledger) } else { try await self.serve(ledger) }
    }

    private func serveOnce(_ ledger: Ledger) async throws {
        let report = try await ledger.follow(
            over: StandardStreams.stream(idleMilliseconds: PeerLimits.idleMilliseconds),
            answering: true,
            trustFirstUse: self.trustFirstUse,
            keySharing: self.keySharing,
            nudges: AsyncStream { $0.finish() },
            afterRound: { report in
                SyncCommand.notePins(report)
                return true
            }
        )
        Terminal.note("digest \(report.digest)\(report.inStep ? "" : " (not in step)")")
        guard report.inStep else { throw Sysexit.temporaryFailure.code }
    }

    private var keySharing: KeySharing {
        let sites = Set(self.shareKeys.compactMap { SiteName($0) })
        return sites.isEmpty ? .none : .with(sites)
    }

    private func serve(_ ledger: Ledger) async throws {
        var configuration = SyncService.Configuration()
        configuration.listen = self.listen.map { .init(host: $0.host, port: $0.port) }
        configuration.metrics = self.metrics.map { .init(host: $0.host, port: $0.port) }
        configuration.trustFirstUse = self.trustFirstUse
        configuration.connectionsMax = self.connections
        configuration.keySharing = self.keySharing
        configuration.environment = ProcessEnvironment.all
        configuration.upkeep.scrubEvery = self.scrubEvery.duration
        configuration.upkeep.deepEvery = self.deepEvery.duration
        configuration.upkeep.bytesPerSecond = UInt64(self.scrubRate) * 1_000_000
        let state = self.options.stateDirectory()
        let lines = JSONLines()
        let service = SyncService(
            ledger,
            configuration,
            journal: SyncJournal(folder: try ledger.siteFolder()),
            openDirectory: { try Ledger.open(at: $0, state: state, access: .readWrite) },
            log: { line in
                if let text = try? lines.text(line) { Terminal.note(text) }
            }
        )
        let signal = ShutdownSignal()
        do {
            try await service.run(until: { await signal.wait() })
        } catch let error as ConnectionError {
            throw CommandFailure(
                "cannot listen: \(ErrorText.words(error))",
                nextStep: "choose another address or port, or end what uses it",
                exit: .unavailable
            )
        }
    }
}
