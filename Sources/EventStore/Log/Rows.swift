internal import LedgerTypes
internal import Merkle

/// A row of `heads`: where a log stands.
///
/// ```
/// size u64 ‖ root 32 ‖ last recorded u64 ‖ 32 for each set bit of size, largest subtree first
/// ```
struct HeadRow: Hashable, Sendable {
    /// The root over all leaves.
    let root: Digest
    /// `recorded` of the last leaf.
    let lastRecorded: HybridTime
    /// The right edge of the tree.
    let range: CompactRange

    /// The number of leaves.
    var size: UInt64 { self.range.size }

    /// Describes `range`.
    init(range: CompactRange, lastRecorded: HybridTime) {
        self.root = range.root
        self.lastRecorded = lastRecorded
        self.range = range
    }

    /// Reads a row; `nil` if it is not one, or its root is not that of its right edge.
    init?(_ row: Span<UInt8>) {
        guard row.count >= 48,
            let root = Digest(row.extracting(8..<40)),
            let range = CompactRange(
                size: row.bigEndianWord(at: 0),
                hashBytes: row.extracting(48..<row.count)
            ),
            range.root == root
        else { return nil }
        self.root = root
        self.lastRecorded = HybridTime(rawValue: row.bigEndianWord(at: 40))
        self.range = range
    }

    /// The row's bytes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(48 + self.range.hashes.count * Digest.byteCount)
        bytes.appendBigEndian(self.size)
        self.root.append(to: &bytes)
        bytes.appendBigEndian(self.lastRecorded.rawValue)
        for hash in self.range.hashes { hash.append(to: &bytes) }
        return bytes
    }
}

/// A row of `logs`: log id 16 ‖ flags u8.
struct LogRow: Hashable, Sendable {
    /// What this ledger may do with a log.
    struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        /// This ledger's site wrote it.
        static let own = Flags(rawValue: 1)
        /// This ledger appends to it.
        static let current = Flags(rawValue: 2)
        /// A fork was found; nothing new is taken.
        static let frozen = Flags(rawValue: 4)
        /// Only a part of it is held: its rows of `runs` say which.
        static let partial = Flags(rawValue: 8)
    }

    /// The log.
    let id: LogID
    /// Its flags.
    var flags: Flags

    /// Describes a log.
    init(id: LogID, flags: Flags) {
        self.id = id
        self.flags = flags
    }

    /// Reads a row; `nil` if it is not one.
    init?(_ row: Span<UInt8>) {
        guard row.count == 17, let id = LogID(row.extracting(0..<16)) else { return nil }
        self.id = id
        self.flags = Flags(rawValue: row[16])
    }

    /// The row's bytes.
    var bytes: [UInt8] { self.id.bytes + [self.flags.rawValue] }
}

/// A row of `labels`: last sequence u64 ‖ last index u64.
struct LabelRow: Hashable, Sendable {
    /// The sequence of the label's newest leaf.
    let sequence: UInt64
    /// The index of that leaf.
    let index: UInt64

    /// Describes a label's newest leaf.
    init(sequence: UInt64, index: UInt64) {
        self.sequence = sequence
        self.index = index
    }

    /// Reads a row; `nil` if it is not one.
    init?(_ row: Span<UInt8>) {
        guard row.count == 16 else { return nil }
        self.sequence = row.bigEndianWord(at: 0)
        self.index = row.bigEndianWord(at: 8)
    }

    /// The row's bytes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        bytes.appendBigEndian(self.sequence)
        bytes.appendBigEndian(self.index)
        return bytes
    }
}

extension KeyRow {
    /// The row of `keys`: owner length u16 ‖ owner ‖ wrap.
    var row: [UInt8] {
        var row: [UInt8] = []
        row.appendBigEndian(UInt16(self.owner.rawValue.utf8.count))
        row.append(contentsOf: self.owner.rawValue.utf8)
        row.append(contentsOf: self.wrap)
        return row
    }

    /// Reads a row of `keys`; `nil` if it is not one.
    init?(keyID: KeyID, row: Span<UInt8>) {
        guard row.count >= 2 else { return nil }
        let count = Int(row[0]) << 8 | Int(row[1])
        guard row.count >= 2 + count else { return nil }
        let text = [UInt8](copying: row.extracting(2..<2 + count))
        guard let owner = Subject(String(decoding: text, as: UTF8.self)) else { return nil }
        self.init(
            keyID: keyID,
            owner: owner,
            wrap: [UInt8](copying: row.extracting(2 + count..<row.count))
        )
    }
}

/// A row of `absent`: why a section that a leaf refers to is not here.
package enum Absence: UInt8, Hashable, Sendable {
    /// Whoever sent the leaf may not or will not hand it out.
    case withheld = 1
    /// Removed here on purpose.
    case purged = 2
    /// To be asked for.
    case wanted = 3
}

/// What a site's name is bound to: key 32 ‖ the changes that led to it, where they came before a
/// log under the new key.
struct PinRow {
    /// The key.
    let key: [UInt8]
    /// How it came to be, oldest change first.
    let successions: [KeySuccession]

    /// Describes a row.
    init(key: [UInt8], successions: some Collection<KeySuccession>) {
        self.key = key
        self.successions = Array(successions)
    }

    /// Reads a row; `nil` unless it is a key, to which the changes lead.
    init?(_ row: [UInt8]) {
        guard row.count >= 32, VerifyingKey(Array(row[..<32])) != nil,
            (row.count - 32).isMultiple(of: KeySuccession.byteCount)
        else { return nil }
        self.key = Array(row[..<32])
        self.successions = stride(
            from: 32,
            to: row.count,
            by: KeySuccession.byteCount
        ).map { start in
            KeySuccession(
                former: Array(row[start..<start + 32]),
                signature: Array(row[start + 32..<start + KeySuccession.byteCount])
            )
        }
        guard self.successions.formerKeys(of: self.key).count == self.successions.count else {
            return nil
        }
    }

    /// The row's bytes.
    var bytes: [UInt8] { self.key + self.successions.flatMap(\.bytes) }

    /// Whether the name may be bound so while its newest log is under `key`.
    func follows(_ key: [UInt8]) -> Bool {
        self.key == key || self.successions.contains { $0.former == key }
    }
}

extension LogReading where Self: ~Copyable & ~Escapable {
    /// The key that the name of `site` is bound to; `nil` if none is.
    borrowing func pinnedKey(
        of site: SiteName,
        _ tables: LogTables
    ) throws(EventStoreError) -> [UInt8]? {
        let key = MetaKey.pin(site)
        return try self.copy(for: key.span, in: tables.meta).map { Array($0.prefix(32)) }
    }
}

/// The names of the rows of `meta`.
enum MetaKey {
    /// The number of the format, u32.
    static let format = Array("format".utf8)
    /// The token of the newest opening (SYNC.md 2), 16 bytes.
    static let token = Array("token".utf8)
    /// The local number of the log that this ledger appends to, u32.
    static let current = Array("current".utf8)
    /// Changed to find out whether a commit works again.
    static let probe = Array("probe".utf8)

    /// The site key that `site`'s name is bound to (``PinRow``).
    static func pin(_ site: SiteName) -> [UInt8] { Self.pinPrefix + Array(site.rawValue.utf8) }

    /// What is known of two histories of a log (``ForkRecord``).
    static func fork(_ log: LogID) -> [UInt8] { Self.forkPrefix + log.bytes }

    /// What the name of every ``ForkRecord`` begins with; the log's 16 bytes follow.
    static let forkPrefix = Array("fork/".utf8)

    /// Why a part of a log is held, as it was given with the leaves.
    static func share(_ log: LogID) -> [UInt8] { Self.sharePrefix + log.bytes }

    /// What the name of every such row begins with; the log's 16 bytes follow.
    static let sharePrefix = Array("share/".utf8)

    /// A grant of this site to a partner: what became of it, and its note.
    static func grant(_ id: [UInt8]) -> [UInt8] { Self.grantPrefix + id }

    /// What the name of every grant begins with; its 16 bytes follow.
    static let grantPrefix = Array("grant/".utf8)

    /// What the name of every pin begins with.
    static let pinPrefix = Array("pin/".utf8)

    /// A key that leaves refer to and that is not here: the first of them, an arrival, u64.
    static func lacked(_ key: KeyID) -> [UInt8] { Self.lackedPrefix + key.bytes }

    /// A copy of the leaf 0 of a log.
    static func genesis(_ log: LogID) -> [UInt8] { Self.genesisPrefix + log.bytes }

    /// What the name of every such copy begins with.
    static let genesisPrefix = Array("genesis/".utf8)

    /// What the name of every lacked key begins with.
    static let lackedPrefix = Array("lack/".utf8)
    /// A key that came from another site, while rows of `views/` may not know of it; empty.
    static func given(_ key: KeyID) -> [UInt8] { Self.givenPrefix + key.bytes }

    /// What the name of every such key begins with.
    static let givenPrefix = Array("given/".utf8)
    /// Whether the row is about arrivals, which are others in a log that is written anew. Such rows
    /// are made again.
    static func countsArrivals(_ name: [UInt8]) -> Bool {
        name == Self.lackedUpTo || name.starts(with: Self.lackedPrefix)
    }

    /// The leaves that were looked at for keys, u64.
    static let lackedUpTo = Array("lacks".utf8)

    /// Says that `site` is let have what grants let through, and else nothing; empty.
    static func partner(_ site: SiteName) -> [UInt8] {
        Self.partnerPrefix + Array(site.rawValue.utf8)
    }

    /// What the name of every such row begins with.
    static let partnerPrefix = Array("partner/".utf8)

    /// Where `site`, a peer, is reached: text.
    static func peer(_ site: SiteName) -> [UInt8] { Self.peerPrefix + Array(site.rawValue.utf8) }

    /// What the name of every peer begins with.
    static let peerPrefix = Array("peer/".utf8)
}

extension FullTile {
    /// The row of `tiles`: 256 hashes ‖ the root over them.
    var row: [UInt8] {
        var row: [UInt8] = []
        row.reserveCapacity(257 * Digest.byteCount)
        for hash in self.hashes { hash.append(to: &row) }
        self.root.append(to: &row)
        return row
    }
}
