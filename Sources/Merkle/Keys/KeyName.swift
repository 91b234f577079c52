internal import LedgerTypes

/// The name of a key in signed notes: not empty, without Unicode space, `+` or control characters.
///
/// Source: https://c2sp.org/signed-note@v1.0.0
package struct KeyName: Hashable, Sendable, CustomStringConvertible {
    /// The most bytes a name may have. A log's is a site's name of up to 200 bytes, `/e`, up to 20
    /// digits and 9 bytes more; other tools' names may be longer, but not without end.
    package static let bytesMax = 1_024

    /// The name.
    package let rawValue: String

    /// Creates a name; `nil` if `text` is not one.
    package init?(_ text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.count <= Self.bytesMax else { return nil }
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || scalar == "+" { return nil }
            if scalar.properties.generalCategory == .control { return nil }
        }
        self.rawValue = String(text)
    }

    /// The name.
    package var description: String { self.rawValue }
}

extension KeyName {
    /// Whether the bytes are equal. `String` would let two spellings of one character be equal.
    package static func == (lhs: KeyName, rhs: KeyName) -> Bool {
        lhs.rawValue.utf8.elementsEqual(rhs.rawValue.utf8)
    }

    /// Feeds the bytes to `hasher`.
    package func hash(into hasher: inout Hasher) {
        for byte in self.rawValue.utf8 { hasher.combine(byte) }
    }
}

/// The kind of a key, the byte before its public part.
package enum KeyKind: UInt8, Hashable, Sendable {
    /// Ed25519 over the note's text.
    case ed25519 = 0x01
    /// Ed25519 over `cosignature/v1`, a time and the note's text (c2sp.org/tlog-cosignature).
    case cosignature = 0x04
}

/// The first four bytes of SHA-256(name ‖ 0x0A ‖ kind ‖ public key): which key a signature claims.
///
/// Not a proof of anything; two keys may share it.
package struct NoteKeyID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The bytes as one big-endian number.
    package let rawValue: UInt32

    /// Creates an id.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The id of a key.
    package init(name: KeyName, kind: KeyKind, publicKey: [UInt8]) {
        let digest = Digest.sha256(domain: name.rawValue, [0x0A, kind.rawValue], publicKey)
        self.rawValue = UInt32(digest.words.0 >> 32)
    }

    /// Reads eight lower-case hexadecimal digits; `nil` for anything else.
    package init?(hex: some StringProtocol) {
        guard hex.utf8.count == 8, let value = UInt32(hex, radix: 16) else { return nil }
        self.rawValue = value
        guard self.description == hex else { return nil }
    }

    /// Eight lower-case hexadecimal digits.
    package var description: String {
        let digits = String(self.rawValue, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}
