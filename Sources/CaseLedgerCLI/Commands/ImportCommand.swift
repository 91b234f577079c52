import ArgumentParser
import CaseLedger
import Glibc

/// `caseledger import`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import a support history: XES or CSV, plain or gzipped.",
        discussion: """
            Each row of the source becomes one case.observed event that holds the row, sealed and \
            unchanged. A second run of the same file, or of a longer extract, adds only what is \
            new, so a killed import is simply run again. Nothing is refused for a broken rule: \
            breaches are flagged and counted.

              caseledger import incidents.xes.gz --ledger support \\
                --preset bpi2013-incidents
              unzip -p export.zip | caseledger import - --ledger support --mapping my.json

            A mapping is a JSON file; docs/mapping.schema.json describes it, and --print-preset \
            NAME prints one to start from. The first bad row stops the import; with --rejects bad \
            rows are set aside into a file and the rest goes on.
            """
    )

    @Argument(
        help: ArgumentHelp("The file, or - for standard input.", valueName: "FILE"),
        completion: .file()
    )
    var file: String?

    @OptionGroup var options: LedgerOptions

    @Option(
        help: ArgumentHelp(
            "A mapping that comes with the program: "
                + HistoryMapping.presetNames.joined(separator: ", ") + ".",
            valueName: "NAME"
        ),
        completion: .list(HistoryMapping.presetNames)
    )
    var preset: String?

    @Option(
        help: ArgumentHelp("A mapping of your own, JSON.", valueName: "FILE"),
        completion: .file(extensions: ["json"])
    )
    var mapping: String?

    @Option(
        help: ArgumentHelp("Set bad rows aside into this file and go on.", valueName: "FILE"),
        completion: .file()
    )
    var rejects: String?

    @Option(help: ArgumentHelp("Print a preset's mapping and stop.", valueName: "NAME"))
    var printPreset: String?

    @OptionGroup var restore: RestoreOptions
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        if self.printPreset != nil { return }
        guard self.file != nil else {
            throw ValidationError("Name a file, or - for standard input.")
        }
        guard (self.preset == nil) != (self.mapping == nil) else {
            throw ValidationError("Give either --preset NAME or --mapping FILE.")
        }
    }

    func run() async throws {
        if let name = self.printPreset {
            Terminal.bytes(try HistoryMapping.presetText(name))
            return
        }
        let mapping = try self.readMapping()
        let path = self.file ?? "-"
        let descriptor = try FileInput.open(path)
        defer { if descriptor != 0 { close(descriptor) } }
        let ledger = try self.options.open(.readWrite, onRestore: self.restore.policy)
        defer { ledger.close() }
        let rejects = try self.rejects.map { try OutputFile(path: $0) }
        let progress = Progress("import")
        let name = path == "-" ? "standard input" : path
        let report: ImportReport
        do {
            report = try await ledger.importHistory(
                mapping: mapping,
                next: { try FileInput.read(descriptor, path: name) },
                badRow: rejects.map { file in { try file.write($0) } },
                progress: { progress.update($0, unit: "rows") }
            )
        } catch let error as LedgerError {
            progress.end()
            throw Self.located(CommandFailure(error), in: name)
        }
        progress.end()
        try rejects?.close()
        // So that whoever lists cases next finds it done.
        try ledger.catchUp()
        try self.show(report)
    }

    private func readMapping() throws -> HistoryMapping {
        if let preset = self.preset { return try HistoryMapping(preset: preset) }
        let path = self.mapping ?? ""
        let bytes = try FileInput.bytes(of: path, max: 1 << 20)
        do {
            return try HistoryMapping(json: bytes)
        } catch {
            throw Self.located(CommandFailure(error), in: path)
        }
    }

    private static func located(_ failure: CommandFailure, in path: String) -> CommandFailure {
        CommandFailure(
            "\(path): \(failure.message)",
            nextStep: failure.nextStep,
            exit: failure.exit
        )
    }

    private func show(_ report: ImportReport) throws {
        if self.json { return try JSONLines().print(report) }
        Terminal.line(
            "\(DisplayText.counted(report.rows, "row")): \(report.appended) appended, "
                + "\(report.alreadyHeld) already held, \(report.rejected) set aside"
        )
        for flag in report.firstRejects {
            Terminal.line("  line \(flag.line): \(flag.what)")
        }
        if report.rejected > 0, let rejects = self.rejects {
            Terminal.line("Bad rows are in \(rejects); mend them and import that file.")
        }
    }
}
