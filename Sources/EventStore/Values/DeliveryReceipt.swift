package import LedgerTypes
internal import Merkle

/// A delivery receipt: a checkpoint of a log of this site, cosigned by the peer that has the leaves
/// on its disk (SYNC.md 2, C2SP tlog-cosignature).
package struct DeliveryReceipt: Hashable, Sendable {
    /// What the peer holds.
    package let position: Position
    /// The peer.
    package let peer: SiteName
    /// When the peer signed, by its clock.
    package let time: Timestamp
    /// The note with both signatures.
    package let note: [UInt8]

    /// Believes `note` as a receipt of `peer`, whose site key is `key`, for a log that `genesis`
    /// began; `nil` unless both signed it.
    package init?(note: [UInt8], of log: LogID, genesis: Genesis, peer: SiteName, key: [UInt8]) {
        guard let origin = KeyName(LogState.origin(of: genesis, id: log)),
            let logKey = VerifyingKey(genesis.logKey),
            let name = KeyName(peer.rawValue), let siteKey = VerifyingKey(key),
            let signed = try? SignedNote(parsing: note.span),
            let checkpoint = try? Checkpoint(
                opening: signed,
                log: NoteVerifier(name: origin, key: logKey)
            )
        else { return nil }
        let cosigner = NoteVerifier(name: name, key: siteKey, kind: .cosignature)
        guard let line = signed.signatures.first(where: { $0.keyID == cosigner.keyID }),
            let parts = Cosignature(line.bytes),
            cosigner.isValid(line.bytes, for: Array(signed.text.utf8))
        else { return nil }
        self.position = Position(log: log, size: checkpoint.size, root: checkpoint.root)
        self.peer = peer
        self.time = Timestamp(microseconds: Int64(clamping: parts.time) &* 1_000_000)
        self.note = note
    }

    /// Joins the checkpoint `note` with the body of a cosignature; `nil` unless that is `peer`'s.
    package init?(
        checkpoint note: [UInt8],
        cosignature: [UInt8],
        of log: LogID,
        genesis: Genesis,
        peer: SiteName,
        key: [UInt8]
    ) {
        guard let signed = try? SignedNote(parsing: note.span),
            let origin = KeyName(LogState.origin(of: genesis, id: log)),
            let name = KeyName(peer.rawValue), let siteKey = VerifyingKey(key),
            let own = signed.signatures.first(where: { $0.name == origin })
        else { return nil }
        let cosigner = NoteVerifier(name: name, key: siteKey, kind: .cosignature)
        let line = NoteSignature(name: name, keyID: cosigner.keyID, bytes: cosignature)
        let joined = SignedNote(text: signed.text, signatures: [own, line])
        self.init(note: joined.bytes, of: log, genesis: genesis, peer: peer, key: key)
    }
}
