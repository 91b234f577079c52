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

    /// A pseudonym, or the name of a system.
    public var actorID: String
    /// What sort of party it is.
    public var kind: ActorKind
    /// The role at the case.
    public var role: String?
    /// The tier, in the source's own words where it has other tiers than ours.
    public var tier: String?
    /// The team.
    public var team: String?
    /// The site's name.
    public var siteID: String?
    /// What sort of site it is.
    public var siteKind: SiteKind
    /// The support programme, such as a rotation.
    public var programme: String?
    /// Days since the actor began.
    public var tenureDays: UInt32?
    /// Skills.
    public var skills: [String]
    /// What may be granted without approval.
    public var authorityLimit: AuthorityLimit?

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
        self.actorID = actorID
        self.kind = kind
        self.role = role
        self.tier = tier
        self.team = team
        self.siteID = siteID
        self.siteKind = siteKind
        self.programme = programme
        self.tenureDays = tenureDays
        self.skills = skills
        self.authorityLimit = authorityLimit
    }

    private enum CodingKeys: String, CodingKey {
        case actorID, kind, role, tier, team, siteID, siteKind, programme, tenureDays, skills
        case authorityLimit
    }

    /// Reads a snapshot; everything but `actorID` and `kind` may be absent.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.actorID = try container.decode(String.self, forKey: .actorID)
        self.kind = try container.decode(ActorKind.self, forKey: .kind)
        self.role = try container.decodeIfPresent(String.self, forKey: .role)
        self.tier = try container.decodeIfPresent(String.self, forKey: .tier)
        self.team = try container.decodeIfPresent(String.self, forKey: .team)
        self.siteID = try container.decodeIfPresent(String.self, forKey: .siteID)
        self.siteKind =
            try container.decodeIfPresent(SiteKind.self, forKey: .siteKind)
            ?? .notStated
        self.programme = try container.decodeIfPresent(String.self, forKey: .programme)
        self.tenureDays = try container.decodeIfPresent(UInt32.self, forKey: .tenureDays)
        self.skills = try container.decodeIfPresent([String].self, forKey: .skills) ?? []
        self.authorityLimit =
            try container.decodeIfPresent(AuthorityLimit.self, forKey: .authorityLimit)
    }
}

extension ActorSnapshot {
    func encode(to wire: inout WireWriter) {
        wire.string(self.actorID, field: 1)
        if self.kind != .notStated { wire.varint(UInt64(self.kind.rawValue), field: 2) }
        wire.string(self.role, field: 3)
        wire.string(self.tier, field: 4)
        wire.string(self.team, field: 5)
        wire.string(self.siteID, field: 6)
        if self.siteKind != .notStated { wire.varint(UInt64(self.siteKind.rawValue), field: 7) }
        wire.string(self.programme, field: 8)
        if let days = self.tenureDays { wire.varint(UInt64(days), field: 9) }
        for skill in self.skills { wire.string(skill, field: 10) }
        if let limit = self.authorityLimit {
            wire.message(field: 11) { inner in
                inner.sfixed64(limit.amountMinor, field: 1)
                inner.string(limit.currency, field: 2)
            }
        }
    }

    init(_ bytes: Span<UInt8>, at range: Range<Int>) throws(WireError) {
        self.init(actorID: "", kind: .notStated)
        var reader = WireReader(bytes, at: range)
        while let field = try reader.next() {
            switch field.number {
            case 1: self.actorID = try reader.string(field)
            case 2: self.kind = ActorKind(wire: try field.unsigned32)
            case 3: self.role = try reader.string(field)
            case 4: self.tier = try reader.string(field)
            case 5: self.team = try reader.string(field)
            case 6: self.siteID = try reader.string(field)
            case 7: self.siteKind = SiteKind(wire: try field.unsigned32)
            case 8: self.programme = try reader.string(field)
            case 9: self.tenureDays = try field.unsigned32
            case 10: self.skills.append(try reader.string(field))
            case 11: self.authorityLimit = try Self.limit(bytes, at: try field.range)
            default: break
            }
        }
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
