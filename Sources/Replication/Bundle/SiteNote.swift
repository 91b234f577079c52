internal import LedgerTypes
internal import Merkle

/// A text that a site signed with its long-term key, which the text names: what the notes of
/// bundles and vectors have in common.
///
/// ```
/// caseledger bundle 1
/// site <vkey>
/// ...
/// ```
///
/// Pure. That the key is the site's is for the reader to know.
struct SiteNote {
    /// The site.
    let site: SiteName
    /// Its public key.
    let siteKey: [UInt8]
    /// The lines after the first two.
    let lines: [Substring]

    /// Reads a note whose first line is `title` and whose second names the key that signed it.
    /// `nil` if it is no such note; throws if the key did not sign it.
    init?(_ bytes: [UInt8], title: String) throws(BundleError) {
        guard bytes.count <= BundleLimits.noteBytesMax,
            let note = try? SignedNote(parsing: bytes.span)
        else { return nil }
        var lines = Self.lines(note.text)[...]
        guard lines.popFirst().map({ $0.utf8.elementsEqual(title.utf8) }) == true,
            let second = lines.popFirst(), let vkey = Self.value(second, of: "site"),
            let verifier = try? NoteVerifier(vkey: String(vkey)), verifier.kind == .ed25519,
            let site = SiteName(verifier.name.rawValue)
        else { return nil }
        guard (try? note.require(verifier)) != nil else { throw .badSignature(site) }
        self.site = site
        self.siteKey = verifier.key.bytes
        self.lines = Array(lines)
    }

    /// What follows the word `name` and a space in `line`.
    static func value(_ line: Substring, of name: String) -> Substring? {
        guard line.utf8.starts(with: "\(name) ".utf8) else { return nil }
        return Substring(line.utf8.dropFirst(name.utf8.count + 1))
    }

    /// A number in decimal digits without leading zeroes.
    static func number(_ text: Substring) -> UInt64? {
        guard let number = UInt64(text), String(number).utf8.elementsEqual(text.utf8) else {
            return nil
        }
        return number
    }

    /// The words of a line, by bytes.
    static func words(_ line: Substring) -> [Substring] {
        line.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            .map { Substring($0) }
    }

    /// A log id in 32 lower-case hexadecimal digits.
    static func log(_ text: Substring) -> LogID? {
        guard let bytes = [UInt8](hex: String(text)), let log = LogID(bytes.span),
            log.hex.utf8.elementsEqual(text.utf8)
        else { return nil }
        return log
    }

    /// Size and root, as two words.
    static func position(
        _ log: LogID,
        _ size: Substring,
        _ root: Substring
    ) -> Position? {
        guard let size = Self.number(size), size <= Checkpoint.sizeMax,
            let digest = Digest(hex: String(root)), digest.hex.utf8.elementsEqual(root.utf8)
        else { return nil }
        return Position(log: log, size: size, root: digest)
    }

    /// The note that the site signs; `lines` have no newlines.
    static func signed<Failure: Error>(
        title: String,
        site: SiteName,
        siteKey: [UInt8],
        lines: [String],
        sign: ([UInt8]) throws(Failure) -> [UInt8]
    ) throws(Failure) -> [UInt8] {
        let verifier = Self.verifier(site, siteKey)
        let text = ([title, "site \(verifier.vkey)"] + lines).joined(separator: "\n") + "\n"
        let signature = NoteSignature(
            name: verifier.name,
            keyID: verifier.keyID,
            bytes: try sign(Array(text.utf8))
        )
        return SignedNote(text: text, signatures: [signature]).bytes
    }

    /// The vkey of a site.
    static func vkey(_ site: SiteName, _ siteKey: [UInt8]) -> String {
        Self.verifier(site, siteKey).vkey
    }

    /// Reads the vkey of a site; `nil` if it is none.
    static func party(_ vkey: Substring) -> Grant.Party? {
        guard let verifier = try? NoteVerifier(vkey: String(vkey)), verifier.kind == .ed25519,
            let site = SiteName(verifier.name.rawValue)
        else { return nil }
        return Grant.Party(site: site, key: verifier.key.bytes)
    }

    private static func verifier(_ site: SiteName, _ siteKey: [UInt8]) -> NoteVerifier {
        guard let name = KeyName(site.rawValue), let key = VerifyingKey(siteKey) else {
            preconditionFailure("a site's name and key are fit for notes")
        }
        return NoteVerifier(name: name, key: key)
    }

    /// The lines of a note's text.
    static func lines(_ text: String) -> [Substring] {
        text.utf8.dropLast().split(
            separator: UInt8(ascii: "\n"),
            omittingEmptySubsequences: false
        ).map { Substring($0) }
    }
}
