package import EventStore
package import LedgerTypes

/// HELLO: who speaks, and where everything it holds stands (docs/SYNC.md, "HELLO").
package struct Hello: Hashable, Sendable {
    /// What a HELLO begins with.
    package static let magic: [UInt8] = Array("CLSP".utf8)
    /// The lowest version this program speaks.
    package static let versionMin: UInt8 = 1
    /// The highest version this program speaks.
    package static let versionMax: UInt8 = 1

    /// What a speaker does beyond what every session does.
    package struct Features: OptionSet, Hashable, Sendable {
        /// The bits; unknown ones are kept and mean nothing.
        package let rawValue: UInt32

        /// Creates the set with these bits.
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Gives the peer the keys that it asks for, and asks for those it lacks.
        package static let sharesKeys = Features(rawValue: 1)
        /// Lacks keys of sections that it holds.
        package static let lacksKeys = Features(rawValue: 2)
        /// Goes on with another session on the same stream.
        package static let follows = Features(rawValue: 4)
        /// Gives and asks for cosignatures of checkpoints in ACK.
        package static let cosigns = Features(rawValue: 16)
        /// Sends of a log only what a SELECT asks for.
        package static let selects = Features(rawValue: 8)
        /// Lets the peer have a part of its log, under the grant that it states.
        package static let grants = Features(rawValue: 32)
        /// Had other keys before, and says how this one came to be.
        package static let rekeyed = Features(rawValue: 64)
    }

    /// The lowest version the speaker takes.
    package var versionMin = Hello.versionMin
    /// The highest version the speaker takes.
    package var versionMax = Hello.versionMax
    /// The site.
    package var site: SiteName
    /// The site's long-term Ed25519 public key, 32 bytes.
    package var siteKey: [UInt8]
    /// 16 bytes that no other session has.
    package var nonce: [UInt8]
    /// The grant under which the speaker asks, 16 bytes; zeroes for the whole.
    package var grant = [UInt8](repeating: 0, count: 16)
    /// Bits of what the speaker does in this session; unknown bits mean nothing.
    package var features: Features = []
    /// The digest over every position in the shared scope (``StateDigest``).
    package var stateDigest: Digest
    /// The number of absent sections that the speaker wants.
    package var wantedCount: UInt32 = 0
    /// SHA-256("cl/wanted/1" ‖ the wanted digests in order); zeroes when there is none.
    package var wantedDigest = Digest(words: 0, 0, 0, 0)
    /// Where the speaker's copies of the peer's own logs stand, newest incarnation first.
    package var views: [Position] = []
    /// How the site's key came to be what it is, oldest change first; with ``Features/rekeyed``.
    package var successions: [KeySuccession] = []

    /// Creates a HELLO.
    package init(
        site: SiteName,
        siteKey: [UInt8],
        nonce: [UInt8],
        stateDigest: Digest,
        views: [Position] = []
    ) {
        self.site = site
        self.siteKey = siteKey
        self.nonce = nonce
        self.stateDigest = stateDigest
        self.views = views
    }

    var frame: Frame {
        precondition(self.siteKey.count == 32 && self.nonce.count == 16 && self.grant.count == 16)
        precondition(self.views.count <= SyncLimits.viewsMax)
        var body = Self.magic
        body.append(self.versionMin)
        body.append(self.versionMax)
        body.append(text: self.site.rawValue)
        body.append(contentsOf: self.siteKey)
        body.append(contentsOf: self.nonce)
        body.append(contentsOf: self.grant)
        body.appendBigEndian(self.features.rawValue)
        self.stateDigest.append(to: &body)
        body.appendBigEndian(self.wantedCount)
        self.wantedDigest.append(to: &body)
        body.append(UInt8(self.views.count))
        for view in self.views { body.append(view) }
        if self.features.contains(.rekeyed) {
            precondition((1...KeySuccession.countMax).contains(self.successions.count))
            body.append(UInt8(self.successions.count))
            for succession in self.successions { body.append(contentsOf: succession.bytes) }
        }
        return Frame(type: .hello, body: body)
    }

    /// Reads a HELLO. The version is compared before anything behind it is read, so that a later
    /// version may lay out the rest in another way.
    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .hello)
        guard try reader.bytes(4) == Self.magic else { throw .malformed(.hello, offset: 0) }
        self.versionMin = try reader.number()
        self.versionMax = try reader.number()
        guard self.versionMin <= self.versionMax else { throw reader.malformed }
        guard self.versionMin <= Self.versionMax, self.versionMax >= Self.versionMin else {
            throw .versionMismatch(peerMin: self.versionMin, peerMax: self.versionMax)
        }
        guard let site = SiteName(try reader.text(bytesMax: SiteName.bytesMax)) else {
            throw reader.malformed
        }
        self.site = site
        self.siteKey = try reader.bytes(32)
        self.nonce = try reader.bytes(16)
        self.grant = try reader.bytes(16)
        self.features = Features(rawValue: try reader.number())
        self.stateDigest = try reader.digest()
        self.wantedCount = try reader.number()
        self.wantedDigest = try reader.digest()
        let count = Int(try reader.number(UInt8.self))
        guard count <= SyncLimits.viewsMax else { throw .limit(.logs, log: nil) }
        for _ in 0..<count { self.views.append(try reader.position()) }
        if self.features.contains(.rekeyed) { self.successions = try Self.successions(&reader) }
        try reader.end()
    }

    private static func successions(
        _ reader: inout BodyReader
    ) throws(SyncError) -> [KeySuccession] {
        let count = Int(try reader.number(UInt8.self))
        guard (1...KeySuccession.countMax).contains(count) else { throw reader.malformed }
        var successions: [KeySuccession] = []
        for _ in 0..<count {
            let former = try reader.bytes(32)
            successions.append(KeySuccession(former: former, signature: try reader.bytes(64)))
        }
        return successions
    }
}
