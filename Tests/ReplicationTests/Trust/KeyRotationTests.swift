import EventStore
import LedgerTesting
import LedgerTypes
import Synchronization
import Testing

@testable import Replication

@Suite("Sessions after a change of key", .temporaryDirectory, .timeLimit(.minutes(2)))
struct KeyRotationTests {
    private typealias Reports = (SyncReport, SyncReport)

    /// A session over a stream, where only keys that are known count.
    private static func sync(
        _ one: TestLedger,
        _ two: TestLedger,
        recording: Recording? = nil
    ) async throws -> Reports {
        let (forth, back) = MemoryPipe.streams()
        let options = SyncPeer.Options(policy: .pinned)
        async let other = Self.answer(two, over: back, options)
        let own: Result<SyncReport, SyncError>
        do throws(SyncError) {
            let stream = recording?.wrap(forth) ?? forth
            own = .success(
                try await SyncPeer(one.store).run(over: stream, as: .initiator, options)
            )
        } catch {
            own = .failure(error)
        }
        // Of two failures the one that was not heard from the other side says why.
        let answer = await other
        if case (.failure(.remote), .failure(let error)) = (own, answer) { throw error }
        return (try own.get(), try answer.get())
    }

    private static func answer(
        _ ledger: TestLedger,
        over stream: ByteStream,
        _ options: SyncPeer.Options
    ) async -> Result<SyncReport, SyncError> {
        do throws(SyncError) {
            return .success(
                try await SyncPeer(ledger.store).run(over: stream, as: .responder, options)
            )
        } catch {
            return .failure(error)
        }
    }

    private static func introduce(_ one: TestLedger, _ two: TestLedger) async throws {
        try await one.store.pin(two.store.siteName, key: try two.store.siteKey())
        try await two.store.pin(one.store.siteName, key: try one.store.siteKey())
    }

    private static func pin(of ledger: TestLedger, at other: TestLedger) throws -> [UInt8]? {
        try other.store.pins()[ledger.store.siteName]
    }

    @Test("A peer with the old key goes on, both ways", arguments: [1, 3], [true, false])
    func goesOn(changes: Int, begins: Bool) async throws {
        let (one, two) = (try TestLedger.create("one"), try TestLedger.create("two"))
        try await Self.introduce(one, two)
        try await one.append(300, seed: 1)
        _ = try await Self.sync(one, two)
        let old = try one.store.siteKey()
        for change in 0..<changes {
            // Not signed for anybody yet.
            try await one.append(20, seed: UInt64(change) + 5)
            _ = try await one.store.rotateSiteKey()
        }
        try await one.append(30, seed: 3)
        try await two.append(40, seed: 4)

        let reports =
            begins ? try await Self.sync(one, two) : try await Self.sync(two, one)
        #expect(reports.0.isInStep && reports.1.isInStep)
        #expect(try one.digest == two.digest)
        let new = try one.store.siteKey()
        #expect(new != old)
        #expect(try Self.pin(of: one, at: two) == new)
        let report = begins ? reports.1 : reports.0
        #expect(report.rekeyed == SyncReport.PinnedSite(site: one.store.siteName, key: new))
        #expect(try one.cases() == two.cases())

        let again = try await Self.sync(one, two)
        #expect(again.0.isInStep && !again.0.isPeerAuthenticated && again.1.rekeyed == nil)
        #expect(try two.store.verify().isSound)
    }

    @Test("A change that the old key did not sign is refused, and so is a copy with the old key")
    func refused() async throws {
        let (one, two) = (try TestLedger.create("one"), try TestLedger.create("two"))
        try await Self.introduce(one, two)
        _ = try await Self.sync(one, two)
        // Another ledger of the same name, with changes of its own.
        let configuration = TestLedger.configuration("forged")
        let store = try EventStore.create(
            configuration,
            site: SiteDescription(name: one.store.siteName)
        ) { (_, _) in nil }
        let forged = TestLedger(store: store, name: "forged")
        try await forged.store.pin(two.store.siteName, key: try two.store.siteKey())
        let old = try one.store.siteKey()
        for _ in 0..<2 {
            await #expect(throws: SyncError.siteKeyChanged(one.store.siteName.rawValue)) {
                try await Self.sync(forged, two)
            }
            _ = try await forged.store.rotateSiteKey()
        }
        #expect(try Self.pin(of: one, at: two) == old)
        #expect(try two.logs().count == 2)
    }

    @Test("Who knows one key, old or new, takes all of the site's logs from a third one")
    func relayed() async throws {
        let (one, hub) = (try TestLedger.create("one"), try TestLedger.create("hub"))
        let (early, late) = (try TestLedger.create("early"), try TestLedger.create("late"))
        for other in [one, early, late] { try await Self.introduce(hub, other) }
        try await early.store.pin(one.store.siteName, key: try one.store.siteKey())
        try await one.append(60, seed: 1)
        _ = try await Self.sync(one, hub)
        _ = try await one.store.rotateSiteKey()
        try await one.append(60, seed: 2)
        _ = try await Self.sync(one, hub)
        try await late.store.pin(one.store.siteName, key: try one.store.siteKey())
        for (spoke, other) in [(early, late), (late, early)] {
            try await spoke.store.pin(other.store.siteName, key: try other.store.siteKey())
        }
        for spoke in [early, late, early] {
            let report = try await Self.sync(spoke, hub).0
            #expect(report.isInStep, "\(report.refused)")
        }
        for spoke in [early, late] {
            #expect(try spoke.digest == hub.digest)
            #expect(try Self.pin(of: one, at: spoke) == one.store.siteKey())
        }
    }

    @Test("Receipts that a former key signed still count")
    func receipts() async throws {
        let (one, two) = (try TestLedger.create("one"), try TestLedger.create("two"))
        try await Self.introduce(one, two)
        try await one.append(10, seed: 1)
        _ = try await Self.sync(one, two)
        #expect(try one.store.receipts().count == 1)
        _ = try await two.store.rotateSiteKey()
        _ = try await Self.sync(one, two)
        #expect(try one.store.receipts().map(\.peer) == [two.store.siteName])
        #expect(try one.store.contradictedReceipts().isEmpty)
    }

    @Test("An independent reader proves the change", .enabled(if: Python.isInstalled, "no python3"))
    func recorded() async throws {
        let (one, two) = (try TestLedger.create("one"), try TestLedger.create("two"))
        try await Self.introduce(one, two)
        for _ in 0..<2 { _ = try await one.store.rotateSiteKey() }
        let recording = Recording()
        _ = try await Self.sync(one, two, recording: recording)
        let path = "\(TemporaryDirectoryTrait.current)/recording"
        try TestFile.write(recording.bytes, to: path)
        let output = try ShellCommand.output(line: "\(Python.reader) '\(path)' 2>&1")
        let text = String(decoding: output, as: UTF8.self)
        #expect(text.hasSuffix("all proofs hold\n"), "\(text)")
        #expect(text.contains("site test.example/site/one, 2 changes of key, proven"))
    }
}

/// What one side of a session said and heard, as `sync --record` writes it.
private final class Recording: Sendable {
    private let pieces = Mutex(Array("CLRECORD1\n".utf8))

    var bytes: [UInt8] { self.pieces.withLock { $0 } }

    private func note(_ piece: [UInt8], heard: Bool) {
        guard !piece.isEmpty else { return }
        self.pieces.withLock { pieces in
            pieces.append(heard ? 1 : 0)
            pieces.appendBigEndian(UInt32(piece.count))
            pieces += piece
        }
    }

    func wrap(_ stream: ByteStream) -> ByteStream {
        ByteStream(
            read: { () throws(SyncError) in
                let bytes = try await stream.read()
                self.note(bytes, heard: true)
                return bytes
            },
            write: { (bytes) throws(SyncError) in
                self.note(bytes, heard: false)
                try await stream.write(bytes)
            },
            close: { await stream.close() }
        )
    }
}
