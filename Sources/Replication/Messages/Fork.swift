package import LedgerTypes

/// FORK: two signed checkpoints of one log that cannot both be true, as far as the speaker sees.
package struct Fork: Hashable, Sendable {
    /// The log.
    package var log: LogID
    /// The checkpoint the speaker holds to; empty if it has none.
    package var held: [UInt8]
    /// The checkpoint it was shown; empty if it was shown none.
    package var shown: [UInt8]
    /// The size from which `proof` was to lead to the checkpoint that was shown.
    package var oldSize: UInt64
    /// The consistency proof that came with it.
    package var proof: [Digest]

    var frame: Frame {
        var body: [UInt8] = []
        body.appendBigEndian(self.log.rawValue)
        for note in [self.held, self.shown] {
            body.appendBigEndian(UInt32(note.count))
            body.append(contentsOf: note)
        }
        body.appendBigEndian(self.oldSize)
        body.append(proof: self.proof)
        return Frame(type: .fork, body: body)
    }

    init(log: LogID, held: [UInt8], shown: [UInt8], oldSize: UInt64, proof: [Digest]) {
        self.log = log
        self.held = held
        self.shown = shown
        self.oldSize = oldSize
        self.proof = proof
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .fork)
        self.log = try reader.logID()
        var notes: [[UInt8]] = []
        for _ in 0..<2 {
            let count = Int(try reader.number(UInt32.self))
            guard count <= SyncLimits.noteBytesMax else { throw .limit(.noteBytes, log: self.log) }
            notes.append(try reader.bytes(count))
        }
        self.held = notes[0]
        self.shown = notes[1]
        self.oldSize = try reader.number()
        self.proof = try reader.proof()
        try reader.end()
    }
}
