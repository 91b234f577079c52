internal import Crypto
internal import EventStore
internal import FoundationEssentials
package import LedgerTypes

/// Seals and opens sections (PRIVACY.md 1; docs/FORMAT.md draws the bytes).
///
/// Pure: the salt comes from outside. Every function may be called from any thread.
package enum SealedSection {
    /// The random bytes in front of a sealed section.
    package static let saltByteCount = 32
    /// The bytes of the tag at its end.
    package static let tagByteCount = 16
    /// The most bytes of a plaintext.
    package static let plaintextBytesMax = 16_711_680 - SealedSection.overhead

    /// Salt, tag and the length in front of the plaintext.
    private static let overhead = SealedSection.saltByteCount + SealedSection.tagByteCount + 4
    private static let context = Array("cl/section/1".utf8)
    /// The key is used once, so the nonce need not vary.
    private static let nonce = [UInt8](repeating: 0, count: 12)

    /// Seals `plaintext` as the section `kind` of `event`. `salt` is 32 fresh random bytes: the
    /// same salt must never seal two plaintexts.
    package static func seal(
        _ plaintext: [UInt8],
        kind: String,
        event: EventID,
        under key: DataKey,
        salt: [UInt8]
    ) throws(SealingError) -> (bytes: [UInt8], reference: SectionReference) {
        precondition(salt.count == Self.saltByteCount)
        guard SectionReference.isKind(kind) else { throw .malformedKind }
        guard let size = SectionReference.sizeClass(holding: plaintext.count + Self.overhead) else {
            throw .plaintextTooLong(bytes: plaintext.count)
        }
        var padded: [UInt8] = []
        padded.reserveCapacity(size)
        padded.appendBigEndian(UInt32(plaintext.count))
        padded.append(contentsOf: plaintext)
        let paddedCount = size - Self.saltByteCount - Self.tagByteCount
        padded.append(contentsOf: repeatElement(0, count: paddedCount - padded.count))

        let keys = SectionKeys(key, salt: salt[...], kind: kind, event: event)
        guard let nonce = try? ChaChaPoly.Nonce(data: Self.nonce),
            let box = try? ChaChaPoly.seal(
                padded,
                using: keys.sealing,
                nonce: nonce,
                authenticating: keys.binding
            )
        else { preconditionFailure("sealing fails only when memory is exhausted") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        bytes.append(contentsOf: salt)
        // The nonce in front of the combined form is not kept: it never varies.
        bytes.append(contentsOf: box.combined.dropFirst(Self.nonce.count))
        precondition(bytes.count == size)
        let reference = SectionReference(
            kind: kind,
            digest: SectionReference.digest(of: bytes.span),
            keyID: key.id,
            commitment: keys.commitment,
            paddedLength: UInt32(size)
        )
        return (bytes, reference)
    }

    /// Opens `bytes`, the section that `reference` in the leaf of `event` names.
    package static func open(
        _ bytes: [UInt8],
        as reference: SectionReference,
        event: EventID,
        under key: DataKey
    ) throws(SealingError) -> [UInt8] {
        try Self.check(bytes.span, against: reference)
        guard key.id == reference.keyID else {
            throw .keyMismatch(needed: reference.keyID, offered: key.id)
        }
        let salt = bytes[..<Self.saltByteCount]
        let keys = SectionKeys(key, salt: salt, kind: reference.kind, event: event)
        guard keys.commitment == reference.commitment else {
            throw .commitmentMismatch(reference.keyID)
        }
        var combined = Self.nonce
        combined.reserveCapacity(Self.nonce.count + bytes.count - Self.saltByteCount)
        combined.append(contentsOf: bytes[Self.saltByteCount...])
        guard let box = try? ChaChaPoly.SealedBox(combined: combined) else {
            preconditionFailure("the bytes hold a nonce and a tag at least")
        }
        guard
            let padded = try? ChaChaPoly.open(
                box,
                using: keys.sealing,
                authenticating: keys.binding
            )
        else { throw .tagMismatch(reference.digest) }
        return try Self.unpadded(Array(padded), reference)
    }

    /// Checks without any key that `bytes` are the section that `reference` names.
    package static func check(
        _ bytes: Span<UInt8>,
        against reference: SectionReference
    ) throws(SealingError) {
        guard bytes.count == Int(reference.paddedLength),
            SectionReference.isSizeClass(bytes.count)
        else { throw .lengthMismatch(stated: reference.paddedLength, found: bytes.count) }
        guard SectionReference.digest(of: bytes) == reference.digest else {
            throw .digestMismatch(reference.digest)
        }
    }

    /// The plaintext in `padded`; there is exactly one way to pad it.
    private static func unpadded(
        _ padded: [UInt8],
        _ reference: SectionReference
    ) throws(SealingError) -> [UInt8] {
        let bytes = padded.count + Self.saltByteCount + Self.tagByteCount
        let stated = padded[..<4].reduce(0) { $0 << 8 | Int($1) }
        guard stated <= padded.count - 4,
            SectionReference.sizeClass(holding: stated + Self.overhead) == bytes,
            padded[(4 + stated)...].allSatisfy({ $0 == 0 })
        else { throw .malformedPlaintext(reference.digest) }
        return Array(padded[4..<4 + stated])
    }

    /// What one section is sealed with.
    private struct SectionKeys {
        let sealing: SymmetricKey
        let commitment: [UInt8]
        /// The associated data: event id ‖ kind.
        let binding: [UInt8]

        init(_ key: DataKey, salt: ArraySlice<UInt8>, kind: String, event: EventID) {
            var binding: [UInt8] = []
            binding.reserveCapacity(16 + kind.utf8.count)
            binding.appendBigEndian(event.rawValue)
            binding.append(contentsOf: kind.utf8)
            let keyBytes = DataKey.byteCount
            (self.sealing, self.commitment) = unsafe KeyDerivation.derive(
                from: key.secret,
                salt: salt.span,
                info: SealedSection.context + binding,
                byteCount: keyBytes + SectionReference.commitmentByteCount
            ) { derived in
                let sealing = unsafe SymmetricKey(
                    data: UnsafeRawBufferPointer(rebasing: derived[..<keyBytes])
                )
                return (sealing, unsafe [UInt8](derived[keyBytes...]))
            }
            self.binding = binding
        }
    }
}
