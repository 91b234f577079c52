import LedgerTesting
import Testing

@testable import Interchange

@Suite("CSV records")
struct CSVRecordReaderTests {
    private func records(
        _ bytes: [UInt8],
        chunk: Int = 1 << 20,
        delimiter: Character = ","
    ) throws(ImportFailure) -> [CSVRecord] {
        var reader = CSVRecordReader(delimiter: delimiter.asciiValue ?? 0)
        var records: [CSVRecord] = []
        var offset = 0
        while offset < bytes.count {
            let end = min(offset + chunk, bytes.count)
            reader.append(Array(bytes[offset..<end]))
            offset = end
            while let record = try reader.next(isFinal: false) { records.append(record) }
        }
        while let record = try reader.next(isFinal: true) { records.append(record) }
        return records
    }

    private func texts(_ text: String, chunk: Int = 1 << 20) throws(ImportFailure) -> [[String]] {
        try self.records(Array(text.utf8), chunk: chunk).map { record in
            record.fields.indices.map { record.text($0) }
        }
    }

    @Test("Records end at LF or CRLF, and the last one needs neither")
    func lineEnds() throws {
        #expect(try self.texts("a,b\nc,d\r\ne,f") == [["a", "b"], ["c", "d"], ["e", "f"]])
        #expect(try self.texts("a,b\r\n") == [["a", "b"]])
        #expect(try self.texts("a,\r\n,b") == [["a", ""], ["", "b"]])
    }

    @Test("The bytes of a record are those of the file, quotes included, without the line end")
    func bytes() throws {
        let records = try self.records(Array("x,\"a \"\"b\"\"\r\n c\", y\r\nz,,\n".utf8))
        #expect(
            records.map { String(decoding: $0.bytes, as: UTF8.self) } == [
                "x,\"a \"\"b\"\"\r\n c\", y", "z,,",
            ]
        )
        #expect(records[0].text(1) == "a \"b\"\r\n c")
        #expect(records.map(\.line) == [1, 3])
    }

    @Test("A quoted field may hold delimiters, quotes and line ends")
    func quotes() throws {
        #expect(try self.texts("\"\",\"\"\"\",\"a,b\"\n") == [["", "\"", "a,b"]])
        #expect(try self.texts("\"line\n\nline\",x\n") == [["line\n\nline", "x"]])
    }

    @Test("A quote inside a plain field is an ordinary character")
    func plainQuote() throws {
        let records = try self.records(Array("5\" pipe,b\n".utf8))
        #expect(records[0].text(0) == "5\" pipe")
        #expect(!records[0].hasBadQuotes)
    }

    @Test(
        "Text after a closing quote is told",
        arguments: ["\"a\"b,c", "\"a\" ,c", "\"a\"x\"\",c"]
    )
    func badQuotes(text: String) throws {
        #expect(try self.records(Array("\(text)\n".utf8))[0].hasBadQuotes)
    }

    @Test("A byte order mark is dropped, empty lines are passed over")
    func markAndEmptyLines() throws {
        let bytes: [UInt8] = [0xEF, 0xBB, 0xBF] + Array("a\n\n\r\nb\n".utf8)
        let records = try self.records(bytes, chunk: 1)
        #expect(records.map { $0.text(0) } == ["a", "b"])
        #expect(records.map(\.line) == [1, 4])
    }

    @Test("Another delimiter leaves commas alone")
    func delimiter() throws {
        let records = try self.records(Array("a,b;c\n".utf8), delimiter: ";")
        #expect(records[0].fields.indices.map { records[0].text($0) } == ["a,b", "c"])
    }

    @Test("A file that ends inside quotes is refused with the line where the record began")
    func unclosedQuote() {
        #expect(throws: ImportFailure.unclosedQuote(line: 2)) {
            try self.records(Array("a\n\"b\nc\n".utf8))
        }
    }

    @Test("A record over one mebibyte is refused, one of just that is not")
    func longRecord() throws {
        let limit = CSVRecordReader.recordBytesMax
        let fits = [UInt8](repeating: 0x61, count: limit)
        #expect(try self.records(fits + [0x0A])[0].bytes.count == limit)
        #expect(throws: ImportFailure.recordTooLong(line: 2, limit: limit)) {
            try self.records([0x61, 0x0A] + fits + [0x61, 0x0A], chunk: 1 << 18)
        }
    }

    @Test("A record of more than 4,096 fields is refused, one of just that is not")
    func manyFields() throws {
        let limit = CSVRecordReader.fieldsMax
        let fits = [UInt8](repeating: 0x2C, count: limit - 1)
        #expect(try self.records(fits + [0x0A])[0].fields.count == limit)
        #expect(throws: ImportFailure.tooManyFields(line: 1, limit: limit)) {
            try self.records(fits + [0x2C, 0x0A])
        }
    }

    @Test("Any text comes back from its quoted form, however the chunks fall", arguments: 1...20)
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let letters = ["a", "\"", ",", "\n", "\r\n", "é", " ", "?"]
        for _ in 0..<50 {
            let rows = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                (0..<3).map { _ in
                    (0..<Int.random(in: 0...6, using: &random))
                        .map { _ in letters.randomElement(using: &random) ?? "" }.joined()
                }
            }
            let text = rows.map { row in
                row.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",")
            }.joined(separator: Bool.random(using: &random) ? "\n" : "\r\n")
            let chunk = Int.random(in: 1...7, using: &random)
            #expect(try self.texts(text, chunk: chunk) == rows, "seed \(seed)")
        }
    }

    @Test("Random bytes never crash it, and the chunks make no difference", arguments: 1...20)
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let letters: [UInt8] = [0x61, 0x22, 0x2C, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF, 0xFF, 0]
        for _ in 0..<100 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                letters.randomElement(using: &random) ?? 0
            }
            let whole = Result { try self.records(bytes) }
            let pieces = Result { try self.records(bytes, chunk: 1) }
            switch (whole, pieces) {
            case (.success(let one), .success(let other)): #expect(one == other, "seed \(seed)")
            case (.failure, .failure): break
            default: Issue.record("chunks changed the result, seed \(seed): \(bytes)")
            }
        }
    }
}
