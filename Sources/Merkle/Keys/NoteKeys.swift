internal import LedgerTypes

/// Why a key's text is not one.
package enum KeyTextError: Error, Hashable, Sendable {
    /// The text has not the form of a key, or a part of it is malformed.
    case malformed
    /// The kind byte names an algorithm that this program does not know.
    case unknownKind(UInt8)
    /// The key id in the text is not that of the name and the key.
    case wrongKeyID(stated: NoteKeyID, computed: NoteKeyID)
}

/// A public key with the name that its notes carry.
package struct NoteVerifier: Hashable, Sendable {
    /// The most bytes a key's text may have.
    package static let textBytesMax = KeyName.bytesMax + 128

    /// The name.
    package let name: KeyName
    /// What its signatures are over.
    package let kind: KeyKind
    /// The key.
    package let key: VerifyingKey
    /// The key's id.
    package let keyID: NoteKeyID

    /// Creates a verifier.
    package init(name: KeyName, key: VerifyingKey, kind: KeyKind = .ed25519) {
        self.name = name
        self.kind = kind
        self.key = key
        self.keyID = NoteKeyID(name: name, kind: kind, publicKey: key.bytes)
    }

    /// Reads a vkey: `<name>+<8 hex digits of the key id>+<base64(kind ‖ public key)>`.
    package init(vkey: String) throws(KeyTextError) {
        let (name, stated, kind, bytes) = try KeyText.split(vkey, prefix: "")
        guard let key = VerifyingKey(bytes) else { throw .malformed }
        self.init(name: name, key: key, kind: kind)
        guard self.keyID == stated else {
            throw .wrongKeyID(stated: stated, computed: self.keyID)
        }
    }

    /// The key as a vkey.
    package var vkey: String {
        KeyText.join(self.name, self.keyID, [self.kind.rawValue] + self.key.bytes)
    }

    /// Whether `signature` (without key id) is this key's over a note whose text is `text`.
    package func isValid(_ signature: [UInt8], for text: [UInt8]) -> Bool {
        switch self.kind {
        case .ed25519:
            return self.key.isValid(signature, for: text)
        case .cosignature:
            guard let parts = Cosignature(signature) else { return false }
            return self.key.isValid(
                parts.signature,
                for: Cosignature.message(time: parts.time, text: text)
            )
        }
    }
}

/// A private key with the name that its notes carry.
package struct NoteSigner: Sendable {
    /// What the text of a private key begins with.
    package static let textPrefix = "PRIVATE+KEY+"

    /// The name.
    package let name: KeyName
    /// The key.
    package let key: SigningKey
    /// The public half.
    package let verifier: NoteVerifier

    /// Creates a signer of notes.
    package init(name: KeyName, key: SigningKey) {
        self.name = name
        self.key = key
        self.verifier = NoteVerifier(name: name, key: key.verifyingKey)
    }

    /// Reads Go's form: `PRIVATE+KEY+<name>+<8 hex digits>+<base64(0x01 ‖ 32-byte seed)>`.
    package init(privateText: String) throws(KeyTextError) {
        let (name, stated, kind, seed) = try KeyText.split(privateText, prefix: Self.textPrefix)
        guard kind == .ed25519 else { throw .unknownKind(kind.rawValue) }
        guard let key = SigningKey(seed: seed) else { throw .malformed }
        self.init(name: name, key: key)
        guard self.verifier.keyID == stated else {
            throw .wrongKeyID(stated: stated, computed: self.verifier.keyID)
        }
    }

    /// The key in Go's form. It is the secret.
    package var privateText: String {
        Self.textPrefix
            + KeyText.join(
                self.name,
                self.verifier.keyID,
                [KeyKind.ed25519.rawValue] + self.key.seed
            )
    }

    /// The signature over a note whose text is `text`.
    package func sign(_ text: [UInt8]) -> NoteSignature {
        NoteSignature(name: self.name, keyID: self.verifier.keyID, bytes: self.key.sign(text))
    }

    /// The public half as a cosigner, with a key id of its own.
    package var cosigner: NoteVerifier {
        NoteVerifier(name: self.name, key: self.key.verifyingKey, kind: .cosignature)
    }

    /// The cosignature (kind 0x04) over a checkpoint's text, made at `time` in seconds since 1970.
    package func cosign(_ text: [UInt8], time: UInt64) -> NoteSignature {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(time)
        bytes += self.key.sign(Cosignature.message(time: time, text: text))
        return NoteSignature(name: self.name, keyID: self.cosigner.keyID, bytes: bytes)
    }
}

/// The text form that public and private keys share.
private enum KeyText {
    static func join(_ name: KeyName, _ keyID: NoteKeyID, _ bytes: [UInt8]) -> String {
        "\(name)+\(keyID)+\(Base64.encode(bytes))"
    }

    static func split(
        _ text: String,
        prefix: String
    ) throws(KeyTextError) -> (KeyName, NoteKeyID, KeyKind, [UInt8]) {
        guard text.utf8.count <= NoteVerifier.textBytesMax,
            text.utf8.starts(with: prefix.utf8)
        else { throw .malformed }
        // base64 has a + of its own, so only the first two count.
        let parts = text.utf8.dropFirst(prefix.utf8.count).split(
            separator: UInt8(ascii: "+"),
            maxSplits: 2,
            omittingEmptySubsequences: false
        ).map { Substring($0) }
        guard parts.count == 3, let name = KeyName(parts[0]), let keyID = NoteKeyID(hex: parts[1]),
            let bytes = Base64.decode(parts[2]), let first = bytes.first
        else { throw .malformed }
        guard let kind = KeyKind(rawValue: first) else { throw .unknownKind(first) }
        return (name, keyID, kind, Array(bytes.dropFirst()))
    }
}
