import CaseDomain
import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@Suite("A history is imported", .temporaryDirectory)
struct ImportStories {
    @Test("Importing a file twice gives the same views and numbers as once")
    func twice() async throws {
        let file = SupportHistory.file(SupportHistory.rows(seed: 1, cases: 40, sites: ["one"]))
        let site = try Site.make("desk")
        let first = try await site.importCSV(file)
        let shown = try site.shown()
        let second = try await site.importCSV(file)
        #expect(first.appended == first.rows)
        #expect(second.appended == 0)
        #expect(second.alreadyHeld == first.rows)
        #expect(try site.shown() == shown)
        #expect(try site.ledger.verify().isSound)
    }

    @Test("A longer extract of the same source adds only what is new")
    func longerExtract() async throws {
        let rows = SupportHistory.rows(seed: 2, cases: 40, sites: ["one"])
        let site = try Site.make("desk")
        try await site.importCSV(SupportHistory.file(rows.prefix(60)))
        let more = try await site.importCSV(SupportHistory.file(rows))
        #expect(more.alreadyHeld == 60)
        #expect(more.appended == rows.count - 60)
        let whole = try Site.make("whole")
        try await whole.importCSV(SupportHistory.file(rows))
        #expect(try site.shown() == whole.shown())
    }

    /// What was lost without it: a killed import that has to be started from an empty ledger.
    @Test(
        "An import killed at a random moment goes on where it was",
        arguments: Effort.some(of: 0..<6)
    )
    func killed(seed: Int) async throws {
        let rows = SupportHistory.rows(seed: UInt64(seed), cases: 600, sites: ["one"])
        let text = SupportHistory.file(rows)
        let path = TemporaryDirectoryTrait.current + "/killed"
        let state = Site.state
        var random = SeededRandom(seed: UInt64(seed))
        let delay = UInt32.random(in: 20_000...400_000, using: &random)
        _ = try #require(SiteName("story.example/killed"))
        try Ledger.create(
            at: path,
            state: state,
            site: SiteProfile(name: #require(SiteName("story.example/killed")))
        ).close()
        await #expect(processExitsWith: .signal(SIGKILL), "seed \(seed)") {
            [
                path = path as String, state = state as String, text = text as String,
                delay = delay as UInt32
            ] in
            let ledger = try Ledger.open(at: path, state: state)
            let site = Site(ledger: ledger, path: path)
            Thread.detachNewThread {
                usleep(delay)
                kill(getpid(), SIGKILL)
            }
            while true { try await site.importCSV(text) }
        }
        let ledger = try Ledger.open(at: path, state: state)
        let site = Site(ledger: ledger, path: path)
        let report = try await site.importCSV(text)
        #expect(report.appended + report.alreadyHeld == rows.count)
        let whole = try Site.make("whole")
        try await whole.importCSV(text)
        #expect(try site.shown() == whole.shown(), "seed \(seed), delay \(delay)")
        #expect(try ledger.verify().isSound)
    }

    @Test("What breaks a rule is kept and flagged, never refused")
    func flagged() async throws {
        let site = try Site.make("desk")
        let report = try await site.importCSV(
            SupportHistory.header + "\n"
                + "C1,New,T1,a,2026-01-02 10:00,one,x\n"
                + "C1,Resolved,T1,a,2026-01-02 09:00,one,x\n"
        )
        #expect(report.appended == 2)
        let facts = try site.ledger.caseFacts(of: #require(Subject("case:C1")))
        #expect(facts.durationSeconds == -3_600)
        #expect(facts.flags.map(\.rule.rawValue) == ["clockInverted"])
    }

    @Test("The first bad row stops the import; what came before it is durable")
    func stops() async throws {
        let site = try Site.make("desk")
        let good = "C1,New,T1,a,2026-01-02 10:00,one,x\n"
        let bad = "C2,New,T1,a,yesterday,one,x\n"
        await #expect {
            try await site.importCSV(SupportHistory.header + "\n" + good + bad + good)
        } throws: { error in
            guard case .row(let line, let what) = error as? LedgerError else { return false }
            return line == 3 && what.contains("updated")
        }
        #expect(try site.ledger.version(of: #require(Subject("case:C1"))) == 1)
    }

    @Test("Bad rows can be set aside; mended, they import as if they had been right")
    func rejects() async throws {
        let site = try Site.make("desk")
        let text =
            SupportHistory.header + "\nC1,New,T1,a,2026-01-02 10:00,one,x\n"
            + "C2,New,T1,a,yesterday,one,x\nC3,New,T1,a,2026-01-02 10:00,one,x\n"
        var bytes = Array(text.utf8)
        var aside: [UInt8] = []
        let report = try await site.ledger.importHistory(
            mapping: HistoryMapping(json: SupportHistory.mapping),
            next: {
                defer { bytes = [] }
                return bytes
            },
            badRow: { aside += $0 }
        )
        #expect(report.appended == 2)
        #expect(report.rejected == 1)
        let mended = String(decoding: aside, as: UTF8.self)
            .replacing("yesterday", with: "2026-01-02 11:00")
        let second = try await site.importCSV(mended)
        #expect(second.appended == 1)
        #expect(second.rejected == 0)
    }

    @Test("An imported CSV history comes back row for row in an XES export")
    func export() async throws {
        let rows = SupportHistory.rows(seed: 3, cases: 10, sites: ["one"])
        let site = try Site.make("desk")
        try await site.importCSV(SupportHistory.file(rows))
        var xes: [UInt8] = []
        let report = try site.ledger.exportXES(write: { xes += $0 })
        let text = String(decoding: xes, as: UTF8.self)
        #expect(report.events == rows.count)
        #expect(report.withheldRows == 0)
        #expect(text.matches(of: /<event>/).count == rows.count)
        for row in rows.prefix(20) {
            let note = try #require(row.row.firstMatch(of: /"(note \d+)"/)).1
            #expect(text.contains("<string key=\"notes\" value=\"\(note)\"/>"))
        }
    }
}
