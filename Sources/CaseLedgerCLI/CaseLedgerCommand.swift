import ArgumentParser
import CaseLedger
import Glibc

/// The program `caseledger`.
@main
struct CaseLedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caseledger",
        abstract: "The shared memory of customer-support cases: append, replay, verify, sync.",
        discussion: """
            A ledger is one directory of one site. Name it with --ledger or in CASELEDGER_DIR.

            A first look:
              caseledger init support --site support.example/berlin
              caseledger import history.csv --ledger support --mapping mapping.json
              caseledger cases --ledger support --facts
              caseledger show CASE --ledger support
              caseledger worklist OWNER --ledger support
              caseledger find "+49 30 1234567" --ledger support
              caseledger verify --ledger support
              caseledger sync ../other-site --ledger support

            Every command prints for people by default and JSON with --json, one object a line. \
            Errors go to standard error with the next step; exit codes are those of sysexits.h \
            (65 bad data, 66 no input, 74 input/output, 77 permission, 78 configuration). \
            Secrets that must not be copied with a ledger lie in the state directory: \
            CASELEDGER_STATE, else XDG_STATE_HOME/caseledger, else /var/lib/caseledger for root \
            and ~/.local/state/caseledger for others.
            """,
        version: "0.1.0",
        subcommands: [
            InitCommand.self, ImportCommand.self, AppendCommand.self, ShowCommand.self,
            WorklistCommand.self, CustomerCommand.self, FindCommand.self, WatchCommand.self,
            LogCommand.self, CasesCommand.self, MetricsCommand.self, VerifyCommand.self,
            SyncCommand.self, ServeCommand.self, StatusCommand.self, SiteCommand.self,
            PeerCommand.self, GrantCommand.self, BundleCommand.self, ExportCommand.self,
            QueryCommand.self, SimulateCommand.self, RebuildCommand.self,
            DoctorCommand.self, ForkCommand.self, BackupCommand.self, RestoreCommand.self,
            DrillCommand.self, ScrubCommand.self,
        ]
    )

    /// Runs the command line; errors of the ledger become a message, a next step and an exit code.
    static func main() async {
        // Errors of a write, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try Self.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            Terminal.flush()
        } catch let failure as CommandFailure {
            Self.exit(withError: failure.report())
        } catch let error as LedgerError {
            Self.exit(withError: CommandFailure(error).report())
        } catch {
            Terminal.flush()
            // Help, versions, completions and wrong arguments are ArgumentParser's.
            guard Self.exitCode(for: error) == .failure, !(error is ExitCode) else {
                Self.exit(withError: error)
            }
            let failure = CommandFailure("\(error)", exit: .software)
            Self.exit(withError: failure.report())
        }
    }
}
