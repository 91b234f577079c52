package import EventStore
internal import Glibc
package import LedgerTypes

/// The data keys of a ledger: wrapped in the key table of `log/`, unwrapped in memory.
///
/// Invariants:
/// - A key that seals for an owner is handed out with its row until a commit is known to have kept
///   the row (``confirm(_:)``), so no section is ever durable without the wrap of its key: a
///   request that failed alone does not take the row of the next one with it.
/// - Several keys of one owner are as good as one: two processes may each make one at once.
/// - No lock is held while the table is read.
///
/// `@unchecked Sendable`: `mutex` guards everything that changes. May be used from any thread.
@safe
package final class KeyStore: @unchecked Sendable {
    /// Reads the key table; each call is a read of its own.
    package struct Rows: Sendable {
        /// The rows of an owner, in the order of their key ids.
        package let ofOwner: @Sendable (Subject) throws(EventStoreError) -> [KeyRow]
        /// The row of a key.
        package let ofKey: @Sendable (KeyID) throws(EventStoreError) -> KeyRow?

        /// Creates a reader of the table.
        package init(
            ofOwner: @escaping @Sendable (Subject) throws(EventStoreError) -> [KeyRow],
            ofKey: @escaping @Sendable (KeyID) throws(EventStoreError) -> KeyRow?
        ) {
            self.ofOwner = ofOwner
            self.ofKey = ofKey
        }
    }

    /// A key to seal with.
    package struct SealingKey: Sendable {
        /// The key.
        package let key: DataKey
        /// The row to write in the commit of what it seals; `nil` once it is known to be there.
        package let newRow: KeyRow?
    }

    /// The keys held in memory when nothing else is asked for.
    package static let cachedMax = 65_536

    private let keks: KeyEncryptionKeys
    private let rows: Rows
    private let random: @Sendable (Int) -> [UInt8]
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var cache: KeyCache

    /// Opens the keys of a ledger. `random` gives that many random bytes.
    package init(
        keks: KeyEncryptionKeys,
        rows: Rows,
        random: @escaping @Sendable (Int) -> [UInt8],
        cachedMax: Int = KeyStore.cachedMax
    ) {
        self.keks = keks
        self.rows = rows
        self.random = random
        self.cache = KeyCache(countMax: cachedMax)
        unsafe self.mutex = .allocate(capacity: 1)
        let code = unsafe pthread_mutex_init(self.mutex, nil)
        precondition(code == 0)
    }

    deinit {
        unsafe pthread_mutex_destroy(self.mutex)
        unsafe self.mutex.deallocate()
    }

    /// The key that seals for `owner`: the one of the table with the lowest id, else a new one.
    package func key(for owner: Subject) throws(SealingError) -> SealingKey {
        if let held = self.locked({ self.sealingKey(for: owner) }) { return held }
        let stored = try Self.table { () throws(EventStoreError) in try self.rows.ofOwner(owner) }
        let keys = try self.unwrap(stored)
        guard keys.isEmpty else {
            return self.locked {
                for (place, key) in keys.enumerated() {
                    self.cache.insert(.init(key: key, owner: owner), sealsFor: place == 0)
                }
                return SealingKey(key: keys[0], newRow: nil)
            }
        }
        let key = DataKey(random: self.random(DataKey.randomByteCount))
        let row = self.row(keeping: key, of: owner)
        return self.locked {
            // Another thread may have made one meanwhile; the first one stays.
            if let held = self.sealingKey(for: owner) { return held }
            self.cache.insert(.init(key: key, owner: owner, newRow: row), sealsFor: true)
            return SealingKey(key: key, newRow: row)
        }
    }

    /// The key `id`, to open what it sealed; throws `keyGone` where it has no wrap here.
    package func key(_ id: KeyID) throws(SealingError) -> DataKey {
        if let held = self.held(id) { return held }
        let stored = try Self.table { () throws(EventStoreError) in try self.rows.ofKey(id) }
        return try self.hold(stored, id)
    }

    /// The key `id` and whose it is; `nil` where it has no wrap here that can be opened.
    func keyToGive(_ id: KeyID) throws(SealingError) -> (key: DataKey, owner: Subject)? {
        let stored = try Self.table { () throws(EventStoreError) in try self.rows.ofKey(id) }
        guard let stored, let key = try? self.hold(stored, id) else { return nil }
        return (key, stored.owner)
    }

    /// Whether what the key of `row` is wrapped under is here. Does not open it.
    package func isUsable(_ row: KeyRow) -> Bool {
        KeyWrap.epoch(row).map { self.keks[$0] != nil } ?? false
    }

    /// When the key of `row` came from another site; `nil` if it was made here.
    package func timeGiven(_ row: KeyRow) -> Timestamp? {
        (try? KeyWrap.timeGiven(row.wrap, row.keyID)) ?? nil
    }

    /// Whether the key `id` was here at `time`: made here, or given by then. Reads the table each
    /// time.
    package func wasHere(_ id: KeyID, at time: Timestamp) throws(SealingError) -> Bool {
        let stored = try Self.table { () throws(EventStoreError) in try self.rows.ofKey(id) }
        guard let stored else { return false }
        return try KeyWrap.timeGiven(stored.wrap, id).map { $0 <= time } ?? true
    }

    /// The row of `key`, wrapped under the newest key-encryption key. A key that came from another
    /// site says when.
    package func row(
        keeping key: DataKey,
        of owner: Subject,
        givenAt time: Timestamp? = nil
    ) -> KeyRow {
        let nonce = self.random(KeyWrap.nonceByteCount)
        var wrap = KeyWrap.wrap(key, of: owner, under: self.keks.current, nonce: nonce)
        if let time { wrap += KeyWrap.given(at: time) }
        return KeyRow(keyID: key.id, owner: owner, wrap: wrap)
    }

    /// The key `id`, if it is in memory. Reads nothing.
    package func held(_ id: KeyID) -> DataKey? { self.locked { self.cache.entry(id)?.key } }

    /// Tells that a commit has kept `rows`.
    package func confirm(_ rows: [KeyRow]) {
        guard !rows.isEmpty else { return }
        self.locked { for row in rows { self.cache.confirm(row.keyID) } }
    }

    /// Drops the keys of `owner` from memory, as when they were shredded.
    package func forget(_ owner: Subject) {
        self.locked { self.cache.forget(owner) }
    }

    /// How many keys are in memory.
    package var cachedCount: Int { self.locked { self.cache.count } }

    /// The key held that seals for `owner`, with its row while unconfirmed. Called locked.
    private func sealingKey(for owner: Subject) -> SealingKey? {
        self.cache.entry(sealingFor: owner).map { entry in
            SealingKey(key: entry.key, newRow: entry.newRow)
        }
    }

    /// Unwraps the key of `row` and keeps it in memory.
    func hold(_ row: KeyRow?, _ id: KeyID) throws(SealingError) -> DataKey {
        guard let row else { throw .keyGone(id) }
        let key = try KeyWrap.unwrap(row.wrap, id: id, of: row.owner, with: self.keks)
        self.locked { self.cache.insert(.init(key: key, owner: row.owner), sealsFor: false) }
        return key
    }

    /// The keys of `rows`, but for those that were wrapped under a key which is lost: others seal
    /// in their place until another site gives them back.
    private func unwrap(_ rows: [KeyRow]) throws(SealingError) -> [DataKey] {
        var keys: [DataKey] = []
        for row in rows where self.isUsable(row) || KeyWrap.epoch(row) == nil {
            keys.append(
                try KeyWrap.unwrap(row.wrap, id: row.keyID, of: row.owner, with: self.keks)
            )
        }
        return keys
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        return body()
    }

    private static func table<Value>(
        _ body: () throws(EventStoreError) -> Value
    ) throws(SealingError) -> Value {
        do throws(EventStoreError) {
            return try body()
        } catch {
            throw .store(error)
        }
    }
}
