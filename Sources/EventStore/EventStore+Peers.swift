internal import LMDB
package import LedgerTypes
internal import Merkle

// The table of peers: `peer/<site name>` in `meta`, beside the keys that names are bound to.
extension EventStore {
    /// The most bytes of a peer's address.
    package static let peerAddressBytesMax = 1_024

    /// Every peer's address. What an address means is for others to know.
    package func peers() throws(EventStoreError) -> [SiteName: String] {
        try self.log.read { (transaction) throws(EventStoreError) in
            var peers: [SiteName: String] = [:]
            let prefix = MetaKey.peerPrefix
            try transaction.forEach(in: self.tables.meta, from: prefix, backwards: false) {
                (key, value) throws(EventStoreError) in
                let key = [UInt8](copying: key)
                guard key.starts(with: prefix) else { return false }
                let name = String(decoding: key.dropFirst(prefix.count), as: UTF8.self)
                if let site = SiteName(name) {
                    peers[site] = String(decoding: [UInt8](copying: value), as: UTF8.self)
                }
                return true
            }
            return peers
        }
    }

    /// The sites that are let have what grants let through, and else nothing.
    package func partners() throws(EventStoreError) -> Set<SiteName> {
        try self.log.read { (transaction) throws(EventStoreError) in
            var partners: Set<SiteName> = []
            let prefix = MetaKey.partnerPrefix
            try transaction.forEach(in: self.tables.meta, from: prefix, backwards: false) {
                (key, _) throws(EventStoreError) in
                let key = [UInt8](copying: key)
                guard key.starts(with: prefix) else { return false }
                let name = String(decoding: key.dropFirst(prefix.count), as: UTF8.self)
                if let site = SiteName(name) { partners.insert(site) }
                return true
            }
            return partners
        }
    }

    /// Notes where the site's peer is reached and binds its name to `key`, if one is given, in one
    /// commit; throws ``EventStoreError/siteKeyMismatch(_:)`` if the name is bound to another. The
    /// address has 1 to ``peerAddressBytesMax`` bytes and replaces a former one; whether the peer
    /// is a partner stays as it was where `isPartner` does not say.
    package func putPeer(
        _ site: SiteName,
        address: String,
        key: [UInt8]?,
        isPartner: Bool? = nil
    ) async throws(EventStoreError) {
        precondition((1...Self.peerAddressBytesMax).contains(address.utf8.count))
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.putPeer(site, address: address, key: key, isPartner: isPartner)
        }
    }

    /// Forgets where a peer is reached; false if it was not known. Its name stays bound to its key.
    package func removePeer(_ site: SiteName) async throws(EventStoreError) -> Bool {
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.removePeer(site)
        }
    }
}

/// A site's public key as people hand it on: a C2SP vkey under the site's name,
/// `<site name>+<8 hex digits>+<base64>`, whose digits tell a slip of the pen.
package enum SiteKeyText {
    /// The text of `site`'s key; `nil` unless it is an Ed25519 key.
    package static func text(_ site: SiteName, key: [UInt8]) -> String? {
        guard let name = KeyName(site.rawValue), let key = VerifyingKey(key) else { return nil }
        return NoteVerifier(name: name, key: key).vkey
    }

    /// The site and the key in `text`; `nil` if it is not whole.
    package static func parse(_ text: String) -> (site: SiteName, key: [UInt8])? {
        guard let verifier = try? NoteVerifier(vkey: text), verifier.kind == .ed25519,
            let site = SiteName(verifier.name.description)
        else { return nil }
        return (site, verifier.key.bytes)
    }
}
