import Foundation
import LedgerTesting
import Testing

/// The list of bad input: one clear message with the place and the next step, a documented
/// exit code, and nothing lost that was acknowledged.
@Suite("Bad input", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct BadInputTests {
    private let program = Program()

    private func importing(_ file: String, _ more: String...) throws -> Program.Run {
        let arguments = ["import", file, "--ledger", "desk", "--mapping", "mapping.json"]
        return try self.program.run(arguments + more)
    }

    /// Imports `rows`, whose first is good and whose second is bad; expects that the run says
    /// `message` with exit code `code`, and that the good row is in.
    private func refuses(
        _ bytes: [UInt8],
        code: Int32 = 65,
        saying messages: [String],
        keeps rows: Int = 1
    ) throws {
        try self.program.makeDesk()
        try self.program.write(bytes, to: "bad.csv")
        let run = try self.importing("bad.csv")
        #expect(run.code == code, "\(run.error)")
        for message in messages { #expect(run.error.contains(message), "\(run.error)") }
        #expect(run.error.contains("bad.csv"), "the message does not name the file: \(run.error)")
        #expect(run.error.split(separator: "\n").count <= 2, "not one message: \(run.error)")
        #expect(run.output.isEmpty)
        let facts = try self.program.run("cases", "--ledger", "desk", "--facts", "--json")
        #expect(facts.lines.count == (rows > 0 ? 1 : 0))
        if rows > 0 { #expect(facts.text.contains("\"events\":\(rows)")) }
        #expect(try self.program.run("verify", "--ledger", "desk").code == 0)
    }

    private static let good = DeskHistory.header + "D1,New,First line,ada,2025-03-01 08:00,2,x\n"

    @Test("A row without a case")
    func noCase() throws {
        let row = ",New,First line,ada,2025-03-01 08:00,2,x\n"
        try self.refuses(Array((Self.good + row).utf8), saying: ["line 3", "case", "--rejects"])
    }

    @Test("A row without a time")
    func noTime() throws {
        let row = "D1,New,First line,ada,,2,x\n"
        try self.refuses(Array((Self.good + row).utf8), saying: ["line 3", "time", "updated"])
    }

    @Test("A time that does not parse")
    func badTime() throws {
        let row = "D1,New,First line,ada,yesterday,2,x\n"
        try self.refuses(Array((Self.good + row).utf8), saying: ["line 3", "yesterday"])
    }

    @Test("A case id of 10 KB")
    func longCase() throws {
        let row =
            String(repeating: "D", count: 10_240) + ",New,First line,ada,2025-03-01 08:00,2,x\n"
        try self.refuses(Array((Self.good + row).utf8), saying: ["line 3", "10240 bytes", "255"])
    }

    @Test("A row with invalid UTF-8")
    func invalidUTF8() throws {
        let row =
            Array("D1,New,First line,".utf8) + [0xC3, 0x28]
            + Array(",2025-03-01 08:00,2,x\n".utf8)
        try self.refuses(Array(Self.good.utf8) + row, saying: ["line 3", "UTF-8"])
    }

    @Test("A row whose status the mapping does not know")
    func unknownStatus() throws {
        let row = "D1,Lost,First line,ada,2025-03-01 08:00,2,x\n"
        try self.refuses(Array((Self.good + row).utf8), saying: ["line 3", "Lost"])
    }

    @Test("A row with a field too few")
    func fewFields() throws {
        let row = "D1,New,First line\n"
        try self.refuses(Array((Self.good + row).utf8), saying: ["line 3", "3 fields", "7"])
    }

    @Test("A quote that is never closed")
    func openQuote() throws {
        let row = "D1,New,First line,ada,2025-03-01 08:00,2,\"x\n"
        try self.refuses(Array((Self.good + row).utf8), saying: ["line 3", "quoted"])
    }

    @Test("A gzip file that was cut off")
    func truncatedGzip() throws {
        try self.program.makeDesk()
        try self.program.write(DeskHistory.rows(4_000, seed: 1), to: "long.csv")
        let packed = try self.program.shell("gzip -c long.csv | head -c 20000 > cut.csv.gz")
        try #require(packed.code == 0 || packed.code == 141)
        let run = try self.importing("cut.csv.gz")
        #expect(run.code == 65)
        #expect(run.error.contains("cut.csv.gz") && run.error.contains("incomplete"))
        // What was read before the end is in; the whole file adds the rest.
        let again = try self.importing("long.csv", "--json")
        #expect(again.code == 0, "\(again.error)")
        #expect(again.text.contains("\"rows\":4000"))
        #expect(!again.text.contains("\"alreadyHeld\":0"))
    }

    @Test("A gzip file that is damaged")
    func damagedGzip() throws {
        try self.program.makeDesk()
        _ = try self.program.shell(
            "gzip -c rows.csv > rows.gz; printf XXXX | dd of=rows.gz bs=1 seek=40 conv=notrunc"
        )
        let run = try self.importing("rows.gz")
        #expect(run.code == 65)
        #expect(run.error.contains("rows.gz") && run.error.contains("gzip"))
    }

    @Test(
        "A file of another format",
        arguments: [
            ("<log/>", "XML"), ("PK\u{3}\u{4}....", "ZIP"), ("", "empty"), ("a\0b\n", "binary"),
        ]
    )
    func otherFormat(text: String, word: String) throws {
        try self.refuses(Array(text.utf8), saying: [word], keeps: 0)
    }

    @Test("A file that is not there")
    func noFile() throws {
        try self.program.makeDesk()
        let run = try self.importing("none.csv")
        #expect(run.code == 66)
        #expect(run.error.contains("none.csv"))
    }

    @Test("A directory instead of a file")
    func directoryAsFile() throws {
        try self.program.makeDesk()
        let run = try self.importing("desk")
        #expect(run.code == 74 || run.code == 65)
        #expect(run.error.contains("desk"))
    }

    @Test(
        "A mapping that is wrong names its file, the place in it and what is allowed",
        arguments: [
            ("not json", "JSON"), ("{}", "lacks"),
            (
                DeskHistory.mapping.replacingOccurrences(
                    of: "\"team\": \"team\"",
                    with: "\"teem\": \"team\""
                ), "teem"
            ),
            (
                DeskHistory.mapping.replacingOccurrences(
                    of: "\"column\": \"updated\"",
                    with: "\"column\": \"when\""
                ), "when"
            ),
        ]
    )
    func badMapping(text: String, word: String) throws {
        try self.program.makeDesk()
        try self.program.write(text, to: "mapping.json")
        let run = try self.importing("rows.csv")
        #expect(run.code == 78 || run.code == 65, "\(run.error)")
        #expect(run.error.contains(word), "\(run.error)")
        #expect(run.error.contains("mapping.json") || run.error.contains("rows.csv"))
        #expect(try self.program.run("cases", "--ledger", "desk").output.isEmpty)
    }

    @Test("A preset that does not exist names those that do")
    func noPreset() throws {
        try self.program.makeDesk()
        let run = try self.program.run("import", "rows.csv", "--ledger", "desk", "--preset", "x")
        #expect(run.code == 78)
        #expect(run.error.contains("bpi2013-incidents"))
    }

    @Test("Bad rows are set aside with --rejects, mended and imported")
    func rejects() throws {
        try self.program.makeDesk()
        let rows =
            Self.good + "D1,Lost,First line,ada,2025-03-01 09:00,2,x\n"
            + "D1,Active,First line,ada,2025-03-01 10:00,2,x\n"
        try self.program.write(rows, to: "bad.csv")
        let run = try self.importing("bad.csv", "--rejects", "aside.csv", "--json")
        #expect(run.code == 0, "\(run.error)")
        #expect(run.text.contains("\"appended\":2") && run.text.contains("\"rejected\":1"))
        let aside = try self.program.read("aside.csv")
        #expect(aside == DeskHistory.header + "D1,Lost,First line,ada,2025-03-01 09:00,2,x\n")
        try self.program.write(aside.replacingOccurrences(of: "Lost", with: "Waiting"), to: "m.csv")
        #expect(try self.importing("m.csv", "--json").text.contains("\"appended\":1"))
    }
}
