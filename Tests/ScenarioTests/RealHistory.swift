import CaseDomain
import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

/// The real support histories, cut up and compared.
enum RealHistory {
    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }

    /// BPI 2013 as one XES file per `resource country`.
    static func volvoByCountry() throws -> [[UInt8]] {
        let text = try SharedData.unpacked(SharedData.volvo)
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
        var reference = try SharedData.reference(name)
        #expect(reference.count == cases)
        var wrong: [String] = []
        try site.ledger.forEachCaseFacts { facts in
            let row = reference.removeValue(forKey: facts.caseID.id[...])
            let expected = try? row.map(Self.figures)
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

    /// The same figures as the reference table has them.
    private static func figures(_ row: [Substring: Substring]) throws -> [String] {
        let counts = [
            "events", "groups", "handovers_group", "pingpong_group", "resources",
            "handovers_resource", "pingpong_resource", "reopens",
        ]
        let times = try ["first_ts", "last_ts"].map { name in
            try #require(Timestamp(rfc3339: row[name[...]] ?? "")).rfc3339
        }
        return counts.map { String(row[$0[...]] ?? "") } + times + [String(row["duration_s"] ?? "")]
    }
}
