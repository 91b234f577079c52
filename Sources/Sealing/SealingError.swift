package import EventStore
package import LedgerTypes

/// Why something could not be sealed, opened, wrapped or unwrapped. Never carries plaintext or
/// keys.
package enum SealingError: Error, Hashable, Sendable {
    // Sealing a section. The caller changes its event.

    /// The plaintext does not fit the greatest size class.
    case plaintextTooLong(bytes: Int)
    /// The kind is no ASCII name of 1 to 32 bytes.
    case malformedKind
    /// More sections than a leaf may have.
    case tooManySections(count: Int)
    /// The draft breaks a rule of the format.
    case draft(LeafError)

    // Opening a section. Trying again does not help; a good copy of the section does, for the first
    // two.

    /// The section has not the length that the leaf states.
    case lengthMismatch(stated: UInt32, found: Int)
    /// The section's bytes are not those that the leaf commits to.
    case digestMismatch(Digest)
    /// The section is sealed under another key than the one offered.
    case keyMismatch(needed: KeyID, offered: KeyID)
    /// The key, the event id or the kind is not the one it was sealed with.
    case commitmentMismatch(KeyID)
    /// The ciphertext does not belong to the key: whoever made the leaf did not seal it.
    case tagMismatch(Digest)
    /// What was sealed is not a length, bytes and zeros.
    case malformedPlaintext(Digest)

    // Keys.

    /// There is no wrap of this key here: it was shredded, or never shared with this site.
    case keyGone(KeyID)
    /// The wrap is cut off or of an unknown kind only.
    case malformedWrap(KeyID)
    /// The wrap is damaged, or was made for another key, owner or key-encryption key.
    case wrapRefused(KeyID, epoch: UInt32)
    /// The key-encryption key of this epoch is not in STATE.
    case epochMissing(UInt32)
    /// What another site sent does not open: it was not sealed to this request, or is damaged. The
    /// key it was to be, if it is known.
    case exchangeRefused(KeyID?)
    /// The ledger's key table could not be read.
    case store(EventStoreError)

    // Files under STATE.

    /// A file or directory could not be read or written; `errno`.
    case file(path: String, code: Int32)
    /// Others than the owner may read or write the file: `chmod 600` it, and ask who has read it.
    case exposed(path: String, mode: UInt32)
    /// The file is not a key file.
    case malformedFile(path: String)
    /// There is no key file.
    case missingFile(path: String)
}
