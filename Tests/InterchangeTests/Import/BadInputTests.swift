import LedgerTesting
import Testing

@testable import Interchange

@Suite("Bad input", .temporaryDirectory)
struct BadInputTests {
    private func csv(_ lines: [String], extra: String = "") throws -> ImportFixture {
        let mapping = try TestMappings.csv(extra: extra)
        let text = TestMappings.csvHeader + lines.map { $0 + "\n" }.joined()
        return try ImportFixture(text, mapping: mapping)
    }

    private func problems(_ lines: [String], extra: String = "") throws -> [RowError.Problem] {
        try self.csv(lines, extra: extra).errors.map(\.problem)
    }

    private static let good = "c1,2024-01-02T03:04:05Z,New,G"

    @Test(
        "A row that cannot be an event is refused with line, column and value, and others go on",
        arguments: [
            (",2024-01-02T03:04:05Z,New,G", RowError.Problem.noCase, "id"),
            ("?,2024-01-02T03:04:05Z,New,G", .noCase, "id"),
            (" c1,2024-01-02T03:04:05Z,New,G", .caseIDMalformed, "id"),
            ("\"c\n1\",2024-01-02T03:04:05Z,New,G", .caseIDMalformed, "id"),
            ("c1,,New,G", .noTime, "at"), ("c1,yesterday,New,G", .badTime, "at"),
            ("c1,2024-02-30T03:04:05Z,New,G", .badTime, "at"),
            ("c1,2024-01-02T03:04:05Z,?,G", .noStatus, "state"),
            ("c1,2024-01-02T03:04:05Z,Odd,G", .unknownStatus, "state"),
            ("c1,2024-01-02T03:04:05Z,New", .fieldCount(found: 3, expected: 4), nil),
            ("c1,2024-01-02T03:04:05Z,New,G,", .fieldCount(found: 5, expected: 4), nil),
            ("c1,2024-01-02T03:04:05Z,New,\"G\"x", .badQuotes, nil),
        ] as [(String, RowError.Problem, String?)]
    )
    func refused(line: String, problem: RowError.Problem, column: String?) throws {
        let found = try self.csv([Self.good, line, Self.good])
        #expect(found.rows.count == 2)
        let error = try #require(found.errors.first)
        #expect(found.errors.count == 1)
        #expect(error.problem == problem)
        #expect(error.line == 3)
        #expect(error.column == column)
        #expect(error.raw == .record(Array(line.utf8)))
        #expect(error.description.contains("line 3"))
    }

    @Test("A case id of 10 KB is refused, and the message shows only its beginning")
    func longCaseID() throws {
        let id = String(repeating: "x", count: 10_240)
        let error = try #require(try self.csv(["\(id),2024-01-02T03:04:05Z,New,G"]).errors.first)
        #expect(error.problem == .caseIDTooLong(bytes: 10_240))
        #expect(error.description.utf8.count < 300)
        let fits = String(repeating: "x", count: 255)
        #expect(try self.csv(["\(fits),2024-01-02T03:04:05Z,New,G"]).rows.count == 1)
    }

    @Test("A CSV row that is not UTF-8 is refused with the byte")
    func notUTF8() throws {
        let bytes = Array((TestMappings.csvHeader + "c1,2024-01-02T03:04:05Z,New,G").utf8) + [0xFF]
        let found = try ImportFixture(.bytes(bytes), mapping: try TestMappings.csv())
        #expect(found.errors.map(\.problem) == [.notUTF8(offset: 29)])
    }

    @Test("A header that is not UTF-8, or has quotes in wrong places, stops the import")
    func badHeader() throws {
        let mapping = try TestMappings.csv()
        for header in [[0xFF, 0x0A], Array("\"a\"b\n".utf8), Array("a\rb\rc".utf8)] {
            let error = #expect(throws: ImportFailure.self) {
                try ImportFixture(.bytes(header), mapping: mapping)
            }
            guard case .badHeader(line: 1, reason: _) = try #require(error) else {
                Issue.record("another error: \(String(describing: error))")
                return
            }
        }
    }

    @Test("A value over 255 bytes that would stand in the clear is refused")
    func longValue() throws {
        let long = String(repeating: "x", count: 256)
        let problem = RowError.Problem.valueTooLong(bytes: 256, limit: 255)
        #expect(try self.problems(["c1,2024-01-02T03:04:05Z,New,\(long)"]) == [problem])
    }

    @Test("A row with free text of 100 KB is kept whole")
    func longRow() throws {
        let mapping = try TestMappings.csv()
        let text = String(repeating: "x", count: 100_000)
        let source = "id,at,state,team,note\nc1,2024-01-02T03:04:05Z,New,G,\(text)\n"
        let rows = try ImportFixture(source, mapping: mapping).rows
        #expect(rows.map(\.row.count) == [100_030])
    }

    @Test("An XES event over one mebibyte is refused, and the next one is read")
    func longEvent() throws {
        let value = String(repeating: "x", count: 1 << 20)
        let long = TestMappings.xesEvent(extra: #"<string key="note" value="\#(value)"/>"#)
        let text = TestMappings.xesLog(long + TestMappings.xesEvent())
        let found = try ImportFixture(text, mapping: try TestMappings.xes())
        guard case .rowTooLarge(_, limit: 1 << 20) = try #require(found.errors.first?.problem)
        else {
            Issue.record("another error: \(found.errors.map(\.problem))")
            return
        }
        #expect(found.rows.count == 1)
        #expect(found.rows[0].attachments.map(\.kind) == ["log", "trace"])
    }

    @Test("An XES event outside of a trace has no case, one without a time has no time")
    func xesRows() throws {
        let text = TestMappings.xesLog(#"<event><string key="concept:name" value="New"/></event>"#)
            .replacing("</log>", with: "\(TestMappings.xesEvent())</log>")
        let found = try ImportFixture(text, mapping: try TestMappings.xes())
        #expect(found.errors.map(\.problem) == [.noTime, .noCase])
        #expect(found.errors.map(\.line) == [3, 3])
    }

    @Test("A verdict, a channel or a named value that is not listed is refused")
    func unknownValues() throws {
        let verdict = #""slaMet": {"column": "team", "met": ["y"], "breached": ["n"]}"#
        #expect(try self.problems([Self.good], extra: verdict) == [.unknownValue])
        #expect(try self.problems([Self.good], extra: #""channel": "team""#) == [.unknownValue])
        let named = #""site": {"column": "team", "values": {"H": "h"}}"#
        #expect(try self.problems([Self.good], extra: named) == [.unknownValue])
    }

    @Test("A column of the mapping that the header lacks, or has twice, stops the import")
    func columns() throws {
        let mapping = try TestMappings.csv()
        let lacks = ["id", "at", "state"]
        #expect(
            throws: ImportFailure.unusableColumn(name: "team", isRepeated: false, header: lacks)
        ) {
            try ImportFixture("id,at,state\n", mapping: mapping)
        }
        let twice = ["id", "at", "state", "team", "at"]
        #expect(
            throws: ImportFailure.unusableColumn(name: "at", isRepeated: true, header: twice)
        ) {
            try ImportFixture("id,at,state,team,at\n", mapping: mapping)
        }
    }

    @Test("A file of nothing, white space or an empty header is refused as empty")
    func empty() throws {
        let csv = try TestMappings.csv()
        let xes = try TestMappings.xes()
        #expect(throws: ImportFailure.empty) { try ImportFixture("", mapping: csv) }
        #expect(throws: ImportFailure.empty) { try ImportFixture("\n\n", mapping: csv) }
        #expect(throws: ImportFailure.empty) {
            try ImportFixture(.bytes(Gzip.member([])), mapping: xes)
        }
        #expect(try ImportFixture(TestMappings.csvHeader, mapping: csv).rows.isEmpty)
    }

    @Test(
        "A file of another format is refused by name",
        arguments: [
            ("PK\u{3}\u{4}rest", "a ZIP archive; unpack it first", "no XML"),
            ("<?xml version=\"1.0\"?><log/>", "XML", nil),
            ("a\u{0}b", "binary data", "no XML"),
        ] as [(String, String, String?)]
    )
    func otherFormat(text: String, asCSV: String, asXES: String?) throws {
        let csv = ImportFailure.wrongFormat(expected: .csv, found: asCSV)
        #expect(throws: csv) { try ImportFixture(text, mapping: try TestMappings.csv()) }
        let zip = "a ZIP archive; unpack it first"
        let found = text.hasPrefix("PK") ? zip : asXES
        guard let found else { return }
        #expect(throws: ImportFailure.wrongFormat(expected: .xes, found: found)) {
            try ImportFixture(text, mapping: try TestMappings.xes())
        }
    }

    @Test("UTF-16 text is refused as CSV")
    func wideCSV() throws {
        let failure = ImportFailure.wrongFormat(expected: .csv, found: "UTF-16 text; use UTF-8")
        #expect(throws: failure) {
            try ImportFixture(.bytes([0xFF, 0xFE, 0x61, 0]), mapping: try TestMappings.csv())
        }
    }

    @Test("A truncated file gives the rows before the cut and then says where it ends")
    func truncated() throws {
        let whole = TestMappings.csvHeader + "\(Self.good)\n"
        let text = whole + "c1,2024-01-02T03:04:05Z,New,\"G"
        let importer = try EventImporter(
            source: .bytes(Array(text.utf8), chunkBytes: whole.utf8.count),
            mapping: try TestMappings.csv(),
            settings: .init(temporaryDirectory: TemporaryDirectoryTrait.current)
        )
        #expect(try importer.next()?.count == 1)
        #expect(throws: ImportFailure.unclosedQuote(line: 3)) { try importer.next() }
    }

    @Test("A zone that the system does not have stops the import")
    func unknownZone() throws {
        var mapping = try TestMappings.csv()
        mapping.time.zone = "Mars/Olympus"
        #expect(throws: ImportFailure.unknownZone(name: "Mars/Olympus")) {
            try ImportFixture("x", mapping: mapping)
        }
    }

    @Test("A folder that takes no temporary files stops the import")
    func temporaryFiles() throws {
        let directory = TemporaryDirectoryTrait.current + "/none"
        #expect(throws: ImportFailure.temporaryFile(directory: directory, code: 2)) {
            try EventImporter(
                source: .bytes([0x61]),
                mapping: try TestMappings.csv(),
                settings: .init(temporaryDirectory: directory)
            )
        }
    }

    @Test("Refused rows come back as files that import refuses row for row again")
    func rejects() throws {
        let mapping = try TestMappings.csv()
        let lines = ["c1,bad,New,\"G\n1\"", ",2024-01-02T03:04:05Z,New,G"]
        let first = try self.csv(lines + [Self.good])
        var file = RejectsFile()
        var bytes: [UInt8] = []
        for error in first.errors { bytes += file.bytes(for: error, header: first.header) }
        bytes += file.end()
        #expect(bytes == Array((TestMappings.csvHeader + lines.map { $0 + "\n" }.joined()).utf8))
        #expect(file.count == 2)
        let again = try ImportFixture(.bytes(bytes), mapping: mapping)
        #expect(again.errors.map(\.problem) == first.errors.map(\.problem))
        #expect(again.rows.isEmpty)
    }

    @Test("Refused XES events come back in a log with their traces")
    func xesRejects() throws {
        let mapping = try TestMappings.xes()
        let text = TestMappings.xesLog(TestMappings.xesEvent("Odd<") + TestMappings.xesEvent())
            .replacing("Odd<", with: "Odd&lt;")
            .replacing("</log>", with: "\(TestMappings.xesEvent())</log>")
        let first = try ImportFixture(text, mapping: mapping)
        #expect(first.errors.count == 2)
        var file = RejectsFile()
        var bytes: [UInt8] = []
        for error in first.errors { bytes += file.bytes(for: error, header: nil) }
        bytes += file.end()
        let again = try ImportFixture(.bytes(bytes), mapping: mapping)
        #expect(again.errors.map(\.raw) == first.errors.map(\.raw))
    }

    @Test("Every error has words of its own, and fatal ones name their line where they have one")
    func descriptions() {
        let failures: [ImportFailure] = [
            .unreadable(code: 2), .empty, .wrongFormat(expected: .csv, found: "x"),
            .gzipDamaged(offset: 1, reason: "r"), .gzipTruncated(offset: 1),
            .notWellFormed(line: 1, column: 1, reason: "r"), .documentType(line: 1),
            .misplacedElement(line: 1, name: "n"), .tooDeep(line: 1, limit: 1),
            .elementTooLong(line: 1, name: "n", limit: 1), .recordTooLong(line: 1, limit: 1),
            .tooManyFields(line: 1, limit: 1), .unclosedQuote(line: 1),
            .badHeader(line: 1, reason: "r"),
            .unusableColumn(name: "n", isRepeated: true, header: []),
            .unusableColumn(name: "n", isRepeated: false, header: []),
            .temporaryFile(directory: "d", code: 1), .pseudonymsUnavailable,
            .unknownZone(name: "n"),
        ]
        #expect(Set(failures.map(\.description)).count == failures.count)
        for failure in failures {
            #expect((failure.line != nil) == failure.description.hasPrefix("line 1"))
        }
    }

    @Test("An excerpt is short and printable")
    func excerpt() {
        #expect(RowError.excerpt("a\u{0}b\u{202E}c\n") == "a\u{FFFD}b\u{FFFD}c\u{FFFD}")
        #expect(RowError.excerpt(String(repeating: "é", count: 100)).count == 61)
    }
}
