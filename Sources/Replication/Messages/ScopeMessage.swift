internal import LedgerTypes

/// SCOPE: the grant under which a partner is served, and what the log that follows has of it
/// (docs/SYNC.md, "Partners").
package struct ScopeMessage: Hashable, Sendable {
    /// The signed grant.
    package var grant: [UInt8]
    /// The signed head.
    package var head: [UInt8]

    var frame: Frame {
        var body: [UInt8] = []
        body.appendBigEndian(UInt32(self.grant.count))
        body += self.grant
        body.appendBigEndian(UInt32(self.head.count))
        body += self.head
        return Frame(type: .scope, body: body)
    }

    init(grant: [UInt8], head: [UInt8]) {
        self.grant = grant
        self.head = head
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .scope)
        self.grant = try Self.note(&reader)
        self.head = try Self.note(&reader)
        try reader.end()
    }

    private static func note(_ reader: inout BodyReader) throws(SyncError) -> [UInt8] {
        let count = Int(try reader.number(UInt32.self))
        guard count <= Grant.noteBytesMax else { throw .limit(.noteBytes, log: nil) }
        return try reader.bytes(count)
    }
}
