package import LedgerTypes

/// BASE: what a log's packages go on from, so that a bundle can be checked without the log.
package struct BundleBase: Hashable, Sendable {
    /// The log.
    package var log: LogID
    /// The log's leaf 0, which names the key that signed the checkpoint.
    package var genesis: [UInt8]
    /// The hashes of the leaves before the first package in its tile: at most 255.
    package var hashes: [Digest]

    var frame: Frame {
        precondition(self.genesis.count <= SyncLimits.genesisBytesMax)
        precondition(self.hashes.count < SyncLimits.entriesMax)
        var body: [UInt8] = []
        body.appendBigEndian(self.log.rawValue)
        body.appendBigEndian(UInt16(self.genesis.count))
        body.append(contentsOf: self.genesis)
        body.append(UInt8(self.hashes.count))
        for hash in self.hashes { hash.append(to: &body) }
        return Frame(type: .base, body: body)
    }

    init(log: LogID, genesis: [UInt8], hashes: [Digest]) {
        self.log = log
        self.genesis = genesis
        self.hashes = hashes
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .base)
        self.log = try reader.logID()
        let count = Int(try reader.number(UInt16.self))
        guard count <= SyncLimits.genesisBytesMax else {
            throw .limit(.genesisBytes, log: self.log)
        }
        self.genesis = try reader.bytes(count)
        self.hashes = []
        for _ in 0..<(try reader.number(UInt8.self)) { self.hashes.append(try reader.digest()) }
        try reader.end()
    }
}

/// END: the trailer of a bundle.
package struct BundleEnd: Hashable, Sendable {
    /// The frames before it in this file.
    package var frameCount: UInt64
    /// Whether another part of the set goes on.
    package var goesOn: Bool
    /// SHA-256 of every byte before this frame.
    package var digest: Digest

    /// The bytes of the frame, header included.
    static let byteCount = Frame.headerByteCount + 8 + 1 + 32

    var frame: Frame {
        var body: [UInt8] = []
        body.appendBigEndian(self.frameCount)
        body.append(self.goesOn ? 1 : 0)
        self.digest.append(to: &body)
        return Frame(type: .end, body: body)
    }

    init(frameCount: UInt64, goesOn: Bool, digest: Digest) {
        self.frameCount = frameCount
        self.goesOn = goesOn
        self.digest = digest
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .end)
        self.frameCount = try reader.number()
        let flags = try reader.number(UInt8.self)
        guard flags & ~1 == 0 else { throw reader.malformed }
        self.goesOn = flags & 1 != 0
        self.digest = try reader.digest()
        try reader.end()
    }
}
