import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Sites keep in step", .temporaryDirectory)
struct SyncStories {
    @Test("A history split over sites is whole at each once they are in step", arguments: 0..<3)
    func converge(seed: Int) async throws {
        let names = ["a", "b", "c", "d", "e"]
        let rows = SupportHistory.rows(seed: UInt64(seed), cases: 60, sites: names)
        var sites: [Site] = []
        for name in names {
            let site = try Site.make(name)
            try await site.importCSV(SupportHistory.file(rows.filter { $0.site == name }))
            sites.append(site)
        }
        try await Self.syncUntilStill(sites, seed: UInt64(seed))
        let digests = try await Self.digests(sites)
        #expect(Set(digests).count == 1, "seed \(seed)")
        let shown = try sites[0].shown()
        for site in sites.dropFirst() { #expect(try site.shown() == shown, "seed \(seed)") }
        for site in sites { #expect(try site.ledger.verify().isSound) }
    }

    @Test("Two sites in step move nothing more")
    func inStep() async throws {
        let one = try Site.make("one")
        let two = try Site.make("two")
        let first = try await one.ledger.sync(with: two.ledger)
        #expect(first.inStep)
        let again = try await one.ledger.sync(with: two.ledger)
        #expect(again.inStep)
        #expect(again.digest == first.digest)
        #expect(again.logs.allSatisfy { $0.received == 0 && $0.sent == 0 })
    }

    @Test("A text sealed at one site is withheld at another that lacks the key, and verifies")
    func withheld() async throws {
        let one = try Site.make("one")
        let two = try Site.make("two")
        try await one.importCSV(
            SupportHistory.header + "\nC1,New,T1,a,2026-01-02 10:00,one,secret\n"
        )
        let report = try await two.ledger.sync(with: one.ledger)
        #expect(report.inStep)
        var xes: [UInt8] = []
        let export = try two.ledger.exportXES(write: { xes += $0 })
        #expect(export.withheldRows == 1)
        #expect(!String(decoding: xes, as: UTF8.self).contains("secret"))
        #expect(try two.ledger.verify().isSound)
    }

    /// Syncs random pairs until a whole round moves nothing.
    static func syncUntilStill(_ sites: [Site], seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        var moved = true
        while moved {
            moved = false
            var pairs: [(Int, Int)] = []
            for one in sites.indices {
                for other in sites.indices where one < other { pairs.append((one, other)) }
            }
            for (one, other) in pairs.shuffled(using: &random) {
                let report = try await sites[one].ledger.sync(with: sites[other].ledger)
                if report.logs.contains(where: { $0.received > 0 || $0.sent > 0 }) { moved = true }
            }
        }
    }

    static func digests(_ sites: [Site]) async throws -> [String] {
        var digests: [String] = []
        for site in sites.dropFirst() {
            let report = try await sites[0].ledger.sync(with: site.ledger)
            digests += [report.digest, report.peerDigest]
        }
        return digests
    }
}
