import ArgumentParser
import CaseLedger

/// `caseledger export`.
struct ExportCommand: AsyncParsableCommand {
    /// What it can write.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case xes, cloudevents
    }

    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the history for other tools.",
        discussion: """
            xes: IEEE 1849 event log, for pm4py and the commercial process-mining tools. An \
            imported history comes back row for row, with the attributes it came with. Rows whose \
            key is not held here are exported by their clear fields and counted on standard error.

            cloudevents: one CloudEvent 1.0 a line, JSON, in order of arrival; with --case one \
            case in the order of its story. Sealed fields stand in the clear where their keys are \
            here: keep the file as safe as the keys. caseledger append takes each line again.

              caseledger export --format xes --ledger support > history.xes
              caseledger export --format cloudevents --case 4711 --ledger support
            """
    )

    @OptionGroup var options: LedgerOptions
    @Option(help: ArgumentHelp("xes or cloudevents.", valueName: "FORMAT"))
    var format = Format.xes
    @Option(
        name: .customLong("case"),
        help: ArgumentHelp("Only this case (cloudevents).", valueName: "CASE")
    )
    var caseID: String?
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write to this file instead of standard output.", valueName: "FILE"),
        completion: .file()
    )
    var output: String?

    func validate() throws {
        guard self.caseID == nil || self.format == .cloudevents else {
            throw ValidationError("--case goes with --format cloudevents.")
        }
    }

    func run() async throws {
        let subject = try self.caseID.map { try CaseArgument.subject($0) }
        let ledger = try self.options.open()
        defer { ledger.close() }
        let file = try self.output.map { try OutputFile(path: $0) }
        let progress = Progress("export")
        let write: ([UInt8]) throws -> Void = { bytes in
            if let file { try file.write(bytes) } else { Terminal.bytes(bytes) }
        }
        var notes: [String] = []
        switch self.format {
        case .xes:
            let report = try ledger.exportXES(write: write) {
                progress.update($0, unit: "cases")
            }
            if report.withheldRows > 0 {
                notes.append(
                    "\(report.withheldRows) of \(report.events) rows are sealed under keys not "
                        + "held here; they were exported by their clear fields"
                )
            }
        case .cloudevents:
            let report = try ledger.exportCloudEvents(of: subject, write: write) {
                progress.update($0, unit: "events")
            }
            notes = Self.notes(on: report)
        }
        progress.end()
        try file?.close()
        Terminal.flush()
        for note in notes { Terminal.note("caseledger: \(note)") }
    }

    private static func notes(on report: CloudEventReport) -> [String] {
        var notes: [String] = []
        if report.withheldTexts > 0 {
            notes.append(
                "\(report.withheldTexts) of \(report.events) events have text sealed under keys "
                    + "not held here; it was exported as {\"sealed\": true}"
            )
        }
        if report.rows > 0 {
            notes.append(
                "\(report.rows) imported rows are not in this format; --format xes has them"
            )
        }
        return notes
    }
}
