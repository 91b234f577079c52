import ArgumentParser
import CaseLedger

/// `caseledger query`.
struct QueryCommand: AsyncParsableCommand {
    /// The tables.
    enum Table: String, CaseIterable, ExpressibleByArgument {
        case cases, events

        var table: LedgerTable { self == .cases ? .cases : .events }
    }

    /// How they are written.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case csv, ndjson

        var form: TableForm { self == .csv ? .csv : .ndjson }
    }

    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Everything as a flat table, for DuckDB, pandas or a spreadsheet.",
        discussion: """
            cases: one row a case, how it stands and its facts. events: one row an event of a \
            case, and how the case stood after it. --schema prints the columns with type, unit \
            and meaning; docs/QUERY.md has them as well.

              caseledger query cases --ledger support --output cases.csv
              caseledger query events --format ndjson --ledger support | gzip > events.ndjson.gz
              caseledger query cases --as-of 2026-01-31T00:00:00Z --ledger support
              caseledger query cases --schema

            --as-of gives the table of what had happened by then, of all that is known now; \
            --as-known of what this site held by then, the same bytes for ever.

            Times are RFC 3339 in UTC, durations in seconds. In CSV no value is an empty field. \
            Who acted is a pseudonym, and sealed text is never in a table. The same bytes on every \
            replica of the same logs.
            """
    )

    @OptionGroup var options: LedgerOptions
    @Argument(help: ArgumentHelp("cases or events.", valueName: "TABLE")) var table: Table
    @Option(help: ArgumentHelp("csv or ndjson.", valueName: "FORMAT")) var format = Format.csv
    @OptionGroup var past: PastOption
    @Flag(help: "Print the table's columns instead.") var schema = false
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write to this file instead of standard output; whole, or not at all.",
            valueName: "FILE"
        ),
        completion: .file()
    )
    var output: String?

    func run() async throws {
        if self.schema {
            self.printSchema()
            return
        }
        let past = try self.past.moment()
        let ledger = try self.options.open()
        defer { ledger.close() }
        let file = try self.output.map { try OutputFile(path: $0, atomically: true) }
        let progress = Progress("query")
        _ = try ledger.query(
            self.table.table,
            as: self.format.form,
            in: past,
            write: { bytes in
                if let file { try file.write(bytes) } else { Terminal.bytes(bytes) }
            },
            progress: { progress.update($0, unit: "cases") }
        )
        progress.end()
        try file?.close()
    }

    private func printSchema() {
        Terminal.line("| Column | Type | Unit | May be absent | Meaning |")
        Terminal.line("|---|---|---|---|---|")
        for line in self.table.table.schemaLines { Terminal.line(line) }
    }
}
