internal import Crypto
package import LedgerTypes

/// A customer's or case's data encryption key: 32 random bytes under a random name.
package struct DataKey: Sendable {
    /// The bytes of a key.
    package static let byteCount = 32
    /// The random bytes that make a key and its name.
    package static let randomByteCount = 16 + DataKey.byteCount

    /// The key's name in leaves.
    package let id: KeyID
    /// Kept in memory that is overwritten when it is freed.
    let secret: SymmetricKey

    /// Creates the key `id` of exactly 32 bytes; `nil` for any other count.
    package init?(id: KeyID, bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.id = id
        self.secret = SymmetricKey(data: bytes)
    }

    init(id: KeyID, secret: SymmetricKey) {
        self.id = id
        self.secret = secret
    }

    /// Makes a new key and its name from ``randomByteCount`` random bytes.
    package init(random: [UInt8]) {
        precondition(random.count == Self.randomByteCount)
        guard let id = KeyID(random.span.extracting(first: 16)) else {
            preconditionFailure("16 bytes are an id")
        }
        self.id = id
        self.secret = SymmetricKey(data: random[16...])
    }
}
