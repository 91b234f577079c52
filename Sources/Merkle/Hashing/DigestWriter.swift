internal import Crypto
package import LedgerTypes

/// A running SHA-256 over bytes that come in parts.
///
/// Pure. Copies are independent of each other.
package struct DigestWriter: Sendable {
    private var hasher: SHA256

    /// Starts over no bytes.
    package init() { self.hasher = SHA256() }

    /// Goes on over `bytes`.
    package mutating func update(_ bytes: Span<UInt8>) {
        // The hasher reads the buffer inside the call only.
        unsafe bytes.withUnsafeBytes { unsafe self.hasher.update(bufferPointer: $0) }
    }

    /// Goes on over the one byte `byte`.
    package mutating func update(_ byte: UInt8) {
        // The hasher reads the buffer inside the call only.
        unsafe withUnsafeBytes(of: byte) { unsafe self.hasher.update(bufferPointer: $0) }
    }

    /// Goes on over the bytes of `digest`.
    package mutating func update(_ digest: LedgerTypes.Digest) {
        let words = digest.words
        let bytes = (
            words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
        )
        // Four words without padding between them are 32 bytes.
        unsafe withUnsafeBytes(of: bytes) { unsafe self.hasher.update(bufferPointer: $0) }
    }

    /// The digest of everything so far.
    package func finalize() -> LedgerTypes.Digest { LedgerTypes.Digest(self.hasher.finalize()) }
}

extension LedgerTypes.Digest {
    /// SHA-256 of `bytes`, which are read inside the call only.
    @unsafe
    static func sha256(_ bytes: UnsafeRawBufferPointer) -> LedgerTypes.Digest {
        var hasher = SHA256()
        unsafe hasher.update(bufferPointer: bytes)
        return LedgerTypes.Digest(hasher.finalize())
    }

    /// What the hasher found.
    fileprivate init(_ digest: SHA256Digest) {
        // SHA-256 gives 32 bytes, which is what the loads read.
        self = unsafe digest.withUnsafeBytes { bytes in
            unsafe LedgerTypes.Digest(
                words: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self).bigEndian,
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian,
                bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self).bigEndian,
                bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self).bigEndian
            )
        }
    }
}
