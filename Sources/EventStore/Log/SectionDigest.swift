package import LedgerTypes
internal import Merkle

extension SectionReference {
    private static let digestDomain = Array("cl/section/1".utf8)

    /// The digest by which a leaf names a sealed section: SHA-256("cl/section/1" ‖ `sealed`).
    package static func digest(of sealed: Span<UInt8>) -> Digest {
        var writer = DigestWriter()
        writer.update(Self.digestDomain.span)
        writer.update(sealed)
        return writer.finalize()
    }

    /// Hands a sealed section in to be hashed with others: the same digest.
    static func append(_ sealed: Span<UInt8>, to batch: inout HashBatch) {
        batch.append(prefix: self.digestDomain.span, sealed)
    }
}
