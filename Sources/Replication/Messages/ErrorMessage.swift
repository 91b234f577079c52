package import LedgerTypes

/// ERROR: the speaker gives up, on one log or, when none is named, on the session.
package struct ErrorMessage: Hashable, Sendable {
    /// What happened (docs/SYNC.md, "Errors").
    package var code: UInt16
    /// Whether trying again may help.
    package var isRetryable: Bool
    /// The log it is about, and where the speaker's copy stands.
    package var position: Position?
    /// For people.
    package var text: String

    var frame: Frame {
        var body: [UInt8] = []
        body.appendBigEndian(self.code)
        body.append((self.isRetryable ? 1 : 0) | (self.position == nil ? 0 : 2))
        if let position { body.append(position) }
        body.append(text: Self.shortened(self.text))
        return Frame(type: .error, body: body)
    }

    /// Says `error` to the peer.
    init(_ error: SyncError, position: Position? = nil) {
        self.code = error.code
        self.isRetryable = error.isRetryable
        self.position = position
        self.text = error.description
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .error)
        self.code = try reader.number()
        let flags = try reader.number(UInt8.self)
        guard flags & ~3 == 0 else { throw reader.malformed }
        self.isRetryable = flags & 1 != 0
        self.position = flags & 2 != 0 ? try reader.position() : nil
        self.text = try reader.text(bytesMax: SyncLimits.errorTextBytesMax)
        try reader.end()
    }

    /// What the peer's words become here.
    var error: SyncError {
        .remote(
            SyncError.RemoteError(
                code: self.code,
                log: self.position?.log,
                text: self.text,
                isRetryable: self.isRetryable
            )
        )
    }

    /// `text` cut at a whole character.
    private static func shortened(_ text: String) -> String {
        var kept = text
        while kept.utf8.count > SyncLimits.errorTextBytesMax { kept.removeLast() }
        return kept
    }
}
