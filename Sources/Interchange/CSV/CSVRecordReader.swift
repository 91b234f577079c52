/// Cuts CSV (RFC 4180) into records as the bytes arrive. Pure.
///
/// Records end at LF or CRLF; a line end inside quotes belongs to its field; the last record needs
/// none. A quote inside a field that does not begin with one is an ordinary character. A byte order
/// mark before the first record is dropped, empty lines are passed over.
struct CSVRecordReader {
    /// The most bytes of a record.
    static let recordBytesMax = 1 << 20
    /// The most fields of a record.
    static let fieldsMax = 4_096

    private let delimiter: UInt8
    private var buffer: [UInt8] = []
    /// Where the next record begins in `buffer`.
    private var start = 0
    /// Bytes from `start` on that are known to hold no end of a record: a record that comes in
    /// many small chunks is not scanned from its beginning for each of them.
    private var known = Scan()
    private var line = 1
    private var isAtBeginning = true

    /// How far the record at `start` has been read.
    private struct Scan {
        var offset = 0
        var lines = 0
        var fieldStart = 0
        var isQuoted = false
        var isInQuotes = false
        var hasBadQuotes = false
        var fields: [CSVRecord.Field] = []

        /// The field goes on after its closing quote: its other quotes are ordinary characters.
        mutating func endQuotesBadly() {
            self.hasBadQuotes = true
            self.isQuoted = false
        }
    }

    init(delimiter: UInt8) { self.delimiter = delimiter }

    /// Adds bytes that follow those read so far.
    mutating func append(_ chunk: [UInt8]) {
        if self.start > 0 {
            self.buffer.removeFirst(self.start)
            self.start = 0
        }
        self.buffer.append(contentsOf: chunk)
    }

    /// The next record; `nil` when it needs more bytes, or at the end. `isFinal` says that no more
    /// bytes will come.
    mutating func next(isFinal: Bool) throws(ImportFailure) -> CSVRecord? {
        guard self.skipByteOrderMark(isFinal: isFinal) else { return nil }
        while let record = try self.scan(isFinal: isFinal) {
            if !record.bytes.isEmpty { return record }
        }
        return nil
    }

    private mutating func skipByteOrderMark(isFinal: Bool) -> Bool {
        guard self.isAtBeginning else { return true }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let head = self.buffer.prefix(3)
        guard isFinal || head.count == 3 || !mark.starts(with: head) else { return false }
        if head.elementsEqual(mark) { self.start = 3 }
        self.isAtBeginning = false
        return true
    }

    private mutating func scan(isFinal: Bool) throws(ImportFailure) -> CSVRecord? {
        var scan = self.known
        self.known = Scan()
        if try self.advance(&scan) {
            return try self.finish(&scan, hasTerminator: true)
        }
        guard isFinal else {
            self.known = scan
            return nil
        }
        guard scan.offset > 0 else { return nil }
        guard !scan.isInQuotes else { throw .unclosedQuote(line: self.line) }
        return try self.finish(&scan, hasTerminator: false)
    }

    /// Reads on to the line feed that ends the record; false if the bytes end before it.
    private func advance(_ scan: inout Scan) throws(ImportFailure) -> Bool {
        let bytes = self.buffer.span
        let count = bytes.count - self.start
        while scan.offset < count {
            let byte = bytes[self.start + scan.offset]
            if scan.isInQuotes {
                if byte == UInt8(ascii: "\"") { scan.isInQuotes = false }
                if byte == UInt8(ascii: "\n") { scan.lines += 1 }
            } else if byte == self.delimiter {
                try self.endField(&scan, at: scan.offset)
            } else if byte == UInt8(ascii: "\n") {
                return true
            } else if byte == UInt8(ascii: "\"") {
                // The first quote of a field opens it; one just after a closing quote is the
                // second of a doubled quote.
                if scan.offset == scan.fieldStart {
                    scan.isQuoted = true
                    scan.isInQuotes = true
                } else if scan.isQuoted {
                    scan.isInQuotes = bytes[self.start + scan.offset - 1] == byte
                    if !scan.isInQuotes { scan.endQuotesBadly() }
                }
            } else if scan.isQuoted && byte != UInt8(ascii: "\r") {
                scan.endQuotesBadly()
            }
            scan.offset += 1
            guard scan.offset <= Self.recordBytesMax else {
                throw .recordTooLong(line: self.line, limit: Self.recordBytesMax)
            }
        }
        return false
    }

    private func endField(_ scan: inout Scan, at end: Int) throws(ImportFailure) {
        guard scan.fields.count < Self.fieldsMax else {
            throw .tooManyFields(line: self.line, limit: Self.fieldsMax)
        }
        scan.fields.append(CSVRecord.Field(range: scan.fieldStart..<end, isQuoted: scan.isQuoted))
        scan.fieldStart = end + 1
        scan.isQuoted = false
    }

    private mutating func finish(
        _ scan: inout Scan,
        hasTerminator: Bool
    ) throws(ImportFailure) -> CSVRecord {
        var end = scan.offset
        if end > scan.fieldStart && self.buffer[self.start + end - 1] == UInt8(ascii: "\r") {
            end -= 1
        }
        let record = self.start..<self.start + end
        if end > 0 { try self.endField(&scan, at: end) }
        let bytes = Array(self.buffer[record])
        // A carriage return that is not part of the line end, after a closing quote.
        let hasBadQuotes = scan.hasBadQuotes || Self.hasStrayReturn(bytes, scan.fields)
        let found = CSVRecord(
            bytes: bytes,
            fields: scan.fields,
            line: self.line,
            hasBadQuotes: hasBadQuotes
        )
        self.line += scan.lines + (hasTerminator ? 1 : 0)
        self.start += scan.offset + (hasTerminator ? 1 : 0)
        return found
    }

    private static func hasStrayReturn(_ bytes: [UInt8], _ fields: [CSVRecord.Field]) -> Bool {
        fields.contains { $0.isQuoted && bytes[$0.range.upperBound - 1] == UInt8(ascii: "\r") }
    }
}
