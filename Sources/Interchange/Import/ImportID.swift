internal import Crypto
internal import LedgerTypes

/// The computed id of an imported event (DESIGN.md 3).
///
/// A UUIDv7 whose time is `occurred` in milliseconds and whose other 74 bits begin
/// SHA-256("cl/import-id/1" ‖ u32 length ‖ source ‖ u32 length ‖ case ‖ u32 length ‖ row bytes ‖
/// u64 number of equal rows of this case before it in the file), all numbers big-endian.
struct ImportID {
    private var hash: SHA256

    /// Starts the id of a row.
    init(source: String, caseID: String, row: [UInt8]) {
        var prefix: [UInt8] = []
        prefix.reserveCapacity(26 + source.utf8.count + caseID.utf8.count)
        prefix.append(contentsOf: "cl/import-id/1".utf8)
        prefix.appendBigEndian(UInt32(source.utf8.count))
        prefix.append(contentsOf: source.utf8)
        prefix.appendBigEndian(UInt32(caseID.utf8.count))
        prefix.append(contentsOf: caseID.utf8)
        prefix.appendBigEndian(UInt32(row.count))
        self.hash = SHA256()
        Self.update(&self.hash, with: prefix)
        Self.update(&self.hash, with: row)
    }

    /// 128 bits that two rows share only if they are equal rows of one case.
    var fingerprint: UInt128 {
        Self.firstBytes(of: self.hash.finalize(), count: 16).reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// The id of the row that has `equalBefore` equal rows before it.
    func id(occurred: Timestamp, equalBefore: UInt64) -> EventID {
        var hash = self.hash
        var count: [UInt8] = []
        count.appendBigEndian(equalBefore)
        Self.update(&hash, with: count)
        let random = Self.firstBytes(of: hash.finalize(), count: 10)
        return EventID(unixMilliseconds: occurred.milliseconds, random: random.span)
    }

    /// SHA-256 of `bytes`.
    static func digest(of bytes: [UInt8]) -> LedgerTypes.Digest? {
        var hash = SHA256()
        Self.update(&hash, with: bytes)
        let bytes = Self.firstBytes(of: hash.finalize(), count: SHA256.byteCount)
        return LedgerTypes.Digest(bytes.span)
    }

    /// 128 bits that stand for a case in the table of last orders.
    static func fingerprint(ofCase caseID: String) -> UInt128 {
        var hash = SHA256()
        Self.update(&hash, with: Array(caseID.utf8))
        return Self.firstBytes(of: hash.finalize(), count: 16).reduce(0) { $0 << 8 | UInt128($1) }
    }

    // The buffer is read within the call and not kept.
    private static func update(_ hash: inout SHA256, with bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    }

    // The digest is copied within the call.
    private static func firstBytes(of digest: SHA256.Digest, count: Int) -> [UInt8] {
        unsafe digest.withUnsafeBytes { unsafe [UInt8]($0.prefix(count)) }
    }
}
