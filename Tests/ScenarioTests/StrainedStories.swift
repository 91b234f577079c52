import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Sites under strain", .temporaryDirectory)
struct StrainedStories {
    @Test(
        "Restored and cloned sites lose nothing that any site had, whoever meets whom",
        arguments: StrainedSites.Shape.allCases
    )
    func made(shape: StrainedSites.Shape) async throws {
        let names = (0..<8).map { "s\($0)" }
        let rows = SupportHistory.rows(seed: 5, cases: 40, sites: names)
        let stories = names.map { name in
            let own = rows.filter { $0.site == name }
            return StrainedSites.Story(
                half: Array(SupportHistory.file(Array(own.prefix(own.count / 2))).utf8),
                whole: Array(SupportHistory.file(own).utf8)
            )
        }
        let mapping = try HistoryMapping(json: SupportHistory.mapping)
        var strained = try StrainedSites(shape, stories, mapping, seed: 3)
        defer { strained.close() }
        let ids = try await strained.run()
        #expect(try strained.isStill())
        let shown = try strained.sites[0].shown()
        for site in strained.sites {
            #expect(try ids.subtracting(site.ids()).isEmpty)
            #expect(try site.shown() == shown)
            #expect(try site.ledger.verify().isSound)
        }
    }

    /// Each shape takes minutes: one of them, and all with `CASELEDGER_SOAK` in the environment.
    private static var shapesOfVolvo: [StrainedSites.Shape] {
        ProcessInfo.processInfo.environment["CASELEDGER_SOAK"] == nil
            ? [.random] : StrainedSites.Shape.allCases
    }

    @Test(
        "BPI 2013 over 32 sites, three of them restored and one cloned: all equal the reference",
        .enabled(if: SharedData.hasHistories, "\(SharedData.absence)"),
        .enabled(if: !Effort.isDebug, "runs in release; tools/test does both"),
        arguments: Self.shapesOfVolvo
    )
    func volvo(shape: StrainedSites.Shape) async throws {
        let stories = try RealHistory.volvoByCountry().map { whole in
            StrainedSites.Story(half: RealHistory.half(of: whole), whole: whole)
        }
        #expect(stories.count == 32)
        let mapping = try HistoryMapping(preset: "bpi2013-incidents")
        var strained = try StrainedSites(shape, stories, mapping, seed: 11)
        defer { strained.close() }
        let ids = try await strained.run()
        #expect(try strained.isStill())
        for place in [0, 1, 16, 30, 32] {
            let site = strained.sites[place]
            #expect(try ids.subtracting(site.ids()).isEmpty, "site \(place)")
            try RealHistory.compare(site, "bpic2013_incidents", cases: 7_554)
        }
        #expect(try strained.sites[32].ledger.verify().isSound)
    }
}

extension RealHistory {
    /// The first half of the cases of an XES file of ``volvoByCountry()``, at least one.
    static func half(of file: [UInt8]) -> [UInt8] {
        let text = String(decoding: file, as: UTF8.self)
        guard let start = text.range(of: "<trace>")?.lowerBound else { return file }
        let traces = text[start...].components(separatedBy: "</trace>").dropLast()
        let kept = traces.prefix(max(1, traces.count / 2)).map { $0 + "</trace>" }.joined()
        return Array((text[..<start] + kept + "</log>").utf8)
    }
}
