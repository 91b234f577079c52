internal import EventStore
internal import LedgerTypes

/// Unwrapped keys, at most a stated number: those not used for longest go first.
///
/// Two generations: what is used moves to the young one; when that is half of the maximum, it
/// becomes the old one and what was old is dropped. Not safe for several threads; ``KeyStore``
/// locks.
struct KeyCache {
    /// A key and whose it is.
    struct Entry {
        let key: DataKey
        let owner: Subject
        /// The key's row, while it is not known to be in the table.
        var newRow: KeyRow?
    }

    private var young: [KeyID: Entry] = [:]
    private var old: [KeyID: Entry] = [:]
    private var youngOwners: [Subject: KeyID] = [:]
    private var oldOwners: [Subject: KeyID] = [:]
    private let generationMax: Int

    /// A cache of at most `countMax` keys, 2 or more.
    init(countMax: Int) {
        precondition(countMax >= 2)
        self.generationMax = countMax / 2
    }

    /// How many keys are held.
    var count: Int { self.young.count + self.old.count }

    /// The entry of the key `id`, if it is held.
    mutating func entry(_ id: KeyID) -> Entry? {
        if let entry = self.young[id] { return entry }
        guard let entry = self.old[id] else { return nil }
        self.insert(entry, sealsFor: self.oldOwners[entry.owner] == id)
        return entry
    }

    /// The entry of the key that seals for `owner`, if it is held.
    mutating func entry(sealingFor owner: Subject) -> Entry? {
        guard let id = self.youngOwners[owner] ?? self.oldOwners[owner] else { return nil }
        return self.entry(id)
    }

    /// Notes that the row of the key `id` is in the table.
    mutating func confirm(_ id: KeyID) {
        self.young[id]?.newRow = nil
        self.old[id]?.newRow = nil
    }

    /// Holds `entry`, and seals with it for its owner from now on if `sealsFor`.
    mutating func insert(_ entry: Entry, sealsFor: Bool) {
        if self.young[entry.key.id] == nil, self.young.count >= self.generationMax {
            self.old = self.young
            self.oldOwners = self.youngOwners
            self.young = [:]
            self.youngOwners = [:]
        }
        self.old[entry.key.id] = nil
        self.young[entry.key.id] = entry
        if sealsFor { self.youngOwners[entry.owner] = entry.key.id }
    }

    /// Drops everything of `owner`.
    mutating func forget(_ owner: Subject) {
        self.young = self.young.filter { $0.value.owner != owner }
        self.old = self.old.filter { $0.value.owner != owner }
        self.youngOwners[owner] = nil
        self.oldOwners[owner] = nil
    }
}
