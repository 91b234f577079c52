internal import LedgerTypes
internal import Merkle

/// Turns the bytes of a bundle into its manifest, its frames and its end.
///
/// Pure. Every length is compared with its limit before bytes are kept for it. After it has thrown
/// nothing behind can be trusted.
///
/// ```
///   magic ──▶ manifest ──▶ frames ── END ──▶ ended
/// ```
package struct BundleDecoder: Sendable {
    /// What every bundle begins with.
    package static let magic: [UInt8] = Array("CLBUNDLE1\n".utf8)

    /// One piece of a bundle.
    package enum Item: Hashable, Sendable {
        /// The manifest, signed by the key that it names.
        case manifest(BundleManifest)
        /// CHECKPOINT, BLOB, PACKAGE or BASE, as far as the decoder knows.
        case frame(Frame)
        /// The end; what it says of the bytes before it is true.
        case end(BundleEnd)
    }

    private enum State { case magic, manifest, frames, ended }

    private var state = State.magic
    private var buffer: [UInt8] = []
    private var start = 0
    private var frames = FrameDecoder(ofBundle: true)
    private var frameCount: UInt64 = 0
    private var digest = DigestWriter()

    /// The bytes of whole pieces so far.
    package private(set) var byteCount: UInt64 = 0

    /// Starts at the beginning of a file.
    package init() {}

    /// Whether there are bytes that make no whole piece yet.
    package var hasRest: Bool { self.start < self.buffer.count }

    /// Whether END was read.
    package var isEnded: Bool { self.state == .ended }

    /// Takes the next bytes. Call ``next()`` until it returns `nil` first.
    package mutating func append(_ bytes: [UInt8]) {
        self.buffer.removeFirst(self.start)
        self.start = 0
        self.buffer.append(contentsOf: bytes)
    }

    /// The next whole piece, or `nil` when more bytes are needed.
    package mutating func next() throws(BundleError) -> Item? {
        switch self.state {
        case .magic:
            let count = min(self.rest, Self.magic.count)
            guard
                self.buffer[self.start..<self.start + count].elementsEqual(
                    Self.magic.prefix(count)
                )
            else { throw .notABundle }
            guard count == Self.magic.count else { return nil }
            _ = self.consume(count)
            self.state = .manifest
            return try self.next()
        case .manifest: return try self.manifest()
        case .frames: return try self.frame()
        case .ended:
            guard self.rest == 0 else { throw .sync(.unexpected(.end)) }
            return nil
        }
    }

    private var rest: Int { self.buffer.count - self.start }

    /// The big-endian number in the first four bytes that are left, if there are as many.
    private var length: UInt32? {
        guard self.rest >= 4 else { return nil }
        return self.buffer[self.start..<self.start + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func consume(_ count: Int) -> [UInt8] {
        let bytes = Array(self.buffer[self.start..<self.start + count])
        self.start += count
        self.byteCount += UInt64(count)
        self.digest.update(bytes.span)
        return bytes
    }

    private mutating func manifest() throws(BundleError) -> Item? {
        guard let length = self.length else { return nil }
        guard length <= UInt32(BundleLimits.noteBytesMax) else { throw .manifestTooLong(length) }
        guard self.rest - 4 >= Int(length) else { return nil }
        _ = self.consume(4)
        self.state = .frames
        return .manifest(try BundleManifest(note: self.consume(Int(length))))
    }

    private mutating func frame() throws(BundleError) -> Item? {
        guard let length = self.length, self.rest >= Frame.headerByteCount else { return nil }
        // Of a frame over the limit, the header is enough for it to be refused.
        let body = length <= UInt32(SyncLimits.bodyBytesMax) ? Int(length) : 0
        guard self.rest >= Frame.headerByteCount + body else { return nil }
        let before = self.digest
        let bytes = self.consume(Frame.headerByteCount + body)
        do throws(SyncError) {
            self.frames.append(bytes)
            guard let frame = try self.frames.next() else { return nil }
            guard frame.type == .end else {
                self.frameCount += 1
                return .frame(frame)
            }
            let end = try BundleEnd(frame)
            guard end.frameCount == self.frameCount, end.digest == before.finalize() else {
                throw .malformed(.end, offset: 0)
            }
            self.state = .ended
            return .end(end)
        } catch {
            throw .sync(error)
        }
    }
}
