import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

/// A writer's calls are recorded and the file is put together as of every moment of them.
@Suite("Power cuts", .temporaryDirectory)
struct PowerCutTests {
    /// What a run of the writer leaves for a replay.
    private struct Recording {
        let base: [UInt8]
        let trace: [FileFaults.Call]
        /// What was acknowledged at each mark, the start included.
        var acknowledged: [Set<Position>] = []
        /// STATE at each mark.
        var states: [String] = []
        let site: String
    }

    @Test(
        "Whenever the power goes, the ledger opens, verifies, and holds what was acknowledged",
        arguments: Effort.some(of: [0x5EED_0021, 0x5EED_0022] as [UInt64])
    )
    func everyMoment(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let recording = try await Self.record(&random)
        var cut = PowerCut(recording.base, recording.trace)
        var images = 0
        cut.forEachImage(tries: 3, &random) { image in
            images += 1
            // Some are opened for writing, which takes the log on.
            let problem = Self.problem(with: image, recording, isWriting: images.isMultiple(of: 7))
            #expect(problem == nil, "seed \(seed), \(image.description)")
        }
        #expect(images > 200)
    }

    /// Without its flushes the same writer loses what it acknowledged, so the replay would notice.
    @Test("The replay tells a writer that does not flush")
    func withoutFlushes() async throws {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            [root = TemporaryDirectoryTrait.current as String] in
            try await TemporaryDirectoryTrait.$current.withValue(root) {
                var random = SeededRandom(seed: 0x5EED_0023)
                let recording = try await Self.record(&random)
                let trace = recording.trace.compactMap { call -> FileFaults.Call? in
                    switch call {
                    case .write(let place, let bytes, _):
                        .write(place: place, bytes: bytes, isDurable: false)
                    case .flush: nil
                    case .mark: call
                    }
                }
                var cut = PowerCut(recording.base, trace)
                cut.forEachImage(tries: 1, &random) { image in
                    let problem = Self.problem(with: image, recording, isWriting: false)
                    if problem != nil { exit(Self.noticed) }
                }
            }
        }
        // liblmdb may also crash on what it finds. An error before that is no answer.
        let status = try #require(result).exitStatus
        let isCrash = [SIGSEGV, SIGBUS, SIGABRT].contains { status == .signal($0) }
        #expect(status == .exitCode(Self.noticed) || isCrash, "\(status)")
    }

    private static let noticed: CInt = 3

    /// Appends, takes in a peer's log, signs and opens again, one commit between two marks.
    private static func record(_ random: inout SeededRandom) async throws -> Recording {
        let fixture = StoreFixture()
        let peer = try fixture.create("peer")
        _ = await peer.append(AppendRequest(events: [fixture.event("case:p")]))
        let log = try await peer.checkpoint()
        let entries = try peer.leaves(of: log.number).map { ForeignBatch.Entry(leaf: $0) }
        peer.close()
        var store = try fixture.create()
        defer { store.close() }
        let path = fixture.root + "/ledger/log/data.mdb"
        let base = try Array(Data(contentsOf: URL(filePath: path)))
        let faults = try FileFaults(watching: path)
        var acknowledged = [try Self.positions(store)]
        var states = [try Self.keepState(fixture, 0)]
        for step in 1...16 {
            fixture.clock.advance(microseconds: 1_000)
            switch step {
            case 5:
                let batch = ForeignBatch(
                    log: log.id,
                    start: 0,
                    entries: entries,
                    checkpoint: log.checkpoint
                )
                _ = try await store.receive([batch])
            case 9, 15: _ = try await store.checkpoint()
            case 12:
                store.close()
                store = try fixture.open()
            default:
                let events = (0..<(1 << (step % 5))).map { number in
                    StoreFixture.event(
                        "case:\(number % 3)",
                        occurred: fixture.clock.now,
                        labels: [Label(name: "queue", value: "q\(number % 2)")],
                        sections: [random.bytes(256 << (step % 4))]
                    )
                }
                #expect(await store.append(AppendRequest(events: events)).appended != nil)
            }
            acknowledged.append(try Self.positions(store))
            states.append(try Self.keepState(fixture, step))
            faults.mark(UInt64(step))
        }
        return Recording(
            base: base,
            trace: faults.trace,
            acknowledged: acknowledged,
            states: states,
            site: fixture.root + "/ledger"
        )
    }

    private static func positions(_ store: EventStore) throws -> Set<Position> {
        Set(try store.heldLogs().map(\.position))
    }

    private static func keepState(_ fixture: StoreFixture, _ step: Int) throws -> String {
        let copy = fixture.root + "/states/\(step)"
        try Files.makeDirectory(fixture.root + "/states")
        try FileManager.default.copyItem(atPath: fixture.root + "/state", toPath: copy)
        return copy
    }

    /// What is wrong with a ledger whose `log/` is `image`; `nil` if nothing is.
    private static func problem(
        with image: PowerCut.Image,
        _ recording: Recording,
        isWriting: Bool
    ) -> String? {
        let root = TemporaryDirectoryTrait.current + "/image"
        let manager = FileManager.default
        let mark = Int(image.mark)
        // The anchor changes before the first call of the commit that the power goes in.
        let next = min(mark + 1, recording.states.count - 1)
        do {
            defer { TemporaryDirectory.remove(root) }
            try Files.makeDirectory(root)
            try Files.makeDirectory(root + "/ledger")
            try Files.makeDirectory(root + "/ledger/log")
            try Data(image.bytes).write(to: URL(filePath: root + "/ledger/log/data.mdb"))
            for name in ["ledger", "site.key"] {
                try manager.copyItem(
                    atPath: "\(recording.site)/\(name)",
                    toPath: "\(root)/ledger/\(name)"
                )
            }
            try manager.copyItem(atPath: recording.states[next], toPath: root + "/state")
            let fixture = StoreFixture(root: root)
            let store = try fixture.open { $0.isReadOnly = !isWriting }
            defer { store.close() }
            let found = try Self.positions(store)
            guard found == recording.acknowledged[mark] || found == recording.acknowledged[next]
            else { return "it holds \(found)" }
            let findings = try store.verify().findings
            guard findings.isEmpty else { return "\(findings)" }
            return store.suspicion.map { "\($0)" }
        } catch {
            return "\(error)"
        }
    }
}
