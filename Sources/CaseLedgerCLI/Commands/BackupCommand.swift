import ArgumentParser
import CaseLedger

/// `caseledger backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Back a ledger up while services append, and check backups.",
        discussion: """
            The first run writes everything, each later run what is new. Every file is written \
            once, so a backup can be copied elsewhere at any time. The anchor and log keys are \
            never in it; --keys copies the keys that open sealed texts to a directory of their \
            own, which belongs into another place than the backup.

              caseledger backup /backup/support --ledger support
              caseledger backup verify /backup/support
            """,
        subcommands: [BackupRunCommand.self, BackupVerifyCommand.self],
        defaultSubcommand: BackupRunCommand.self
    )
}

/// `caseledger backup run`.
struct BackupRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Add to a backup what is new; make it if it is missing."
    )

    @Argument(
        help: ArgumentHelp("The backup's directory.", valueName: "DIR"),
        completion: .directory
    )
    var directory: String
    @Option(
        help: ArgumentHelp("Copy the keys of sealed texts there.", valueName: "DIR"),
        completion: .directory
    )
    var keys: String?

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let ledger = try self.options.open(.readWrite)
        defer { ledger.close() }
        let progress = Progress("backup")
        let report = try await ledger.backup(to: self.directory, keys: self.keys) { done, total in
            progress.update(Int(done), of: Int(total), unit: "leaves")
        }
        progress.end()
        if self.json {
            try JSONLines().print(report)
            return
        }
        if report.segment == 0 {
            let leaves = DisplayText.leaves(report.leaves)
            Terminal.line("Nothing is new since the last run: \(leaves).")
        } else {
            Terminal.line(
                "Segment \(report.segment): "
                    + "\(DisplayText.counted(report.added, "new leaf", "new leaves")), "
                    + "\(report.bytes) bytes; the backup holds \(report.leaves)."
            )
        }
    }
}

/// `caseledger backup verify`.
struct BackupVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read every byte of a backup and rebuild every tree in it."
    )

    @Argument(
        help: ArgumentHelp("The backup's directory.", valueName: "DIR"),
        completion: .directory
    )
    var directory: String
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let progress = Progress("backup verify")
        let report = try CommandFailure.readingBackup { () throws(LedgerError) in
            try Ledger.verifyBackup(at: self.directory) { leaves in
                progress.update(Int(leaves), unit: "leaves")
            }
        }
        progress.end()
        if self.json {
            try JSONLines().print(report)
            return
        }
        for log in report.logs {
            let (id, root) = (log.id.prefix(16), log.root.prefix(16))
            Terminal.line("log \(id): \(DisplayText.leaves(log.size)), root \(root)")
        }
        Terminal.line(
            "\(Terminal.bold("Sound:")) \(DisplayText.counted(report.segment, "segment")), "
                + "\(DisplayText.leaves(report.leaves))."
        )
    }
}

extension CommandFailure {
    /// Runs `body`, which reads a backup; a directory that holds none is told as such.
    fileprivate static func readingBackup<Success>(
        _ body: () throws(LedgerError) -> Success
    ) throws(CommandFailure) -> Success {
        do throws(LedgerError) {
            return try body()
        } catch {
            guard case .notALedger(let path) = error else { throw CommandFailure(error) }
            throw CommandFailure(
                "\(path) is not a backup",
                nextStep: "check the path; caseledger backup DIR makes one",
                exit: .noInput
            )
        }
    }
}

/// `caseledger restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a ledger out of a backup, as a new incarnation of its site.",
        discussion: """
            The backup is verified first. The restored ledger begins a new log: an index is never \
            used twice, whatever the lost machine went on to write. What it wrote after the backup \
            comes back with the next sync, from whoever has it.

              caseledger restore /backup/support --ledger support
              caseledger sync OTHER --ledger support
            """
    )

    @Argument(
        help: ArgumentHelp("The backup's directory.", valueName: "BACKUP"),
        completion: .directory
    )
    var backup: String
    @Option(
        help: ArgumentHelp("Where backup --keys copied the keys to.", valueName: "DIR"),
        completion: .directory
    )
    var keys: String?

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let path = try self.options.directory()
        let progress = Progress("restore")
        let state = self.options.stateDirectory()
        let report = try CommandFailure.readingBackup { () throws(LedgerError) in
            try Ledger.restore(
                self.backup,
                to: path,
                state: state,
                keys: self.keys,
                progress: { progress.update(Int($0), unit: "leaves") }
            )
        }
        progress.end()
        if self.json {
            try JSONLines().print(report)
            return
        }
        let leaves = DisplayText.leaves(report.leaves)
        Terminal.line("Restored \(leaves) of \(report.site) into \(path).")
        Terminal.line("  new incarnation \(report.current)")
        if !report.canReadTexts {
            Terminal.line("  sealed texts cannot be read: the keys are not here (--keys DIR)")
        }
        Terminal.line("Next: caseledger sync OTHER --ledger \(path), to fetch what came later")
    }
}

/// `caseledger drill`.
struct DrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Prove that the backup would save this ledger: back up, restore, compare.",
        discussion: """
            Adds to the backup, verifies it, restores it into a scratch directory with a state \
            directory of its own, verifies that ledger and compares it with the backup, log for \
            log. Exit code 0 only if all of it holds. The scratch directory may be deleted.

              caseledger drill /backup/support --scratch /tmp/drill --ledger support
            """
    )

    @Argument(
        help: ArgumentHelp("The backup's directory.", valueName: "BACKUP"),
        completion: .directory
    )
    var backup: String
    @Option(
        help: ArgumentHelp("A directory that is missing or empty.", valueName: "DIR"),
        completion: .directory
    )
    var scratch: String

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let ledger = try self.options.open(.readWrite)
        defer { ledger.close() }
        let isQuiet = self.json
        let report = try await ledger.drill(self.backup, scratch: self.scratch) { step in
            if !isQuiet { Terminal.line("\(step) ...") }
        }
        if self.json {
            try JSONLines().print(report)
        } else {
            let leaves = DisplayText.leaves(report.backup.leaves)
            Terminal.line("backup:   \(leaves), \(report.backup.added) new")
            Terminal.line("verifies: \(report.isBackupSound ? "yes" : "no")")
            Terminal.line("restores: \(report.isRestoreSound ? "yes, and verifies" : "no")")
            Terminal.line("the same: \(report.isEqual ? "yes, every log" : "no")")
        }
        guard report.isGood else {
            throw CommandFailure(
                "this backup would not have saved the ledger: \(report.problem ?? "it differs")",
                nextStep: "back up into a new directory, and run the drill again",
                exit: .dataError
            )
        }
        if !self.json { Terminal.line(Terminal.bold("This backup would save the ledger.")) }
    }
}
