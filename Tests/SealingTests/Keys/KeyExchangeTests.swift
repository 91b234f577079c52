import EventStore
import LedgerTesting
import LedgerTypes
import Sealing
import Testing

@Suite("Keys for another site", .temporaryDirectory)
struct KeyExchangeTests {
    private let info: [UInt8] = Array("a session".utf8)
    private let table = RowTable()

    /// A key store with a key of each of these customers.
    private func store(of customers: [String]) throws -> (keys: KeyStore, ids: [KeyID]) {
        let keks = try KeyEncryptionKeys.openOrCreate(
            folder: "\(TemporaryDirectoryTrait.current)/site",
            random: SharedRandom(seed: 99).bytes
        )
        let keys = KeyStore(
            keks: keks,
            rows: self.table.reader,
            random: SharedRandom(seed: 1).bytes
        )
        let ids = try customers.map { customer in
            let made = try keys.key(for: Fixed.customer(customer))
            self.table.put(try #require(made.newRow))
            return made.key.id
        }
        return (keys, ids)
    }

    @Test("Keys open at the recipient, each with its owner, in the order asked for")
    func roundTrip() throws {
        let (keys, ids) = try self.store(of: ["a", "b", "c"])
        let recipient = KeyRecipient()
        let wanted = [ids[2], ids[0]]
        let sealed = try keys.give(wanted, to: recipient.publicKey, info: self.info)
        #expect(sealed.entries.map(\.id) == wanted)
        #expect(sealed.entries.allSatisfy { $0.sealed.count == SealedKeys.sealedByteCount })
        let opened = try recipient.open(sealed, info: self.info)
        #expect(opened.map(\.key.id) == wanted)
        #expect(opened.map(\.owner.id) == ["c", "a"])
        for (key, _) in opened { #expect(try areSame(key, keys.key(key.id))) }
    }

    @Test("What is not here is left out")
    func missing() throws {
        let (keys, ids) = try self.store(of: ["a"])
        let unknown = KeyID(rawValue: 5)
        let recipient = KeyRecipient()
        let sealed = try keys.give([unknown, ids[0]], to: recipient.publicKey, info: self.info)
        #expect(sealed.entries.map(\.id) == ids)
        let none = try keys.give([unknown], to: recipient.publicKey, info: self.info)
        #expect(try recipient.open(none, info: self.info).isEmpty)
    }

    @Test("Another recipient, another session or a changed byte opens nothing")
    func refusals() throws {
        let (keys, ids) = try self.store(of: ["a", "b"])
        let recipient = KeyRecipient()
        let sealed = try keys.give(ids, to: recipient.publicKey, info: self.info)
        #expect(throws: SealingError.exchangeRefused(ids[0])) {
            try KeyRecipient().open(sealed, info: self.info)
        }
        #expect(throws: SealingError.exchangeRefused(ids[0])) {
            try recipient.open(sealed, info: self.info + [0])
        }
        var changed = sealed
        changed.entries[1].sealed[3] ^= 1
        #expect(throws: SealingError.exchangeRefused(ids[1])) {
            try recipient.open(changed, info: self.info)
        }
        var renamed = sealed
        renamed.entries[0].owner = try Fixed.customer("z")
        #expect(throws: SealingError.exchangeRefused(ids[0])) {
            try recipient.open(renamed, info: self.info)
        }
        var swapped = sealed
        swapped.entries.swapAt(0, 1)
        #expect(throws: SealingError.exchangeRefused(ids[1])) {
            try recipient.open(swapped, info: self.info)
        }
    }

    @Test("A given key says when it came, and was not here before")
    func given() throws {
        let (keys, ids) = try self.store(of: ["a"])
        let owner = try Fixed.customer("b")
        let time = Timestamp(microseconds: 1_000)
        let key = try Fixed.key(id: 77)
        self.table.put(keys.row(keeping: key, of: owner, givenAt: time))
        #expect(try keys.wasHere(key.id, at: time))
        #expect(try !keys.wasHere(key.id, at: time.adding(microseconds: -1)))
        #expect(try keys.wasHere(ids[0], at: Timestamp(microseconds: 0)))
        #expect(try !keys.wasHere(KeyID(rawValue: 1), at: time))
        #expect(try areSame(keys.key(key.id), key))
    }

    @Test("A recipient's key that is none is refused")
    func noKey() throws {
        let (keys, ids) = try self.store(of: ["a"])
        #expect(throws: SealingError.exchangeRefused(nil)) {
            try keys.give(ids, to: [UInt8](repeating: 9, count: 31), info: self.info)
        }
    }
}
