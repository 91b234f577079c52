internal import Crypto
internal import Glibc

/// HKDF with HMAC-SHA-256 (RFC 5869, RFC 2104) for section keys: salts and secrets of 32 bytes, up
/// to 64 bytes of output.
///
/// Its own, on the library's SHA-256, because the library's HKDF took three quarters of opening a
/// short section, and a case is read with all its sections (docs/decisions/0005). A test compares
/// the two on random input.
///
/// Intermediate values live in memory that is overwritten before it is given back.
enum KeyDerivation {
    /// The most bytes that can be derived.
    static let byteCountMax = 64

    private static let blockCount = 64
    private static let hashCount = 32

    // Where things lie in the scratch memory: the key of an HMAC, then a padded key and, behind
    // it, the message, then what is derived.
    private static let key = 0
    private static let padded = 32
    private static let message = 96

    /// Derives `byteCount` bytes and shows them to `body`; they are gone afterwards.
    static func derive<Result>(
        from secret: SymmetricKey,
        salt: Span<UInt8>,
        info: [UInt8],
        byteCount: Int,
        _ body: (_ derived: UnsafeRawBufferPointer) -> Result
    ) -> Result {
        precondition(salt.count == Self.hashCount && secret.bitCount == Self.hashCount * 8)
        precondition(byteCount <= Self.byteCountMax)
        let output = Self.message + Self.hashCount + info.count + 1
        let total = output + Self.byteCountMax
        // Every offset below lies within `total`.
        return unsafe withUnsafeTemporaryAllocation(byteCount: total, alignment: 8) { scratch in
            defer { if let start = scratch.baseAddress { unsafe explicit_bzero(start, total) } }
            // Extract: HMAC(salt, secret).
            unsafe salt.withUnsafeBytes { salt in
                unsafe UnsafeMutableRawBufferPointer(rebasing: scratch[Self.key..<Self.padded])
                    .copyMemory(from: salt)
            }
            unsafe secret.withUnsafeBytes { secret in
                unsafe Self.put(secret, at: Self.message, scratch)
            }
            unsafe Self.authenticate(Self.hashCount, into: Self.key, scratch)
            // Expand: HMAC(key, info ‖ 1), then HMAC(key, what came out ‖ info ‖ 2).
            unsafe info.withUnsafeBytes { info in
                unsafe Self.put(info, at: Self.message, scratch)
                unsafe scratch[Self.message + info.count] = 1
                unsafe Self.authenticate(info.count + 1, into: output, scratch)
                if byteCount > Self.hashCount {
                    let first = unsafe UnsafeRawBufferPointer(
                        rebasing: scratch[output..<output + Self.hashCount]
                    )
                    unsafe Self.put(first, at: Self.message, scratch)
                    unsafe Self.put(info, at: Self.message + Self.hashCount, scratch)
                    unsafe scratch[Self.message + Self.hashCount + info.count] = 2
                    unsafe Self.authenticate(
                        Self.hashCount + info.count + 1,
                        into: output + Self.hashCount,
                        scratch
                    )
                }
            }
            return unsafe body(
                UnsafeRawBufferPointer(rebasing: scratch[output..<output + byteCount])
            )
        }
    }

    private static func put(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int,
        _ scratch: UnsafeMutableRawBufferPointer
    ) {
        unsafe UnsafeMutableRawBufferPointer(rebasing: scratch[offset..<offset + bytes.count])
            .copyMemory(from: bytes)
    }

    /// HMAC of the first `count` bytes of the message under the key, written at `target`, which
    /// may be the key itself.
    private static func authenticate(
        _ count: Int,
        into target: Int,
        _ scratch: UnsafeMutableRawBufferPointer
    ) {
        unsafe Self.pad(0x36, scratch)
        var innerHasher = SHA256()
        unsafe innerHasher.update(
            bufferPointer: UnsafeRawBufferPointer(
                rebasing: scratch[Self.padded..<Self.message + count]
            )
        )
        let inner = innerHasher.finalize()
        unsafe Self.pad(0x5C, scratch)
        var hasher = SHA256()
        unsafe hasher.update(
            bufferPointer: UnsafeRawBufferPointer(rebasing: scratch[Self.padded..<Self.message])
        )
        unsafe inner.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
        unsafe hasher.finalize().withUnsafeBytes { unsafe Self.put($0, at: target, scratch) }
    }

    private static func pad(_ mask: UInt8, _ scratch: UnsafeMutableRawBufferPointer) {
        for index in 0..<Self.hashCount {
            unsafe scratch[Self.padded + index] = scratch[Self.key + index] ^ mask
        }
        for index in Self.hashCount..<Self.blockCount {
            unsafe scratch[Self.padded + index] = mask
        }
    }
}
