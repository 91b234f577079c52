internal import CZlib
internal import LedgerTypes

/// Whole-buffer zlib (RFC 1950), bounded on both sides.
///
/// Source: https://zlib.net/manual.html
enum Zlib {
    /// Fast rather than small: most of a package is either repetitive or ciphertext.
    private static let level: CInt = 1

    /// `bytes` as a zlib stream; `nil` if it would have more than `bytesMax` bytes.
    ///
    /// Bytes from `storedFrom` on are known not to compress: they are copied into stored blocks,
    /// which costs next to nothing and any reader takes.
    static func deflate(_ bytes: [UInt8], storedFrom: Int, bytesMax: Int) -> [UInt8]? {
        guard bytesMax > 0 else { return nil }
        var stream = unsafe z_stream()
        let size = unsafe CInt(MemoryLayout<z_stream>.size)
        guard unsafe deflateInit_(&stream, Self.level, ZLIB_VERSION, size) == Z_OK else {
            return nil
        }
        defer { unsafe deflateEnd(&stream) }
        var isDone = false
        // Safe: zlib reads `avail_in` bytes from `next_in` and writes at most `avail_out` to
        // `next_out`; both point into buffers that outlive the calls, and the input is only read.
        let deflated = unsafe [UInt8](unsafeUninitializedCapacity: bytesMax) { output, count in
            unsafe bytes.withUnsafeBufferPointer { input in
                let start = unsafe UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.next_in = start
                unsafe stream.avail_in = uInt(storedFrom)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = uInt(bytesMax)
                if storedFrom > 0 {
                    guard unsafe CZlib.deflate(&stream, Z_NO_FLUSH) == Z_OK,
                        unsafe stream.avail_in == 0
                    else { return }
                }
                if storedFrom < input.count {
                    // The change of level first deflates what it was given before.
                    guard unsafe deflateParams(&stream, 0, Z_DEFAULT_STRATEGY) == Z_OK else {
                        return
                    }
                    unsafe stream.avail_in = uInt(input.count - storedFrom)
                }
                isDone = unsafe CZlib.deflate(&stream, Z_FINISH) == Z_STREAM_END
            }
            count = unsafe isDone ? bytesMax - Int(stream.avail_out) : 0
        }
        return isDone ? deflated : nil
    }

    /// The `byteCount` bytes that the zlib stream `bytes` stands for; `nil` if it is damaged,
    /// stands for more or fewer, or has bytes after its end.
    static func inflate(_ bytes: Span<UInt8>, byteCount: Int) -> [UInt8]? {
        var code: CInt = Z_DATA_ERROR
        var consumed = 0
        // One byte more than is wanted, so that a stream that goes on is seen to.
        // Safe: `uncompress2` writes at most `length` bytes and reads at most `inputLength`.
        let inflated = unsafe [UInt8](unsafeUninitializedCapacity: byteCount + 1) { output, count in
            var length = uLongf(byteCount + 1)
            var inputLength = uLong(bytes.count)
            code = unsafe bytes.withUnsafeBufferPointer { input in
                unsafe uncompress2(output.baseAddress, &length, input.baseAddress, &inputLength)
            }
            count = code == Z_OK ? Int(length) : 0
            consumed = Int(inputLength)
        }
        guard code == Z_OK, inflated.count == byteCount, consumed == bytes.count else { return nil }
        return inflated
    }
}
