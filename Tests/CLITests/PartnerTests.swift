import LedgerTesting
import Testing

@Suite("Partners", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct PartnerTests {
    private let program = Program()

    private func append(_ number: Int, region: String) throws {
        let line =
            #"{"type":"case.opened","subject":"case:\#(number)","expecting":"new","actor":"#
            + #"{"actorID":"ada","kind":"agent"},"labels":{"region":"\#(region)"},"#
            + #""data":{"ticketType":"incident","initiation":"proactive","title":"x"}}"#
        let run = try self.program.run(["append", "--ledger", "berlin"], input: Array(line.utf8))
        #expect(run.code == 0, "\(run.error)")
    }

    private func grant(_ words: String...) throws -> Program.Run {
        try self.program.run(["grant"] + words)
    }

    @Test("A peer that was added as a partner gets nothing before it has a grant")
    func withoutGrant() throws {
        for name in ["berlin", "manila"] {
            try self.program.makeLedger(name, site: "test.example/\(name)")
        }
        let key = try PeerTests.key(of: "manila", self.program)
        let add = ["peer", "add", "test.example/manila", "manila"]
        let added = try self.program.run(add + [key, "--partner", "--ledger", "berlin"])
        #expect(added.lines.contains("gets     what grants let through"), "\(added.text)")
        for (here, there) in [("berlin", "manila"), ("manila", "berlin")] {
            let refused = try self.program.run("sync", there, "--ledger", here)
            #expect(refused.code != 0 && refused.error.contains("has no grant"), "\(refused.error)")
        }
        let bundle = ["bundle", "create", "--for", "test.example/manila", "--output", "x.clb"]
        let refused = try self.program.run(bundle + ["--ledger", "berlin"])
        #expect(refused.code != 0 && refused.error.contains("is a partner"), "\(refused.error)")
        // Another address leaves it one.
        #expect(
            try self.program.run(add + ["--ledger", "berlin"]).lines.contains {
                $0.contains("grants")
            }
        )
        let whole = try self.program.run(add + ["--whole", "--ledger", "berlin"])
        #expect(whole.lines.contains("gets     everything"))
        #expect(try self.program.run("sync", "manila", "--ledger", "berlin").code == 0)
    }

    @Test("A partner gets what it was granted, sees how much that is, and is refused once revoked")
    func story() throws {
        for name in ["berlin", "manila"] {
            try self.program.makeLedger(name, site: "test.example/\(name)")
        }
        for (here, there) in [("berlin", "manila"), ("manila", "berlin")] {
            let key = try PeerTests.key(of: there, self.program)
            let words = ["peer", "add", "test.example/\(there)", there, key, "--ledger", here]
            #expect(try self.program.run(words).code == 0)
        }
        for (number, region) in [(1, "north"), (2, "south"), (3, "north")] {
            try self.append(number, region: region)
        }
        let given = try self.grant(
            "create",
            "manila",
            "--label",
            "region=north",
            "--sections",
            "none",
            "--ledger",
            "berlin"
        )
        #expect(given.code == 0, "\(given.error)")
        #expect(given.lines.contains("state     active"))
        #expect(given.lines.contains("label     region=north"))

        let sync = try self.program.run("sync", "berlin", "--ledger", "manila")
        #expect(sync.code == 0, "\(sync.error)")
        #expect(try self.program.run("cases", "--ledger", "manila").lines == ["1", "3"])
        #expect(try self.program.run("verify", "--ledger", "manila").code == 0)
        let held = try self.grant("list", "--ledger", "manila")
        #expect(held.lines.contains("held      3 of 5 leaves"), "\(held.text)")

        // From the home site as well; a wider grant brings the third case.
        let wide = try self.grant(
            "create",
            "manila",
            "--label",
            "region=north",
            "--case",
            "2",
            "--ledger",
            "berlin"
        )
        #expect(wide.code == 0, "\(wide.error)")
        #expect(try self.program.run("sync", "manila", "--ledger", "berlin").code == 0)
        #expect(try self.program.run("cases", "--ledger", "manila").lines == ["1", "2", "3"])
        let all = try self.grant("list", "--all", "--ledger", "berlin", "--json")
        #expect(all.lines.count == 2 && all.lines[0].contains("\"state\":\"replaced\""))

        #expect(try self.grant("revoke", "manila", "--ledger", "berlin").code == 0)
        #expect(try self.grant("list", "--ledger", "berlin").lines.isEmpty)
        #expect(
            try self.grant("show", "manila", "--ledger", "berlin").lines.contains(
                "state     revoked"
            )
        )
        for (here, there) in [("berlin", "manila"), ("manila", "berlin")] {
            let refused = try self.program.run("sync", there, "--ledger", here)
            #expect(refused.code == 77)
            #expect(refused.error.contains("the grant has been revoked"), "\(refused.error)")
        }
    }

    @Test("A grant without a label, for nobody known, or with a malformed time is refused")
    func refusals() throws {
        try self.program.makeLedger("berlin", site: "test.example/berlin")
        for (words, code) in [
            (["manila"], 64), (["manila", "--label", "region"], 64),
            (["manila", "--case", "1", "--until", "tomorrow"], 64),
            (["manila", "--case", "1"], 66),
        ] {
            let run = try self.program.run(["grant", "create"] + words + ["--ledger", "berlin"])
            #expect(run.code == Int32(code), "\(words): \(run.error)")
        }
        #expect(try self.grant("revoke", "manila", "--ledger", "berlin").code == 66)
        #expect(
            try self.program.run("peer", "add", "test.example/m", "-", "--ledger", "berlin").code
                == 0
        )
        let unbound = try self.grant("create", "m", "--case", "1", "--ledger", "berlin")
        #expect(unbound.code == 77 && unbound.error.contains("no key is known"))
    }
}
