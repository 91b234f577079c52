import Foundation
import LMDB
import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import EventStore

@Suite("Anchor", .temporaryDirectory)
struct AnchorTests {
    /// What is wrong with the copy that is opened, and how it is made.
    struct State: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let reason: SuspectReason?
        /// Spoils what `open` will find; `directory` is the log's place under STATE.
        let spoil: @Sendable (_ fixture: StoreFixture, _ directory: String) async throws -> Void
    }

    static let states: [State] = [
        State(testDescription: "nothing spoiled", reason: nil) { _, _ in },
        State(testDescription: "no anchor", reason: .noAnchor) { _, directory in
            try FileManager.default.removeItem(atPath: directory + "/anchor")
        },
        State(testDescription: "STATE deleted", reason: .noAnchor) { fixture, _ in
            try FileManager.default.removeItem(atPath: fixture.root + "/state")
        },
        State(testDescription: "a torn anchor", reason: .noAnchor) { _, directory in
            let text = try #require(try Files.read(directory + "/anchor"))
            try Files.write(Array(text.dropLast(5)), to: directory + "/anchor")
        },
        State(testDescription: "no log key", reason: .noKey) { _, directory in
            try FileManager.default.removeItem(atPath: directory + "/log.key")
        },
        State(testDescription: "another root", reason: .otherRoot) { _, directory in
            try Self.change(directory) { $0.root = MerkleHash.empty }
        },
        State(testDescription: "a longer log has left", reason: .shorter) { _, directory in
            try Self.change(directory) { $0.size += 100 }
        },
        State(testDescription: "an unknown token", reason: .unknownToken) { _, directory in
            try Self.change(directory) { anchor in
                anchor.previous = [UInt8](repeating: 1, count: 16)
                anchor.next = anchor.previous
            }
        },
        State(testDescription: "killed between anchor and database", reason: nil) {
            _,
            directory in
            try Self.change(directory) { anchor in
                anchor.previous = anchor.next
                anchor.next = [UInt8](repeating: 1, count: 16)
            }
        },
    ]

    @Test("Of two live copies with one STATE that sign at the same moment only one signs")
    func race() async throws {
        for round in 0..<12 {
            let fixture = StoreFixture()
            let names = ("one-\(round)", "two-\(round)")
            let first = try fixture.create(names.0)
            first.close()
            try FileManager.default.copyItem(
                atPath: fixture.configuration(names.0).directory,
                toPath: fixture.configuration(names.1).directory
            )
            let one = try EventStore.open(fixture.configuration(names.0))
            defer { one.close() }
            let event = StoreFixture.event("case:1", occurred: fixture.clock.now)
            _ = await one.append(AppendRequest(events: [event]))
            async let left = Self.signs(one)
            async let right = Self.opensAndSigns(fixture.configuration(names.1))
            let signed = await [left, right].count { $0 }
            #expect(signed == 1)
        }
    }

    private static func signs(_ store: EventStore) async -> Bool {
        (try? await store.checkpoint()) != nil
    }

    private static func opensAndSigns(_ configuration: EventStore.Configuration) async -> Bool {
        guard let store = try? EventStore.open(configuration) else { return false }
        defer { store.close() }
        let event = StoreFixture.event("case:2", occurred: configuration.clock())
        guard case .appended = await store.append(AppendRequest(events: [event])) else {
            return false
        }
        return await Self.signs(store)
    }

    private static func change(
        _ directory: String,
        _ body: (inout Anchor) -> Void
    ) throws {
        let text = try #require(try Files.read(directory + "/anchor"))
        var anchor = try #require(Anchor(text: text))
        body(&anchor)
        try Files.write(anchor.text, to: directory + "/anchor")
    }

    @Test(
        "A log that does not fit its anchor is read-only until a new incarnation",
        arguments: states
    )
    func suspect(state: State) async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        _ = await store.append(AppendRequest(events: [fixture.event("case:a")]))
        let old = try await store.checkpoint()
        store.close()
        try await state.spoil(fixture, fixture.root + "/state/" + old.id.hex)

        let again = try fixture.open()
        defer { again.close() }
        let request = AppendRequest(events: [fixture.event("case:a")])
        guard let reason = state.reason else {
            #expect(again.suspicion == nil)
            #expect(await again.append(request).appended?.first?.log == old.id)
            return
        }
        #expect(again.suspicion == .suspect(old.id, reason))
        #expect(await again.append(request).failure == .suspect(old.id, reason))
        #expect(try again.heldLogs().first?.position == old.position)
        await #expect(throws: EventStoreError.suspect(old.id, reason)) {
            try await again.checkpoint()
        }

        _ = try await again.beginIncarnation(.restore)
        let outcome = await again.append(request)
        let log = try again.currentLog()
        #expect(outcome.appended?.first == EventAddress(log: log.id, index: 1))
        #expect(log.incarnation == 2)
        #expect(log.genesis.parent == old.position)
        #expect(log.genesis.reason == .restore)
        #expect(try again.heldLogs().map(\.isCurrent) == [false, true])
    }

    @Test("A service may begin a new incarnation by itself")
    func newIncarnation() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        let old = try store.currentLog()
        store.close()
        try FileManager.default.removeItem(atPath: fixture.root + "/state")
        let again = try fixture.open { $0.onRestore = .newIncarnation }
        #expect(again.suspicion == nil)
        let log = try again.currentLog()
        #expect(log.genesis.parent == old.position)
        let outcome = await again.append(AppendRequest(events: [fixture.event("case:a")]))
        #expect(outcome.appended?.first?.log == log.id)
        again.close()
        let third = try fixture.open()
        defer { third.close() }
        #expect(third.suspicion == nil)
        #expect(try third.currentLog().id == log.id)
    }

    @Test("A restored copy of the whole directory cannot go on where something has left the host")
    func restoredCopy() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        store.close()
        let copy = fixture.root + "/restored"
        try FileManager.default.copyItem(atPath: fixture.root + "/ledger", toPath: copy)
        let again = try fixture.open()
        _ = await again.append(AppendRequest(events: [fixture.event("case:a")]))
        let log = try await again.checkpoint()
        again.close()

        let restored = try fixture.open("restored")
        defer { restored.close() }
        #expect(restored.suspicion == .suspect(log.id, .shorter))
    }

    @Test("A restored copy is found out by its token, though nothing has left the host")
    func restoredToken() async throws {
        let fixture = StoreFixture()
        try fixture.create().close()
        let copy = fixture.root + "/restored"
        try FileManager.default.copyItem(atPath: fixture.root + "/ledger", toPath: copy)
        for _ in 0..<2 { try fixture.open().close() }
        let restored = try fixture.open("restored")
        defer { restored.close() }
        let log = try restored.currentLog()
        #expect(restored.suspicion == .suspect(log.id, .unknownToken))
    }

    @Test("A checkpoint is signed by the log's key, after the anchor was raised to it")
    func checkpoint() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        _ = await store.append(AppendRequest(events: [fixture.event("case:a")]))
        let log = try await store.checkpoint()
        let bytes = try #require(log.checkpoint)
        let note = try SignedNote(parsing: bytes.span)
        let name = try #require(KeyName(log.origin))
        let key = try #require(VerifyingKey(log.genesis.logKey))
        let checkpoint = try Checkpoint(opening: note, log: NoteVerifier(name: name, key: key))
        #expect(checkpoint.size == 3)
        #expect(checkpoint.root == log.position.root)
        let anchor = try LogSecrets(state: fixture.root + "/state", log: log.id).anchor()
        #expect(anchor?.size == 3)
        #expect(anchor?.root == log.position.root)
        #expect(try await store.checkpoint().checkpoint == bytes)
    }

    @Test("A log that a peer has contradicted stays stopped")
    func contradicted() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        let log = try store.currentLog()
        try await store.freeze(log.id)
        let expected = EventStoreError.suspect(log.id, .contradicted)
        #expect(store.suspicion == expected)
        let request = AppendRequest(events: [fixture.event("case:a")])
        #expect(await store.append(request).failure == expected)
        store.close()
        let again = try fixture.open()
        defer { again.close() }
        #expect(again.suspicion == expected)
    }
}
