internal import Glibc
package import Replication
internal import Synchronization

/// Writes down what a session says and hears, for a reader of its own (docs/SYNC.md, "Recordings").
///
/// Any thread. A recording that cannot be written on stops; the session does not.
package final class SessionRecorder: Sendable {
    /// What a recording begins with.
    package static let magic: [UInt8] = Array("CLRECORD1\n".utf8)

    private let descriptor: CInt
    private let failure = Mutex<CInt>(0)

    /// Makes the file, readable by its owner only.
    ///
    /// - Throws: the `errno` of what went wrong.
    package init(path: String) throws(RecordingError) {
        self.descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else { throw RecordingError(code: errno) }
        self.write(Self.magic)
    }

    deinit { close(self.descriptor) }

    /// The `errno` of the write that failed, 0 if none did.
    package var failureCode: CInt { self.failure.withLock { $0 } }

    /// The stream, with what passes through it written down.
    package func recording(_ stream: ByteStream) -> ByteStream {
        ByteStream(
            read: { () throws(SyncError) in
                let bytes = try await stream.read()
                self.note(bytes, direction: 1)
                return bytes
            },
            write: { (bytes) throws(SyncError) in
                self.note(bytes, direction: 0)
                try await stream.write(bytes)
            },
            close: { await stream.close() }
        )
    }

    private func note(_ bytes: [UInt8], direction: UInt8) {
        guard !bytes.isEmpty else { return }
        let count = UInt32(bytes.count).bigEndian
        let length = unsafe withUnsafeBytes(of: count) { unsafe [UInt8]($0) }
        self.write([direction] + length + bytes)
    }

    private func write(_ bytes: [UInt8]) {
        self.failure.withLock { failure in
            var offset = 0
            while failure == 0, offset < bytes.count {
                let count = unsafe bytes[offset...].withUnsafeBytes { rest in
                    // The buffer is as long as what is written from it.
                    unsafe Glibc.write(self.descriptor, rest.baseAddress, rest.count)
                }
                if count >= 0 {
                    offset += count
                } else if errno != EINTR {
                    failure = errno
                }
            }
        }
    }
}

/// Why a recording could not be begun.
package struct RecordingError: Error, Hashable, Sendable {
    /// The `errno`.
    package let code: CInt

    /// Creates the error of an `errno`.
    package init(code: CInt) { self.code = code }
}
