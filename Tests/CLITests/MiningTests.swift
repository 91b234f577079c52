import Foundation
import LedgerTesting
import Testing

@Suite("Mining", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct MiningTests {
    private let program = Program()

    /// An imported history and a live case beside it.
    private func desk() throws {
        try self.program.makeDesk()
        let imported = try self.program.run(
            "import",
            "rows.csv",
            "--ledger",
            "desk",
            "--mapping",
            "mapping.json"
        )
        try #require(imported.code == 0, "\(imported.error)")
        let appended = try self.program.run(
            "append",
            "--ledger",
            "desk",
            input: LiveCase.lines
        )
        try #require(appended.code == 0, "\(appended.error)")
    }

    @Test("Event logs of a ledger with an imported and a live case")
    func logs() throws {
        try self.desk()
        var transcript = Transcript(self.program)
        try transcript.run("export", "--format", "xes", "--ledger", "desk")
        try transcript.run("export", "--format", "ocel2", "--ledger", "desk")
        try transcript.check("mining")
    }

    @Test("Tables of a ledger with an imported and a live case")
    func tables() throws {
        try self.desk()
        var transcript = Transcript(self.program)
        try transcript.run("query", "cases", "--ledger", "desk")
        try transcript.run("query", "events", "--ledger", "desk")
        try transcript.run("query", "cases", "--format", "ndjson", "--ledger", "desk")
        try transcript.run("query", "events", "--format", "ndjson", "--ledger", "desk")
        try transcript.run("query", "cases", "--schema")
        try transcript.run("query", "events", "--schema")
        try transcript.check("query")
    }

    @Test("Facts and tables say the same of each case")
    func facts() throws {
        try self.desk()
        func objects(_ arguments: String...) throws -> [[String: Any]] {
            let run = try self.program.run(arguments + ["--ledger", "desk"])
            return try run.lines.map { line in
                let parsed = try JSONSerialization.jsonObject(with: Data(line.utf8))
                return try #require(parsed as? [String: Any])
            }
        }
        let facts = try objects("cases", "--facts", "--json")
        let rows = try objects("query", "cases", "--format", "ndjson")
        #expect(facts.count == rows.count)
        for (fact, row) in zip(facts, rows) {
            for (name, value) in fact where name != "waits" && name != "flags" {
                let found = try #require(row[name] as? NSObject, "\(name)")
                #expect(found == value as? NSObject, "\(name)")
            }
        }
    }

    @Test("A file is written whole, under its name only when it is")
    func output() throws {
        try self.desk()
        for (arguments, name) in [
            (["export", "--format", "xes"], "a.xes"), (["export", "--format", "ocel2"], "a.json"),
            (["export", "--format", "ocel2"], "a.sqlite"),
            (["export", "--format", "cloudevents"], "a.ndjson"), (["query", "cases"], "a.csv"),
        ] {
            try self.program.write("what was there", to: name)
            let run = try self.program.run(arguments + ["--ledger", "desk", "--output", name])
            #expect(run.code == 0, "\(run.error)")
            let bytes = try Data(contentsOf: URL(filePath: "\(self.program.directory)/\(name)"))
            #expect(bytes.count > 100, "\(name)")
        }
        let start = try Data(contentsOf: URL(filePath: "\(self.program.directory)/a.sqlite"))
        #expect(String(decoding: start.prefix(15), as: UTF8.self) == "SQLite format 3")
        let names = try FileManager.default.contentsOfDirectory(atPath: self.program.directory)
        #expect(!names.contains { $0.contains("partial") })
        let json = try self.program.run("export", "--format", "ocel2", "--ledger", "desk")
        #expect(try self.program.read("a.json") == json.text)
    }

    @Test("What cannot be written is told, and nothing half is left")
    func refusals() throws {
        try self.desk()
        let cases: [([String], Int32, String)] = [
            (["export", "--format", "ocel2", "--output", "no/such/a.sqlite"], 73, "no/such"),
            (["query", "cases", "--output", "no/such/a.csv"], 73, "no/such"),
            (["export", "--format", "ocel2", "--case", "D1"], 64, "cloudevents"),
            (["export", "--format", "ocel1"], 64, "ocel1"), (["query", "rows"], 64, "rows"),
            (["query", "cases", "--format", "xlsx"], 64, "xlsx"),
        ]
        for (arguments, code, word) in cases {
            let run = try self.program.run(arguments + ["--ledger", "desk"])
            #expect(run.code == code, "\(arguments)")
            #expect(run.error.contains(word), "\(run.error)")
        }
        let missing = try self.program.run("query", "events", "--ledger", "nowhere")
        #expect(missing.code == 66)
    }

    @Test(
        "A full disk ends an export, whatever its form",
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full"),
        arguments: ["xes", "ocel2", "cloudevents"]
    )
    func fullDisk(format: String) throws {
        try self.desk()
        let run = try self.program.run(
            "export",
            "--format",
            format,
            "--ledger",
            "desk",
            "--output",
            "/dev/full"
        )
        #expect(run.code == 74, "\(run.error)")
        #expect(run.error.contains("space"), "\(run.error)")
    }
}
