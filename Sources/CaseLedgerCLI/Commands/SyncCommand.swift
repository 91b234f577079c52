import ArgumentParser
import CaseLedger
import LedgerTypes
import SyncTransport

/// `caseledger sync`.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Bring this ledger and another into step, both ways.",
        discussion: """
            Logs that either side lacks are sent, with proofs; nothing is kept that is not proven \
            against a signed checkpoint. A cut costs nothing: run it again. Both sides end by \
            printing one digest; equal digests mean equal history.

              caseledger sync ../other-site --ledger support
              caseledger sync test.example/manila --ledger support      # a peer, by name
              caseledger sync ssh://host/var/lib/support --ledger support

            OTHER is a directory, ssh://[USER@]HOST/DIR, tls://HOST:PORT, or a peer's name; its \
            last part is enough where no directory is called so. A local directory counts as the \
            same operator: its keys are pinned on first contact. Any other side must be known \
            (caseledger peer add), or --trust-first-use given once: then compare the phrase that \
            is shown with the one that caseledger site key prints there.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The other side: a peer, an address or a directory.",
            valueName: "OTHER"
        ),
        completion: .directory
    )
    var other: String?

    @Option(help: ArgumentHelp("A command that speaks to the other side.", valueName: "COMMAND"))
    var command: String?

    @Flag(help: "Pin the peer's key if none is pinned for its name yet.")
    var trustFirstUse = false

    @Option(help: ArgumentHelp("The other ledger's state directory.", valueName: "DIR"))
    var otherState: String?

    @OptionGroup var options: LedgerOptions
    @OptionGroup var restore: RestoreOptions
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (self.other == nil) != (self.command == nil) else {
            throw ValidationError("Name either the other side or a --command.")
        }
    }

    func run() async throws {
        let ledger = try self.options.open(.readWrite, onRestore: self.restore.policy)
        defer { ledger.close() }
        let progress = Progress("sync")
        let update: @Sendable (Int) -> Void = { progress.update($0, unit: "events") }
        let target =
            try self.other.map { try SyncTarget($0, of: ledger) }
            ?? SyncTarget(command: self.command ?? "")
        let report =
            if case .directory(let directory) = target.address {
                try await self.sync(ledger, with: directory, target.site, update)
            } else {
                try await self.sync(ledger, over: target, update)
            }
        progress.end()
        if target.address.command != nil { Self.notePins(report) }
        try Self.show(report, json: self.json)
    }

    private func sync(
        _ ledger: Ledger,
        with other: String,
        _ site: SiteName?,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws -> SyncSummary {
        let peer = try Ledger.open(
            at: other,
            state: self.otherState ?? self.options.stateDirectory(),
            access: .readWrite,
            onRestore: self.restore.policy
        )
        defer { peer.close() }
        let found = try peer.siteKey().site
        guard site == nil || site?.rawValue == found else {
            throw CommandFailure(
                "\(other) is the ledger of \(found), not of \(site?.rawValue ?? "")",
                nextStep: "caseledger peer add \(site?.rawValue ?? "") ADDRESS, with the right one",
                exit: .configuration
            )
        }
        return try await ledger.sync(with: peer, progress: progress)
    }

    private func sync(
        _ ledger: Ledger,
        over target: SyncTarget,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws -> SyncSummary {
        guard let command = target.address.command else {
            throw CommandFailure("\(target.name) is not a way to sync yet", exit: .unavailable)
        }
        let transport: CommandTransport
        do throws(CommandTransport.StartError) {
            transport = try CommandTransport.start(
                command,
                environment: ProcessEnvironment.all,
                idleMilliseconds: PeerLimits.idleMilliseconds
            )
        } catch {
            throw CommandFailure(
                "the command cannot be started: \(error.call): \(errorText(error.code))",
                exit: .unavailable
            )
        }
        let report: SyncSummary
        do throws(LedgerError) {
            report = try await ledger.sync(
                over: transport.stream,
                expecting: target.site,
                trustFirstUse: self.trustFirstUse,
                progress: progress
            )
        } catch {
            let exit = await transport.finish()
            // The command then ends because this side gave up, or told so itself.
            switch error {
            case .untrusted, .otherKey: throw CommandFailure(error)
            default: break
            }
            throw Self.located(CommandFailure(error), command, exit)
        }
        _ = await transport.finish()
        return report
    }

    /// A failure, with how the command ended if that explains it.
    private static func located(
        _ failure: CommandFailure,
        _ command: String,
        _ exit: CommandTransport.Exit
    ) -> CommandFailure {
        guard !exit.isSuccess else { return failure }
        let end =
            switch exit {
            case .status(let status): "exit code \(status)"
            case .signal(let signal): "signal \(signal)"
            }
        return CommandFailure(
            "the command ended with \(end): \(DisplayText.clip(command, to: 200)) "
                + "(\(failure.message))",
            nextStep: "run the command on its own to see why; its own words stand above",
            exit: .unavailable
        )
    }

    static func show(_ report: SyncSummary, json: Bool) throws {
        if json {
            try JSONLines().print(report)
        } else {
            for log in report.logs.sorted(by: { $0.origin < $1.origin }) {
                Terminal.line(
                    "\(log.origin): \(log.size) leaves, root \(log.root.prefix(16))"
                        + (log.received > 0 ? ", received \(log.received)" : "")
                        + (log.sent > 0 ? ", sent \(log.sent)" : "")
                )
            }
            Terminal.line("digest \(report.digest)")
            Terminal.line(report.inStep ? Terminal.bold("In step.") : "Not in step.")
        }
        if let site = report.untrusted.first {
            throw CommandFailure.untrusted(site, byPeer: false)
        }
        guard report.inStep else {
            throw CommandFailure(
                report.problem ?? "the two sides are not in step",
                nextStep: "run the same command again; if it stays so, caseledger verify both",
                exit: .temporaryFailure
            )
        }
    }
}

/// What a sync that trusted on first use has to say.
extension SyncCommand {
    /// Shows whose keys were pinned, so that people can compare.
    static func notePins(_ report: SyncSummary) {
        for pin in report.pinned {
            Terminal.note("caseledger: the name \(pin.site) is bound to a key now; its phrase is")
            Terminal.note("  \(pin.phrase)")
        }
        guard !report.pinned.isEmpty else { return }
        Terminal.note(
            "  next: compare by phone with what caseledger site key prints there; if it differs, "
                + "somebody is in between"
        )
    }
}

/// How long a peer may be silent.
enum PeerLimits {
    /// A peer that verifies a big package says nothing for a while.
    static let idleMilliseconds = 120_000
}

/// What to do when this ledger is a restored copy or a clone.
struct RestoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "If this copy was restored or cloned: refuse, or begin a new-incarnation.",
            valueName: "WHAT"
        ),
        completion: .list(["refuse", "new-incarnation"])
    )
    var onRestore = "refuse"

    func validate() throws {
        guard ["refuse", "new-incarnation"].contains(self.onRestore) else {
            throw ValidationError("--on-restore takes refuse or new-incarnation.")
        }
    }

    var policy: Ledger.RestorePolicy {
        self.onRestore == "new-incarnation" ? .newIncarnation : .refuse
    }
}
