import Foundation
import LedgerTesting
import Testing

/// The built program, run as its users run it: arguments, standard input, exit code.
struct Program {
    /// What a run left behind.
    struct Run {
        let output: [UInt8]
        let error: String
        let code: Int32
        /// Whether a signal ended it; then `code` is the signal.
        let isKilled: Bool

        /// Standard output as text.
        var text: String { String(decoding: self.output, as: UTF8.self) }
        /// The lines of standard output.
        var lines: [String] { self.text.split(separator: "\n").map(String.init) }
    }

    /// The program: beside the running test bundle, or what CASELEDGER_PROGRAM names.
    static let path: String? = {
        if let named = ProcessInfo.processInfo.environment["CASELEDGER_PROGRAM"] { return named }
        guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        else { return nil }
        let folders = [own, CommandLine.arguments.first ?? ""] + Self.bundleArguments
        return folders.lazy.map { URL(filePath: $0).deletingLastPathComponent().path }
            .map { "\($0)/caseledger" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// Why tests are skipped where it is not.
    static let absence = "the program is not built: swift build --product caseledger"

    private static var bundleArguments: [String] {
        let arguments = CommandLine.arguments
        guard let flag = arguments.firstIndex(of: "--test-bundle-path"),
            flag + 1 < arguments.count
        else { return [] }
        return [arguments[flag + 1]]
    }

    /// The directory in which it runs, and in which its state lies.
    let directory: String
    /// Variables besides the few that every run has.
    var environment: [String: String] = [:]
    /// A user without privileges to run as; `nil` is whoever runs the tests.
    var user: UInt32?

    /// Runs in the running test's directory.
    init() { self.directory = TemporaryDirectoryTrait.current }

    /// Runs the program to its end.
    func run(_ arguments: String..., input: String = "") throws -> Run {
        try self.run(arguments, input: Array(input.utf8))
    }

    /// Runs the program to its end.
    func run(_ arguments: [String], input: [UInt8] = []) throws -> Run {
        let running = try self.start(arguments, input: input)
        return try running.finish()
    }

    /// Runs a shell command that may call the program as `caseledger`.
    func shell(_ command: String) throws -> Run {
        let running = try Running(
            executable: "/bin/bash",
            arguments: [
                "-c", "set -o pipefail; caseledger() { \"$PROGRAM\" \"$@\"; }; \(command)",
            ],
            program: self,
            input: []
        )
        return try running.finish()
    }

    /// Starts the program.
    func start(_ arguments: [String], input: [UInt8] = []) throws -> Running {
        let path = try #require(Self.path)
        guard let user = self.user else {
            return try Running(executable: path, arguments: arguments, program: self, input: input)
        }
        let ids = ["--reuid=\(user)", "--regid=\(user)", "--clear-groups"]
        return try Running(
            executable: "/usr/bin/setpriv",
            arguments: ids + [path] + arguments,
            program: self,
            input: input
        )
    }

    /// Writes a file into the directory.
    func write(_ text: String, to name: String) throws {
        try self.write(Array(text.utf8), to: name)
    }

    /// Writes a file into the directory.
    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: "\(self.directory)/\(name)"))
    }

    /// Reads a file of the directory.
    func read(_ name: String) throws -> String {
        try String(contentsOf: URL(filePath: "\(self.directory)/\(name)"), encoding: .utf8)
    }

    /// Makes a ledger called `name`.
    func makeLedger(_ name: String = "desk", site: String = "test.example/desk") throws {
        let made = try self.run("init", name, "--site", site)
        try #require(made.code == 0, "\(made.error)")
    }
}

extension Program {
    /// What `show --json` says of a case, but for what depends on the place and the time.
    func view(of caseID: String, in ledger: String) throws -> String {
        let run = try self.run("show", caseID, "--ledger", ledger, "--json")
        try #require(run.code == 0, "\(run.error)")
        let parsed = try JSONSerialization.jsonObject(with: Data(run.output))
        var view = try #require(parsed as? [String: Any])
        #expect(view.removeValue(forKey: "here") != nil)
        let data = try JSONSerialization.data(withJSONObject: view, options: .sortedKeys)
        return String(decoding: data, as: UTF8.self)
    }
}

/// A run that is under way; its output goes to files, so that no pipe can fill up.
final class Running {
    private let process = Process()
    private let folder: String

    init(executable: String, arguments: [String], program: Program, input: [UInt8]) throws {
        self.folder = "\(program.directory)/run-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: self.folder,
            withIntermediateDirectories: true
        )
        try Data(input).write(to: URL(filePath: "\(self.folder)/in"))
        for name in ["out", "err"] {
            try Data().write(to: URL(filePath: "\(self.folder)/\(name)"))
        }
        var environment = [
            "PATH": "/usr/bin:/bin",
            "CASELEDGER_STATE": "\(program.directory)/state",
            "PROGRAM": Program.path ?? "",
        ]
        environment.merge(program.environment) { _, new in new }
        self.process.executableURL = URL(filePath: executable)
        self.process.arguments = arguments
        self.process.environment = environment
        self.process.currentDirectoryURL = URL(filePath: program.directory)
        self.process.standardInput = FileHandle(forReadingAtPath: "\(self.folder)/in")
        self.process.standardOutput = FileHandle(forWritingAtPath: "\(self.folder)/out")
        self.process.standardError = FileHandle(forWritingAtPath: "\(self.folder)/err")
        try self.process.run()
    }

    /// Whether it has not ended yet.
    var isRunning: Bool { self.process.isRunning }

    /// Kills it as a power cut would: at once, without a word.
    func kill() { Glibc.kill(self.process.processIdentifier, SIGKILL) }

    /// Tells it to end.
    func terminate() { Glibc.kill(self.process.processIdentifier, SIGTERM) }

    /// What it has written to standard error so far.
    var errorSoFar: String {
        (try? String(contentsOf: URL(filePath: "\(self.folder)/err"), encoding: .utf8)) ?? ""
    }

    /// How many lines it has written to standard output so far.
    var answersSoFar: Int {
        let output = FileManager.default.contents(atPath: "\(self.folder)/out") ?? Data()
        return output.count { $0 == UInt8(ascii: "\n") }
    }

    /// Waits for its end.
    func finish() throws -> Program.Run {
        self.process.waitUntilExit()
        defer { try? FileManager.default.removeItem(atPath: self.folder) }
        return Program.Run(
            output: Array(try Data(contentsOf: URL(filePath: "\(self.folder)/out"))),
            error: try String(contentsOf: URL(filePath: "\(self.folder)/err"), encoding: .utf8),
            code: self.process.terminationStatus,
            isKilled: self.process.terminationReason == .uncaughtSignal
        )
    }
}
