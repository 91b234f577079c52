package import LedgerTypes
internal import Merkle

/// What follows from a log's first leaf (docs/FORMAT.md, "Genesis").
package enum LogIdentity {
    /// The first 16 bytes of SHA-256("cl/log/1" ‖ `leaf`).
    package static func id(ofGenesis leaf: [UInt8]) -> LogID {
        let words = Digest.sha256(domain: "cl/log/1", leaf).words
        return LogID(rawValue: UInt128(words.0) << 64 | UInt128(words.1))
    }

    /// `<site name>/e<incarnation>-<first 8 digits of the log id>`.
    package static func origin(of genesis: Genesis, id: LogID) -> String {
        "\(genesis.site)/e\(genesis.incarnation)-\(id.hex.prefix(8))"
    }

    /// Reads `leaf` and believes it only if it is the first leaf of log `id` and the site key that
    /// it names signed it.
    static func genesis(_ leaf: [UInt8], of id: LogID) throws(SyncError) -> Genesis {
        guard Self.id(ofGenesis: leaf) == id else { throw .badGenesis(id, .otherLog) }
        guard let genesis = try? Genesis(leaf: leaf.span) else {
            throw .badGenesis(id, .notGenesis)
        }
        guard let key = VerifyingKey(genesis.siteKey),
            key.isValid(genesis.signature, for: genesis.signedBytes)
        else { throw .badGenesis(id, .badSignature) }
        return genesis
    }

    /// Opens a note that the log `id`, which `genesis` began, must have signed.
    static func checkpoint(
        _ note: [UInt8],
        of id: LogID,
        genesis: Genesis
    ) throws(SyncError) -> Checkpoint {
        guard let name = KeyName(Self.origin(of: genesis, id: id)),
            let key = VerifyingKey(genesis.logKey),
            let signed = try? SignedNote(parsing: note.span),
            let checkpoint = try? Checkpoint(
                opening: signed,
                log: NoteVerifier(name: name, key: key)
            )
        else { throw .badCheckpoint(id) }
        return checkpoint
    }
}
