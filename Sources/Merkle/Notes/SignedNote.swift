internal import LedgerTypes

/// Why bytes are not a signed note, or why a note is not to be believed.
package enum NoteError: Error, Hashable, Sendable {
    /// More bytes than ``SignedNote/bytesMax``.
    case tooLong(bytes: Int)
    /// More signatures than ``SignedNote/signaturesMax``.
    case tooManySignatures
    /// The bytes are not UTF-8.
    case notUTF8
    /// A control character other than a newline, at this byte.
    case controlCharacter(offset: Int)
    /// No empty line parts the text from signatures, or the last line does not end.
    case noSignatures
    /// This line after the text (0-based) is no signature line.
    case malformedSignature(line: Int)
    /// A key that the reader knows did not make the signature in its name.
    case invalidSignature(key: String)
    /// None of the signatures is by a key that the reader asked for.
    case unsigned
}

/// One signature line of a note.
package struct NoteSignature: Hashable, Sendable {
    /// The name of the key.
    package let name: KeyName
    /// Which key of that name.
    package let keyID: NoteKeyID
    /// The signature without the key id; what it means depends on the key's kind.
    package let bytes: [UInt8]

    /// Creates a signature.
    package init(name: KeyName, keyID: NoteKeyID, bytes: [UInt8]) {
        self.name = name
        self.keyID = keyID
        self.bytes = bytes
    }

    /// The line, newline included.
    package var line: String {
        var body: [UInt8] = []
        body.appendBigEndian(self.keyID.rawValue)
        return "\u{2014} \(self.name) \(Base64.encode(body + self.bytes))\n"
    }

    /// Reads a line without its newline; `nil` if it is no signature line.
    package init?(line: some StringProtocol) {
        // Split by bytes: a character may join the space with what follows it.
        let parts = Array(line.utf8).split(
            separator: UInt8(ascii: " "),
            omittingEmptySubsequences: false
        )
        guard parts.count == 3, parts[0].elementsEqual("\u{2014}".utf8),
            let name = KeyName(String(decoding: parts[1], as: UTF8.self)),
            let body = Base64.decode(String(decoding: parts[2], as: UTF8.self)),
            body.count >= 5
        else { return nil }
        var keyID: UInt32 = 0
        for byte in body.prefix(4) { keyID = keyID << 8 | UInt32(byte) }
        self.init(
            name: name,
            keyID: NoteKeyID(rawValue: keyID),
            bytes: Array(body.dropFirst(4))
        )
    }
}

/// A text and signatures over it.
///
/// ```
/// <text, one or more lines>
///
/// — <key name> <base64(key id ‖ signature)>
/// ```
///
/// The signatures are over the text with its last newline and without the empty line. The text ends
/// at the last empty line. A note that parsed is not verified: see ``verified(by:)``.
///
/// Source: https://c2sp.org/signed-note@v1.0.0
package struct SignedNote: Hashable, Sendable {
    /// The most bytes a note may have, signatures included.
    package static let bytesMax = 1 << 20
    /// The most signatures a note may have. The format asks for at least 16.
    package static let signaturesMax = 100

    /// The text, which ends in a newline.
    package let text: String
    /// The signatures, in the order of their lines.
    package private(set) var signatures: [NoteSignature]

    /// Creates a note; `text` must not be empty, must end in a newline and hold no control
    /// character but newlines.
    package init(text: String, signatures: [NoteSignature]) {
        precondition(text.utf8.last == Self.newline)
        precondition(signatures.count <= Self.signaturesMax)
        precondition(Self.firstControlCharacter(in: Array(text.utf8).span) == nil)
        self.text = text
        self.signatures = signatures
    }

    /// Reads a note. No signature is verified.
    package init(parsing bytes: Span<UInt8>) throws(NoteError) {
        guard bytes.count <= Self.bytesMax else { throw .tooLong(bytes: bytes.count) }
        if let offset = Self.firstControlCharacter(in: bytes) {
            throw .controlCharacter(offset: offset)
        }
        guard let textEnd = Self.lastEmptyLine(in: bytes) else { throw .noSignatures }
        guard let text = Self.string(bytes.extracting(0..<textEnd)),
            let rest = Self.string(bytes.extracting(textEnd + 1..<bytes.count))
        else { throw .notUTF8 }
        self.text = text
        self.signatures = try Self.signatures(in: rest)
    }

    /// The note as bytes.
    package var bytes: [UInt8] {
        var bytes = Array(self.text.utf8)
        bytes.append(Self.newline)
        for signature in self.signatures { bytes += Array(signature.line.utf8) }
        return bytes
    }

    /// Adds a signature after the others.
    package mutating func add(_ signature: NoteSignature) throws(NoteError) {
        guard self.signatures.count < Self.signaturesMax else { throw .tooManySignatures }
        self.signatures.append(signature)
    }

    /// The verifiers of `known` whose signatures the note carries, each once, in the order of the
    /// lines. Signatures by other keys are ignored.
    ///
    /// - Throws: ``NoteError/invalidSignature(key:)`` when a line names a known key that did not
    ///   make it.
    package func verified(by known: [NoteVerifier]) throws(NoteError) -> [NoteVerifier] {
        let message = Array(self.text.utf8)
        var verified: [NoteVerifier] = []
        for signature in self.signatures {
            for verifier in known
            where verifier.keyID == signature.keyID && verifier.name == signature.name {
                guard verifier.isValid(signature.bytes, for: message) else {
                    throw .invalidSignature(key: verifier.name.rawValue)
                }
                if !verified.contains(verifier) { verified.append(verifier) }
            }
        }
        return verified
    }

    /// Returns if `verifier` signed the note.
    package func require(_ verifier: NoteVerifier) throws(NoteError) {
        guard try !self.verified(by: [verifier]).isEmpty else { throw .unsigned }
    }

    private static let newline = UInt8(ascii: "\n")

    private static func signatures(in text: String) throws(NoteError) -> [NoteSignature] {
        guard text.utf8.last == Self.newline else { throw .noSignatures }
        let lines = text.utf8.dropLast().split(
            separator: Self.newline,
            maxSplits: Self.signaturesMax,
            omittingEmptySubsequences: false
        )
        guard lines.count <= Self.signaturesMax else { throw .tooManySignatures }
        var signatures: [NoteSignature] = []
        for (number, line) in lines.enumerated() {
            guard let signature = NoteSignature(line: Substring(line)) else {
                throw .malformedSignature(line: number)
            }
            signatures.append(signature)
        }
        return signatures
    }

    /// Where the empty line is after which only non-empty lines follow, if there is one.
    private static func lastEmptyLine(in bytes: Span<UInt8>) -> Int? {
        var offset = bytes.count - 1
        while offset > 0 {
            if bytes[offset] == Self.newline && bytes[offset - 1] == Self.newline { return offset }
            offset -= 1
        }
        return nil
    }

    private static func firstControlCharacter(in bytes: Span<UInt8>) -> Int? {
        for index in bytes.indices where bytes[index] < 0x20 && bytes[index] != Self.newline {
            return index
        }
        return nil
    }

    private static func string(_ bytes: Span<UInt8>) -> String? {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }
        return String(copying: text)
    }
}
