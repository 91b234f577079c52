import CaseDomain
import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

/// The real support histories beside the project, end to end. In release only: in debug they take
/// minutes, and what they check is checked there on made histories.
@Suite(
    "Real histories",
    .temporaryDirectory,
    .enabled(if: SharedData.hasHistories, "\(SharedData.absence)"),
    .enabled(if: !Effort.isDebug, "runs in release; tools/test does both")
)
struct RealHistoryTests {
    @Test("BPI 2013: every case equals the reference, and a second import adds nothing")
    func volvo() async throws {
        let site = try Site.make("volvo")
        let bytes = try RealHistory.bytes(SharedData.volvo)
        let mapping = try HistoryMapping(preset: "bpi2013-incidents")
        let report = try await site.importBytes(bytes, mapping)
        #expect(report.rows == 65_533)
        #expect(report.appended == 65_533)
        try RealHistory.compare(site, "bpic2013_incidents", cases: 7_554)
        let again = try await site.importBytes(bytes, mapping)
        #expect(again.appended == 0)
        #expect(again.alreadyHeld == 65_533)
        let summary = try site.ledger.verify()
        #expect(summary.isSound)
        let metrics = try ReferenceMetrics("bpic2013_incidents", site.ledger)
        try metrics.compare()
        #expect(abs(try metrics.waitShare("customer: Wait - User") - 0.21161) < 0.000005)
        #expect(abs(try metrics.waitShare() - 0.33354) < 0.000005)
        #expect(try metrics.total(14, "tierPingPongRate").numerator == 1_115)
    }

    @Test("UCI: every incident equals the reference, reopens by the source's own count")
    func serviceDesk() async throws {
        let site = try Site.make("uci")
        let bytes = try ShellCommand.output(["unzip", "-p", SharedData.serviceDesk])
        let mapping = try HistoryMapping(preset: "servicenow-incidents")
        let report = try await site.importBytes(bytes, mapping)
        #expect(report.appended == 141_712)
        try RealHistory.compare(site, "uci_incident", cases: 24_918)
        let metrics = try ReferenceMetrics("uci_incident", site.ledger)
        try metrics.compare()
        let verdicts = try metrics.total(37, "imported")
        #expect(verdicts.numerator == 15_803)
        // 15,803 met and 9,115 breached. A sum of literals here would be an `Int`.
        #expect(verdicts.denominator == 24_918)
    }

    @Test("BPI 2013 split by country over 32 sites: in step, every case equals the reference")
    func countries() async throws {
        let parts = try RealHistory.volvoByCountry()
        #expect(parts.count == 32)
        let mapping = try HistoryMapping(preset: "bpi2013-incidents")
        var sites: [Site] = []
        for (number, part) in parts.enumerated() {
            let site = try Site.make("site-\(number)")
            try await site.importBytes(part, mapping)
            sites.append(site)
        }
        // A gathering and a scattering first: random pairs alone move each log many times.
        for site in sites.dropFirst() { _ = try await sites[0].ledger.sync(with: site.ledger) }
        try await SyncStories.syncUntilStill(Array(sites.prefix(6)), seed: 7)
        for site in sites.dropFirst() { _ = try await sites[0].ledger.sync(with: site.ledger) }
        let digests = try await SyncStories.digests(sites)
        #expect(Set(digests).count == 1)
        for site in [sites[0], sites[17], sites[31]] {
            try RealHistory.compare(site, "bpic2013_incidents", cases: 7_554)
        }
        #expect(try sites[31].ledger.verify().isSound)
    }
}
