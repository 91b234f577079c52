internal import CZlib

/// The bytes of a source with gzip, if it is there, taken off.
///
/// Gzip is told by its first two bytes (RFC 1952). A file of several members, as `cat a.gz b.gz`
/// makes it, is read to its end; zero bytes after the last member are padding. Belongs to one task.
@safe
final class UnpackedSource {
    private let source: ByteSource
    /// Nil when the bytes are not compressed. Heap memory, because zlib keeps its address.
    private var stream: UnsafeMutablePointer<z_stream>?
    private var input: [UInt8] = []
    private var inputOffset = 0
    /// Compressed bytes consumed so far.
    private var consumed: UInt64 = 0
    private var isInMember = false
    private var isAtEnd = false

    init(_ source: ByteSource) throws(ImportFailure) {
        self.source = source
        var head = try source.next()
        while head.count < 4 {
            let more = try source.next()
            if more.isEmpty { break }
            head += more
        }
        guard !head.isEmpty else { throw .empty }
        self.input = head
        if head.starts(with: [0x1F, 0x8B]) { try self.startInflating() }
    }

    deinit {
        guard let stream = unsafe self.stream else { return }
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// The next chunk of unpacked bytes; empty at the end, and only there.
    func next() throws(ImportFailure) -> [UInt8] {
        guard unsafe self.stream != nil else {
            guard self.input.isEmpty else {
                defer { self.input = [] }
                return self.input
            }
            return try self.source.next()
        }
        while !self.isAtEnd {
            let chunk = try self.inflateChunk()
            if !chunk.isEmpty { return chunk }
        }
        return []
    }

    private func startInflating() throws(ImportFailure) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window, plus 16: a gzip wrapper and no other.
        let code = unsafe inflateInit2_(
            stream,
            31,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard code == Z_OK else {
            unsafe stream.deallocate()
            throw .gzipDamaged(offset: 0, reason: "zlib does not start (\(code))")
        }
        unsafe self.stream = stream
        self.isInMember = true
    }

    /// Inflates what it can; empty when more input is needed.
    private func inflateChunk() throws(ImportFailure) -> [UInt8] {
        if self.inputOffset == self.input.count {
            self.input = try self.source.next()
            self.inputOffset = 0
            if self.input.isEmpty {
                if self.isInMember { throw .gzipTruncated(offset: self.consumed) }
                self.isAtEnd = true
                return []
            }
        }
        guard self.isInMember else {
            try self.skipToNextMember()
            return []
        }
        let (chunk, code) = self.inflateOnce()
        switch code {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: self.isInMember = false
        default:
            throw .gzipDamaged(offset: self.consumed, reason: self.reason(code))
        }
        return chunk
    }

    // zlib reads the input and writes the output within the call, within the counts it is given.
    private func inflateOnce() -> ([UInt8], Int32) {
        guard let stream = unsafe self.stream else { return ([], Z_STREAM_ERROR) }
        var code: Int32 = Z_OK
        let offset = self.inputOffset
        let chunk = unsafe self.input.withUnsafeMutableBufferPointer { input in
            unsafe [UInt8](unsafeUninitializedCapacity: ByteSource.chunkBytesMax) { output, count in
                unsafe stream.pointee.next_in = input.baseAddress.map { unsafe $0 + offset }
                unsafe stream.pointee.avail_in = UInt32(input.count - offset)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = UInt32(output.count)
                code = unsafe inflate(stream, Z_NO_FLUSH)
                count = output.count - Int(unsafe stream.pointee.avail_out)
            }
        }
        let rest = Int(unsafe stream.pointee.avail_in)
        self.consumed += UInt64(self.input.count - self.inputOffset - rest)
        self.inputOffset = self.input.count - rest
        return (chunk, code)
    }

    /// Passes over padding, and starts another member if there is one.
    private func skipToNextMember() throws(ImportFailure) {
        while self.inputOffset < self.input.count && self.input[self.inputOffset] == 0 {
            self.inputOffset += 1
            self.consumed += 1
        }
        guard self.inputOffset < self.input.count else { return }
        guard self.input[self.inputOffset] == 0x1F, let stream = unsafe self.stream else {
            throw .gzipDamaged(offset: self.consumed, reason: "other bytes follow the gzip data")
        }
        unsafe inflateReset(stream)
        self.isInMember = true
    }

    private func reason(_ code: Int32) -> String {
        if let stream = unsafe self.stream, let message = unsafe stream.pointee.msg {
            return unsafe String(cString: message)
        }
        return "zlib error \(code)"
    }
}

@available(*, unavailable)
extension UnpackedSource: Sendable {}
