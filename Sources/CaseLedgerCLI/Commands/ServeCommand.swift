import ArgumentParser
import CaseLedger
import SyncTransport

/// `caseledger serve --stdio`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Speak the sync protocol with one peer on standard input and output.",
        discussion: """
            Meant to be run by the other side, over ssh or any command that carries bytes:

              caseledger sync --ledger support \\
                --command 'ssh host caseledger serve --stdio --ledger DIR'

            Standard output carries the protocol; the outcome is noted on standard error.
            """
    )

    @OptionGroup var options: LedgerOptions
    @OptionGroup var restore: RestoreOptions
    @Flag(help: "Use standard input and output.") var stdio = false
    @Flag(help: "Pin the peer's key if none is pinned for its name yet.")
    var trustFirstUse = false

    func validate() throws {
        guard self.stdio else { throw ValidationError("Add --stdio: other transports come later.") }
    }

    func run() async throws {
        let ledger = try self.options.open(.readWrite, onRestore: self.restore.policy)
        defer { ledger.close() }
        let report = try await ledger.sync(
            over: StandardStreams.stream(idleMilliseconds: PeerLimits.idleMilliseconds),
            answering: true,
            trustFirstUse: self.trustFirstUse
        )
        SyncCommand.notePins(report)
        Terminal.note("digest \(report.digest)\(report.inStep ? "" : " (not in step)")")
        guard report.inStep else { throw Sysexit.temporaryFailure.code }
    }
}
