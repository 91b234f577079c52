/// Leaf 0 of every incarnation log: who writes it, under which keys, and why it began (SYNC.md 1).
public struct Genesis: Hashable, Sendable {
    /// Why an incarnation began.
    public enum Reason: UInt32, Vocabulary {
        case notStated, new, restore, clone, rekey, migrate
    }

    /// The field numbers of a genesis; no event has any of them.
    public static let fields: ClosedRange<UInt32> = 2_000...2_010
    /// The version of the genesis format that this code writes.
    public static let version: UInt32 = 1
    /// What the site key signs before the message's own bytes.
    public static let signatureContext: [UInt8] = Array("cl/genesis/1".utf8) + [0]

    /// The site.
    public var site: SiteName
    /// The site's long-term Ed25519 public key, 32 bytes.
    public var siteKey: [UInt8]
    /// The log's own Ed25519 public key, 32 bytes.
    public var logKey: [UInt8]
    /// From 1.
    public var incarnation: UInt32
    /// 16 random bytes.
    public var nonce: [UInt8]
    /// Why this incarnation began.
    public var reason: Reason
    /// Where the incarnation before it stood.
    public var parent: Position?
    /// When it began.
    public var recorded: HybridTime
    /// The new site key signed by the old one, if the key was changed.
    public var predecessorSignature: [UInt8]?
    /// The site key's signature, 64 bytes; empty until signed.
    public var signature: [UInt8]

    /// Creates a genesis, not yet signed.
    public init(
        site: SiteName,
        siteKey: [UInt8],
        logKey: [UInt8],
        incarnation: UInt32,
        nonce: [UInt8],
        reason: Reason,
        parent: Position?,
        recorded: HybridTime
    ) {
        self.site = site
        self.siteKey = siteKey
        self.logKey = logKey
        self.incarnation = incarnation
        self.nonce = nonce
        self.reason = reason
        self.parent = parent
        self.recorded = recorded
        self.predecessorSignature = nil
        self.signature = []
    }

    /// The message's bytes before the signature field.
    public var unsignedBytes: [UInt8] {
        var wire = WireWriter()
        wire.varint(UInt64(Self.version), field: Leaf.Field.genesis)
        wire.string(self.site.rawValue, field: 2_001)
        wire.data(self.siteKey, field: 2_002)
        wire.data(self.logKey, field: 2_003)
        wire.varint(UInt64(self.incarnation), field: 2_004)
        wire.data(self.nonce, field: 2_005)
        wire.varint(UInt64(self.reason.rawValue), field: 2_006)
        if let parent = self.parent {
            wire.message(field: 2_007) { inner in
                inner.id(parent.log, field: 1)
                inner.varint(parent.size, field: 2)
                inner.digest(parent.root, field: 3)
            }
        }
        wire.fixed64(self.recorded.rawValue, field: 2_008)
        if let signature = self.predecessorSignature { wire.data(signature, field: 2_009) }
        return wire.bytes
    }

    /// What the site key signs: the context, then the message before the signature.
    public var signedBytes: [UInt8] { Self.signatureContext + self.unsignedBytes }

    /// The whole leaf, signature included.
    public var leaf: [UInt8] {
        var wire = WireWriter(continuing: self.unsignedBytes)
        wire.data(self.signature, field: 2_010)
        return wire.bytes
    }

    /// Whether `bytes` are a genesis leaf rather than an event's.
    public static func isGenesis(_ bytes: Span<UInt8>) -> Bool {
        var reader = WireReader(bytes)
        return (try? reader.next())??.number == Leaf.Field.genesis
    }

    /// Decodes a genesis leaf; throws unless it is exactly what this code would write, so that the
    /// signed bytes are the decoded ones.
    public init(leaf bytes: Span<UInt8>) throws(WireError) {
        var reader = WireReader(bytes)
        guard let first = try reader.next(), first.number == Leaf.Field.genesis else {
            throw .missing(field: Leaf.Field.genesis)
        }
        guard try first.unsigned32 == Self.version else {
            throw .outOfRange(field: Leaf.Field.genesis)
        }
        var site: SiteName?
        self.siteKey = []
        self.logKey = []
        self.incarnation = 0
        self.nonce = []
        self.reason = .notStated
        self.parent = nil
        self.recorded = HybridTime(rawValue: 0)
        self.predecessorSignature = nil
        self.signature = []
        while let field = try reader.next() {
            switch field.number {
            case 2_001: site = SiteName(try reader.string(field))
            case 2_002: self.siteKey = try reader.data(field)
            case 2_003: self.logKey = try reader.data(field)
            case 2_004: self.incarnation = try field.unsigned32
            case 2_005: self.nonce = try reader.data(field)
            case 2_006: self.reason = Reason(wire: try field.unsigned32)
            case 2_007: self.parent = try Self.parent(bytes, at: try field.range)
            case 2_008: self.recorded = HybridTime(rawValue: try field.fixed64)
            case 2_009: self.predecessorSignature = try reader.data(field)
            case 2_010: self.signature = try reader.data(field)
            default: throw .outOfRange(field: field.number)
            }
        }
        guard let site else { throw .missing(field: 2_001) }
        self.site = site
        guard self.siteKey.count == 32 else { throw .outOfRange(field: 2_002) }
        guard self.logKey.count == 32 else { throw .outOfRange(field: 2_003) }
        guard self.incarnation > 0 else { throw .outOfRange(field: 2_004) }
        guard self.nonce.count == 16 else { throw .outOfRange(field: 2_005) }
        guard self.reason != .notStated else { throw .outOfRange(field: 2_006) }
        guard (self.predecessorSignature?.count ?? 64) == 64 else {
            throw .outOfRange(field: 2_009)
        }
        guard self.signature.count == 64 else { throw .outOfRange(field: 2_010) }
        guard self.leaf.span.equals(bytes) else { throw .outOfRange(field: Leaf.Field.genesis) }
    }

    private static func parent(
        _ bytes: Span<UInt8>,
        at range: Range<Int>
    ) throws(WireError) -> Position {
        var log: LogID?
        var size: UInt64 = 0
        var root: Digest?
        var reader = WireReader(bytes, at: range)
        while let field = try reader.next() {
            switch field.number {
            case 1: log = try reader.id(field)
            case 2: size = try field.unsigned
            case 3: root = try reader.digest(field)
            default: throw .outOfRange(field: field.number)
            }
        }
        guard let log, let root else { throw .missing(field: 2_007) }
        return Position(log: log, size: size, root: root)
    }
}
