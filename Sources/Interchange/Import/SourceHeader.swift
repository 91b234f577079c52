package import LedgerTypes

/// The header record of a CSV source and how its records are cut: the section `header`.
package struct SourceHeader: Hashable, Sendable {
    /// The header record, without byte order mark and line end.
    package let record: [UInt8]
    /// What stands between fields.
    package let delimiter: UInt8

    /// Creates a header.
    package init(record: [UInt8], delimiter: UInt8) {
        self.record = record
        self.delimiter = delimiter
    }

    /// SHA-256 of ``record``, which every row of the import carries.
    package var digest: Digest? { ImportID.digest(of: self.record) }

    /// The protobuf message `SourceHeader`.
    package var bytes: [UInt8] {
        var wire = WireWriter()
        wire.data(self.record, field: 1)
        wire.varint(UInt64(self.delimiter), field: 2)
        return wire.bytes
    }

    /// Reads the protobuf message `SourceHeader`.
    package init(_ bytes: Span<UInt8>) throws(WireError) {
        var record: [UInt8] = []
        var delimiter = UInt8(ascii: ",")
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: record = try reader.data(field)
            case 2:
                guard let byte = UInt8(exactly: try field.unsigned) else {
                    throw .outOfRange(field: 2)
                }
                delimiter = byte
            default: break
            }
        }
        self.init(record: record, delimiter: delimiter)
    }

    /// The names of the columns.
    package var names: [String] { self.values(of: self.record) }

    /// The values of a record of the same source, unquoted.
    package func values(of record: [UInt8]) -> [String] {
        var reader = CSVRecordReader(delimiter: self.delimiter)
        reader.append(record)
        do throws(ImportFailure) {
            guard let record = try reader.next(isFinal: true) else { return [] }
            return record.fields.indices.map { record.text($0) }
        } catch {
            return []
        }
    }
}
