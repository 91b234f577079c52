import CZlib

/// Makes gzip data for tests.
enum Gzip {
    /// `bytes` as one gzip member.
    static func member(_ bytes: [UInt8]) -> [UInt8] {
        var stream = unsafe z_stream()
        var output = [UInt8](repeating: 0, count: bytes.count + 1_024)
        var input = bytes
        let size = Int32(unsafe MemoryLayout<z_stream>.size)
        unsafe deflateInit2_(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        // zlib reads and writes within the call, within the counts it is given.
        unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe stream.next_in = input.baseAddress
                unsafe stream.avail_in = UInt32(input.count)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(output.count)
                unsafe deflate(&stream, Z_FINISH)
            }
        }
        let count = output.count - Int(unsafe stream.avail_out)
        unsafe deflateEnd(&stream)
        return Array(output.prefix(count))
    }
}
