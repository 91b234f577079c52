import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import SyncService

@Suite("The journal of syncs", .temporaryDirectory)
struct SyncJournalTests {
    private static let start = Timestamp(microseconds: 1_770_000_000_000_000)

    private static func time(_ seconds: Int64) -> Timestamp {
        self.start.adding(microseconds: seconds * 1_000_000)
    }

    private static var folder: String { TemporaryDirectoryTrait.current }

    @Test("A peer's state says since when, what is missing and what went wrong")
    func state() throws {
        var state = PeerState(peer: "test.example/b", now: Self.time(0))
        #expect(state.standing == .failing && state.lastInStep == nil)
        var outcome = RoundOutcome(standing: .inStep)
        outcome.received = 5
        outcome.held = 10
        state.take(outcome, now: Self.time(1))
        #expect(state.since == Self.time(1).rfc3339 && state.lastInStep == state.since)
        outcome.received = 2
        outcome.held = 12
        state.take(outcome, now: Self.time(2))
        #expect(state.since == Self.time(1).rfc3339 && state.received == 7)
        #expect(state.toSend(held: 15) == 3)
        var failure = RoundOutcome(standing: .failing)
        failure.error = "nobody answers"
        state.take(failure, now: Self.time(3))
        #expect(state.since == Self.time(3).rfc3339 && state.lastInStep == Self.time(2).rfc3339)
        #expect(state.held == 12 && state.toSend(held: 15) == 3 && state.error != nil)
        state.take(outcome, now: Self.time(4))
        #expect(state.error == nil && state.standing == .inStep)
    }

    @Test("What was written is read back, the newest of each peer; cut lines are passed over")
    func roundTrip() throws {
        let journal = SyncJournal(folder: Self.folder)
        #expect(try journal.read().isEmpty)
        var one = PeerState(peer: "test.example/one", now: Self.time(0))
        let two = PeerState(peer: "test.example/two", now: Self.time(0))
        try journal.write(one)
        try journal.write(two)
        one.take(RoundOutcome(standing: .inStep), now: Self.time(9))
        try journal.write(one)
        #expect(try journal.read() == [one.peer: one, two.peer: two])
        let file = try FileHandle(forWritingTo: URL(filePath: journal.path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("{\"peer\":\"test.exam".utf8))
        try file.close()
        #expect(try journal.read() == [one.peer: one, two.peer: two])
    }

    @Test("It does not grow without end, and the newest states stay")
    func bounded() throws {
        let journal = SyncJournal(folder: Self.folder, bytesMax: 4_096)
        var states: [String: PeerState] = [:]
        for number in 0..<200 {
            var state = PeerState(peer: "test.example/\(number % 3)", now: Self.time(Int64(number)))
            state.error = String(repeating: "x", count: 100)
            try journal.write(state)
            states[state.peer] = state
        }
        #expect(try journal.read() == states)
        for name in ["syncs.jsonl", "syncs.1.jsonl"] {
            let file = URL(filePath: "\(Self.folder)/\(name)")
            #expect(try Data(contentsOf: file).count < 4_096 + 1_024)
        }
    }

    @Test("Several writers at once leave whole lines only")
    func writers() async throws {
        let folder = Self.folder
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    let journal = SyncJournal(folder: folder, bytesMax: 16_384)
                    for number in 0..<50 {
                        let now = Self.time(Int64(number))
                        try journal.write(PeerState(peer: "test.example/\(writer)", now: now))
                    }
                }
            }
            try await group.waitForAll()
        }
        for name in ["syncs.jsonl", "syncs.1.jsonl"] {
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
                continue
            }
            for line in bytes.split(separator: 0x0A) {
                #expect(throws: Never.self) {
                    _ = try JSONDecoder().decode(PeerState.self, from: line)
                }
            }
        }
        #expect(try SyncJournal(folder: folder).read().count == 4)
    }

    @Test("Where it cannot be written, that is said")
    func refusal() {
        let journal = SyncJournal(folder: "\(Self.folder)/missing")
        let error = #expect(throws: SyncJournal.Failure.self) {
            try journal.write(PeerState(peer: "test.example/a", now: Self.time(0)))
        }
        #expect(error?.path == journal.path && error?.code == 2)
    }
}
