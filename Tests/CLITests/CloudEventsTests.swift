import Foundation
import LedgerTesting
import Testing

@Suite("CloudEvents", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct CloudEventsTests {
    /// A line of another program's: an id that is no UUIDv7, and a type of its own.
    private static let foreign =
        #"{"specversion":"1.0","id":"r-17","source":"https://example.com/routers/7","type":"#
        + #""com.example.router.rebooted","subject":"case:p1","time":"2025-05-01T09:00:00Z","#
        + #""history":true,"actorid":"router-7","actorkind":"bot","data":{"uptime":3}}"#

    private let program = Program()

    private func desk(_ name: String, _ input: String) throws {
        try self.program.makeLedger(name, site: "test.example/\(name)")
        let run = try self.program.run("append", "--ledger", name, input: input)
        try #require(run.code == 0, "\(run.error)")
    }

    private func export(_ name: String, _ more: String...) throws -> Program.Run {
        let run = try self.program.run(
            ["export", "--format", "cloudevents", "--ledger", name] + more
        )
        try #require(run.code == 0, "\(run.error)")
        return run
    }

    /// What a line says of the event itself, and not of the log that it stands in.
    private func events(_ run: Program.Run) throws -> [String: [String: String]] {
        var events: [String: [String: String]] = [:]
        for line in run.lines {
            let parsed = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let object = try #require(parsed as? [String: Any])
            guard object["type"] as? String != "caseledger.site.registered" else { continue }
            var event: [String: String] = [:]
            for (name, value) in object
            where !["source", "sequence", "recordedtime", "ordertime"].contains(name) {
                let data = try JSONSerialization.data(
                    withJSONObject: [value],
                    options: [.sortedKeys]
                )
                event[name] = String(decoding: data, as: UTF8.self)
            }
            events[try #require(object["id"] as? String)] = event
        }
        return events
    }

    @Test("A case goes out as CloudEvents and comes in again")
    func transcript() throws {
        try self.desk("one", LiveCase.lines)
        try self.program.write(Self.foreign + "\n", to: "foreign.jsonl")
        var transcript = Transcript(self.program)
        try transcript.run("append", "foreign.jsonl", "--ledger", "one")
        try transcript.run("append", "foreign.jsonl", "--ledger", "one", "--json")
        try transcript.run("export", "--format", "cloudevents", "--ledger", "one", "--case", "p1")
        try transcript.run(
            "export",
            "--format",
            "cloudevents",
            "--ledger",
            "one",
            "--output",
            "one.jsonl"
        )
        try transcript.run("export", "--format", "cloudevents", "--ledger", "one", "--case", "p9")
        try transcript.run("export", "--format", "xes", "--ledger", "one", "--case", "p1")
        try transcript.check("cloudevents")
        #expect(try self.program.read("one.jsonl").split(separator: "\n").count == 10)
    }

    @Test("What was exported and appended into another ledger is the same events")
    func roundTrip() throws {
        try self.desk("one", LiveCase.lines + Self.foreign + "\n")
        let first = try self.export("one")
        try self.desk("two", first.text)
        let second = try self.export("two")
        #expect(try self.events(first) == self.events(second))
        #expect(try self.events(first).count == 9)
        let again = try self.program.run("append", "--ledger", "two", "--json", input: first.text)
        #expect(again.code == 0, "\(again.error)")
        #expect(again.lines.count == first.lines.count)
        for line in again.lines { #expect(line.contains("\"alreadyAppended\""), "\(line)") }
        #expect(try self.program.run("verify", "--ledger", "two").code == 0)
    }

    @Test("Events of a ledger that is older than a day are taken as history")
    func declaredHistory() throws {
        try self.program.makeLedger()
        let line = Self.foreign.replacingOccurrences(of: #""history":true,"#, with: "")
        let refused = try self.program.run("append", "--ledger", "desk", input: line)
        #expect(refused.code == 65)
        let run = try self.program.run("append", "--ledger", "desk", "--history", input: line)
        #expect(run.code == 0, "\(run.error)")
        #expect(try self.export("desk").lines.last?.contains("\"history\":true") == true)
    }

    @Test("Without the keys sealed text goes out as sealed, and the program says so")
    func sealed() throws {
        try self.desk("one", LiveCase.lines)
        var other = self.program
        other.environment["CASELEDGER_STATE"] = "\(self.program.directory)/nowhere"
        let run = try other.run("export", "--format", "cloudevents", "--ledger", "one")
        #expect(run.code == 0, "\(run.error)")
        #expect(run.text.contains(#""title":{"sealed":true}"#))
        #expect(run.error.contains("sealed under keys not held here"))
        #expect(try self.export("one").text.contains(#""title":"No dial tone after the move""#))
    }

    @Test(
        "A CloudEvent that is none is refused with its line",
        arguments: [
            (#"{"specversion":"0.3"}"#, "specversion"), (#"{"specversion":"1.0"}"#, "\"type\""),
            (
                #"{"specversion":"1.0","type":"a.b","id":"1","source":"/","subject":"case:1","#
                    + #""data_base64":"eA=="}"#, "data_base64"
            ),
            (
                #"{"specversion":"1.0","type":"a.b","id":"1","source":"/","subject":"case:1","#
                    + #""datacontenttype":"text/plain","data":"x"}"#, "text/plain"
            ),
        ]
    )
    func refused(line: String, word: String) throws {
        try self.program.makeLedger()
        let run = try self.program.run("append", "--ledger", "desk", "--json", input: line)
        #expect(run.code == 65)
        #expect(run.error.contains("line 1") && run.error.contains(word), "\(run.error)")
        #expect(run.lines.count == 1)
    }

    @Test("A line over 16 MiB ends the run")
    func oversized() throws {
        try self.program.makeLedger()
        let long = String(repeating: "y", count: 17 << 20)
        let line = Self.foreign.dropLast() + #","labels":"x="# + long
        let run = try self.program.run("append", "--ledger", "desk", input: "\(line)\"}\n")
        #expect(run.code == 65)
        #expect(run.error.contains("16777216"), "\(run.error)")
    }

    @Test(
        "The CloudEvents SDK for Python reads every line, and what it writes is the same event",
        .enabled(if: CloudEventsSDK.python != nil, "\(CloudEventsSDK.absence)")
    )
    func python() throws {
        let python = try #require(CloudEventsSDK.python)
        try self.desk("one", LiveCase.lines + Self.foreign + "\n")
        try self.program.write(CloudEventsSDK.script, to: "validate.py")
        let run = try self.program.shell(
            "caseledger export --format cloudevents --ledger one | \(python) validate.py "
                + "| caseledger append --ledger one --json"
        )
        #expect(run.code == 0, "\(run.error)")
        #expect(run.lines.count == 10)
        for line in run.lines { #expect(line.contains("\"alreadyAppended\""), "\(line)") }
    }
}
