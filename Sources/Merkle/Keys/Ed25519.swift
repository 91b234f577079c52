internal import Crypto
internal import FoundationEssentials

/// An Ed25519 private key (RFC 8032).
///
/// Pure: the seed comes from outside. With swift-crypto's BoringSSL the signature is a function of
/// key and message alone; nothing may rely on that, since CryptoKit signs at random.
package struct SigningKey: Sendable {
    /// The number of bytes in a seed.
    package static let seedByteCount = 32

    /// The 32 bytes that the key is made from. They are the secret.
    package let seed: [UInt8]
    private let key: Curve25519.Signing.PrivateKey

    /// Creates the key of `seed`; `nil` unless it has exactly 32 bytes.
    package init?(seed: [UInt8]) {
        guard seed.count == Self.seedByteCount,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        else { return nil }
        self.seed = seed
        self.key = key
    }

    /// The public half.
    package var verifyingKey: VerifyingKey { VerifyingKey(self.key.publicKey) }

    /// The 32 bytes of the public key.
    package var publicKey: [UInt8] { Array(self.key.publicKey.rawRepresentation) }

    /// The 64-byte signature over `message`.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        guard let signature = try? self.key.signature(for: message) else {
            preconditionFailure("Ed25519 signing fails only when memory is exhausted")
        }
        return Array(signature)
    }
}

/// An Ed25519 public key (RFC 8032).
package struct VerifyingKey: Sendable {
    /// The number of bytes in a public key.
    package static let byteCount = 32
    /// The number of bytes in a signature.
    package static let signatureByteCount = 64

    private let key: Curve25519.Signing.PublicKey

    /// Creates a key from its 32 bytes; `nil` for any other count.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else { return nil }
        self.key = key
    }

    fileprivate init(_ key: Curve25519.Signing.PublicKey) { self.key = key }

    /// The 32 bytes.
    package var bytes: [UInt8] { Array(self.key.rawRepresentation) }

    /// Whether `signature` is this key's over `message`.
    package func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        guard signature.count == Self.signatureByteCount else { return false }
        return self.key.isValidSignature(signature, for: message)
    }
}

extension VerifyingKey: Hashable {
    /// Whether the bytes are equal.
    package static func == (lhs: VerifyingKey, rhs: VerifyingKey) -> Bool {
        lhs.bytes == rhs.bytes
    }

    /// Feeds the bytes to `hasher`.
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}
