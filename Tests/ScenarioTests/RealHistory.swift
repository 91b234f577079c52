import CaseDomain
import CaseLedger
import Foundation
import LedgerTypes
import Testing

/// The real support histories beside the project: ../shared/data, or under CASELEDGER_SHARED.
enum RealHistory {
    static let folder: String = {
        if let set = ProcessInfo.processInfo.environment["CASELEDGER_SHARED"] {
            return set + "/data"
        }
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "shared/data").path
    }()

    static let volvo = folder + "/BPI_Challenge_2013_incidents.xes.gz"
    static let serviceDesk = folder + "/uci_incident_event_log.zip"

    static var isPresent: Bool {
        [Self.volvo, Self.serviceDesk].allSatisfy(FileManager.default.fileExists)
    }

    static var isRelease: Bool {
        #if DEBUG
            false
        #else
            true
        #endif
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }

    /// The bytes that a command prints.
    static func output(_ command: String, _ arguments: [String]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [command] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(command) failed")
        return Array(data)
    }

    /// BPI 2013 as one XES file per `resource country`.
    static func volvoByCountry() throws -> [[UInt8]] {
        let text = String(decoding: try Self.output("gzip", ["-dc", Self.volvo]), as: UTF8.self)
        var files: [String: [String]] = [:]
        var trace: [String] = []
        var event: [String] = []
        var country = ""
        var open: Set<String> = []
        for line in text.split(separator: "\n").drop(while: { !$0.contains("<trace>") }) {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line == "<trace>" {
                trace = []
                open = []
            } else if line == "<event>" {
                event = []
            } else if line == "</event>" {
                if open.insert(country).inserted {
                    files[country, default: []] += ["<trace>"] + trace
                }
                files[country, default: []] += ["<event>"] + event + ["</event>"]
            } else if line == "</trace>" {
                for name in open { files[name, default: []].append("</trace>") }
                event = []
                trace = []
            } else {
                if line.contains("key=\"resource country\"") { country = line }
                if open.isEmpty && line.contains("key=\"concept:name\"") && trace.isEmpty {
                    trace = [line]
                } else {
                    event.append(line)
                }
            }
        }
        return files.sorted { $0.key < $1.key }.map { _, lines in
            let body = lines.joined(separator: "\n")
            return Array("<?xml version=\"1.0\"?>\n<log xes.version=\"1.0\">\(body)</log>".utf8)
        }
    }

    /// Compares every case of `site` with the independently computed answers.
    static func compare(_ site: Site, _ name: String, cases: Int) throws {
        var reference = try Self.reference(name)
        #expect(reference.count == cases)
        var wrong: [String] = []
        try site.ledger.forEachCaseFacts { facts in
            let expected = reference.removeValue(forKey: facts.caseID.id)
            if expected != Self.figures(facts) { wrong.append(facts.caseID.id) }
            return true
        }
        #expect(wrong.isEmpty, "\(wrong.count) wrong, first \(wrong.prefix(3))")
        #expect(reference.isEmpty, "\(reference.count) missing")
    }

    private static func figures(_ facts: CaseFacts) -> [String] {
        let numbers: [UInt64] = [
            facts.events, UInt64(facts.teams.holders), UInt64(facts.teams.handoffs),
            UInt64(facts.teams.pingPongs), UInt64(facts.agents.holders),
            UInt64(facts.agents.handoffs), UInt64(facts.agents.pingPongs), UInt64(facts.reopens),
        ]
        return numbers.map(String.init) + [
            facts.firstAt?.rfc3339 ?? "", facts.lastAt?.rfc3339 ?? "",
            "\(facts.durationSeconds)",
        ]
    }

    private static func reference(_ name: String) throws -> [String: [String]] {
        let path = "\(Self.folder)/reference/\(name).cases.csv.gz"
        let text = String(decoding: try Self.output("gzip", ["-dc", path]), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline)
        let names = lines[0].split(separator: ",", omittingEmptySubsequences: false)
        func column(_ name: String) throws -> Int {
            try #require(names.firstIndex { $0 == name })
        }
        let counts = try [
            "events", "groups", "handovers_group", "pingpong_group", "resources",
            "handovers_resource", "pingpong_resource", "reopens",
        ].map(column)
        let (first, last, duration) = try (
            column("first_ts"), column("last_ts"), column("duration_s")
        )
        var answers: [String: [String]] = [:]
        for line in lines.dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            let times = try [first, last].map {
                try #require(Timestamp(rfc3339: fields[$0])).rfc3339
            }
            answers[String(fields[0])] =
                counts.map { String(fields[$0]) } + times + [String(fields[duration])]
        }
        return answers
    }
}
