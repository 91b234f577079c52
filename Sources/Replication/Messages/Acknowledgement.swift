package import LedgerTypes

/// ACK: what is durable at the receiver.
package struct Acknowledgement: Hashable, Sendable {
    /// Where the receiver's copy stands, on disk.
    package var position: Position
    /// The grant the data came under; zeroes for the whole.
    package var grant = [UInt8](repeating: 0, count: 16)
    /// The receiver's cosignature of the checkpoint that it has reached, or empty.
    package var cosignature: [UInt8] = []

    var frame: Frame {
        var body: [UInt8] = []
        body.append(self.position)
        body.append(contentsOf: self.grant)
        body.appendBigEndian(UInt16(self.cosignature.count))
        body.append(contentsOf: self.cosignature)
        return Frame(type: .acknowledgement, body: body)
    }

    init(position: Position, cosignature: [UInt8] = []) {
        self.position = position
        self.cosignature = cosignature
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .acknowledgement)
        self.position = try reader.position()
        self.grant = try reader.bytes(16)
        let count = Int(try reader.number(UInt16.self))
        self.cosignature = try reader.bytes(count)
        try reader.end()
    }
}
