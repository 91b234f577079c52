import ArgumentParser
import CaseLedger

/// `caseledger export`.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the history for other tools.",
        discussion: """
            xes: IEEE 1849 event log, for pm4py and the commercial process-mining tools. An \
            imported history comes back row for row, with the attributes it came with. Rows whose \
            key is not held here are exported by their clear fields and counted on standard error.

              caseledger export --format xes --ledger support > history.xes
            """
    )

    @OptionGroup var options: LedgerOptions
    @Option(help: ArgumentHelp("xes", valueName: "FORMAT"), completion: .list(["xes"]))
    var format = "xes"
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write to this file instead of standard output.", valueName: "FILE"),
        completion: .file()
    )
    var output: String?

    func validate() throws {
        guard self.format == "xes" else {
            throw ValidationError("--format takes xes; other formats come later.")
        }
    }

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let file = try self.output.map { try OutputFile(path: $0) }
        let progress = Progress("export")
        let report = try ledger.exportXES(
            write: { bytes in
                if let file { try file.write(bytes) } else { Terminal.bytes(bytes) }
            },
            progress: { progress.update($0, unit: "cases") }
        )
        progress.end()
        try file?.close()
        Terminal.flush()
        if report.withheldRows > 0 {
            Terminal.note(
                "caseledger: \(report.withheldRows) of \(report.events) rows are sealed under "
                    + "keys not held here; they were exported by their clear fields"
            )
        }
    }
}
