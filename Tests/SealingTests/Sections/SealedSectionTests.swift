import EventStore
import LedgerTesting
import LedgerTypes
import Sealing
import Testing

@Suite("Sealed sections")
struct SealedSectionTests {
    /// Seals as the golden section was sealed.
    private static func seal(_ plaintext: [UInt8]) throws -> (
        bytes: [UInt8], reference: SectionReference
    ) {
        try SealedSection.seal(
            plaintext,
            kind: "text",
            event: Fixed.event,
            under: Fixed.key(),
            salt: Fixed.salt
        )
    }

    /// The error of opening the golden plaintext's section after `change` to what is offered.
    private static func openingError(
        of bytes: [UInt8]? = nil,
        as reference: SectionReference? = nil,
        event: EventID = Fixed.event,
        under key: DataKey? = nil
    ) throws -> SealingError? {
        let sealed = try Self.seal(Array("Grüß Gott".utf8))
        let key = try key ?? Fixed.key()
        return refusal { () throws(SealingError) in
            _ = try SealedSection.open(
                bytes ?? sealed.bytes,
                as: reference ?? sealed.reference,
                event: event,
                under: key
            )
        }
    }

    @Test("A section has the frozen bytes, digest and commitment, and opens")
    func golden() throws {
        let plaintext = Array("Grüß Gott".utf8)
        let sealed = try Self.seal(plaintext)
        #expect(sealed.bytes.hex == Golden.section)
        #expect(sealed.reference.commitment.hex == Golden.commitment)
        #expect(sealed.reference.digest.hex == Golden.digest)
        #expect(sealed.reference.kind == "text")
        #expect(sealed.reference.keyID == KeyID(rawValue: 7))
        #expect(sealed.reference.paddedLength == 256)
        let opened = try SealedSection.open(
            sealed.bytes,
            as: sealed.reference,
            event: Fixed.event,
            under: Fixed.key()
        )
        #expect(opened == plaintext)
    }

    @Test(
        "A plaintext takes the smallest size class that holds it with salt, length and tag",
        arguments: [
            (0, 256), (1, 256), (204, 256), (205, 496), (444, 496), (445, 1_008), (956, 1_008),
            (957, 2_000), (1_948, 2_000), (1_949, 4_080), (4_028, 4_080), (4_029, 8_160),
            (8_108, 8_160), (8_109, 16_320), (100_000, 130_560),
        ]
    )
    func sizes(count: Int, size: Int) throws {
        var random = SeededRandom(seed: UInt64(count))
        let plaintext = random.bytes(count)
        let sealed = try Self.seal(plaintext)
        #expect(sealed.bytes.count == size)
        #expect(sealed.reference.paddedLength == UInt32(size))
        let opened = try SealedSection.open(
            sealed.bytes,
            as: sealed.reference,
            event: Fixed.event,
            under: Fixed.key()
        )
        #expect(opened == plaintext)
    }

    @Test("The longest plaintext fits under 16 MiB, and one byte more is refused")
    func longest() throws {
        let longest = [UInt8](repeating: 7, count: SealedSection.plaintextBytesMax)
        let sealed = try Self.seal(longest)
        #expect(sealed.bytes.count <= SectionReference.bytesMax)
        let opened = try SealedSection.open(
            sealed.bytes,
            as: sealed.reference,
            event: Fixed.event,
            under: Fixed.key()
        )
        #expect(opened == longest)
        #expect(throws: SealingError.plaintextTooLong(bytes: longest.count + 1)) {
            try Self.seal(longest + [7])
        }
    }

    @Test("A kind that is no ASCII name is refused", arguments: ["", "größe", "a b"])
    func kind(kind: String) throws {
        let key = try Fixed.key()
        let error = refusal { () throws(SealingError) in
            _ = try SealedSection.seal(
                [],
                kind: kind,
                event: Fixed.event,
                under: key,
                salt: Fixed.salt
            )
        }
        #expect(error == .malformedKind)
    }

    @Test("A bit flipped anywhere in the section is refused by the digest", arguments: 0..<8)
    func flips(bit: Int) throws {
        let sealed = try Self.seal(Array("Grüß Gott".utf8))
        for index in sealed.bytes.indices {
            var bytes = sealed.bytes
            bytes[index] ^= 1 << UInt8(bit)
            let error = try Self.openingError(of: bytes)
            #expect(error == .digestMismatch(sealed.reference.digest), "byte \(index)")
        }
    }

    @Test("A section that is cut off or goes on is refused by its length")
    func lengths() throws {
        let bytes = try Self.seal([]).bytes
        for wrong in [[], Array(bytes.dropLast()), bytes + [0]] {
            let error = try Self.openingError(of: wrong)
            #expect(error == .lengthMismatch(stated: 256, found: wrong.count))
        }
    }

    @Test("A length that is no size class is refused even where leaf and section agree")
    func noSizeClass() throws {
        let bytes = [UInt8](repeating: 0, count: 300)
        let sealed = try Self.seal([])
        let reference = SectionReference(
            kind: "text",
            digest: SectionReference.digest(of: bytes.span),
            keyID: sealed.reference.keyID,
            commitment: sealed.reference.commitment,
            paddedLength: 300
        )
        let error = try Self.openingError(of: bytes, as: reference)
        #expect(error == .lengthMismatch(stated: 300, found: 300))
    }

    @Test("Another key is refused: by its name, or by the commitment under the same name")
    func wrongKey() throws {
        let named = try Self.openingError(under: Fixed.key(id: 8))
        #expect(
            named == .keyMismatch(needed: KeyID(rawValue: 7), offered: KeyID(rawValue: 8))
        )
        let disguised = try Self.openingError(under: Fixed.key(first: 1))
        #expect(disguised == .commitmentMismatch(KeyID(rawValue: 7)))
    }

    @Test("The section of another event, of another kind, or with another commitment is refused")
    func wrongPlace() throws {
        let refused = SealingError.commitmentMismatch(KeyID(rawValue: 7))
        #expect(try Self.openingError(event: Fixed.otherEvent) == refused)
        let sealed = try Self.seal(Array("Grüß Gott".utf8)).reference
        let kind = SectionReference(
            kind: "row",
            digest: sealed.digest,
            keyID: sealed.keyID,
            commitment: sealed.commitment,
            paddedLength: sealed.paddedLength
        )
        #expect(try Self.openingError(as: kind) == refused)
        let commitment = SectionReference(
            kind: sealed.kind,
            digest: sealed.digest,
            keyID: sealed.keyID,
            commitment: sealed.commitment.reversed(),
            paddedLength: sealed.paddedLength
        )
        #expect(try Self.openingError(as: commitment) == refused)
    }

    /// Whoever writes a leaf may state any digest and copy a commitment; the tag still tells.
    @Test("A ciphertext that its leaf commits to but its key did not make is refused by the tag")
    func forged() throws {
        let sealed = try Self.seal(Array("Grüß Gott".utf8))
        var bytes = sealed.bytes
        bytes[100] ^= 1
        let reference = SectionReference(
            kind: "text",
            digest: SectionReference.digest(of: bytes.span),
            keyID: sealed.reference.keyID,
            commitment: sealed.reference.commitment,
            paddedLength: 256
        )
        let error = try Self.openingError(of: bytes, as: reference)
        #expect(error == .tagMismatch(reference.digest))
    }

    @Test("A section is checked against its leaf without any key")
    func check() throws {
        let sealed = try Self.seal([1, 2, 3])
        try SealedSection.check(sealed.bytes.span, against: sealed.reference)
        let other = try Self.seal([1, 2, 4]).bytes
        #expect(throws: SealingError.digestMismatch(sealed.reference.digest)) {
            try SealedSection.check(other.span, against: sealed.reference)
        }
    }

    @Test("The same text sealed twice shows nothing in common but the reference's plain fields")
    func salts() throws {
        let first = try Self.seal([1])
        let second = try SealedSection.seal(
            [1],
            kind: "text",
            event: Fixed.event,
            under: Fixed.key(),
            salt: Fixed.salt.reversed()
        )
        #expect(first.reference.digest != second.reference.digest)
        #expect(first.reference.commitment != second.reference.commitment)
        #expect(first.bytes[32...] != second.bytes[32...])
    }
}
