package import LedgerTypes

/// DONE: the speaker has sent and received everything it will.
package struct Done: Hashable, Sendable {
    /// The digest over every position at the end.
    package var stateDigest: Digest
    /// The number of absent sections that the speaker still wants.
    package var wantedCount: UInt32 = 0

    var frame: Frame {
        var body = self.stateDigest.bytes
        body.appendBigEndian(self.wantedCount)
        return Frame(type: .done, body: body)
    }

    init(stateDigest: Digest) { self.stateDigest = stateDigest }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .done)
        self.stateDigest = try reader.digest()
        self.wantedCount = try reader.number()
        try reader.end()
    }
}
