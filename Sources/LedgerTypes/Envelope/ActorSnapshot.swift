/// Who acted, as of the event; nothing personal in it (DOMAIN.md 2.2).
public struct ActorSnapshot: Hashable, Sendable, Codable {
    /// An amount of money that may be granted without approval.
    public struct AuthorityLimit: Hashable, Sendable, Codable {
        /// In the currency's minor unit.
        public var amountMinor: Int64
        /// ISO 4217.
        public var currency: String

        /// Creates a limit.
        public init(amountMinor: Int64, currency: String) {
            self.amountMinor = amountMinor
            self.currency = currency
        }
    }

    /// Everything that is stated, held once however often the snapshot is handed on: the same few
    /// people act in most events.
    private final class Box: Sendable {
        let fields: Fields

        init(_ fields: Fields) { self.fields = fields }
    }

    private struct Fields: Hashable, Sendable {
        var actorID: String = ""
        var kind: ActorKind = .notStated
        var role: String?
        var tier: String?
        var team: String?
        var siteID: String?
        var siteKind: SiteKind = .notStated
        var programme: String?
        var tenureDays: UInt32?
        var skills: [String] = []
        var authorityLimit: AuthorityLimit?
    }

    private var box: Box

    /// A pseudonym, or the name of a system.
    public var actorID: String {
        get { self.box.fields.actorID }
        set { self.change { $0.actorID = newValue } }
    }
    /// What sort of party it is.
    public var kind: ActorKind {
        get { self.box.fields.kind }
        set { self.change { $0.kind = newValue } }
    }
    /// The role at the case.
    public var role: String? {
        get { self.box.fields.role }
        set { self.change { $0.role = newValue } }
    }
    /// The tier, in the source's own words where it has other tiers than ours.
    public var tier: String? {
        get { self.box.fields.tier }
        set { self.change { $0.tier = newValue } }
    }
    /// The team.
    public var team: String? {
        get { self.box.fields.team }
        set { self.change { $0.team = newValue } }
    }
    /// The site's name.
    public var siteID: String? {
        get { self.box.fields.siteID }
        set { self.change { $0.siteID = newValue } }
    }
    /// What sort of site it is.
    public var siteKind: SiteKind {
        get { self.box.fields.siteKind }
        set { self.change { $0.siteKind = newValue } }
    }
    /// The support programme, such as a rotation.
    public var programme: String? {
        get { self.box.fields.programme }
        set { self.change { $0.programme = newValue } }
    }
    /// Days since the actor began.
    public var tenureDays: UInt32? {
        get { self.box.fields.tenureDays }
        set { self.change { $0.tenureDays = newValue } }
    }
    /// Skills.
    public var skills: [String] {
        get { self.box.fields.skills }
        set { self.change { $0.skills = newValue } }
    }
    /// What may be granted without approval.
    public var authorityLimit: AuthorityLimit? {
        get { self.box.fields.authorityLimit }
        set { self.change { $0.authorityLimit = newValue } }
    }

    private mutating func change(_ body: (inout Fields) -> Void) {
        var fields = self.box.fields
        body(&fields)
        self.box = Box(fields)
    }

    /// Whether the same is stated.
    public static func == (lhs: ActorSnapshot, rhs: ActorSnapshot) -> Bool {
        lhs.box === rhs.box || lhs.box.fields == rhs.box.fields
    }

    /// Hashes what is stated.
    public func hash(into hasher: inout Hasher) { hasher.combine(self.box.fields) }

    /// Creates a snapshot.
    public init(
        actorID: String,
        kind: ActorKind,
        role: String? = nil,
        tier: String? = nil,
        team: String? = nil,
        siteID: String? = nil,
        siteKind: SiteKind = .notStated,
        programme: String? = nil,
        tenureDays: UInt32? = nil,
        skills: [String] = [],
        authorityLimit: AuthorityLimit? = nil
    ) {
        self.box = Box(
            Fields(
                actorID: actorID,
                kind: kind,
                role: role,
                tier: tier,
                team: team,
                siteID: siteID,
                siteKind: siteKind,
                programme: programme,
                tenureDays: tenureDays,
                skills: skills,
                authorityLimit: authorityLimit
            )
        )
    }

    private enum CodingKeys: String, CodingKey {
        case actorID, kind, role, tier, team, siteID, siteKind, programme, tenureDays, skills
        case authorityLimit
    }

    /// Writes what is stated.
    public func encode(to encoder: any Encoder) throws {
        let fields = self.box.fields
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(fields.actorID, forKey: .actorID)
        try container.encode(fields.kind, forKey: .kind)
        try container.encodeIfPresent(fields.role, forKey: .role)
        try container.encodeIfPresent(fields.tier, forKey: .tier)
        try container.encodeIfPresent(fields.team, forKey: .team)
        try container.encodeIfPresent(fields.siteID, forKey: .siteID)
        try container.encode(fields.siteKind, forKey: .siteKind)
        try container.encodeIfPresent(fields.programme, forKey: .programme)
        try container.encodeIfPresent(fields.tenureDays, forKey: .tenureDays)
        try container.encode(fields.skills, forKey: .skills)
        try container.encodeIfPresent(fields.authorityLimit, forKey: .authorityLimit)
    }

    /// Reads a snapshot; everything but `actorID` and `kind` may be absent.
    public init(from decoder: any Decoder) throws {
        var fields = Fields()
        let container = try decoder.container(keyedBy: CodingKeys.self)
        fields.actorID = try container.decode(String.self, forKey: .actorID)
        fields.kind = try container.decode(ActorKind.self, forKey: .kind)
        fields.role = try container.decodeIfPresent(String.self, forKey: .role)
        fields.tier = try container.decodeIfPresent(String.self, forKey: .tier)
        fields.team = try container.decodeIfPresent(String.self, forKey: .team)
        fields.siteID = try container.decodeIfPresent(String.self, forKey: .siteID)
        fields.siteKind =
            try container.decodeIfPresent(SiteKind.self, forKey: .siteKind)
            ?? .notStated
        fields.programme = try container.decodeIfPresent(String.self, forKey: .programme)
        fields.tenureDays = try container.decodeIfPresent(UInt32.self, forKey: .tenureDays)
        fields.skills = try container.decodeIfPresent([String].self, forKey: .skills) ?? []
        fields.authorityLimit =
            try container.decodeIfPresent(AuthorityLimit.self, forKey: .authorityLimit)
        self.box = Box(fields)
    }
}

extension ActorSnapshot {
    func encode(to wire: inout WireWriter) {
        let fields = self.box.fields
        wire.string(fields.actorID, field: 1)
        if fields.kind != .notStated { wire.varint(UInt64(fields.kind.rawValue), field: 2) }
        wire.string(fields.role, field: 3)
        wire.string(fields.tier, field: 4)
        wire.string(fields.team, field: 5)
        wire.string(fields.siteID, field: 6)
        if fields.siteKind != .notStated { wire.varint(UInt64(fields.siteKind.rawValue), field: 7) }
        wire.string(fields.programme, field: 8)
        if let days = fields.tenureDays { wire.varint(UInt64(days), field: 9) }
        for skill in fields.skills { wire.string(skill, field: 10) }
        if let limit = fields.authorityLimit {
            wire.message(field: 11) { inner in
                inner.sfixed64(limit.amountMinor, field: 1)
                inner.string(limit.currency, field: 2)
            }
        }
    }

    init(_ bytes: Span<UInt8>, at range: Range<Int>) throws(WireError) {
        var fields = Fields()
        var reader = WireReader(bytes, at: range)
        while let field = try reader.next() {
            switch field.number {
            case 1: fields.actorID = try reader.string(field)
            case 2: fields.kind = ActorKind(wire: try field.unsigned32)
            case 3: fields.role = try reader.string(field)
            case 4: fields.tier = try reader.string(field)
            case 5: fields.team = try reader.string(field)
            case 6: fields.siteID = try reader.string(field)
            case 7: fields.siteKind = SiteKind(wire: try field.unsigned32)
            case 8: fields.programme = try reader.string(field)
            case 9: fields.tenureDays = try field.unsigned32
            case 10: fields.skills.append(try reader.string(field))
            case 11: fields.authorityLimit = try Self.limit(bytes, at: try field.range)
            default: break
            }
        }
        self.box = Box(fields)
    }

    private static func limit(
        _ bytes: Span<UInt8>,
        at range: Range<Int>
    ) throws(WireError) -> AuthorityLimit {
        var limit = AuthorityLimit(amountMinor: 0, currency: "")
        var reader = WireReader(bytes, at: range)
        while let field = try reader.next() {
            switch field.number {
            case 1: limit.amountMinor = try field.sfixed64
            case 2: limit.currency = try reader.string(field)
            default: break
            }
        }
        return limit
    }
}
