internal import CZlib
internal import LedgerTypes

/// Whole-buffer zlib (RFC 1950), bounded on both sides.
///
/// Source: https://zlib.net/manual.html
enum Zlib {
    /// Fast rather than small: most of a package is either repetitive or ciphertext.
    private static let level: CInt = 1

    /// `bytes` as a zlib stream; `nil` if it would have more than `bytesMax` bytes.
    static func deflate(_ bytes: [UInt8], bytesMax: Int) -> [UInt8]? {
        guard bytesMax > 0 else { return nil }
        var code: CInt = Z_BUF_ERROR
        // Safe: `compress2` writes at most `length` bytes, which is the buffer's size on the way in
        // and the number written on the way out.
        let deflated = unsafe [UInt8](unsafeUninitializedCapacity: bytesMax) { output, count in
            var length = uLongf(bytesMax)
            code = unsafe bytes.withUnsafeBufferPointer { input in
                unsafe compress2(
                    output.baseAddress,
                    &length,
                    input.baseAddress,
                    uLong(input.count),
                    Self.level
                )
            }
            count = code == Z_OK ? Int(length) : 0
        }
        return code == Z_OK ? deflated : nil
    }

    /// The `byteCount` bytes that the zlib stream `bytes` stands for; `nil` if it is damaged, stands
    /// for more or fewer, or has bytes after its end.
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
