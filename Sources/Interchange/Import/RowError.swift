/// A row that cannot become an event, and why. The caller stops, or sets the row aside.
package struct RowError: Error, Hashable, Sendable {
    /// What is wrong with a row.
    package enum Problem: Hashable, Sendable {
        /// The record has another number of fields than the header.
        case fieldCount(found: Int, expected: Int)
        /// A quoted field goes on after its closing quote.
        case badQuotes
        /// The record is not UTF-8; the offset is in the record.
        case notUTF8(offset: Int)
        /// The row names no case.
        case noCase
        /// The case id is longer than 255 bytes.
        case caseIDTooLong(bytes: Int)
        /// The case id holds control characters or begins or ends with white space.
        case caseIDMalformed
        /// The row has no time.
        case noTime
        /// The time does not parse as the mapping says.
        case badTime
        /// The row has no status.
        case noStatus
        /// The status is not in the mapping's table.
        case unknownStatus
        /// The value is not in the mapping's table.
        case unknownValue
        /// A value that becomes a clear field or a label is too long.
        case valueTooLong(bytes: Int, limit: Int)
        /// The row is longer than a row may be.
        case rowTooLarge(bytes: Int, limit: Int)
    }

    /// The row as found in the source.
    package enum Raw: Hashable, Sendable {
        /// A CSV record without its line end.
        case record([UInt8])
        /// An XES event, with the attributes of its trace (`nil` outside of a trace).
        case event([SourceAttribute], trace: [SourceAttribute]?)
    }

    /// The line on which the row begins, from 1.
    package let line: Int
    /// What is wrong.
    package let problem: Problem
    /// The column it is about.
    package let column: String?
    /// The beginning of the value it is about, printable.
    package let excerpt: String?
    /// The row itself.
    package let raw: Raw

    /// The most characters of a value that an error shows.
    package static let excerptCharactersMax = 60
}

extension RowError: CustomStringConvertible {
    /// What happened and where, as a sentence without the file's name.
    package var description: String {
        let place = self.column.map { " in column \"\($0)\"" } ?? ""
        let value = self.excerpt.map { ": \"\($0)\"" } ?? ""
        return "line \(self.line): \(self.problem)\(place)\(value)"
    }
}

extension RowError.Problem: CustomStringConvertible {
    /// What happened, without the place.
    package var description: String {
        switch self {
        case .fieldCount(let found, let expected):
            "the record has \(found) fields, the header \(expected)"
        case .badQuotes: "a quoted field goes on after its closing quote"
        case .notUTF8(let offset): "the row is not UTF-8 (byte \(offset) of it)"
        case .noCase: "the row names no case"
        case .caseIDTooLong(let bytes): "the case id has \(bytes) bytes; at most 255 are allowed"
        case .caseIDMalformed: "the case id has control characters or outer spaces"
        case .noTime: "the row has no time"
        case .badTime: "the time does not parse as the mapping says"
        case .noStatus: "the row has no status"
        case .unknownStatus: "the mapping has no status for this value"
        case .unknownValue: "the mapping does not list this value"
        case .valueTooLong(let bytes, let limit):
            "the value has \(bytes) bytes; at most \(limit) are allowed"
        case .rowTooLarge(let bytes, let limit):
            "the row has \(bytes) bytes; at most \(limit) are allowed"
        }
    }
}

extension RowError {
    /// The beginning of `value`, with everything unprintable replaced.
    static func excerpt(_ value: String) -> String {
        var text = ""
        var count = 0
        for scalar in value.unicodeScalars {
            guard count < Self.excerptCharactersMax else { return text + "…" }
            let category = scalar.properties.generalCategory
            let isPrintable = category != .control && category != .format
            text.unicodeScalars.append(isPrintable ? scalar : "\u{FFFD}")
            count += 1
        }
        return text
    }
}
