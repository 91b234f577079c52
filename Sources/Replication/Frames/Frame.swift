internal import LedgerTypes

/// One frame, its body inflated.
package struct Frame: Hashable, Sendable {
    /// What the body holds.
    package let type: FrameType
    /// The body.
    package let body: [UInt8]

    /// Where the part of the body begins that does not compress, such as ciphertext. Not sent, and
    /// nothing but time depends on it.
    let storedFrom: Int

    /// Creates a frame.
    package init(type: FrameType, body: [UInt8], storedFrom: Int? = nil) {
        self.type = type
        self.body = body
        self.storedFrom = storedFrom ?? body.count
    }

    /// Whether type and body are equal.
    package static func == (lhs: Frame, rhs: Frame) -> Bool {
        lhs.type == rhs.type && lhs.body == rhs.body
    }

    /// Feeds type and body to `hasher`.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.type)
        hasher.combine(self.body)
    }

    /// The number of bytes before the body: u32 BE length ‖ u8 type ‖ u8 flags.
    package static let headerByteCount = 6
    /// Flag bit 0: the body is u32 BE inflated size ‖ zlib stream.
    static let compressedFlag: UInt8 = 1

    /// The frame as it travels without compression.
    package var plainBytes: [UInt8] {
        Self.bytes(type: self.type, flags: 0, body: self.body)
    }

    /// The frame as it travels: compressed where that is allowed and makes it shorter.
    package func encoded() throws(SyncError) -> [UInt8] {
        if self.type.mayBeCompressed, self.body.count >= SyncLimits.compressBytesMin,
            self.body.count <= SyncLimits.inflatedBytesMax,
            let deflated = Zlib.deflate(
                self.body,
                storedFrom: self.storedFrom,
                bytesMax: self.body.count - 5
            ),
            deflated.count + 4 <= SyncLimits.bodyBytesMax
        {
            var body: [UInt8] = []
            body.reserveCapacity(deflated.count + 4)
            body.appendBigEndian(UInt32(self.body.count))
            body.append(contentsOf: deflated)
            return Self.bytes(type: self.type, flags: Self.compressedFlag, body: body)
        }
        guard self.body.count <= SyncLimits.bodyBytesMax else {
            throw .limit(.bodyBytes, log: nil)
        }
        return self.plainBytes
    }

    private static func bytes(type: FrameType, flags: UInt8, body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headerByteCount + body.count)
        bytes.appendBigEndian(UInt32(body.count))
        bytes.append(type.rawValue)
        bytes.append(flags)
        bytes.append(contentsOf: body)
        return bytes
    }
}
