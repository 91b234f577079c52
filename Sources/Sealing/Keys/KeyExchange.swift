internal import Crypto
internal import FoundationEssentials
package import LedgerTypes

/// Data keys on their way to another site: each sealed with HPKE to a key that the receiver made
/// for this one request (PRIVACY.md 3; RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256),
/// HKDF-SHA256, ChaCha20Poly1305).
package struct SealedKeys: Hashable, Sendable {
    /// One key.
    package struct Entry: Hashable, Sendable {
        /// The key's name in leaves.
        package var id: KeyID
        /// Whose key it is.
        package var owner: Subject
        /// The key, sealed: ``SealedKeys/sealedByteCount`` bytes.
        package var sealed: [UInt8]

        /// Describes a sealed key.
        package init(id: KeyID, owner: Subject, sealed: [UInt8]) {
            self.id = id
            self.owner = owner
            self.sealed = sealed
        }
    }

    /// The bytes of a recipient's public key, and of an encapsulated one.
    package static let publicByteCount = 32
    /// The bytes of a sealed key: the key and the tag.
    package static let sealedByteCount = DataKey.byteCount + 16

    /// The encapsulated key, 32 bytes.
    package var encapsulated: [UInt8]
    /// The keys, in the order they were sealed.
    package var entries: [Entry]

    /// Pairs an encapsulated key with what was sealed under it.
    package init(encapsulated: [UInt8], entries: [Entry]) {
        self.encapsulated = encapsulated
        self.entries = entries
    }

    static let suite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly

    /// What a sealed key is bound to: its name and its owner.
    static func binding(_ id: KeyID, _ owner: Subject) -> [UInt8] {
        var binding: [UInt8] = []
        binding.appendBigEndian(id.rawValue)
        binding.append(contentsOf: owner.rawValue.utf8)
        return binding
    }
}

/// The receiving end of one request for keys. Its secret lives as long as the request.
package struct KeyRecipient: Sendable {
    private let secret = Curve25519.KeyAgreement.PrivateKey()

    /// Makes a key of its own.
    package init() {}

    /// The public key, 32 bytes.
    package var publicKey: [UInt8] { Array(self.secret.publicKey.rawRepresentation) }

    /// Opens `keys`, which were sealed to this recipient with the same `info`; throws
    /// ``SealingError/exchangeRefused(_:)`` naming the first key that does not open, or `nil`.
    package func open(
        _ keys: SealedKeys,
        info: [UInt8]
    ) throws(SealingError) -> [(key: DataKey, owner: Subject)] {
        guard
            var recipient = try? HPKE.Recipient(
                privateKey: self.secret,
                ciphersuite: SealedKeys.suite,
                info: Data(info),
                encapsulatedKey: Data(keys.encapsulated)
            )
        else { throw .exchangeRefused(nil) }
        var opened: [(key: DataKey, owner: Subject)] = []
        opened.reserveCapacity(keys.entries.count)
        for entry in keys.entries {
            let binding = SealedKeys.binding(entry.id, entry.owner)
            guard let bytes = try? recipient.open(entry.sealed, authenticating: binding),
                let key = DataKey(id: entry.id, bytes: Array(bytes))
            else { throw .exchangeRefused(entry.id) }
            opened.append((key, entry.owner))
        }
        return opened
    }
}

extension KeyStore {
    /// Seals those of `ids` that are here to `recipient`, a public key of 32 bytes. `info` ties
    /// them to the request. Throws ``SealingError/exchangeRefused(_:)`` if the recipient's key is
    /// none, and errors of the key table.
    package func give(
        _ ids: [KeyID],
        to recipient: [UInt8],
        info: [UInt8]
    ) throws(SealingError) -> SealedKeys {
        guard
            let key = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: recipient),
            var sender = try? HPKE.Sender(
                recipientKey: key,
                ciphersuite: SealedKeys.suite,
                info: Data(info)
            )
        else { throw .exchangeRefused(nil) }
        var sealed = SealedKeys(encapsulated: Array(sender.encapsulatedKey), entries: [])
        for id in ids {
            guard let (key, owner) = try self.keyToGive(id) else { continue }
            let bytes = unsafe key.secret.withUnsafeBytes { unsafe [UInt8]($0) }
            let binding = SealedKeys.binding(id, owner)
            guard let box = try? sender.seal(bytes, authenticating: binding) else {
                throw .exchangeRefused(id)
            }
            sealed.entries.append(
                SealedKeys.Entry(id: id, owner: owner, sealed: Array(box))
            )
        }
        return sealed
    }
}
