import ArgumentParser
import CaseLedger
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
              caseledger sync --all --every 30s --ledger support        # all peers, until Ctrl-C

            OTHER is a directory, ssh://[USER@]HOST/DIR, tls://HOST:PORT, or a peer's name; its \
            last part is enough where no directory is called so. A local directory counts as the \
            same operator: its keys are pinned on first contact. Any other side must be known \
            (caseledger peer add), or --trust-first-use given once: then compare the phrase that \
            is shown with the one that caseledger site key prints there.

            With --all every peer that has an address has its turn; one that fails does not hold \
            up the others and, with --every, is tried less and less often. What became of each \
            shows in caseledger status.
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

    @Flag(help: "Every peer that has an address.") var all = false
    @Option(
        help: ArgumentHelp("With --all: again and again, such as 30s or 5m.", valueName: "TIME")
    )
    var every: DurationArgument?

    @Flag(help: "Pin the peer's key if none is pinned for its name yet.")
    var trustFirstUse = false

    @Flag(help: "Share the keys of sealed texts: each side gets those it lacks.")
    var shareKeys = false

    @Option(
        help: ArgumentHelp("Write down what is said, for tools/clsp-reader.", valueName: "FILE"),
        completion: .file()
    )
    var record: String?

    @Option(help: ArgumentHelp("The other ledger's state directory.", valueName: "DIR"))
    var otherState: String?

    @Flag(help: "First rehash every stored byte here, and fetch what is rotten from the peer.")
    var deep = false

    @OptionGroup var options: LedgerOptions
    @OptionGroup var restore: RestoreOptions
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        let named = [self.other != nil, self.command != nil, self.all].count { $0 }
        guard named == 1 else {
            throw ValidationError("Name either the other side, or a --command, or --all.")
        }
        guard self.record == nil || !self.all else {
            throw ValidationError("--record goes with one peer.")
        }
        guard self.every == nil || self.all else {
            throw ValidationError("--every goes with --all.")
        }
    }

    func run() async throws {
        if self.deep { try ScrubCommand.mend(self.options, isQuiet: self.json) }
        let ledger = try self.options.open(.readWrite, onRestore: self.restore.policy)
        defer { ledger.close() }
        var sync = PeerSync(
            ledger: ledger,
            trustFirstUse: self.trustFirstUse,
            sharesKeys: self.shareKeys,
            otherState: self.otherState ?? self.options.stateDirectory(),
            onRestore: self.restore.policy
        )
        sync.recorder = try self.recorder()
        let isQuiet = self.json
        if self.deep { sync.repaired = { if !isQuiet { ScrubCommand.show($0) } } }
        if self.all {
            let rounds = PeerRounds(sync: sync, every: self.every?.duration, json: self.json)
            guard try await rounds.run() else { throw Sysexit.temporaryFailure.code }
            return
        }
        let progress = Progress("sync")
        let target =
            try self.other.map { try SyncTarget($0, of: ledger) }
            ?? SyncTarget(command: self.command ?? "")
        guard self.record == nil || target.isStream else {
            throw CommandFailure(
                "between two directories nothing is said that could be recorded",
                nextStep: "name the other side by --command or as a peer that a stream leads to",
                exit: .usage
            )
        }
        let report = try await sync.run(target) { progress.update($0, unit: "events") }
        progress.end()
        // Between directories of one operator keys are pinned without a word.
        if target.isStream { Self.notePins(report) } else { Self.noteNewKey(report) }
        if let code = sync.recorder?.failureCode, code != 0 {
            Terminal.note("caseledger: the recording is not whole: \(errorText(code))")
        }
        try Self.show(report, json: self.json)
    }

    private func recorder() throws(CommandFailure) -> SessionRecorder? {
        guard let path = self.record else { return nil }
        do throws(RecordingError) {
            return try SessionRecorder(path: path)
        } catch {
            throw CommandFailure("\(path): \(errorText(error.code))", exit: .cannotCreate)
        }
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
        Self.noteNewKey(report)
        guard !report.pinned.isEmpty else { return }
        Terminal.note(
            "  next: compare by phone with what caseledger site key prints there; if it differs, "
                + "somebody is in between"
        )
    }
}

extension SyncCommand {
    /// Tells that a site has a new key.
    static func noteNewKey(_ report: SyncSummary) {
        guard let key = report.rekeyed else { return }
        Terminal.note("caseledger: \(key.site) has a new key, by the word of its old one:")
        Terminal.note("  \(key.phrase)")
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
