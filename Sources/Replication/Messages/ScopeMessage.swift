internal import LedgerTypes

/// SCOPE: the grant under which a partner is served, and what the log that follows has of it
/// (docs/SYNC.md, "Partners").
package struct ScopeMessage: Hashable, Sendable {
    /// Whether leaves are sent again that the partner holds: it lacks sections of them.
    package var startsOver = false
    /// The signed grant.
    package var grant: [UInt8]
    /// The signed head.
    package var head: [UInt8]

    var frame: Frame {
        var body: [UInt8] = [self.startsOver ? 1 : 0]
        body.appendBigEndian(UInt32(self.grant.count))
        body += self.grant
        body.appendBigEndian(UInt32(self.head.count))
        body += self.head
        return Frame(type: .scope, body: body)
    }

    init(startsOver: Bool = false, grant: [UInt8], head: [UInt8]) {
        self.startsOver = startsOver
        self.grant = grant
        self.head = head
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .scope)
        let flag = try reader.number(UInt8.self)
        guard flag < 2 else { throw reader.malformed }
        self.startsOver = flag == 1
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
