internal import LedgerTypes

/// The body of a cosignature of kind 0x04: when, and the Ed25519 signature.
///
/// Source: https://c2sp.org/tlog-cosignature
package struct Cosignature: Hashable, Sendable {
    /// The number of bytes in a body.
    package static let byteCount = 8 + VerifyingKey.signatureByteCount

    /// When it was made, in seconds since 1970.
    package let time: UInt64
    /// The 64 bytes of the signature over ``message(time:text:)``.
    package let signature: [UInt8]

    /// Reads a signature body (without key id); `nil` unless it has 72 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.time = bytes.span.bigEndianWord(at: 0)
        self.signature = Array(bytes.dropFirst(8))
    }

    /// What a cosigner signs: a header, the time and the whole text of the checkpoint.
    package static func message(time: UInt64, text: [UInt8]) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + text
    }
}
