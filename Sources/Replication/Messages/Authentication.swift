/// AUTH: the site key's signature over both HELLOs.
package struct Authentication: Hashable, Sendable {
    /// 64 bytes.
    package var signature: [UInt8]

    var frame: Frame { Frame(type: .authentication, body: self.signature) }

    init(signature: [UInt8]) { self.signature = signature }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .authentication)
        self.signature = try reader.bytes(64)
        try reader.end()
    }
}
