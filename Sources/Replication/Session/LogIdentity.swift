internal import EventStore
internal import LedgerTypes
internal import Merkle

/// What follows from a log's first leaf (docs/FORMAT.md, "Genesis").
enum LogIdentity {
    /// Reads `leaf` and believes it only if it is the first leaf of log `id` and the site key that
    /// it names signed it.
    static func genesis(_ leaf: [UInt8], of id: LogID) throws(SyncError) -> Genesis {
        guard LogID(genesisLeaf: leaf) == id else { throw .badGenesis(id, .otherLog) }
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
        guard let name = KeyName(LogState.origin(of: genesis, id: id)),
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
