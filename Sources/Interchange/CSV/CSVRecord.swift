/// One record of a CSV file, its bytes exactly as they stand there.
struct CSVRecord: Hashable, Sendable {
    /// Where a field lies in the record, quotes included.
    struct Field: Hashable, Sendable {
        let range: Range<Int>
        let isQuoted: Bool
    }

    /// The record without its line end.
    let bytes: [UInt8]
    /// The fields, in order.
    let fields: [Field]
    /// The line on which it begins, from 1.
    let line: Int
    /// Whether a quoted field goes on after its closing quote.
    let hasBadQuotes: Bool

    /// The text of field `index`; bytes that are not UTF-8 are replaced.
    func text(_ index: Int) -> String {
        let field = self.fields[index]
        guard field.isQuoted else {
            return String(decoding: self.bytes[field.range], as: UTF8.self)
        }
        var text: [UInt8] = []
        text.reserveCapacity(field.range.count)
        var isAfterQuote = false
        for byte in self.bytes[field.range].dropFirst() {
            if byte == UInt8(ascii: "\"") && !isAfterQuote {
                isAfterQuote = true
                continue
            }
            isAfterQuote = false
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The offset of the first byte that is not UTF-8; `nil` if all is.
    var firstBadByte: Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: self.bytes.span)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }
}
