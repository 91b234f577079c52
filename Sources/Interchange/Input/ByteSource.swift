internal import Glibc

/// Bytes to import, handed out in order, chunk by chunk.
///
/// A closure rather than a file, so that a test cuts the chunks where it likes and a pipe works
/// like a file. Belongs to one task.
package struct ByteSource {
    /// The most bytes that a chunk has.
    package static let chunkBytesMax = 256 << 10

    /// Hands out the next chunk; empty at the end, and only there.
    package let next: () throws(ImportFailure) -> [UInt8]

    /// Creates a source from a closure.
    package init(_ next: @escaping () throws(ImportFailure) -> [UInt8]) { self.next = next }

    /// A source of `bytes`, in chunks of `chunkBytes`.
    package static func bytes(
        _ bytes: [UInt8],
        chunkBytes: Int = ByteSource.chunkBytesMax
    ) -> ByteSource {
        var offset = 0
        return ByteSource { () throws(ImportFailure) in
            let end = min(offset + chunkBytes, bytes.count)
            defer { offset = end }
            return Array(bytes[offset..<end])
        }
    }

    /// What can be read from an open file descriptor, such as standard input. The caller closes it.
    package static func descriptor(_ descriptor: Int32) -> ByteSource {
        ByteSource { () throws(ImportFailure) in try Self.read(descriptor) }
    }

    /// The file at `path`, opened now and closed with the last copy of the source.
    package static func file(_ path: String) throws(ImportFailure) -> ByteSource {
        let file = try OpenFile(path)
        return ByteSource { () throws(ImportFailure) in try Self.read(file.descriptor) }
    }

    // The buffer is written by `read` within the call, at most as far as its capacity.
    private static func read(_ descriptor: Int32) throws(ImportFailure) -> [UInt8] {
        var code: Int32 = 0
        let chunk = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkBytesMax) {
            buffer,
            count in
            var got = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            while got < 0 && errno == EINTR {
                got = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            code = got < 0 ? errno : 0
            count = max(got, 0)
        }
        guard code == 0 else { throw .unreadable(code: code) }
        return chunk
    }
}

@available(*, unavailable)
extension ByteSource: Sendable {}

/// A file open for reading.
private final class OpenFile {
    let descriptor: Int32

    init(_ path: String) throws(ImportFailure) {
        self.descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard self.descriptor >= 0 else { throw .unreadable(code: errno) }
    }

    deinit { close(self.descriptor) }
}
