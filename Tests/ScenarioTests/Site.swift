import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

/// A site of a story: a ledger in the test's directory.
struct Site {
    let ledger: Ledger
    let path: String

    /// Where every site of a test keeps its secrets.
    static var state: String { TemporaryDirectoryTrait.current + "/state" }

    /// Makes the ledger of a site called `name`.
    static func make(_ name: String, kind: SiteKind = .inHouse) throws -> Site {
        let path = TemporaryDirectoryTrait.current + "/" + name
        let profile = SiteProfile(
            name: try #require(SiteName("story.example/\(name)")),
            kind: kind
        )
        let ledger = try Ledger.create(at: path, state: Self.state, site: profile)
        return Site(ledger: ledger, path: path)
    }

    /// Imports `text` by the mapping of these tests.
    @discardableResult
    func importCSV(_ text: String) async throws -> ImportReport {
        try await self.importBytes(Array(text.utf8), HistoryMapping(json: SupportHistory.mapping))
    }

    /// Imports `bytes` in chunks of 64 KiB.
    @discardableResult
    func importBytes(_ bytes: [UInt8], _ mapping: HistoryMapping) async throws -> ImportReport {
        var offset = 0
        return try await self.ledger.importHistory(mapping: mapping) {
            let end = min(offset + 65_536, bytes.count)
            defer { offset = end }
            return Array(bytes[offset..<end])
        }
    }

    /// Every case in numbers, and every view at one time, as JSON: what must be the same bytes.
    func shown() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var lines: [String] = []
        try self.ledger.forEachCase { caseID in
            let view = try self.ledger.caseView(of: caseID, at: Timestamp(microseconds: 0))
            lines.append(try Self.withoutPlaces(encoder.encode(view)))
            lines.append(
                String(
                    decoding: try encoder.encode(self.ledger.caseFacts(of: caseID)),
                    as: UTF8.self
                )
            )
            return true
        }
        return lines.joined(separator: "\n")
    }

    /// A view without the addresses of its events: a second ledger has other log ids.
    private static func withoutPlaces(_ json: Data) -> String {
        String(decoding: json, as: UTF8.self)
            .replacing(/"(log|index)":("[0-9a-f]+"|[0-9]+)/, with: "")
    }
}

/// A support history that the tests make themselves.
enum SupportHistory {
    static let header = "number,state,team,agent,updated,site,notes"

    static let mapping = Array(
        """
        {"caseledgerMapping": "1", "source": "story-desk", "format": "csv", "case": "number",
         "time": {"column": "updated", "format": "yyyy-MM-dd HH:mm", "zone": "UTC"},
         "order": "file", "nulls": ["", "?"],
         "status": {"columns": ["state"], "values": [
           {"when": ["New"], "status": "open"}, {"when": ["Active"], "status": "inProgress"},
           {"when": ["Waiting"], "status": "waiting", "waitingOn": "customer"},
           {"when": ["Resolved"], "status": "resolved"}]},
         "team": "team", "agent": {"column": "agent", "identities": "pseudonyms"},
         "site": "site", "carries": ["custody", "status", "waits"]}
        """.utf8
    )

    /// Rows of `cases` cases at `sites`, the same for the same seed, in order of time.
    static func rows(seed: UInt64, cases: Int, sites: [String]) -> [(site: String, row: String)] {
        var random = SeededRandom(seed: seed)
        var rows: [(minute: Int, site: String, row: String)] = []
        for number in 1...cases {
            var minute = Int.random(in: 0..<10_000, using: &random)
            let states = ["New", "Active", "Waiting", "Active", "Resolved"]
            for state in states.prefix(Int.random(in: 2...5, using: &random)) {
                let site = sites[Int.random(in: 0..<sites.count, using: &random)]
                let team = "T\(Int.random(in: 1...3, using: &random))"
                minute += Int.random(in: 0..<90, using: &random)
                let time = Self.time(minute)
                let row = "C\(number),\(state),\(team),\(team)-a,\(time),\(site),\"note \(minute)\""
                rows.append((minute, site, row))
            }
        }
        return rows.enumerated().sorted {
            ($0.element.minute, $0.offset) < ($1.element.minute, $1.offset)
        }.map { ($0.element.site, $0.element.row) }
    }

    /// The rows as a file.
    static func file(_ rows: some Sequence<(site: String, row: String)>) -> String {
        ([Self.header] + rows.map(\.row)).joined(separator: "\n") + "\n"
    }

    private static func time(_ minute: Int) -> String {
        let moment = Timestamp(microseconds: (1_767_225_600 + Int64(minute) * 60) * 1_000_000)
        return String(moment.rfc3339.prefix(16)).replacing("T", with: " ")
    }
}
