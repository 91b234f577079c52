internal import LedgerTypes

/// Turns a byte stream into frames, refusing a header before any byte of its body is kept.
///
/// Pure. After it has thrown it throws the same again: nothing behind a bad frame can be trusted.
package struct FrameDecoder: Sendable {
    private var buffer: [UInt8] = []
    private var offset = 0
    private var failure: SyncError?
    private let isOfBundle: Bool

    /// Starts at the beginning of a stream, or of the frames of a bundle.
    package init(ofBundle: Bool = false) { self.isOfBundle = ofBundle }

    /// The bytes that arrived and belong to no frame yet.
    package var pendingByteCount: Int { self.buffer.count - self.offset }

    /// Takes the next bytes of the stream. Call ``next()`` until it returns `nil` first.
    package mutating func append(_ bytes: [UInt8]) {
        if self.offset > 0 {
            self.buffer.removeFirst(self.offset)
            self.offset = 0
        }
        self.buffer.append(contentsOf: bytes)
    }

    /// The next whole frame, or `nil` when more bytes are needed.
    package mutating func next() throws(SyncError) -> Frame? {
        if let failure { throw failure }
        do throws(SyncError) {
            return try self.decode()
        } catch {
            self.failure = error
            self.buffer = []
            self.offset = 0
            throw error
        }
    }

    private mutating func decode() throws(SyncError) -> Frame? {
        guard self.pendingByteCount >= Frame.headerByteCount else { return nil }
        var length: UInt32 = 0
        for index in 0..<4 { length = length << 8 | UInt32(self.buffer[self.offset + index]) }
        guard length <= UInt32(SyncLimits.bodyBytesMax) else {
            throw .limit(.bodyBytes, log: nil)
        }
        let number = self.buffer[self.offset + 4]
        guard let type = FrameType(rawValue: number), self.isOfBundle || !type.isForBundles else {
            throw .unknownFrame(number)
        }
        let flags = self.buffer[self.offset + 5]
        guard flags & ~Frame.compressedFlag == 0 else { throw .unknownFlags(flags, in: type) }
        let isCompressed = flags & Frame.compressedFlag != 0
        guard !isCompressed || type.mayBeCompressed else {
            throw .unknownFlags(flags, in: type)
        }
        let start = self.offset + Frame.headerByteCount
        guard self.buffer.count - start >= Int(length) else { return nil }
        let range = start..<start + Int(length)
        let body =
            isCompressed
            ? try Self.inflate(self.buffer.span.extracting(range), in: type)
            : [UInt8](self.buffer[range])
        self.offset = range.upperBound
        return Frame(type: type, body: body)
    }

    private static func inflate(
        _ body: Span<UInt8>,
        in type: FrameType
    ) throws(SyncError) -> [UInt8] {
        guard body.count >= 4 else { throw .malformed(type, offset: 0) }
        var size: UInt32 = 0
        for index in 0..<4 { size = size << 8 | UInt32(body[index]) }
        guard size <= UInt32(SyncLimits.inflatedBytesMax) else {
            throw .limit(.inflatedBytes, log: nil)
        }
        guard
            let inflated = Zlib.inflate(body.extracting(4..<body.count), byteCount: Int(size))
        else { throw .badCompression(type) }
        return inflated
    }
}
