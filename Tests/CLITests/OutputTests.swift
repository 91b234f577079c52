import Foundation
import LedgerTesting
import Testing

@Suite("Output", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct OutputTests {
    /// util-linux's `script` gives the program a terminal.
    static let hasTerminal = FileManager.default.isExecutableFile(atPath: "/usr/bin/script")

    private static let escape = "\u{1B}["

    private func program() throws -> Program {
        let program = Program()
        try program.makeDesk()
        let run = try program.run(
            "import",
            "rows.csv",
            "--ledger",
            "desk",
            "--mapping",
            "mapping.json"
        )
        try #require(run.code == 0, "\(run.error)")
        return program
    }

    @Test(
        "On a terminal headings are bold; with NO_COLOR they are not",
        .enabled(if: Self.hasTerminal, "there is no `script` to make a terminal")
    )
    func noColour() throws {
        let program = try self.program()
        let show = "script -qec \"$PROGRAM show D1 --ledger desk\" /dev/null"
        #expect(try program.shell("TERM=xterm \(show)").text.contains(Self.escape))
        #expect(try !program.shell("TERM=xterm NO_COLOR=1 \(show)").text.contains(Self.escape))
        #expect(try !program.shell("TERM=dumb \(show)").text.contains(Self.escape))
    }

    @Test("Into a file or a pipe goes no colour and no progress")
    func plain() throws {
        let program = try self.program()
        let run = try program.run("show", "D1", "--ledger", "desk")
        #expect(!run.text.contains(Self.escape))
        #expect(run.error.isEmpty)
    }

    @Test("No line of a case's screen is wider than 80 columns")
    func width() throws {
        let program = try self.program()
        try program.write(LiveCase.lines, to: "live.jsonl")
        #expect(try program.run("append", "live.jsonl", "--ledger", "desk").code == 0)
        for name in ["D1", "D2", "p1"] {
            let run = try program.run("show", name, "--ledger", "desk", "--all")
            for line in run.lines { #expect(line.count <= 80, "\(line)") }
            #expect(!run.text.contains("\u{1B}"), "a message steers the terminal")
        }
    }

    @Test("A reader that goes away ends the program without a word")
    func brokenPipe() throws {
        let program = try self.program()
        try program.write(DeskHistory.rows(3_000, seed: 5), to: "many.csv")
        _ = try program.run("import", "many.csv", "--ledger", "desk", "--mapping", "mapping.json")
        let run = try program.shell("caseledger log --json --ledger desk | head -n 2")
        #expect(run.code == 0)
        #expect(run.lines.count == 2)
        #expect(run.error.isEmpty)
    }

    @Test("Answers to appends that nobody reads are a failure")
    func brokenAnswers() throws {
        let program = try self.program()
        try program.write(LiveCase.lines, to: "live.jsonl")
        // Whoever read has gone before the first answer.
        let run = try program.shell(
            "mkfifo gone; (exec 4<gone) & exec 3>gone; wait; "
                + "caseledger append live.jsonl --ledger desk >&3"
        )
        #expect(run.code == 74, "\(run.error)")
        #expect(run.error.contains("answers"))
    }

    @Test("A full disk under standard output is told")
    func fullDisk() throws {
        let program = try self.program()
        let run = try program.shell("caseledger cases --facts --ledger desk > /dev/full")
        #expect(run.code == 74)
        #expect(run.error.contains("standard output"))
    }

    @Test(
        "Wrong arguments are told with the usage",
        arguments: [
            ["show"], ["nonsense"], ["import", "x"], ["sync"], ["log", "--last", "-1"], ["serve"],
            ["export", "--format", "doc"], ["import", "x", "--preset", "a", "--mapping", "b"],
        ]
    )
    func usage(arguments: [String]) throws {
        let run = try Program().run(arguments)
        #expect(run.code == 64)
        #expect(run.error.contains("Usage:") || run.error.contains("caseledger"))
        #expect(run.output.isEmpty)
    }

    @Test("An imported history comes back as XES, row for row")
    func export() throws {
        let program = try self.program()
        let run = try program.run("export", "--format", "xes", "--ledger", "desk")
        #expect(run.code == 0, "\(run.error)")
        #expect(run.text.components(separatedBy: "<event>").count - 1 == 11)
        #expect(run.text.contains("müde"))
        let file = try program.run("export", "--ledger", "desk", "--output", "out.xes")
        #expect(file.code == 0)
        #expect(try program.read("out.xes") == run.text)
    }

    @Test("An import reads standard input, plain and gzipped")
    func standardInput() throws {
        let program = try self.program()
        try program.makeLedger("other", site: "test.example/other")
        let run = try program.shell(
            "gzip -c rows.csv | caseledger import - --ledger other --mapping mapping.json --json"
        )
        #expect(run.code == 0, "\(run.error)")
        #expect(run.text.contains("\"appended\":11"))
        let again = try program.shell(
            "caseledger import - --ledger other --mapping mapping.json --json < rows.csv"
        )
        #expect(again.text.contains("\"alreadyHeld\":11"))
    }
}
