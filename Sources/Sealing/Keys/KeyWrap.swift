internal import Crypto
internal import EventStore
internal import FoundationEssentials
internal import LedgerTypes

/// The wraps of one data key, as the key table keeps them: one or more entries, each kind u8 ‖
/// length u16 ‖ body (docs/FORMAT.md).
///
/// Kind 1 is a wrap under a key-encryption key of this site, kind 3 says when the key came from
/// another site. An entry of another kind is passed over and kept.
enum KeyWrap {
    /// The entry that this site's own key-encryption key opens.
    static let localKind: UInt8 = 1
    /// The entry that says when the key came from another site.
    static let givenKind: UInt8 = 3
    /// The random bytes of one wrap.
    static let nonceByteCount = 12
    /// Epoch, nonce, wrapped key and tag.
    private static let localByteCount = 4 + 12 + DataKey.byteCount + 16
    private static let context = Array("cl/wrap/1".utf8)

    /// Wraps `key` of `owner` under `kek`. `nonce` is 12 fresh random bytes.
    static func wrap(
        _ key: DataKey,
        of owner: Subject,
        under kek: KeyEncryptionKey,
        nonce: [UInt8]
    ) -> [UInt8] {
        precondition(nonce.count == Self.nonceByteCount)
        // Copied out of the key's memory inside the call only.
        let bytes = unsafe key.secret.withUnsafeBytes { unsafe [UInt8]($0) }
        guard let sealingNonce = try? ChaChaPoly.Nonce(data: nonce),
            let box = try? ChaChaPoly.seal(
                bytes,
                using: kek.secret,
                nonce: sealingNonce,
                authenticating: Self.binding(key.id, owner, epoch: kek.epoch)
            )
        else { preconditionFailure("sealing fails only when memory is exhausted") }
        var wrap: [UInt8] = [Self.localKind]
        wrap.appendBigEndian(UInt16(Self.localByteCount))
        wrap.appendBigEndian(kek.epoch)
        wrap.append(contentsOf: nonce)
        wrap.append(contentsOf: box.ciphertext)
        wrap.append(contentsOf: box.tag)
        precondition(wrap.count == 3 + Self.localByteCount)
        return wrap
    }

    /// Unwraps the key `id` of `owner`, with whichever of `keks` it was wrapped under.
    static func unwrap(
        _ wrap: [UInt8],
        id: KeyID,
        of owner: Subject,
        with keks: KeyEncryptionKeys
    ) throws(SealingError) -> DataKey {
        guard let body = try Self.body(Self.localKind, of: wrap, id) else {
            throw .malformedWrap(id)
        }
        guard body.count == Self.localByteCount else { throw .malformedWrap(id) }
        let epoch = body.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        guard let kek = keks[epoch] else { throw .epochMissing(epoch) }
        let box = try? ChaChaPoly.SealedBox(combined: body.dropFirst(4))
        let binding = Self.binding(id, owner, epoch: epoch)
        guard let box,
            let bytes = try? ChaChaPoly.open(box, using: kek.secret, authenticating: binding)
        else { throw .wrapRefused(id, epoch: epoch) }
        return DataKey(id: id, secret: SymmetricKey(data: bytes))
    }

    /// The epoch that the key was wrapped in by this site; `nil` if the row does not say.
    static func epoch(_ row: KeyRow) -> UInt32? {
        guard let body = try? Self.body(Self.localKind, of: row.wrap, row.keyID),
            body.count == Self.localByteCount
        else { return nil }
        return body.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The entry that says that the key came at `time`.
    static func given(at time: Timestamp) -> [UInt8] {
        var entry: [UInt8] = [Self.givenKind]
        entry.appendBigEndian(UInt16(8))
        entry.appendBigEndian(UInt64(bitPattern: time.microseconds))
        return entry
    }

    /// When the key came from another site; `nil` if it was made here.
    static func timeGiven(_ wrap: [UInt8], _ id: KeyID) throws(SealingError) -> Timestamp? {
        guard let body = try Self.body(Self.givenKind, of: wrap, id) else { return nil }
        guard body.count == 8 else { throw .malformedWrap(id) }
        let microseconds = body.reduce(0) { $0 << 8 | UInt64($1) }
        return Timestamp(microseconds: Int64(bitPattern: microseconds))
    }

    /// The body of the first entry of a kind; `nil` if there are only others.
    private static func body(
        _ kind: UInt8,
        of wrap: [UInt8],
        _ id: KeyID
    ) throws(SealingError) -> ArraySlice<UInt8>? {
        var rest = wrap[...]
        while let found = rest.popFirst() {
            guard let high = rest.popFirst(), let low = rest.popFirst(),
                rest.count >= Int(high) << 8 | Int(low)
            else { throw .malformedWrap(id) }
            let body = rest.prefix(Int(high) << 8 | Int(low))
            if found == kind { return body }
            rest = rest.dropFirst(body.count)
        }
        return nil
    }

    /// The associated data: a wrap moved to another row opens nothing.
    private static func binding(_ id: KeyID, _ owner: Subject, epoch: UInt32) -> [UInt8] {
        var binding = Self.context
        binding.appendBigEndian(epoch)
        binding.appendBigEndian(id.rawValue)
        binding.append(contentsOf: owner.rawValue.utf8)
        return binding
    }
}
