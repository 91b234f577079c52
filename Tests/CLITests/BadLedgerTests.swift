import Foundation
import LedgerTesting
import Testing

@Suite(
    "Bad ledgers",
    .temporaryDirectory,
    .enabled(if: Program.path != nil, "\(Program.absence)")
)
struct BadLedgerTests {
    static let reading = [
        ["show", "1"], ["log"], ["cases"], ["metrics"], ["verify"], ["export"],
    ]
    static let writing = [["append"], ["import", "-", "--preset", "bpi2013-incidents"]]

    @Test("No ledger is named", arguments: Self.reading + Self.writing)
    func unnamed(arguments: [String]) throws {
        let run = try Program().run(arguments)
        #expect(run.code == 64)
        #expect(run.error.contains("--ledger") && run.error.contains("CASELEDGER_DIR"))
    }

    @Test("CASELEDGER_DIR names the ledger")
    func variable() throws {
        var program = Program()
        try program.makeLedger()
        program.environment["CASELEDGER_DIR"] = "desk"
        #expect(try program.run("verify").code == 0)
    }

    @Test("A directory that is not there", arguments: Self.reading + Self.writing)
    func missing(arguments: [String]) throws {
        let run = try Program().run(arguments + ["--ledger", "none"])
        #expect(run.code == 66, "\(run.error)")
        #expect(run.error.contains("none") && run.error.contains("next:"))
    }

    @Test("A directory that is no ledger is left as it is", arguments: Self.reading + Self.writing)
    func notALedger(arguments: [String]) throws {
        let program = Program()
        let folder = "\(program.directory)/plain"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try program.write("mine", to: "plain/notes.txt")
        let run = try program.run(arguments + ["--ledger", "plain"])
        #expect(run.code == 66, "\(run.error)")
        #expect(run.error.contains("not a ledger") && run.error.contains("init"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["notes.txt"])
    }

    @Test(
        "A ledger of a newer version is read by nobody older",
        arguments: Self.reading + Self.writing
    )
    func newer(arguments: [String]) throws {
        let program = Program()
        try program.makeLedger()
        let before = try program.read("desk/ledger")
        try program.write("caseledger 9\n", to: "desk/ledger")
        let run = try program.run(arguments + ["--ledger", "desk"])
        #expect(run.code == 78, "\(run.error)")
        #expect(run.error.contains("format 9") && run.error.contains("newer"))
        try program.write(before, to: "desk/ledger")
        #expect(try program.run("verify", "--ledger", "desk").code == 0)
    }

    @Test("init does not touch a directory that is not empty")
    func initOverFiles() throws {
        let program = Program()
        try program.makeLedger()
        let run = try program.run("init", "desk", "--site", "test.example/other")
        #expect(run.code == 73)
        #expect(run.error.contains("desk"))
        #expect(try program.run("verify", "--ledger", "desk").code == 0)
    }

    @Test(
        "init refuses a site name, a kind and a time zone that are none",
        arguments: [
            ["--site", "a b"], ["--site", "x", "--kind", "hut"],
            ["--site", "x", "--time-zone", "Mars"],
        ]
    )
    func badSite(arguments: [String]) throws {
        let program = Program()
        let run = try program.run(["init", "desk"] + arguments)
        #expect(run.code == 64)
        #expect(!FileManager.default.fileExists(atPath: "\(program.directory)/desk"))
    }

    @Test(
        "A case of which nothing is known",
        arguments: [["show", "77"], ["log", "--case", "77"]]
    )
    func unknownCase(arguments: [String]) throws {
        let program = Program()
        try program.makeLedger()
        let run = try program.run(arguments + ["--ledger", "desk"])
        #expect(run.code == 66)
        #expect(run.error.contains("case:77") && run.error.contains("next:"))
    }

    /// The rest of the list needs somebody whom permissions stop.
    static let canDropPrivileges =
        geteuid() != 0 || FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")

    @Test(
        "A ledger without write permission is refused, and whole when it may be written again",
        .enabled(if: Self.canDropPrivileges, "runs as root, and there is no setpriv to step down")
    )
    func noPermission() throws {
        var program = Program()
        if geteuid() == 0 {
            program.user = 65_534
            unsafe chmod(program.directory, 0o777)
        }
        try program.makeLedger()
        try program.write(LiveCase.lines, to: "live.jsonl")
        try #require(try program.run("append", "live.jsonl", "--ledger", "desk").code == 0)
        _ = try program.shell("chmod -R a-w desk")
        for arguments in Self.writing {
            let run = try program.run(arguments + ["--ledger", "desk"])
            #expect(run.code == 77, "\(arguments): \(run.error)")
            #expect(run.error.contains("permission") && run.error.contains("next:"))
        }
        _ = try program.shell("chmod -R u+w desk")
        let log = try program.run("log", "--ledger", "desk", "--case", "p1")
        #expect(log.code == 0, "\(log.error)")
        #expect(log.lines.count == 5)
        #expect(try program.run("verify", "--ledger", "desk").code == 0)
    }
}
