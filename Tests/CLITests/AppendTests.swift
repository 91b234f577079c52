import Glibc
import LedgerTesting
import Testing

@Suite("Append", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct AppendTests {
    private static func opened(_ number: Int, title: String = "x") -> String {
        #"{"type":"case.opened","subject":"case:\#(number)","expecting":"new","actor":"#
            + #"{"actorID":"ada","kind":"agent"},"data":{"ticketType":"incident","#
            + #""initiation":"proactive","title":"\#(title)"}}"#
    }

    private let program = Program()

    private func append(_ lines: [String], _ flags: String...) throws -> Program.Run {
        let arguments = ["append", "--ledger", "desk"] + flags
        return try self.program.run(arguments, input: Array(lines.joined(separator: "\n").utf8))
    }

    private func cases() throws -> [String] {
        try self.program.run("cases", "--ledger", "desk").lines
    }

    @Test("There is one answer a line, blank lines aside")
    func answers() throws {
        try self.program.makeLedger()
        let run = try self.append([Self.opened(1), "", Self.opened(2), Self.opened(3)], "--json")
        #expect(run.code == 0, "\(run.error)")
        #expect(run.lines.count == 3)
        #expect(run.lines.allSatisfy { $0.contains("\"outcome\":\"appended\"") })
        #expect(run.lines[1].contains("\"line\":3"))
        #expect(try self.cases() == ["1", "2", "3"])
    }

    @Test(
        "A line that is no event stops the run; lines before it are in",
        arguments: [
            ("[1]", "JSON"), ("{", "JSON"), ("{\"type\":\"case.opened\"}", "subject"),
            (#"{"type":"case.exploded","subject":"case:9","data":{}}"#, "case.exploded"),
            (#"{"type":"case.opened","subject":"case:9","dat":{}}"#, "dat"),
            (#"{"type":"case.opened","subject":"case:9","data":{"titel":"x"}}"#, "titel"),
            (#"{"type":"case.opened","subject":"case:9","time":"noon","data":{}}"#, "noon"),
        ]
    )
    func noEvent(line: String, word: String) throws {
        try self.program.makeLedger()
        let run = try self.append([Self.opened(1), line, Self.opened(2)], "--json")
        #expect(run.code == 65, "\(run.error)")
        #expect(run.error.contains("line 2") && run.error.contains(word), "\(run.error)")
        #expect(run.lines.count == 2)
        #expect(try self.cases() == ["1"])
    }

    @Test("With --keep-going lines after a bad one are appended")
    func keepGoing() throws {
        try self.program.makeLedger()
        let run = try self.append([Self.opened(1), "{", Self.opened(2)], "--json", "--keep-going")
        #expect(run.code == 65)
        #expect(run.lines.count == 3)
        #expect(try self.cases() == ["1", "2"])
    }

    @Test("Broken rules are named with what to do")
    func refused() throws {
        try self.program.makeLedger()
        let resolve =
            #"{"type":"case.resolved","subject":"case:1","actor":{"actorID":"ada","#
            + #""kind":"agent"},"data":{"resolutionKind":"fixed"}}"#
        let run = try self.append([Self.opened(1), resolve], "--json")
        #expect(run.code == 65)
        #expect(run.lines.last?.contains("\"outcome\":\"refused\"") == true)
        #expect(run.lines.last?.contains("\"rule\":\"L2\"") == true)
        #expect(run.error.contains("L2"))
        // People read under each line why it was not taken.
        let said = try self.append([resolve, Self.opened(2)], "--keep-going")
        #expect(said.lines.first == "line 1: refused")
        #expect(said.lines.dropFirst().first?.hasPrefix("  L2: ") == true)
        #expect(said.lines.last?.hasPrefix("line 2: appended ") == true)
    }

    @Test("An expectation that is not met is a conflict, and worth another try")
    func conflict() throws {
        try self.program.makeLedger()
        let change =
            #"{"type":"case.classified","subject":"case:1","expecting":{"version":7},"#
            + #""actor":{"actorID":"ada","kind":"agent"},"data":{"field":"brand","new":"x"}}"#
        let run = try self.append([Self.opened(1), change], "--json")
        #expect(run.code == 75, "\(run.error)")
        #expect(run.lines.last?.contains("\"outcome\":\"conflict\"") == true)
        #expect(run.lines.last?.contains("\"retry\":true") == true)
        #expect(run.error.contains("version 7") && run.error.contains("holds 1"))
    }

    @Test("The same id again is not written twice; with other content it is refused")
    func retry() throws {
        try self.program.makeLedger()
        let id =
            #"{"id":"0196a000-0000-7000-8000-000000000001","time":"2025-05-01T08:00:00Z","#
            + #""history":true,"#
        let line = id + Self.opened(1).dropFirst()
        let again = try self.append([line, line], "--json")
        #expect(again.code == 0, "\(again.error)")
        #expect(again.lines.last?.contains("\"outcome\":\"alreadyAppended\"") == true)
        let other = try self.append([id + Self.opened(1, title: "y").dropFirst()])
        #expect(other.code == 65)
        #expect(other.error.contains("0196a000-0000-7000-8000-000000000001"))
    }

    @Test("An event over 65,535 bytes is refused with its size")
    func oversized() throws {
        try self.program.makeLedger()
        let facts = (0..<256).map { "\"fact \($0) \(String(repeating: "x", count: 240))\"" }
        let skills = (0..<32).map { "\"skill \($0) \(String(repeating: "x", count: 240))\"" }
        let line =
            #"{"type":"handoff.offered","subject":"case:1","handoffID":"h","actor":"#
            + #"{"actorID":"ada","kind":"bot","skills":["#
            + skills.joined(separator: ",") + #"]},"data":"#
            + #"{"kind":"cold","reason":"skill","context":{"keyFacts":["#
            + facts.joined(separator: ",") + "]}}}"
        let run = try self.append([Self.opened(1), line])
        #expect(run.code == 65, "\(run.error)")
        #expect(run.error.contains("65535") && run.error.contains("line 2"), "\(run.error)")
        #expect(try self.program.run("log", "--case", "1", "--ledger", "desk").lines.count == 1)
    }

    @Test("A text that is too long is refused with its field")
    func longText() throws {
        try self.program.makeLedger()
        let run = try self.append([Self.opened(1, title: String(repeating: "x", count: 70_000))])
        #expect(run.code == 65)
        #expect(run.error.contains("title"), "\(run.error)")
    }

    @Test("Bytes that are not UTF-8 are refused")
    func invalidUTF8() throws {
        try self.program.makeLedger()
        var bytes = Array(Self.opened(1, title: "@").utf8)
        if let place = bytes.firstIndex(of: UInt8(ascii: "@")) { bytes[place] = 0xFF }
        let run = try self.program.run(["append", "--ledger", "desk"], input: bytes)
        #expect(run.code == 65)
        #expect(run.error.contains("line 1"))
        #expect(try self.cases().isEmpty)
    }

    @Test("What was answered is in the log after a kill", arguments: [1, 2, 3] as [UInt64])
    func killed(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        try self.program.makeLedger()
        let lines = (0..<5_000).map { Self.opened($0) }.joined(separator: "\n")
        let running = try self.program.start(
            ["append", "--ledger", "desk", "--json"],
            input: Array(lines.utf8)
        )
        // At some moment of the run, however fast the machine is.
        let enough = Int.random(in: 1...400, using: &random)
        while running.isRunning, running.answersSoFar < enough { usleep(1_000) }
        running.kill()
        let run = try running.finish()
        #expect(run.isKilled, "seed \(seed): it was done before the kill")
        let answered = run.lines.count { $0.hasSuffix("}") }
        let held = try self.cases().count
        // The line under way may be in without an answer.
        #expect(held == answered || held == answered + 1, "seed \(seed)")
        #expect(try self.program.run("verify", "--ledger", "desk").code == 0)
    }
}
