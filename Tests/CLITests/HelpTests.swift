import LedgerTesting
import Testing

@Suite("Help", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct HelpTests {
    static let commands = [
        "init", "import", "append", "show", "worklist", "customer", "find", "watch", "log", "cases",
        "metrics", "verify", "sync", "serve", "status", "site key", "site rotate-key", "peer",
        "peer add", "peer list", "peer remove", "grant", "grant create", "grant list", "grant show",
        "grant revoke",
        "bundle", "bundle create", "bundle verify", "bundle apply",
        "bundle receipt",
        "export", "query", "simulate", "rebuild", "doctor", "fork", "backup", "restore",
        "drill", "scrub",
    ]

    @Test("Every command's help is as it was reviewed", arguments: [""] + Self.commands)
    func help(command: String) throws {
        var transcript = Transcript(Program())
        if command.isEmpty {
            try transcript.run("--help")
        } else {
            try transcript.run(words: command.split(separator: " ").map(String.init) + ["--help"])
        }
        let name = command.split(separator: " ").map { "-\($0)" }.joined()
        try transcript.check("help\(name)")
    }

    @Test("Every command's help has an example that begins with caseledger")
    func examples() throws {
        for command in Self.commands {
            let words = command.split(separator: " ").map(String.init)
            let help = try Program().run(words + ["--help"])
            #expect(help.text.contains("caseledger \(command)"), "\(command) teaches nothing")
        }
    }

    @Test(
        "There are completions for each shell, and they know every command",
        arguments: ["bash", "zsh", "fish"]
    )
    func completions(shell: String) throws {
        let script = try Program().run("--generate-completion-script", shell)
        #expect(script.code == 0)
        for command in Self.commands.flatMap({ $0.split(separator: " ") }) {
            #expect(script.text.contains(command))
        }
    }

    @Test("Bash reads the completions")
    func bashCompletions() throws {
        let run = try Program().shell(
            "source <(caseledger --generate-completion-script bash) && complete -p caseledger"
        )
        #expect(run.code == 0, "\(run.error)")
    }

    @Test("The version is one line")
    func version() throws {
        let run = try Program().run("--version")
        #expect(run.code == 0)
        #expect(run.lines.count == 1)
    }
}
