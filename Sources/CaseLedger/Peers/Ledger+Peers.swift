internal import EventStore
public import LedgerTypes
internal import Replication

extension Ledger {
    /// This site's name and public key, to be handed to the operators of its peers.
    public func siteKey() throws(LedgerError) -> SiteKey {
        do throws(EventStoreError) {
            // As the log says: the secret half may lie where this process cannot read.
            let site = self.store.siteName
            let log = try self.store.read { (snapshot) throws(EventStoreError) in
                try snapshot.logs().first(where: \.isCurrent)
            }
            guard let log, let key = SiteKey(site, log.genesis.siteKey) else {
                throw EventStoreError.siteKeyMismatch(site)
            }
            return key
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// The sites that this one keeps in step with, by name.
    public func peers() throws(LedgerError) -> [Peer] {
        do throws(EventStoreError) {
            let pins = try self.store.pins()
            let partners = try self.partners()
            let geneses = try self.store.geneses().values
                .sorted { $0.incarnation > $1.incarnation }
            return try self.store.peers().sorted { $0.key.rawValue < $1.key.rawValue }
                .map { site, address in
                    var former: [[UInt8]] = []
                    for genesis in geneses where genesis.site == site {
                        let key = genesis.siteKey
                        if key != pins[site], !former.contains(key) { former.append(key) }
                    }
                    return Peer(
                        site,
                        address,
                        pins[site].flatMap { SiteKey(site, $0) },
                        former: former.compactMap { SiteKey(site, $0) },
                        isPartner: partners.contains(site)
                    )
                }
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// The sites that get nothing but what grants let through: said to be partners, or given one.
    func partners() throws(EventStoreError) -> Set<SiteName> {
        let records: [GrantRecord]
        do throws(SyncError) {
            records = try GrantRecord.all(in: self.store)
        } catch {
            throw .damaged(table: "meta", row: "grant/")
        }
        return try self.store.partners().union(records.map(\.grant.partner.site))
    }

    /// Gives this site a new key. Its next log begins under it, with the old key's word that it is
    /// the next one, by which peers take it at their next sync; what the old key signed stays good.
    ///
    /// The ledger is opened and closed; open it again afterwards. Programs that have it open go on.
    ///
    /// - Parameters:
    ///   - path: the ledger's directory.
    ///   - state: where its secrets lie.
    /// - Returns: the new key.
    /// - Throws: ``LedgerError/suspect(_:reason:)`` if nothing may be appended, and errors of
    ///   storage.
    public static func rotateSiteKey(
        at path: String,
        state: String
    ) async throws(LedgerError) -> SiteKey {
        let ledger = try Self.open(at: path, state: state)
        do throws(EventStoreError) {
            _ = try await ledger.store.rotateSiteKey()
            ledger.close()
        } catch {
            ledger.close()
            throw LedgerError(error, path: path)
        }
        // Opening it says again who the site is, in the new log.
        let again = try Self.open(at: path, state: state)
        defer { again.close() }
        return try again.siteKey()
    }

    /// Adds a peer, or changes where a known one is reached. Its name is bound to its key from now
    /// on, until that key itself names the next one.
    ///
    /// - Parameters:
    ///   - site: the peer's site name.
    ///   - address: where it is reached, 1 to 1,024 bytes without control characters.
    ///   - key: its key as ``siteKey()`` prints it there; without one the name stays unbound until
    ///     a sync that trusts on first use.
    ///   - isPartner: whether it gets nothing but what grants let through; with `nil` that stays as
    ///     it was, and a new peer gets everything. A site with a grant is a partner in any case.
    /// - Returns: the peer as it is known now.
    /// - Throws: ``LedgerError/malformedKey(site:)``, ``LedgerError/otherKey(site:)`` if the name
    ///   is bound to another key already, and errors of storage.
    public func addPeer(
        _ site: SiteName,
        address: String,
        key: String? = nil,
        isPartner: Bool? = nil
    ) async throws(LedgerError) -> Peer {
        var bytes: [UInt8]?
        if let key {
            guard let parsed = SiteKeyText.parse(key), parsed.site == site else {
                throw .malformedKey(site: site.rawValue)
            }
            bytes = parsed.key
        }
        let isPrintable = !address.unicodeScalars.contains {
            $0.properties.generalCategory == .control
        }
        guard isPrintable, (1...EventStore.peerAddressBytesMax).contains(address.utf8.count)
        else { throw .malformedAddress(address) }
        let own = try self.siteKey()
        guard site.rawValue != own.site, bytes != own.bytes else { throw .ownSite }
        do throws(EventStoreError) {
            try await self.store.putPeer(
                site,
                address: address,
                key: bytes,
                isPartner: isPartner
            )
            let pinned = try self.store.pinnedKey(of: site)
            return Peer(
                site,
                address,
                pinned.flatMap { SiteKey(site, $0) },
                isPartner: try self.partners().contains(site)
            )
        } catch {
            if case .siteKeyMismatch = error { throw .otherKey(site: site.rawValue) }
            throw LedgerError(error, path: self.path)
        }
    }

    /// Removes a peer; false if it was not known. Its history stays, and its name stays bound to
    /// its key.
    public func removePeer(_ site: SiteName) async throws(LedgerError) -> Bool {
        do throws(EventStoreError) {
            return try await self.store.removePeer(site)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }
}

/// A site's name and public key.
public struct SiteKey: Hashable, Sendable, Encodable {
    /// The site's name.
    public let site: String
    /// Name and key in one line that can be copied, a C2SP vkey: a slip of the pen is noticed.
    public let key: String
    /// The key in eight words, to be compared on the phone.
    public let phrase: String

    package let bytes: [UInt8]

    private enum CodingKeys: String, CodingKey {
        case site, key, phrase
    }

    package init?(_ site: SiteName, _ bytes: [UInt8]) {
        guard let text = SiteKeyText.text(site, key: bytes) else { return nil }
        self.site = site.rawValue
        self.key = text
        self.phrase = KeyPhrase.words(of: bytes)
        self.bytes = bytes
    }
}

/// A site that this one keeps in step with.
public struct Peer: Hashable, Sendable, Encodable {
    /// The peer's site name.
    public let site: String
    /// Where it is reached.
    public let address: String
    /// Its key as a vkey; `nil` while the name is not bound to one.
    public let key: String?
    /// Its key in eight words.
    public let phrase: String?
    /// The keys that it had before, newest first, as far as logs under them are held; `nil` if
    /// there are none.
    public let former: [SiteKey]?
    /// Whether it gets nothing but what grants let through.
    public let isPartner: Bool

    package let keyBytes: [UInt8]?

    private enum CodingKeys: String, CodingKey {
        case site, address, key, phrase, former, isPartner
    }

    init(
        _ site: SiteName,
        _ address: String,
        _ key: SiteKey?,
        former: [SiteKey] = [],
        isPartner: Bool
    ) {
        self.former = former.isEmpty ? nil : former
        self.isPartner = isPartner
        self.site = site.rawValue
        self.address = address
        self.key = key?.key
        self.phrase = key?.phrase
        self.keyBytes = key?.bytes
    }
}
