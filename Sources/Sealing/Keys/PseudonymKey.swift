internal import Crypto
internal import FoundationEssentials
internal import LedgerTypes

/// The key by which the sites of one operator give the same customer the same pseudonym (PRIVACY.md
/// 2).
///
/// Its file is 64 hexadecimal digits and a line end. A file given from outside may also hold the 32
/// bytes themselves.
package struct PseudonymKey: Sendable {
    /// The bytes of a key.
    package static let byteCount = 32
    /// The file's name in the site's folder under STATE.
    package static let fileName = "pseudonym.key"

    private let secret: SymmetricKey
    /// The file's text.
    private let line: [UInt8]

    /// Creates a key of exactly 32 bytes; `nil` for any other count.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.secret = SymmetricKey(data: bytes)
        self.line = Array(bytes.hex.utf8) + [UInt8(ascii: "\n")]
    }

    /// Reads a key from a file's `contents`: 64 hexadecimal digits with or without a line end, or
    /// 32 bytes; `nil` for anything else.
    package init?(contents: [UInt8]) {
        if contents.count == Self.byteCount {
            self.init(bytes: contents)
        } else {
            var digits = contents[...]
            if digits.last == UInt8(ascii: "\n") { digits.removeLast() }
            if digits.last == UInt8(ascii: "\r") { digits.removeLast() }
            guard digits.count == 2 * Self.byteCount,
                let bytes = [UInt8](hex: String(decoding: digits, as: UTF8.self))
            else { return nil }
            self.init(bytes: bytes)
        }
    }

    /// Reads the key in the site's folder under STATE.
    package init(folder: String) throws(SealingError) {
        let path = "\(folder)/\(Self.fileName)"
        guard let key = PseudonymKey(contents: try SecretFile.read(path)) else {
            throw .malformedFile(path: path)
        }
        self = key
    }

    /// Keeps this key in the site's folder under STATE. Returns the key that is there afterwards:
    /// another one if the folder already had it. `random` names the file while it is written.
    package func store(
        in folder: String,
        random: (Int) -> [UInt8]
    ) throws(SealingError) -> PseudonymKey {
        try SecretFile.makeFolder(folder)
        let path = "\(folder)/\(Self.fileName)"
        _ = try SecretFile.create(path, self.line, draftName: random(8).hex)
        return try PseudonymKey(folder: folder)
    }

    /// The pseudonym of `id`: the first 16 bytes of HMAC-SHA-256(key, noun ‖ 0x00 ‖ normalised id)
    /// in lower-case hexadecimal digits. `noun` is the subject's kind: `customer`, `agent`.
    package func pseudonym(noun: String, id: String) -> String {
        var hmac = HMAC<SHA256>(key: self.secret)
        hmac.update(data: Array(noun.utf8) + [0])
        hmac.update(data: Array(Self.normalised(id).utf8))
        return Array(hmac.finalize().prefix(16)).hex
    }

    /// The blind index of an identifier in its normal form: the first 16 bytes of
    /// HMAC-SHA-256(index key, kind ‖ 0x00 ‖ form), where the index key is HMAC-SHA-256(key,
    /// "cl/blind-index/1"). Two sites that share the key find the same one; without it nobody can
    /// try numbers.
    package func blindIndex(kind: String, form: String) -> [UInt8] {
        var hmac = HMAC<SHA256>(key: self.indexKey)
        hmac.update(data: Array(kind.utf8) + [0])
        hmac.update(data: Array(form.utf8))
        return Array(hmac.finalize().prefix(16))
    }

    /// Tells this key's blind indexes from those of another: the first 8 bytes of
    /// HMAC-SHA-256(index key, "fingerprint"), big-endian.
    package var blindIndexFingerprint: UInt64 {
        var hmac = HMAC<SHA256>(key: self.indexKey)
        hmac.update(data: Array("fingerprint".utf8))
        return hmac.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private var indexKey: SymmetricKey {
        var hmac = HMAC<SHA256>(key: self.secret)
        hmac.update(data: Array("cl/blind-index/1".utf8))
        return SymmetricKey(data: Array(hmac.finalize()))
    }

    /// The id without outer white space, otherwise byte for byte.
    ///
    /// Neither case nor Unicode form is changed: two people taken for one cannot be told apart
    /// again, while two ids of one person can be linked. A mapping that knows better, as with mail
    /// addresses, changes the id before.
    package static func normalised(_ id: String) -> String {
        let scalars = id.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
