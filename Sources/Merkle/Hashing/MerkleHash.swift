package import LedgerTypes

/// The hashes of an RFC 6962 tree (2.1): SHA-256 with one byte in front that tells leaves from
/// nodes, so that no leaf can be read as a node.
///
/// Pure.
package enum MerkleHash {
    /// The root of a tree without leaves: SHA-256 of nothing.
    package static let empty = Digest(
        words: 0xE3B0_C442_98FC_1C14,
        0x9AFB_F4C8_996F_B924,
        0x27AE_41E4_649B_934C,
        0xA495_991B_7852_B855
    )

    /// The hash of a leaf: SHA-256(0x00 ‖ `entry`).
    package static func leaf(_ entry: Span<UInt8>) -> Digest {
        guard entry.count <= Self.shortBytesMax else {
            var writer = DigestWriter()
            writer.update(0x00)
            writer.update(entry)
            return writer.finalize()
        }
        // In one piece: a copy of a short entry costs less than a second call of the hasher, which
        // gathers its blocks from two parts.
        return unsafe withUnsafeTemporaryAllocation(byteCount: entry.count + 1, alignment: 8) {
            (bytes) -> Digest in
            unsafe bytes[0] = 0x00
            unsafe entry.withUnsafeBytes { entry in
                unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[1...]).copyMemory(from: entry)
            }
            return unsafe Digest.sha256(UnsafeRawBufferPointer(bytes))
        }
    }

    /// The entries up to here are copied to be hashed in one piece; a copy of so many bytes lies on
    /// the stack.
    private static var shortBytesMax: Int { 1_000 }

    /// The hash of an inner node: SHA-256(0x01 ‖ `left` ‖ `right`).
    package static func node(_ left: Digest, _ right: Digest) -> Digest {
        unsafe withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { (bytes) -> Digest in
            unsafe bytes[0] = 0x01
            let (l, r) = (left.words, right.words)
            // Eight words behind the first byte: 65 bytes in all.
            unsafe bytes.storeBytes(of: l.0.bigEndian, toByteOffset: 1, as: UInt64.self)
            unsafe bytes.storeBytes(of: l.1.bigEndian, toByteOffset: 9, as: UInt64.self)
            unsafe bytes.storeBytes(of: l.2.bigEndian, toByteOffset: 17, as: UInt64.self)
            unsafe bytes.storeBytes(of: l.3.bigEndian, toByteOffset: 25, as: UInt64.self)
            unsafe bytes.storeBytes(of: r.0.bigEndian, toByteOffset: 33, as: UInt64.self)
            unsafe bytes.storeBytes(of: r.1.bigEndian, toByteOffset: 41, as: UInt64.self)
            unsafe bytes.storeBytes(of: r.2.bigEndian, toByteOffset: 49, as: UInt64.self)
            unsafe bytes.storeBytes(of: r.3.bigEndian, toByteOffset: 57, as: UInt64.self)
            return unsafe Digest.sha256(UnsafeRawBufferPointer(bytes))
        }
    }
}

extension Digest {
    /// SHA-256 of `bytes`.
    package static func sha256(_ bytes: Span<UInt8>) -> Digest {
        var writer = DigestWriter()
        writer.update(bytes)
        return writer.finalize()
    }

    /// SHA-256 of `domain` in UTF-8 followed by `parts`, nothing between them: the form of every
    /// domain-separated digest of this project, such as "cl/log/1" ‖ leaf 0.
    ///
    /// Parts of unequal length run into each other, so a caller with more than one such part gives
    /// their lengths as parts too.
    package static func sha256(domain: String, _ parts: [UInt8]...) -> Digest {
        var writer = DigestWriter()
        writer.update(Array(domain.utf8).span)
        for part in parts { writer.update(part.span) }
        return writer.finalize()
    }
}
