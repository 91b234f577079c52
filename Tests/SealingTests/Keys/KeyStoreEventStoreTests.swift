import EventStore
import LedgerTesting
import LedgerTypes
import Sealing
import Testing

/// Sealing over a real ledger: what is sealed, appended and closed opens again.
@Suite("Keys in a ledger", .temporaryDirectory)
struct KeyStoreEventStoreTests {
    private static func configuration() -> EventStore.Configuration {
        let root = TemporaryDirectoryTrait.current
        var configuration = EventStore.Configuration(
            directory: "\(root)/ledger",
            stateDirectory: "\(root)/state",
            clock: { Timestamp(microseconds: 1_700_000_000_000_000) },
            random: SharedRandom(seed: 5).bytes
        )
        configuration.mapBytes = 1 << 30
        return configuration
    }

    private static func keys(_ store: EventStore, seed: UInt64) throws -> KeyStore {
        let keks = try KeyEncryptionKeys.openOrCreate(
            folder: "\(TemporaryDirectoryTrait.current)/state/site",
            random: SharedRandom(seed: 6).bytes
        )
        return KeyStore(keks: keks, rows: .init(store), random: SharedRandom(seed: seed).bytes)
    }

    private static let plain = [PlainSection(kind: "text", bytes: Array("My name is Ann".utf8))]

    /// Seals `plain` into the fixed event and appends it; a stored event of its id is opened with
    /// the keys of `opener`.
    private static func append(
        _ plain: [PlainSection],
        to store: EventStore,
        _ keys: KeyStore,
        opener: KeyStore? = nil,
        salt: UInt64
    ) async throws -> AppendOutcome {
        var draft = try Fixed.draft()
        draft.isHistory = true
        let key = try keys.key(for: Fixed.customer("ann"))
        let event = try PreparedEvent.sealing(
            draft,
            plain,
            under: key.key,
            random: SharedRandom(seed: salt).bytes
        )
        let rows = [key.newRow].compactMap { $0 }
        let comparison = ContentComparison { try? (opener ?? keys).key($0) }
        let outcome = await store.append(
            AppendRequest(
                events: [event],
                sameContent: comparison.rule([draft.id: plain]),
                keyRows: rows
            )
        )
        if case .appended = outcome { keys.confirm(rows) }
        return outcome
    }

    @Test("A section opens after the ledger was closed and opened again")
    func reopens() async throws {
        var store = try EventStore.create(
            Self.configuration(),
            site: SiteDescription(name: try #require(SiteName("site.example/a")))
        ) { _, _ throws(EventStoreError) in nil }
        var keys = try Self.keys(store, seed: 1)
        guard case .appended = try await Self.append(Self.plain, to: store, keys, salt: 1) else {
            Issue.record("not appended")
            return
        }
        store.close()

        store = try EventStore.open(Self.configuration())
        keys = try Self.keys(store, seed: 2)
        let found = try store.read { (snapshot) throws(EventStoreError) in
            try snapshot.find(Fixed.event)
        }
        let arrival = try #require(found?.arrival)
        let opened = try Self.openSection(of: arrival, store, keys)
        #expect(opened == Self.plain[0].bytes)
        #expect(try keys.key(for: Fixed.customer("ann")).newRow == nil)
        store.close()
    }

    private static func openSection(
        of arrival: UInt64,
        _ store: EventStore,
        _ keys: KeyStore
    ) throws -> [UInt8]? {
        var result: Result<[UInt8], SealingError>?
        try store.read { (snapshot) throws(EventStoreError) in
            guard let leaf = try snapshot.leaf(arrival: arrival),
                let draft = try? EventEnvelope(leaf: leaf).draft,
                let section = try snapshot.section(arrival: arrival, slot: 1)
            else { return }
            do throws(SealingError) {
                let key = try keys.key(draft.sections[0].keyID, in: snapshot)
                let reference = draft.sections[0]
                result = .success(
                    try SealedSection.open(section, as: reference, event: draft.id, under: key)
                )
            } catch {
                result = .failure(error)
            }
        }
        return try result?.get()
    }

    @Test("The same event again is already appended; with another text it is refused")
    func retries() async throws {
        let store = try EventStore.create(
            Self.configuration(),
            site: SiteDescription(name: try #require(SiteName("site.example/a")))
        ) { _, _ throws(EventStoreError) in nil }
        let keys = try Self.keys(store, seed: 1)
        _ = try await Self.append(Self.plain, to: store, keys, salt: 1)
        // With an empty memory, keys are read on the writer thread.
        let other = try Self.keys(store, seed: 2)
        let empty = try Self.keys(store, seed: 3)
        guard
            case .alreadyAppended = try await Self.append(
                Self.plain,
                to: store,
                other,
                opener: empty,
                salt: 2
            )
        else {
            Issue.record("not found again")
            return
        }
        let text = [PlainSection(kind: "text", bytes: Array("My name is Bob".utf8))]
        guard
            case .failed(.idReused(Fixed.event, at: _)) = try await Self.append(
                text,
                to: store,
                other,
                opener: try Self.keys(store, seed: 4),
                salt: 3
            )
        else {
            Issue.record("another text was taken for the same")
            return
        }
        store.close()
    }
}
