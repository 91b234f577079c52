import Foundation
import LedgerTesting
import Testing

@Suite(
    "Services",
    .temporaryDirectory,
    .enabled(if: Program.path != nil, "\(Program.absence)"),
    .timeLimit(.minutes(2))
)
struct ServeTests {
    /// Two sites that know each other; the first one is to be gone to.
    private func sites(_ program: Program) throws {
        for name in ["berlin", "manila"] {
            try program.makeLedger(name, site: "test.example/\(name)")
        }
        for (name, other) in [("berlin", "manila"), ("manila", "berlin")] {
            let key = try PeerTests.key(of: other, program)
            let added = try program.run(
                ["peer", "add", "test.example/\(other)", "-", key, "--ledger", name]
            )
            try #require(added.code == 0, "\(added.error)")
        }
    }

    /// A service of `ledger`, and the port that it listens at.
    private func serve(
        _ ledger: String,
        _ program: Program
    ) async throws -> (running: Running, port: Int) {
        let running = try program.start(["serve", "--listen", "127.0.0.1:0", "--ledger", ledger])
        while running.isRunning {
            let match = running.errorSoFar.firstMatch(of: /"remote":"127\.0\.0\.1:(\d+)"/)
            if let port = match.flatMap({ Int($0.1) }) { return (running, port) }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("the service ended: \(try running.finish().error)")
        return (running, 0)
    }

    @Test("A service is synced with by name, shows in status, and ends at SIGTERM with 0")
    func service() async throws {
        let program = Program()
        try self.sites(program)
        var transcript = Transcript(program)
        try transcript.run("status", "--ledger", "manila")
        let (running, port) = try await self.serve("berlin", program)
        try transcript.run(
            "peer",
            "add",
            "test.example/berlin",
            "tls://127.0.0.1:\(port)",
            "--ledger",
            "manila"
        )
        try transcript.run("sync", "test.example/berlin", "--ledger", "manila")
        try transcript.run("status", "--ledger", "manila")
        try program.write(LiveCase.lines, to: "live.jsonl")
        #expect(try program.run("append", "live.jsonl", "--ledger", "manila").code == 0)
        try transcript.run("status", "--ledger", "manila")
        try transcript.run("sync", "--all", "--ledger", "manila")
        try transcript.run("status", "--ledger", "manila", "--json")
        running.terminate()
        let end = try running.finish()
        #expect(end.code == 0, "\(end.error)")
        for line in end.error.split(separator: "\n") {
            #expect(throws: Never.self) {
                _ = try JSONSerialization.jsonObject(with: Data(line.utf8))
            }
        }
        #expect(end.error.contains("\"event\":\"round\"") && end.error.contains("\"stopped\""))
        try transcript.run("sync", "--all", "--ledger", "manila")
        try transcript.run("status", "--ledger", "manila")
        try transcript.check("service", replacing: "127.0.0.1:\(port)", by: "127.0.0.1:<port>")
        #expect(try program.run("verify", "--ledger", "berlin").code == 0)
    }

    @Test("A site that a service does not know is told what to do")
    func stranger() async throws {
        let program = Program()
        try self.sites(program)
        try program.makeLedger("field", site: "test.example/field")
        let (running, port) = try await self.serve("berlin", program)
        let key = try PeerTests.key(of: "berlin", program)
        let address = "tls://127.0.0.1:\(port)"
        func add(_ key: String, _ ledger: String) throws {
            let words = ["peer", "add", "test.example/berlin", address, key, "--ledger", ledger]
            try #require(try program.run(words).code == 0)
        }
        try add(key, "field")
        let refused = try program.run("sync", "test.example/berlin", "--ledger", "field")
        #expect(refused.code == 69 && refused.error.contains("peer add"), "\(refused.error)")
        // Somebody else's key under the name that is asked for.
        try program.makeLedger("false", site: "test.example/berlin")
        try program.makeLedger("third", site: "test.example/third")
        try add(try PeerTests.key(of: "false", program), "third")
        let other = try program.run("sync", "test.example/berlin", "--ledger", "third")
        #expect(other.code == 76 && other.error.contains("another key"), "\(other.error)")
        running.terminate()
        #expect(try running.finish().code == 0)
    }

    @Test("An address that is taken is said, with what to do")
    func taken() async throws {
        let program = Program()
        try self.sites(program)
        let (running, port) = try await self.serve("berlin", program)
        let second = try program.run(
            "serve",
            "--listen",
            "127.0.0.1:\(port)",
            "--ledger",
            "manila"
        )
        #expect(second.code == 69 && second.error.contains("next:"), "\(second.error)")
        running.kill()
        _ = try running.finish()
        #expect(try program.run("verify", "--ledger", "berlin").code == 0)
    }

    @Test(
        "Arguments that do not go together are refused",
        arguments: [
            ["serve"], ["serve", "--stdio", "--listen", ":0"],
            ["serve", "--stdio", "--metrics", ":0"], ["sync"], ["sync", "--all", "x"],
            ["sync", "x", "--every", "3s"], ["sync", "--all", "--every", "soon"],
            ["sync", "./desk"],
            ["serve", "--listen", "nowhere"], ["serve", "--listen", ":0", "--connections", "0"],
        ]
    )
    func refusals(arguments: [String]) throws {
        let program = Program()
        try program.makeLedger()
        #expect(try program.run(arguments + ["--ledger", "desk"]).code == 64)
    }
}
