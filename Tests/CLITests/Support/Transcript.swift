import Foundation
import Testing

/// What people saw when they ran some commands, compared with a file that was reviewed.
///
/// CASELEDGER_REGENERATE=1 writes the files anew. Ids, hashes and the time of the run are replaced
/// by names; everything else is compared byte for byte.
struct Transcript {
    private let program: Program
    private var text = ""

    init(_ program: Program) { self.program = program }

    /// Runs a command and notes what it said.
    mutating func run(_ arguments: String..., input: String = "") throws {
        try self.run(words: arguments, input: input)
    }

    /// Runs a command and notes what it said.
    mutating func run(words arguments: [String], input: String = "") throws {
        let run = try self.program.run(arguments, input: Array(input.utf8))
        let words = arguments.map { $0.contains(" ") ? "'\($0)'" : $0 }
        self.text += "$ caseledger \(words.joined(separator: " "))\n"
        for line in input.split(separator: "\n") { self.text += "< \(line)\n" }
        self.text += run.text
        if !run.text.isEmpty, !run.text.hasSuffix("\n") { self.text += "\n" }
        for line in run.error.split(separator: "\n") { self.text += "! \(line)\n" }
        if run.code != 0 { self.text += "[exit \(run.code)]\n" }
        self.text += "\n"
    }

    /// Compares what was noted with the file `name`; `part` is something else in each run.
    func check(_ name: String, replacing part: String = "\u{0}", by stand: String = "") throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Golden/\(name).txt")
        let text = self.text.replacingOccurrences(of: part, with: stand)
        let found = Self.normal(text, directory: self.program.directory)
        if ProcessInfo.processInfo.environment["CASELEDGER_REGENERATE"] != nil {
            try Data(found.utf8).write(to: file)
            return
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
        let lines = found.split(separator: "\n", omittingEmptySubsequences: false)
        let reviewed = expected.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, (line, other)) in zip(lines, reviewed).enumerated() where line != other {
            Issue.record("Golden/\(name).txt:\(number + 1)\n  was: \(other)\n  now: \(line)")
            return
        }
        #expect(lines.count == reviewed.count, "Golden/\(name).txt has another number of lines")
    }

    /// `text` with everything that differs between two runs replaced by a name.
    static func normal(_ text: String, directory: String) -> String {
        var normal = text.replacingOccurrences(of: directory, with: "DIR")
        let kinds: [(String, String)] = [
            ("time", Self.timesOfToday), ("id", Self.eventID), ("key", Self.siteKey),
            ("phrase", Self.phrase), ("hash", "\\b[0-9a-f]{64}\\b"),
            ("log", "\\b(?:[0-9a-f]{32}|[0-9a-f]{16}|[0-9a-f]{8})\\b"),
        ]
        var logs: [String: String] = [:]
        for (kind, pattern) in kinds {
            var names: [String: String] = [:]
            // Between the digits of a CSV row Unicode sees no boundary at a comma.
            guard let regex = try? Regex(pattern).wordBoundaryKind(.simple) else { continue }
            normal = normal.replacing(regex) { match in
                if kind == "time" { return "<now>" }
                let found = String(normal[match.range])
                guard kind == "log" else {
                    if let name = names[found] { return name }
                    let name = "<\(kind) \(names.count + 1)>"
                    names[found] = name
                    return name
                }
                let start = String(found.prefix(8))
                if let name = logs[start] { return name }
                let name = "<log \(logs.count + 1)>"
                logs[start] = name
                return name
            }
        }
        return normal
    }

    private static let siteKey = "[0-9a-f]{8}\\+[A-Za-z0-9+/]{44}"
    private static let phrase = "\\b(?:[a-z]{4,9} ){7}[a-z]{4,9}(?=\\n|\")"
    private static let eventID =
        "\\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\\b"

    /// The day of the run and the one before, so that midnight does no harm.
    private static var timesOfToday: String {
        let today = Date()
        let days = [today, today.addingTimeInterval(-86_400)].map {
            $0.formatted(.iso8601.year().month().day())
        }
        return "(?:\(days.joined(separator: "|")))[T ]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?Z)?"
    }
}
