package import LedgerTypes
internal import Merkle

/// What a unit is found by: a few bytes, the first of which says what kind of thing they are.
///
/// Keys of one kind sort by their bytes, and so do the units found by one key.
package struct LookupKey: Hashable, Comparable, Sendable {
    /// The most bytes, so that a unit's text fits behind them into a key of the table.
    package static let bytesMax = 200
    /// The kind of the keys that name what a unit was made of. Set by the store.
    static let sourceKind: UInt8 = 0
    /// The kind of the one key of all units that could not be folded.
    static let failedKind: UInt8 = 255
    private static let domain = Array("cl/lookup/1".utf8)

    /// The bytes.
    package let bytes: [UInt8]

    /// Creates a key of `kind`, 1 to 254, of at most 199 bytes more.
    package init(kind: UInt8, _ bytes: [UInt8] = []) {
        precondition(kind != Self.sourceKind && kind != Self.failedKind)
        precondition(bytes.count < Self.bytesMax, "a lookup key is too long")
        self.bytes = [kind] + bytes
    }

    /// Creates a key of `kind` for a text of any length: the first 16 bytes of its digest.
    package init(kind: UInt8, text: String) {
        self.init(kind: kind, Self.digest(of: text))
    }

    /// The key of a subject that a unit was made of.
    init(source: Subject) {
        self.bytes = [Self.sourceKind] + Self.digest(of: source.rawValue)
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Whether it names what a unit was made of.
    var isSource: Bool { self.bytes.first == Self.sourceKind }

    /// The key of all units that could not be folded.
    package static let failed = LookupKey(bytes: [failedKind])

    init?(stored bytes: [UInt8]) {
        guard (1...Self.bytesMax).contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    private static func digest(of text: String) -> [UInt8] {
        var writer = DigestWriter()
        writer.update(Self.domain.span)
        writer.update(Array(text.utf8).span)
        var bytes: [UInt8] = []
        writer.finalize().append(to: &bytes)
        return Array(bytes.prefix(16))
    }

    /// Whether `lhs` sorts before `rhs`.
    package static func < (lhs: LookupKey, rhs: LookupKey) -> Bool {
        lhs.bytes.lexicographicallyPrecedes(rhs.bytes)
    }
}

/// What a projection keeps of one unit.
///
/// The row in `units`: 0, 1 if it could not be folded, or 2 if what it is found by and adds to sums
/// follows from the value ‖ u32 number of keys ‖ (u8 length ‖ key) for each, sorted ‖ value. The
/// keys stand in the row so that those of an old row can be taken out without folding it; with 2
/// only those of what it was made of.
package struct UnitRows: Sendable {
    /// What the unit comes to; or what was wrong with it, in words.
    package let value: [UInt8]
    /// Whether the unit could not be folded.
    package let isFailed: Bool
    /// The keys that stand in the row: sorted, each once.
    private let stored: [LookupKey]
    /// What follows from the value; nothing where the row was read without it.
    private let derived: DerivedRows
    /// Whether keys and sums follow from the value.
    private let isDerived: Bool

    /// Creates the rows of a unit that was made of `sources` beside its own events.
    package init(value: [UInt8], lookups: [LookupKey], sources: [Subject]) {
        self.value = value
        self.isFailed = false
        self.isDerived = false
        self.derived = DerivedRows()
        self.stored = Self.sorted(lookups + sources.map { LookupKey(source: $0) })
    }

    /// Creates the rows of a unit of which `derived` follows from `value`.
    package init(value: [UInt8], derived: DerivedRows, sources: [Subject]) {
        self.value = value
        self.isFailed = false
        self.isDerived = true
        self.derived = derived
        self.stored = Self.sorted(sources.map { LookupKey(source: $0) })
    }

    /// Creates the rows of a unit that could not be folded.
    package init(failure: String) {
        self.value = Array(failure.utf8)
        self.isFailed = true
        self.isDerived = false
        self.derived = DerivedRows()
        self.stored = [.failed]
    }

    private static func sorted(_ keys: [LookupKey]) -> [LookupKey] {
        keys.count < 2 ? keys : Set(keys).sorted()
    }

    /// Reads a row; `nil` if it is malformed. Without `derive` what follows from the value is left
    /// out.
    init?(row: Span<UInt8>, _ derive: DerivedRows.Derivation? = nil) {
        guard row.count >= 5, row[0] <= 2 else { return nil }
        var keys: [LookupKey] = []
        var offset = 5
        for _ in 0..<row.bigEndian32(at: 1) {
            guard offset < row.count else { return nil }
            let end = offset + 1 + Int(row[offset])
            guard end <= row.count,
                let key = LookupKey(stored: [UInt8](copying: row.extracting(offset + 1..<end)))
            else { return nil }
            keys.append(key)
            offset = end
        }
        let value = [UInt8](copying: row.extracting(offset..<row.count))
        self.isFailed = row[0] == 1
        self.isDerived = row[0] == 2
        self.value = value
        self.stored = keys
        guard row[0] == 2, let derive else {
            self.derived = DerivedRows()
            return
        }
        guard let derived = derive(value) else { return nil }
        self.derived = derived
    }

    /// The row.
    var row: [UInt8] {
        var bytes: [UInt8] = [self.isFailed ? 1 : self.isDerived ? 2 : 0]
        bytes.reserveCapacity(5 + self.stored.count * 18 + self.value.count)
        bytes.appendBigEndian(UInt32(self.stored.count))
        for key in self.stored {
            bytes.append(UInt8(key.bytes.count))
            bytes += key.bytes
        }
        bytes += self.value
        return bytes
    }

    /// What was wrong with a unit that could not be folded.
    package var failure: String {
        self.isFailed ? String(decoding: self.value, as: UTF8.self) : ""
    }

    /// What it adds to sums.
    var sums: SumList { self.derived.sums }

    /// What it is found by, sorted, each once; what it was made of included.
    var keys: KeyList {
        var keys = KeyList()
        self.appendKeys(to: &keys, Span())
        keys.sortUniquely()
        return keys
    }

    /// Adds what it is found by to `list`, `rest` behind each; in no order, and some twice.
    func appendKeys(to list: inout KeyList, _ rest: Span<UInt8>) {
        for key in self.stored { list.append(key.bytes.span, rest) }
        list.append(self.derived.lookups, rest)
    }

    /// Whether the unit is found by `key`.
    func isFound(by key: LookupKey) -> Bool {
        self.stored.contains(key) || self.derived.lookups.contains(key.bytes)
    }
}

extension UnitRows: Equatable {
    /// Whether the rows say the same; what is found by and added follows from that.
    package static func == (lhs: UnitRows, rhs: UnitRows) -> Bool { lhs.row == rhs.row }
}
