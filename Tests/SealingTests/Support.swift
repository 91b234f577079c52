import EventStore
import LedgerTesting
import LedgerTypes
import Sealing
import Synchronization
import Testing

/// Values that the tests of this target share.
enum Fixed {
    static let event = EventID(rawValue: 0x0127_F1A2_3C4D_7ABC_8DEF_0123_4567_89AB)
    static let otherEvent = EventID(rawValue: 0x0127_F1A2_3C4D_7ABC_8DEF_0123_4567_89AC)
    static let salt: [UInt8] = Array(0x40..<0x60)

    static func key(id: UInt128 = 7, first: UInt8 = 0) throws -> DataKey {
        try #require(DataKey(id: KeyID(rawValue: id), bytes: Array(first..<first + 32)))
    }

    static func customer(_ id: String) throws -> Subject {
        try #require(Subject(kind: "customer", id: id))
    }

    static func draft(_ id: EventID = Fixed.event) throws -> EventDraft {
        EventDraft(
            id: id,
            type: "case.opened",
            subject: try #require(Subject("case:1")),
            occurred: Timestamp(microseconds: 1),
            actor: ActorSnapshot(actorID: "crm", kind: .system)
        )
    }
}

/// Random bytes that repeat themselves for the same seed, for any thread.
final class SharedRandom: Sendable {
    private let random: Mutex<SeededRandom>

    init(seed: UInt64) { self.random = Mutex(SeededRandom(seed: seed)) }

    @Sendable func bytes(_ count: Int) -> [UInt8] { self.random.withLock { $0.bytes(count) } }
}

/// The key table of a ledger, in memory.
final class RowTable: Sendable {
    private let rows = Mutex<[KeyRow]>([])
    private let failure = Mutex<EventStoreError?>(nil)
    private let readCounter = Mutex(0)

    /// How often the table was read.
    var reads: Int { self.readCounter.withLock { $0 } }

    var all: [KeyRow] { self.rows.withLock { $0 } }

    func put(_ row: KeyRow) { self.rows.withLock { $0.append(row) } }

    func remove(_ id: KeyID) { self.rows.withLock { $0.removeAll { $0.keyID == id } } }

    func fail(with error: EventStoreError) { self.failure.withLock { $0 = error } }

    var reader: KeyStore.Rows {
        KeyStore.Rows(
            ofOwner: { owner throws(EventStoreError) in
                try self.read().filter { $0.owner == owner }.sorted { $0.keyID < $1.keyID }
            },
            ofKey: { id throws(EventStoreError) in try self.read().first { $0.keyID == id } }
        )
    }

    private func read() throws(EventStoreError) -> [KeyRow] {
        self.readCounter.withLock { $0 += 1 }
        if let error = self.failure.withLock({ $0 }) { throw error }
        return self.all
    }
}

/// The error that `body` throws; `nil` if it returns.
func refusal(_ body: () throws(SealingError) -> Void) -> SealingError? {
    do throws(SealingError) {
        try body()
        return nil
    } catch {
        return error
    }
}

/// Whether the two hold the same secret: what one seals, the other opens.
func areSame(_ lhs: DataKey, _ rhs: DataKey) throws -> Bool {
    let sealed = try SealedSection.seal(
        [1],
        kind: "text",
        event: Fixed.event,
        under: lhs,
        salt: Fixed.salt
    )
    let opened = try? SealedSection.open(
        sealed.bytes,
        as: sealed.reference,
        event: Fixed.event,
        under: rhs
    )
    return opened == [1]
}
