import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Synchronization
import Testing

@testable import SyncService

/// When a service looks after the stored bytes, and what it does about rot.
@Suite("Upkeep", .temporaryDirectory, .timeLimit(.minutes(2)))
struct UpkeepTests {
    private static let now = Timestamp(microseconds: 1_770_000_000_000_000)
    private static let day: Int64 = 86_400_000_000

    private static func note(daysAgo days: Int64, isWhole: Bool, bytes: UInt64 = 1) -> ScrubNote {
        let time = Self.now.adding(microseconds: -days * Self.day).rfc3339
        let json = """
            {"time":"\(time)","kind":"deep","isWhole":\(isWhole),"bytes":\(bytes),"rotten":0,\
            "repaired":0,"left":[],"mended":[]}
            """
        do {
            return try JSONDecoder().decode(ScrubNote.self, from: Data(json.utf8))
        } catch {
            preconditionFailure("\(error)")
        }
    }

    @Test("The journal tells when everything, and when hashes, are to be looked at")
    func schedule() throws {
        let upkeep = SyncService.Configuration.Upkeep()
        func next(_ notes: ScrubNote...) -> (scope: Ledger.ScrubScope, wait: Duration)? {
            SyncService.nextLook(notes, now: Self.now, upkeep)
        }
        let never = try #require(next())
        #expect(never.scope == .everything && never.wait == .zero)
        let fresh = try #require(next(Self.note(daysAgo: 0, isWhole: true)))
        #expect(fresh.scope == .hashes && fresh.wait == .seconds(86_400))
        let daily = try #require(
            next(Self.note(daysAgo: 3, isWhole: true), Self.note(daysAgo: 2, isWhole: false))
        )
        #expect(daily.scope == .hashes && daily.wait == .zero)
        let weekly = try #require(
            next(Self.note(daysAgo: 8, isWhole: true), Self.note(daysAgo: 0, isWhole: false))
        )
        #expect(weekly.scope == .everything && weekly.wait == .zero)
        // Rows that were made again before the ledger opened are no look.
        let mended = try #require(next(Self.note(daysAgo: 0, isWhole: true, bytes: 0)))
        #expect(mended.wait == .zero)
        // A clock that was wrong does not put it off for ever.
        let future = try #require(next(Self.note(daysAgo: -900, isWhole: true)))
        #expect(future.wait <= .seconds(7 * 86_400))
        var off = upkeep
        off.scrubEvery = nil
        #expect(SyncService.nextLook([], now: Self.now, off)?.scope == .hashes)
        off.deepEvery = nil
        #expect(SyncService.nextLook([], now: Self.now, off) == nil)
    }

    @Test("A service finds what is rotten, fetches it from a peer, and tells of it")
    func fetches() async throws {
        let berlin = try Office("berlin")
        let manila = try Office("manila")
        let caseID = try await berlin.openCase()
        try await manila.know(berlin, at: "-")
        let directory = "\(TemporaryDirectoryTrait.current)/manila"
        try await berlin.know(manila, at: directory)
        _ = try await berlin.ledger.sync(with: manila.ledger)
        // A leaf that rots before it is indexed is missing in views/ for good (ARCHITECTURE.md 6).
        try berlin.ledger.catchUp()
        let data = "\(TemporaryDirectoryTrait.current)/berlin/log/data.mdb"
        try BitRot.flip(try Self.eventID(of: caseID, in: berlin), in: data)

        let lines = Mutex<[ServiceLine]>([])
        var configuration = SyncService.Configuration()
        configuration.upkeep.settle = .zero
        let service = SyncService(
            berlin.ledger,
            configuration,
            journal: try berlin.journal(),
            openDirectory: {
                try Ledger.open(
                    at: $0,
                    state: TemporaryDirectoryTrait.current + "/state",
                    access: .readWrite
                )
            },
            log: { line in lines.withLock { $0.append(line) } }
        )
        try await service.run {
            while berlin.ledger.scrubs().isEmpty {
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        let note = try #require(berlin.ledger.scrubs().first)
        #expect(note.rotten > 0)
        #expect(!note.isRotten, "\(note)")
        #expect(note.peer == "test.example/manila")
        #expect(try await berlin.ledger.scrub().count == 0)
        let report = try berlin.ledger.verify()
        #expect(report.isSound, "\(report.findings)")
        let line = try #require(lines.withLock { $0.first { $0.event == "scrub" } })
        #expect(line.level == .info)
        let figures = await service.figures()
        #expect(figures.contains("caseledger_scrub_rotten_rows 0\n"))
        #expect(figures.contains("caseledger_repaired_rows_total \(note.repaired)\n"))
        #expect(figures.contains("caseledger_scrub_last_timestamp_seconds{scope=\"everything\"} "))
    }

    /// The id of a case's first event as its leaf has it. The case's own id stands in the rows of
    /// keys as well, which nobody can give back.
    private static func eventID(of caseID: Subject, in office: Office) throws -> [UInt8] {
        var found: EventID?
        try office.ledger.forEachEvent(of: caseID) { event in
            found = event.id.flatMap(EventID.init)
            return false
        }
        let id = try #require(found)
        return (0..<16).map { UInt8(truncatingIfNeeded: id.rawValue >> (120 - 8 * $0)) }
    }
}
