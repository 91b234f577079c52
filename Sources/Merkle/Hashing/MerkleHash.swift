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
        var writer = DigestWriter()
        writer.update(0x00)
        writer.update(entry)
        return writer.finalize()
    }

    /// The hash of an inner node: SHA-256(0x01 ‖ `left` ‖ `right`).
    package static func node(_ left: Digest, _ right: Digest) -> Digest {
        var writer = DigestWriter()
        writer.update(0x01)
        writer.update(left)
        writer.update(right)
        return writer.finalize()
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
