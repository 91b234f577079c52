/// Every maximum of the protocol, by name (docs/SYNC.md, "Limits").
package enum SyncLimits {
    /// The most bytes of a frame's body as it travels.
    package static let bodyBytesMax = 1 << 20
    /// The most bytes of a compressed body after inflating.
    package static let inflatedBytesMax = 4 << 20
    /// Bodies shorter than this travel as they are.
    package static let compressBytesMin = 256
    /// The most logs in a VECTOR.
    package static let logsMax = 4_096
    /// The most positions in a HELLO.
    package static let viewsMax = 4
    /// The most leaves in a PACKAGE, which never crosses a multiple of it.
    package static let entriesMax = 256
    /// The most ranges of leaves in a SELECT.
    package static let selectedRangesMax = 4_096
    /// The most hashes of a proof.
    package static let proofHashesMax = 63
    /// The most bytes of a signed note.
    package static let noteBytesMax = 128 << 10
    /// The most bytes of a genesis leaf in a CHECKPOINT.
    package static let genesisBytesMax = 4_096
    /// Sections of more bytes travel in BLOBs.
    package static let inlineSectionBytesMax = 64 << 10
    /// The most bytes of a section in one BLOB.
    package static let blobPartBytesMax = 512 << 10
    /// The most bytes of sections that BLOBs may have brought before the PACKAGE they belong to:
    /// eight sections of 16 MiB, which one leaf may have.
    package static let pendingBlobBytesMax = 128 << 20
    /// A sender ends a package once its BLOBs have this many bytes.
    package static let packageBlobBytesMax = 16 << 20
    /// The most packages sent and not yet acknowledged.
    package static let windowPackagesMax = 16
    /// With this many bytes sent and not yet acknowledged no further package is begun.
    package static let windowBytesMax = 32 << 20
    /// The most bytes of packages that share a commit.
    package static let commitBytesMax = 4 << 20
    /// The most keys that one KEYS asks for.
    package static let keysMax = 16_384
    /// The most keys that one KEYS gives.
    package static let keysInAnswerMax = 2_048
    /// The most bytes of an ERROR's text.
    package static let errorTextBytesMax = 1_024
    /// The most bytes of bodies that one session takes, unless its caller says otherwise.
    package static let sessionBytesMax: UInt64 = 1 << 40
}
