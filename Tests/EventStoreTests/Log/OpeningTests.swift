import Foundation
import LMDB
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Opening", .temporaryDirectory)
struct OpeningTests {
    @Test("A directory that is no ledger is told so", arguments: ["missing", "empty", "strange"])
    func notALedger(name: String) throws {
        let fixture = StoreFixture()
        let path = fixture.root + "/ledger"
        if name != "missing" { try Files.makeDirectory(path) }
        if name == "strange" { try Files.write(Array("hello\n".utf8), to: path + "/ledger") }
        #expect(throws: EventStoreError.notALedger(path: path)) { try fixture.open() }
    }

    @Test("A ledger of a newer version is told so")
    func newer() throws {
        let fixture = StoreFixture()
        try fixture.create().close()
        try Files.write(Array("caseledger 7\n".utf8), to: fixture.root + "/ledger/ledger")
        #expect(throws: EventStoreError.newerFormat(found: 7, supported: 1)) { try fixture.open() }
    }

    @Test("A ledger is never made over something else")
    func alreadyExists() throws {
        let fixture = StoreFixture()
        try fixture.create().close()
        let path = fixture.root + "/ledger"
        #expect(throws: EventStoreError.alreadyExists(path: path)) { try fixture.create() }
        try Files.write([1], to: fixture.root + "/file")
        #expect(throws: EventStoreError.alreadyExists(path: fixture.root + "/file")) {
            try fixture.create("file")
        }
    }

    @Test("An empty directory may become a ledger")
    func emptyDirectory() throws {
        let fixture = StoreFixture()
        try Files.makeDirectory(fixture.root + "/ledger")
        let store = try fixture.create()
        defer { store.close() }
        #expect(try store.currentLog().position.size == 2)
    }

    @Test("Secrets are readable by their owner alone")
    func modes() throws {
        let fixture = StoreFixture()
        let store = try fixture.create()
        defer { store.close() }
        let log = try store.currentLog().id.hex
        for path in ["/ledger/site.key", "/state/\(log)/log.key"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: fixture.root + path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
    }

    @Test("A site key that is not the log's is refused")
    func otherSiteKey() throws {
        let fixture = StoreFixture()
        try fixture.create().close()
        try fixture.create("other").close()
        try FileManager.default.removeItem(atPath: fixture.root + "/ledger/site.key")
        try FileManager.default.copyItem(
            atPath: fixture.root + "/other/site.key",
            toPath: fixture.root + "/ledger/site.key"
        )
        let site = StoreFixture.site("ledger")
        #expect(throws: EventStoreError.siteKeyMismatch(site)) { try fixture.open() }
    }

    @Test("A store that only reads changes nothing and refuses to append")
    func readOnly() async throws {
        let fixture = StoreFixture()
        try fixture.create().close()
        let store = try fixture.open { $0.isReadOnly = true }
        defer { store.close() }
        #expect(try store.currentLog().position.size == 2)
        let outcome = await store.append(AppendRequest(events: [fixture.event("case:a")]))
        #expect(outcome.failure == .readOnly)
        #expect(throws: EventStoreError.readOnly) { try fixture.open() }
    }

    /// Were the closed store's files still open, the process could not write until every last
    /// reference to it was gone.
    @Test("A ledger is opened for writing while a closed store that only read it still lives")
    func releasedAtClose() async throws {
        let fixture = StoreFixture()
        try fixture.create().close()
        let reading = try fixture.open { $0.isReadOnly = true }
        reading.close()
        #expect(try reading.currentLog().position.size == 2)
        let writing = try fixture.open()
        defer { writing.close() }
        let outcome = await writing.append(AppendRequest(events: [fixture.event("case:a")]))
        #expect(outcome.appended != nil)
        #expect(throws: EventStoreError.storage(.closed)) { try reading.currentLog() }
    }

    @Test("A store that is opened again for reading keeps its files")
    func openedAgain() throws {
        let fixture = StoreFixture()
        try fixture.create().close()
        try fixture.open { $0.isReadOnly = true }.close()
        let reading = try fixture.open { $0.isReadOnly = true }
        defer { reading.close() }
        #expect(throws: LMDBError.openedDifferently) {
            try Environment.open(path: fixture.root + "/ledger/log", mapBytes: 1 << 30)
        }
        #expect(try reading.currentLog().position.size == 2)
    }

    @Test("A full map grows, and nothing is lost")
    func growth() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create { $0.mapBytes = 1 << 20 }
        let text = String(repeating: "x", count: 20_000)
        var position: Position?
        for _ in 0..<100 {
            let outcome = await store.append(
                AppendRequest(events: [fixture.event("case:a", text: text)])
            )
            #expect(outcome.appended != nil, "\(outcome)")
            position = outcome.position
        }
        #expect(try await store.statistics().growths > 0)
        #expect(try store.currentLog().position == position)
        store.close()
    }
}
