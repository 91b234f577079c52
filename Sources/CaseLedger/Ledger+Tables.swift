internal import CaseDomain
internal import Interchange

/// A flat table of everything, for questions that nobody thought of: docs/QUERY.md.
public enum LedgerTable: String, CaseIterable, Sendable {
    /// One row a case: how it stands, and its facts.
    case cases
    /// One row an event of a case, and how the case stood after it.
    case events

    /// The table's columns.
    var columns: [TableColumn] {
        switch self {
        case .cases: CaseTable.columns
        case .events: EventTable.columns
        }
    }
}

/// How a table is written.
public enum TableForm: String, CaseIterable, Sendable {
    /// RFC 4180, header first.
    case csv
    /// JSON, one object a line.
    case ndjson
}

extension Ledger {
    /// Writes a table, in order of the case ids, events in the order of their case's story: the
    /// same bytes on every replica of the same logs. Sealed text is never in it. Memory stays flat.
    /// With `past` the table as it is seen from then.
    ///
    /// - Parameters:
    ///   - table: which.
    ///   - form: how.
    ///   - past: an earlier moment; `nil` for now.
    ///   - write: gets the bytes as they come.
    ///   - progress: gets the cases done so far.
    /// - Returns: how many rows were written.
    /// - Throws: errors of storage and what `write` throws.
    public func query(
        _ table: LedgerTable,
        as form: TableForm,
        in past: PastMoment? = nil,
        write: ([UInt8]) throws -> Void,
        progress: (Int) -> Void = { _ in }
    ) throws -> Int {
        var writer = TableWriter(table.columns, as: form == .csv ? .csv : .ndjson)
        var cases = 0
        var rows = 0
        try self.forEachTrace(in: past) { trace in
            let found =
                table == .cases ? [CaseTable.row(of: trace)] : EventTable.rows(of: trace)
            for row in found { writer.write(row) }
            rows += found.count
            cases += 1
            if writer.pendingBytes >= 1 << 16 { try write(writer.takeBytes()) }
            progress(cases)
            return true
        }
        try write(writer.takeBytes())
        return rows
    }
}

extension LedgerTable {
    /// The columns as rows of a table in Markdown: name, type, unit, whether absent, meaning.
    public var schemaLines: [String] {
        self.columns.map { column in
            let cells = [
                "`\(column.name)`", column.kind.rawValue, column.unit ?? "",
                column.isNullable ? "yes" : "", column.meaning,
            ]
            return "| \(cells.joined(separator: " | ")) |"
        }
    }
}
