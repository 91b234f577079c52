package import CaseDomain

/// Writes rows of a table as CSV (RFC 4180, header first, lines ended by a line feed) or as NDJSON
/// (one object a line, every column in it). Pure: the caller takes the bytes and puts them
/// somewhere.
///
/// In CSV no value is an empty field, and an empty text is `""`.
package struct TableWriter: Sendable {
    /// The forms.
    package enum Form: Sendable { case csv, ndjson }

    private let columns: [TableColumn]
    private let form: Form
    private var bytes: [UInt8] = []

    /// Begins a table.
    package init(_ columns: [TableColumn], as form: Form) {
        self.columns = columns
        self.form = form
        guard form == .csv else { return }
        for (place, column) in columns.enumerated() {
            if place > 0 { self.bytes.append(UInt8(ascii: ",")) }
            self.field(column.name)
        }
        self.bytes.append(UInt8(ascii: "\n"))
    }

    /// Writes a row, a value for each column.
    package mutating func write(_ row: [FieldValue?]) {
        precondition(row.count == self.columns.count, "a row has a value for each column")
        switch self.form {
        case .csv: self.csv(row)
        case .ndjson: self.json(row)
        }
        self.bytes.append(UInt8(ascii: "\n"))
    }

    /// Bytes written and not taken.
    package var pendingBytes: Int { self.bytes.count }

    /// What was written since the last call.
    package mutating func takeBytes() -> [UInt8] {
        defer { self.bytes.removeAll(keepingCapacity: true) }
        return self.bytes
    }

    private mutating func csv(_ row: [FieldValue?]) {
        for (place, value) in row.enumerated() {
            if place > 0 { self.bytes.append(UInt8(ascii: ",")) }
            if let value { self.field(value.text) }
        }
    }

    private mutating func field(_ text: String) {
        let needsQuotes =
            text.isEmpty
            || text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
        guard needsQuotes else {
            self.bytes.append(contentsOf: text.utf8)
            return
        }
        self.bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { self.bytes.append(byte) }
            self.bytes.append(byte)
        }
        self.bytes.append(UInt8(ascii: "\""))
    }

    private mutating func json(_ row: [FieldValue?]) {
        self.bytes.append(UInt8(ascii: "{"))
        for (place, (column, value)) in zip(self.columns, row).enumerated() {
            if place > 0 { self.bytes.append(UInt8(ascii: ",")) }
            JSONText.append(column.name, to: &self.bytes)
            self.bytes.append(UInt8(ascii: ":"))
            switch value {
            case nil: self.bytes.append(contentsOf: "null".utf8)
            case .text(let text)? where column.kind == .json:
                self.bytes.append(contentsOf: text.utf8)
            case let value?: JSONText.append(value, to: &self.bytes)
            }
        }
        self.bytes.append(UInt8(ascii: "}"))
    }
}
