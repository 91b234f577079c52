/// Why an import cannot go on, whatever its caller does about single rows.
///
/// Lines count from 1 and are those of the file as unpacked; offsets are in bytes from 0.
package enum ImportFailure: Error, Hashable, Sendable {
    /// The file could not be opened or read; `code` is the `errno`.
    case unreadable(code: Int32)
    /// There is nothing in the file.
    case empty
    /// The bytes are of another format than the mapping says.
    case wrongFormat(expected: SourceFormat, found: String)
    /// The compressed bytes are damaged.
    case gzipDamaged(offset: UInt64, reason: String)
    /// The compressed bytes end too early.
    case gzipTruncated(offset: UInt64)
    /// The XML is not well-formed, or ends too early.
    case notWellFormed(line: Int, column: Int, reason: String)
    /// A document type declaration: XES has none, and entities could grow without limit.
    case documentType(line: Int)
    /// An element stands where streaming cannot read it, such as a trace attribute after an event.
    case misplacedElement(line: Int, name: String)
    /// Attributes are nested deeper than ``SourceAttribute/depthMax``.
    case tooDeep(line: Int, limit: Int)
    /// One event, or the attributes of a trace or of the log, are longer than `limit` bytes.
    case elementTooLong(line: Int, name: String, limit: Int)
    /// A CSV record is longer than `limit` bytes: most often a quote that is never closed.
    case recordTooLong(line: Int, limit: Int)
    /// A CSV record has more than `limit` fields.
    case tooManyFields(line: Int, limit: Int)
    /// The file ends inside a quoted field of the record that begins at `line`.
    case unclosedQuote(line: Int)
    /// The header is not UTF-8, or has a quote in a wrong place.
    case badHeader(line: Int, reason: String)
    /// The mapping names a column that the header does not have, or has twice.
    case unusableColumn(name: String, isRepeated: Bool, header: [String])
    /// The table of equal rows could not be made or grown; `code` is the `errno`.
    case temporaryFile(directory: String, code: Int32)
    /// The mapping says that agents are given by name, and nobody gave a pseudonym key.
    case pseudonymsUnavailable
    /// The system has no time zone of this name.
    case unknownZone(name: String)
}

/// What the rows of a source are written in.
package enum SourceFormat: String, Codable, CaseIterable, Hashable, Sendable {
    /// IEEE 1849 eXtensible Event Stream, as XML.
    case xes
    /// RFC 4180 comma-separated values with a header.
    case csv
}

extension ImportFailure: CustomStringConvertible {
    /// What happened and where, as a sentence without the file's name.
    package var description: String {
        switch self {
        case .unreadable(let code): "cannot be read (error \(code))"
        case .empty: "the file is empty"
        case .wrongFormat(let expected, let found):
            "the mapping expects \(expected.rawValue) but this is \(found)"
        case .gzipDamaged(let offset, let reason):
            "the gzip data is damaged near byte \(offset): \(reason)"
        case .gzipTruncated(let offset):
            "the gzip data ends too early, after \(offset) bytes: the file is incomplete"
        case .notWellFormed(let line, let column, let reason):
            "line \(line), column \(column): the XML is not well-formed: \(reason)"
        case .documentType(let line):
            "line \(line): a document type declaration is not part of XES and is refused"
        case .misplacedElement(let line, let name):
            "line \(line): <\(name)> stands where XES does not allow it"
        case .tooDeep(let line, let limit):
            "line \(line): attributes are nested deeper than \(limit) levels"
        case .elementTooLong(let line, let name, let limit):
            "line \(line): the content of <\(name)> is longer than \(limit) bytes"
        case .recordTooLong(let line, let limit):
            "line \(line): the record that begins here is longer than \(limit) bytes; "
                + "is a quote left open?"
        case .tooManyFields(let line, let limit):
            "line \(line): the record has more than \(limit) fields"
        case .unclosedQuote(let line):
            "line \(line): the file ends inside a quoted field of the record that begins here"
        case .badHeader(let line, let reason): "line \(line): the header is unusable: \(reason)"
        case .unusableColumn(let name, let isRepeated, let header):
            isRepeated
                ? "the column \"\(name)\" of the mapping stands more than once in the header"
                : "the column \"\(name)\" of the mapping is not in the header: "
                    + header.prefix(64).joined(separator: ", ")
        case .temporaryFile(let directory, let code):
            "no room for the table of rows in \(directory) (error \(code))"
        case .pseudonymsUnavailable:
            "the mapping says that staff are given by name, which needs a pseudonym key"
        case .unknownZone(let name):
            "the mapping's time zone \"\(name)\" is neither UTC, an offset such as +01:00, nor a "
                + "name of this system's zone database"
        }
    }

    /// The line that the failure is about, where there is one.
    package var line: Int? {
        switch self {
        case .notWellFormed(let line, _, _), .documentType(let line),
            .misplacedElement(let line, _), .tooDeep(let line, _),
            .elementTooLong(let line, _, _), .recordTooLong(let line, _),
            .tooManyFields(let line, _), .unclosedQuote(let line), .badHeader(let line, _):
            line
        default: nil
        }
    }
}
