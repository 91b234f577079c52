import Foundation
import LedgerTesting
import Testing

@Suite("Peers", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct PeerTests {
    /// The key that `site key` prints for a ledger.
    static func key(of ledger: String, _ program: Program) throws -> String {
        let run = try program.run("site", "key", "--ledger", ledger)
        let line = try #require(run.lines.first { $0.hasPrefix("key ") }, "\(run.error)")
        return String(line.dropFirst("key     ".count))
    }

    @Test("Two sites exchange keys, add each other and sync by name")
    func transcript() throws {
        let program = Program()
        try program.makeLedger("berlin", site: "test.example/berlin")
        try program.makeLedger("manila", site: "test.example/manila")
        let (berlin, manila) = (
            try Self.key(of: "berlin", program), try Self.key(of: "manila", program)
        )
        var transcript = Transcript(program)
        try transcript.run("site", "key", "--ledger", "manila")
        try transcript.run(
            "peer",
            "add",
            "test.example/manila",
            "manila",
            manila,
            "--ledger",
            "berlin"
        )
        try transcript.run("peer", "add", "test.example/berlin", "-", berlin, "--ledger", "manila")
        try transcript.run("sync", "test.example/manila", "--ledger", "berlin")
        try transcript.run(
            "peer",
            "add",
            "test.example/manila",
            "tls://manila:7421",
            "--ledger",
            "berlin"
        )
        try transcript.run("peer", "list", "--ledger", "berlin")
        try transcript.run("peer", "list", "--ledger", "manila", "--json")
        try transcript.run("sync", "berlin", "--ledger", "manila", "--trust-first-use")
        try transcript.run("sync", "test.example/berlin", "--ledger", "manila")
        try transcript.run("peer", "remove", "manila", "--ledger", "berlin")
        try transcript.run("peer", "remove", "manila", "--ledger", "berlin")
        try transcript.run("peer", "list", "--ledger", "berlin")
        try transcript.check("peers")
    }

    @Test("A second key, another site's key, a slip of the pen and the own site are refused")
    func refusals() throws {
        let program = Program()
        for name in ["berlin", "manila", "field"] {
            try program.makeLedger(name, site: "test.example/\(name)")
        }
        try program.makeLedger("false", site: "test.example/manila")
        let key = try Self.key(of: "manila", program)
        func add(_ name: String, _ address: String, _ key: String?) throws -> Program.Run {
            let words = ["peer", "add", "test.example/\(name)", address]
            return try program.run(words + (key.map { [$0] } ?? []) + ["--ledger", "berlin"])
        }
        #expect(try add("manila", "-", key).code == 0)
        for (name, address, key, code) in [
            ("manila", "-", try Self.key(of: "false", program), 65),
            ("manila", "-", try Self.key(of: "field", program), 65),
            ("manila", "-", key.replacingOccurrences(of: "manila", with: "manilla"), 65),
            ("berlin", "-", try Self.key(of: "berlin", program), 64),
            ("manila", "http://x", key, 64),
        ] {
            let run = try add(name, address, key)
            #expect(run.code == code, "\(name) \(address) \(key): \(run.error)")
            #expect(code == 64 || run.error.contains("next:"), "\(run.error)")
        }
        #expect(try program.run("verify", "--ledger", "berlin").code == 0)
    }

    @Test("Over ssh the other side is asked for by name, and its key is shown on first use")
    func firstUse() throws {
        var program = Program()
        try program.makeLedger("berlin", site: "test.example/berlin")
        try program.makeLedger("manila", site: "test.example/manila")
        let path = try #require(Program.path)
        // What stands for the other machine: a shell in this directory.
        try FileManager.default.createDirectory(
            atPath: "\(program.directory)/bin",
            withIntermediateDirectories: false
        )
        try program.write(
            "#!/bin/sh\nshift 2\nPATH=\(program.directory)/bin:$PATH exec sh -c \"$1 $MORE\"\n",
            to: "bin/ssh"
        )
        try FileManager.default.createSymbolicLink(
            atPath: "\(program.directory)/bin/caseledger",
            withDestinationPath: path
        )
        _ = try program.shell("chmod +x bin/ssh")
        program.environment["PATH"] = "\(program.directory)/bin:/usr/bin:/bin"
        let added = try program.run(
            "peer",
            "add",
            "test.example/manila",
            "ssh://there/~/manila",
            "--ledger",
            "berlin"
        )
        #expect(added.code == 0 && added.error.contains("--trust-first-use"))
        let refused = try program.run("sync", "test.example/manila", "--ledger", "berlin")
        #expect(refused.code == 69, "\(refused.error)")
        program.environment["MORE"] = "--trust-first-use"
        let run = try program.run(
            "sync",
            "test.example/manila",
            "--trust-first-use",
            "--ledger",
            "berlin"
        )
        #expect(run.code == 0, "\(run.error)")
        let phrase = try program.run("site", "key", "--ledger", "manila").lines
            .first { $0.hasPrefix("phrase  ") }
        #expect(run.error.contains(try #require(phrase?.dropFirst("phrase  ".count))))
        program.environment["MORE"] = ""
        #expect(try program.run("sync", "test.example/manila", "--ledger", "berlin").code == 0)
        // Somebody else under the same address.
        program.environment["MORE"] = "--trust-first-use"
        try program.makeLedger("field", site: "test.example/field")
        _ = try program.run(
            "peer",
            "add",
            "test.example/manila",
            "ssh://there/~/field",
            "--ledger",
            "berlin"
        )
        let other = try program.run("sync", "test.example/manila", "--ledger", "berlin")
        #expect(other.code != 0 && other.error.contains("another site"), "\(other.error)")
    }

    @Test("A site changes its key; texts, backups and peers that know the old one go on")
    func rotatedKey() throws {
        let program = Program()
        for name in ["berlin", "manila"] {
            try program.makeLedger(name, site: "test.example/\(name)")
        }
        for (here, there) in [("berlin", "manila"), ("manila", "berlin")] {
            let key = try Self.key(of: there, program)
            let words = ["peer", "add", "test.example/\(there)", there, key, "--ledger", here]
            #expect(try program.run(words).code == 0)
        }
        try program.write(LiveCase.lines, to: "live.jsonl")
        try #require(try program.run("append", "live.jsonl", "--ledger", "berlin").code == 0)
        #expect(try program.run("sync", "manila", "--ledger", "berlin").code == 0)
        #expect(try program.run("backup", "backup", "--ledger", "berlin").code == 0)
        let old = try Self.key(of: "berlin", program)

        let rotated = try program.run("site", "rotate-key", "--ledger", "berlin")
        #expect(rotated.code == 0, "\(rotated.error)")
        let new = try Self.key(of: "berlin", program)
        #expect(new != old && rotated.lines.contains("key     \(new)"))
        // By a command, where only what is known counts, and by the directory.
        let path = try #require(Program.path)
        let serve = "\(path) serve --stdio --ledger berlin"
        let sync = try program.run("sync", "--command", serve, "--ledger", "manila")
        #expect(sync.code == 0 && sync.error.contains("has a new key"), "\(sync.error)")
        try #require(try program.run("append", "live.jsonl", "--ledger", "manila").code == 0)
        #expect(try program.run("sync", "manila", "--ledger", "berlin").code == 0)
        let peers = try program.run("peer", "list", "--ledger", "manila")
        #expect(peers.lines.contains("key      \(new)"), "\(peers.text)")
        #expect(peers.lines.contains { $0.hasPrefix("before   ") })

        #expect(try program.run("site", "rotate-key", "--ledger", "manila").code == 0)
        let told = try program.run("sync", "manila", "--ledger", "berlin")
        #expect(told.code == 0 && told.error.contains("has a new key"), "\(told.error)")

        let shown = try program.run("show", "p1", "--ledger", "berlin")
        #expect(shown.text.contains("Dead since Monday"), "\(shown.text)")
        for ledger in ["berlin", "manila"] {
            #expect(try program.run("verify", "--ledger", ledger).code == 0)
        }
        let drill = ["drill", "backup", "--scratch", "drill", "--ledger", "berlin"]
        let drilled = try program.run(drill)
        #expect(drilled.code == 0, "\(drilled.error)")
    }

    @Test("A text is withheld at the other site until its key is shared")
    func sharedKeys() throws {
        let program = Program()
        try program.makeLedger("berlin", site: "test.example/berlin")
        try program.makeLedger("manila", site: "test.example/manila")
        try program.write(LiveCase.lines, to: "live.jsonl")
        try #require(try program.run("append", "live.jsonl", "--ledger", "berlin").code == 0)
        #expect(try program.run("sync", "berlin", "--ledger", "manila").code == 0)
        let withheld = try program.run("show", "p1", "--ledger", "manila")
        #expect(withheld.code == 0 && !withheld.text.contains("Dead since Monday"))
        #expect(try program.run("sync", "berlin", "--share-keys", "--ledger", "manila").code == 0)
        let shown = try program.run("show", "p1", "--ledger", "manila")
        #expect(shown.text.contains("Dead since Monday"), "\(shown.text)")
    }
}
