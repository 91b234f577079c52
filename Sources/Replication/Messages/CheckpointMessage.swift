package import LedgerTypes

/// CHECKPOINT: what the packages of one log will be proven to.
package struct CheckpointMessage: Hashable, Sendable {
    /// The log.
    package var log: LogID
    /// The size the receiver holds, from which `proof` leads to the checkpoint.
    package var oldSize: UInt64
    /// The consistency proof; empty when `oldSize` is 0.
    package var proof: [Digest]
    /// Leaf 0 when `oldSize` is 0, else empty: it names the key that signed the note.
    package var genesis: [UInt8]
    /// The signed note.
    package var note: [UInt8]

    var frame: Frame {
        var body: [UInt8] = []
        body.appendBigEndian(self.log.rawValue)
        body.appendBigEndian(self.oldSize)
        body.append(proof: self.proof)
        precondition(self.genesis.count <= SyncLimits.genesisBytesMax)
        body.appendBigEndian(UInt16(self.genesis.count))
        body.append(contentsOf: self.genesis)
        body.appendBigEndian(UInt32(self.note.count))
        body.append(contentsOf: self.note)
        return Frame(type: .checkpoint, body: body)
    }

    init(log: LogID, oldSize: UInt64, proof: [Digest], genesis: [UInt8], note: [UInt8]) {
        self.log = log
        self.oldSize = oldSize
        self.proof = proof
        self.genesis = genesis
        self.note = note
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .checkpoint)
        self.log = try reader.logID()
        self.oldSize = try reader.number()
        self.proof = try reader.proof()
        let genesisCount = Int(try reader.number(UInt16.self))
        guard genesisCount <= SyncLimits.genesisBytesMax else {
            throw .limit(.genesisBytes, log: self.log)
        }
        guard (genesisCount > 0) == (self.oldSize == 0) else { throw reader.malformed }
        guard self.oldSize > 0 || self.proof.isEmpty else { throw reader.malformed }
        self.genesis = try reader.bytes(genesisCount)
        self.note = try reader.note(log: self.log)
        try reader.end()
    }
}

extension BodyReader {
    /// u32 length ‖ signed note, not parsed.
    mutating func note(log: LogID) throws(SyncError) -> [UInt8] {
        let count = Int(try self.number(UInt32.self))
        guard count > 0 else { throw self.malformed }
        guard count <= SyncLimits.noteBytesMax else { throw .limit(.noteBytes, log: log) }
        return try self.bytes(count)
    }
}
