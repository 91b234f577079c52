import Foundation
import LedgerTesting
import Testing

@Suite(
    "Safety transcripts",
    .temporaryDirectory,
    .enabled(if: Program.path != nil, "\(Program.absence)")
)
struct SafetyTranscriptTests {
    private func program() throws -> Program {
        let program = Program()
        try program.makeDesk("berlin")
        try program.makeLedger("manila", site: "test.example/manila")
        let arguments = ["import", "rows.csv", "--ledger", "berlin", "--mapping", "mapping.json"]
        let imported = try program.run(arguments)
        try #require(imported.code == 0, "\(imported.error)")
        return program
    }

    @Test("A backup is made, checked, tried out and restored")
    func backup() throws {
        let program = try self.program()
        var transcript = Transcript(program)
        try transcript.run("backup", "kept", "--keys", "keys", "--ledger", "berlin")
        try transcript.run("backup", "kept", "--ledger", "berlin")
        try transcript.run("backup", "verify", "kept")
        try transcript.run("drill", "kept", "--scratch", "scratch", "--ledger", "berlin")
        try transcript.run("backup", "kept", "--ledger", "manila")
        try transcript.run("restore", "kept", "--ledger", "berlin")
        try transcript.run("restore", "kept", "--ledger", "new", "--keys", "keys")
        try transcript.run("verify", "--ledger", "new")
        try transcript.run("scrub", "--rate", "0", "--ledger", "new")
        try transcript.run("doctor", "--ledger", "new")
        try transcript.check("backup")
        for words in [["backup", "verify", "none"], ["restore", "none", "--ledger", "newer"]] {
            let run = try program.run(words)
            #expect(run.code == 66 && run.error.contains("none is not a backup"), "\(run.error)")
        }
    }

    @Test("What happened to a copy, and what to run next, stands on one screen")
    func doctor() throws {
        let program = Program()
        try program.makeDesk("berlin")
        let arguments = ["import", "rows.csv", "--ledger", "berlin", "--mapping", "mapping.json"]
        try #require(try program.run(arguments).code == 0)
        var transcript = Transcript(program)
        try transcript.run("doctor", "--ledger", "berlin")
        // Nobody else has these events yet, and STATE is lost but for the keys of the texts.
        try #require(try program.shell("rm state/*/anchor").code == 0)
        try program.makeLedger("manila", site: "test.example/manila")
        try transcript.run("doctor", "--ledger", "berlin")
        try transcript.run("sync", "manila", "--ledger", "berlin")
        try transcript.run(
            "sync",
            "manila",
            "--ledger",
            "berlin",
            "--on-restore",
            "new-incarnation"
        )
        try transcript.run("doctor", "--ledger", "berlin")
        try transcript.run("fork", "--ledger", "berlin")
        try transcript.run("fork", "resolve", "--ledger", "berlin")
        try transcript.run("fork", "resolve", "--all", "--ledger", "berlin")
        try transcript.run("sync", "manila", "--ledger", "berlin")
        try transcript.run("doctor", "--ledger", "berlin")
        try transcript.run("verify", "--ledger", "berlin")
        let json = try program.run("doctor", "--ledger", "berlin", "--json")
        for key in ["findings", "log", "site"] { #expect(json.text.contains("\"\(key)\":")) }
        try transcript.check("doctor")
    }
}
