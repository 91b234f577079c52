import LedgerTesting
import Testing

@Suite("Transcripts", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct TranscriptTests {
    @Test("A history goes in and comes out as cases and numbers")
    func history() throws {
        let program = Program()
        try program.write(DeskHistory.mapping, to: "mapping.json")
        try program.write(DeskHistory.rows, to: "rows.csv")
        var transcript = Transcript(program)
        try transcript.run("init", "desk", "--site", "test.example/desk")
        try transcript.run("import", "rows.csv", "--ledger", "desk", "--mapping", "mapping.json")
        try transcript.run("import", "rows.csv", "--ledger", "desk", "--mapping", "mapping.json")
        try transcript.run("cases", "--ledger", "desk")
        try transcript.run("cases", "--ledger", "desk", "--facts")
        try transcript.run("cases", "--ledger", "desk", "--facts", "--json")
        try transcript.run("show", "D1", "--ledger", "desk")
        try transcript.run("show", "case:D2", "--ledger", "desk", "--now", "2025-03-09T00:00:00Z")
        let past = "2025-03-03T00:00:00Z"
        try transcript.run("show", "D1", "--ledger", "desk", "--as-of", past)
        try transcript.run("show", "D1", "--ledger", "desk", "--as-known", past)
        try transcript.run("show", "D1", "--as-of", past, "--as-known", past, "--ledger", "desk")
        try transcript.run("metrics", "--ledger", "desk")
        try transcript.run("metrics", "M-12", "M-35", "--by", "kind", "--ledger", "desk")
        try transcript.run(
            "metrics",
            "M-14",
            "--by",
            "team,month",
            "--format",
            "csv",
            "--ledger",
            "desk"
        )
        try transcript.run("metrics", "M-10", "--period", "2025-Q1", "--ledger", "desk")
        try transcript.run("metrics", "M-13", "--as-of", past, "--ledger", "desk")
        try transcript.run("metrics", "M-13", "--as-known", past, "--ledger", "desk")
        try transcript.run("metrics", "--as-of", past, "--ledger", "desk")
        try transcript.run("cases", "--as-of", past, "--facts", "--ledger", "desk")
        try transcript.run("worklist", "--as-of", past, "--ledger", "desk")
        try transcript.run("metrics", "M-12", "--compare", "one", "two", "--ledger", "desk")
        try transcript.run("metrics", "--explain", "M-05")
        try transcript.run("metrics", "--explain", "M-37")
        try transcript.run("metrics", "M-99", "--ledger", "desk")
        try transcript.run("metrics", "M-10", "--period", "soon", "--ledger", "desk")
        try transcript.run("log", "--ledger", "desk", "--last", "3")
        try transcript.run("rebuild", "--ledger", "desk")
        try transcript.run("rebuild", "--insist", "--json", "--ledger", "desk")
        try transcript.run("verify", "--ledger", "desk")
        try transcript.check("history")
    }

    @Test("What a script reads is JSON, one object a line")
    func json() throws {
        let program = Program()
        try program.write(DeskHistory.mapping, to: "mapping.json")
        try program.write(DeskHistory.rows, to: "rows.csv")
        var transcript = Transcript(program)
        try transcript.run("init", "desk", "--site", "test.example/desk", "--json")
        try transcript.run(
            "import",
            "rows.csv",
            "--ledger",
            "desk",
            "--mapping",
            "mapping.json",
            "--json"
        )
        try transcript.run("cases", "--ledger", "desk", "--json")
        try transcript.run(
            "show",
            "D2",
            "--ledger",
            "desk",
            "--json",
            "--now",
            "2025-03-09T00:00:00Z"
        )
        try transcript.run("metrics", "--ledger", "desk", "--json")
        try transcript.run("log", "--ledger", "desk", "--case", "D2", "--json")
        try transcript.run("verify", "--ledger", "desk", "--json")
        try transcript.check("json")
    }

    @Test("A live case is appended line by line and shown on one screen")
    func live() throws {
        let program = Program()
        try program.write(LiveCase.lines, to: "live.jsonl")
        var transcript = Transcript(program)
        try transcript.run(
            "init",
            "desk",
            "--site",
            "test.example/desk",
            "--kind",
            "outsourced",
            "--operator",
            "Acme Desk",
            "--time-zone",
            "Europe/Berlin"
        )
        try transcript.run("append", "live.jsonl", "--ledger", "desk")
        try transcript.run("show", "p1", "--ledger", "desk", "--now", "2025-05-02T10:00:00Z")
        try transcript.run("append", "live.jsonl", "--ledger", "desk", "--json")
        try transcript.run("log", "--ledger", "desk", "--case", "p1")
        try transcript.check("live")
    }

    @Test("A history travels by files, and the receipt makes the next one short")
    func bundle() throws {
        let program = Program()
        try program.makeDesk("berlin")
        try program.makeLedger("manila", site: "test.example/manila")
        try program.makeLedger("third", site: "test.example/third")
        var transcript = Transcript(program)
        try transcript.run("bundle", "create", "--output", "all.clb", "--ledger", "berlin")
        try transcript.run("bundle", "verify", "all.clb")
        try transcript.run("bundle", "apply", "all.clb", "--ledger", "manila")
        try transcript.run(
            "bundle",
            "apply",
            "all.clb",
            "--trust-first-use",
            "--ledger",
            "manila"
        )
        try transcript.run("bundle", "apply", "all.clb", "--ledger", "manila")
        try transcript.run("bundle", "receipt", "--output", "manila.vector", "--ledger", "manila")
        let create = ["bundle", "create", "--since", "manila.vector", "--ledger", "berlin"]
        try transcript.run(words: create + ["--output", "none.clb"])
        try program.write(DeskHistory.rows, to: "rows.csv")
        let imported = try program.run(
            "import",
            "rows.csv",
            "--ledger",
            "berlin",
            "--mapping",
            "mapping.json"
        )
        try #require(imported.code == 0, "\(imported.error)")
        try transcript.run(words: create + ["--split", "64KiB", "--output", "new.clb"])
        let third = create + ["--for", "test.example/third", "--output", "third.clb"]
        try transcript.run(words: third)
        for site in ["test.example/manila", "test.example/nobody"] {
            let since = ["bundle", "create", "--since", site, "--ledger", "berlin"]
            try transcript.run(words: since + ["--output", "again.clb"])
        }
        let flags = ["--trust-first-use", "--ledger"]
        try transcript.run(words: ["bundle", "apply", "new.001.clb"] + flags + ["third"])
        try transcript.run(words: ["bundle", "apply", "third.clb", "--ledger", "manila"])
        _ = try program.shell("head -c 3000 new.001.clb > cut.clb; echo hello > text.clb")
        try transcript.run(words: ["bundle", "verify", "cut.clb"])
        try transcript.run(words: ["bundle", "apply", "cut.clb", "--ledger", "manila"])
        try transcript.run(words: ["bundle", "apply", "text.clb", "--ledger", "manila"])
        try transcript.run(words: ["bundle", "apply", "new.001.clb", "--ledger", "manila"])
        try transcript.run(words: create + ["--split", "1KiB", "--output", "x.clb"])
        try transcript.check("bundle")
        let json = try program.run("bundle", "apply", "new.001.clb", "--json", "--ledger", "manila")
        for key in ["ending", "logs", "added", "digest", "isWhole"] {
            #expect(json.text.contains("\"\(key)\":"))
        }
        let views = try ["berlin", "manila"].map { try program.view(of: "D1", in: $0) }
        #expect(views[0] == views[1])
    }

    @Test("A peer whose key is not pinned is refused, with the way to pin it")
    func untrusted() throws {
        let program = Program()
        try program.makeDesk("berlin")
        try program.makeLedger("manila", site: "test.example/manila")
        func sync(_ here: String, _ there: String) throws -> Program.Run {
            let path = try #require(Program.path)
            let command = "\(path) serve --stdio --ledger manila \(there)"
            let flags = here.isEmpty ? [] : [here]
            return try program.run(["sync", "--ledger", "berlin", "--command", command] + flags)
        }
        for (here, there, site) in [
            ("", "", "test.example/desk"), ("--trust-first-use", "", "test.example/desk"),
            ("", "--trust-first-use", "test.example/manila"),
        ] {
            let run = try sync(here, there)
            #expect(run.code == 69, "\(here) \(there): \(run.error)")
            #expect(run.error.contains(site), "\(run.error)")
            #expect(run.error.contains("next:") && run.error.contains("--trust-first-use"))
        }
        let run = try sync("--trust-first-use", "--trust-first-use")
        #expect(run.code == 0, "\(run.error)")
        #expect(try sync("--record=recording", "").code == 0)
        let recording = try program.shell("head -c 9 recording")
        #expect(recording.text == "CLRECORD1")
        #expect(try sync("", "").code == 0)
    }

    @Test("A second site gets the history and both print one digest")
    func sync() throws {
        let program = Program()
        try program.makeDesk("berlin")
        try program.makeLedger("manila", site: "test.example/manila")
        let imported = try program.run(
            "import",
            "rows.csv",
            "--ledger",
            "berlin",
            "--mapping",
            "mapping.json"
        )
        try #require(imported.code == 0, "\(imported.error)")
        var transcript = Transcript(program)
        try transcript.run("sync", "berlin", "--ledger", "manila")
        try transcript.run("sync", "manila", "--ledger", "berlin")
        try transcript.run("cases", "--ledger", "manila", "--facts")
        try transcript.check("sync")
        // Logs stand by id in JSON, and ids differ from run to run.
        let json = try program.run("sync", "manila", "--ledger", "berlin", "--json")
        for key in ["digest", "logs", "size", "root"] { #expect(json.text.contains("\"\(key)\":")) }
        let views = try ["berlin", "manila"].map { try program.view(of: "D1", in: $0) }
        #expect(views[0] == views[1])
    }
}

/// A live case with fixed times and ids; history, so that the times may be past.
enum LiveCase {
    static let lines =
        [
            line(
                0,
                "contact.started",
                "contact:k1",
                "08:00",
                "c-1",
                "customer",
                #"{"direction":"inbound","channel":"phone","initiation":"customer"}"#
            ),
            line(
                1,
                "case.opened",
                "case:p1",
                "08:01",
                "ada",
                "agent",
                #"{"customerID":"c-1","ticketType":"incident","initiation":"customer","#
                    + #""firstContactID":"k1","title":"No dial tone after the move"}"#
            ),
            line(2, "contact.attached", "contact:k1", "08:01", "ada", "agent", #"{"caseID":"p1"}"#),
            line(
                3,
                "contact.answered",
                "contact:k1",
                "08:01",
                "ada",
                "agent",
                #"{"agentID":"ada","waitSeconds":41}"#
            ),
            line(
                4,
                "owner.assigned",
                "case:p1",
                "08:02",
                "ada",
                "agent",
                #"{"ownerID":"ada","how":"claimed"}"#
            ),
            line(
                5,
                "message.recorded",
                "case:p1",
                "08:03",
                "c-1",
                "customer",
                #"{"messageID":"m1","author":"customer","visibility":"public","#
                    + #""body":"Dead since Monday.\n\u001b[31mI restarted the router twice."}"#
            ),
            line(
                6,
                "message.recorded",
                "case:p1",
                "08:05",
                "ada",
                "agent",
                #"{"messageID":"m2","author":"agent","visibility":"public","#
                    + #""body":"The line is dead before your house; we send a technician "#
                    + #"tomorrow before ten, "#
                    + #"and call you when the exchange port is reset."}"#
            ),
            line(
                7,
                "handoff.offered",
                "case:p1",
                "08:10",
                "ada",
                "agent",
                #"{"kind":"warm","to":{"team":"Network"},"reason":"skill","context":{"#
                    + #""summary":"Line dead before the house","nextAction":"Reset the port","#
                    + #""doNotAskAgain":["serial"]}}"#,
                #","handoffID":"h1""#
            ),
        ].joined(separator: "\n") + "\n"

    private static func line(
        _ number: Int,
        _ type: String,
        _ subject: String,
        _ time: String,
        _ actor: String,
        _ kind: String,
        _ data: String,
        _ more: String = ""
    ) -> String {
        "{\"id\":\"0196a000-0000-7000-8000-00000000000\(number)\",\"type\":\"\(type)\","
            + "\"subject\":\"\(subject)\",\"time\":\"2025-05-01T\(time):00Z\",\"history\":true,"
            + "\"actor\":{\"actorID\":\"\(actor)\",\"kind\":\"\(kind)\"},\"data\":\(data)\(more)}"
    }
}
