import ArgumentParser
import CaseLedger

/// `caseledger export`.
struct ExportCommand: AsyncParsableCommand {
    /// What it can write.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case xes, ocel2, cloudevents
    }

    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the history for other tools.",
        discussion: """
            xes: IEEE 1849 event log, one trace a case, for pm4py and the commercial \
            process-mining tools. An imported history comes back row for row, with the attributes \
            it came with; rows whose key is not held here are exported by their clear fields and \
            counted on standard error. Live events have the standard's attributes, and \
            caseledger:… for the rest, such as who holds the case after the event.

            ocel2: OCEL 2.0, the object-centric form: each event once, with the case, contact, \
            customer, agents, teams, site and so on that it is about. JSON; SQLite if --output \
            ends in .sqlite, .sqlite3 or .db. docs/MINING.md has the tables.

            Neither holds sealed text of live events. Who acted is a pseudonym, with the name \
            beside it where its key is here.

            cloudevents: one CloudEvent 1.0 a line, JSON, in order of arrival; with --case one \
            case in the order of its story. Sealed fields stand in the clear where their keys are \
            here: keep the file as safe as the keys. caseledger append takes each line again.

            The past can be asked for in two ways: --as-of writes what had happened by then, of \
            all that is known now; --as-known what this site held by then, the same bytes for \
            ever. What was redacted since stays hidden. The flat tables of caseledger query (CSV, \
            NDJSON) take both as well.

              caseledger export --format xes --ledger support > history.xes
              caseledger export --format ocel2 --output history.sqlite --ledger support
              caseledger export --format cloudevents --case 4711 --ledger support
            """
    )

    @OptionGroup var options: LedgerOptions
    @Option(help: ArgumentHelp("xes, ocel2 or cloudevents.", valueName: "FORMAT"))
    var format = Format.xes
    @Option(
        name: .customLong("case"),
        help: ArgumentHelp("Only this case (cloudevents).", valueName: "CASE")
    )
    var caseID: String?
    @OptionGroup var past: PastOption
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write to this file instead of standard output; whole, or not at all.",
            valueName: "FILE"
        ),
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
        let past = try self.past.moment()
        let ledger = try self.options.open()
        defer { ledger.close() }
        let file = try self.output.map { try OutputFile(path: $0, atomically: true) }
        let progress = Progress("export")
        let write: ([UInt8]) throws -> Void = { bytes in
            if let file { try file.write(bytes) } else { Terminal.bytes(bytes) }
        }
        let notes: [String]
        switch self.format {
        case .xes:
            let report = try ledger.exportXES(in: past, write: write) {
                progress.update($0, unit: "cases")
            }
            notes = Self.notes(on: report)
        case .ocel2: notes = try self.exportOCEL(ledger, past, file, write, progress)
        case .cloudevents:
            let report = try ledger.exportCloudEvents(of: subject, in: past, write: write) {
                progress.update($0, unit: "events")
            }
            notes = Self.notes(on: report)
        }
        progress.end()
        try file?.close()
        Terminal.flush()
        for note in notes { Terminal.note("caseledger: \(note)") }
    }

    private func exportOCEL(
        _ ledger: Ledger,
        _ past: PastMoment?,
        _ file: OutputFile?,
        _ write: ([UInt8]) throws -> Void,
        _ progress: Progress
    ) throws -> [String] {
        let report: OCELReport
        if let file, Self.isDatabase(file.path) {
            report = try ledger.exportOCEL(database: file.writtenPath, in: past) {
                progress.update($0, unit: "cases")
            }
        } else {
            report = try ledger.exportOCEL(in: past, write: write) {
                progress.update($0, unit: "cases")
            }
        }
        guard report.attributesLeftOut > 0 else { return [] }
        return [
            "\(report.attributesLeftOut) values were left out: a type has at most 512 attributes, "
                + "whose names differ in more than capitals"
        ]
    }

    private static func isDatabase(_ path: String) -> Bool {
        [".sqlite", ".sqlite3", ".db"].contains { path.lowercased().hasSuffix($0) }
    }

    private static func notes(on report: ExportReport) -> [String] {
        guard report.withheldRows > 0 else { return [] }
        return [
            "\(report.withheldRows) of \(report.events) rows are sealed under keys not held here; "
                + "they were exported by their clear fields"
        ]
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
