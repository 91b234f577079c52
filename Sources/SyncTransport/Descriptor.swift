internal import Glibc
internal import Replication
internal import Synchronization

/// One end of a pipe or a file descriptor like it, for blocking calls that give up after a silence.
///
/// Any thread, but one reader and one writer at a time.
final class Descriptor: Sendable {
    /// The most bytes that are read or written at once. A pipe that is writable takes 4 KiB without
    /// blocking (PIPE_BUF), which keeps the silence measurable on descriptors that are shared and
    /// must not be made non-blocking.
    static let readBytesMax = 256 << 10
    static let writeBytesMax = 4 << 10
    /// How often a waiting call looks whether it has been closed.
    private static let sliceMilliseconds: CInt = 100

    private let number: CInt
    private let isOwned: Bool
    private let idleMilliseconds: Int
    private let isClosed = Atomic(false)
    private let isReleased = Atomic(false)

    /// Wraps descriptor `number`; closes it at the end if it `isOwned`.
    init(_ number: CInt, isOwned: Bool, idleMilliseconds: Int) {
        self.number = number
        self.isOwned = isOwned
        self.idleMilliseconds = idleMilliseconds
    }

    deinit { self.release() }

    /// Makes waiting calls return soon, and calls after this one at once.
    func close() { self.isClosed.store(true, ordering: .releasing) }

    /// Gives the descriptor itself back, so that the other end sees the end. After ``close()``, on
    /// the thread that reads or writes, so that no call can be using the number.
    func release() {
        self.close()
        let wasReleased = self.isReleased.exchange(true, ordering: .acquiringAndReleasing)
        if self.isOwned, !wasReleased { Glibc.close(self.number) }
    }

    /// The next bytes; empty at the end.
    func read() -> Result<[UInt8], SyncError> {
        while true {
            if let failure = self.wait(for: POLLIN) { return failure.map { [] } }
            var code: CInt = 0
            // Safe: `read` writes at most the buffer's size.
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.readBytesMax) {
                buffer,
                count in
                let result = unsafe Glibc.read(self.number, buffer.baseAddress, buffer.count)
                count = max(0, result)
                code = result < 0 ? errno : 0
            }
            if code == EINTR || code == EAGAIN { continue }
            if code != 0 { return .failure(Self.failure("read", code)) }
            return .success(bytes)
        }
    }

    /// Writes all of `bytes`.
    func write(_ bytes: [UInt8]) -> Result<Void, SyncError> {
        var offset = 0
        while offset < bytes.count {
            if let failure = self.wait(for: POLLOUT) {
                return failure.flatMap { .failure(.stream("closed while writing")) }
            }
            let count = min(bytes.count - offset, Self.writeBytesMax)
            // Safe: `offset + count` is at most the array's count.
            let result = unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe Glibc.write(self.number, buffer.baseAddress?.advanced(by: offset), count)
            }
            if result < 0 {
                let code = errno
                if code == EINTR || code == EAGAIN { continue }
                return .failure(Self.failure("write", code))
            }
            offset += result
        }
        return .success(())
    }

    /// `nil` once the descriptor is ready; success when it was closed here, else why not.
    private func wait(for event: CInt) -> Result<Void, SyncError>? {
        var waited = 0
        while true {
            if self.isClosed.load(ordering: .acquiring) { return .success(()) }
            var entry = pollfd(fd: self.number, events: Int16(event), revents: 0)
            let result = unsafe poll(&entry, 1, Self.sliceMilliseconds)
            if result > 0 { return nil }
            if result < 0, errno != EINTR { return .failure(Self.failure("poll", errno)) }
            waited += Int(Self.sliceMilliseconds)
            if waited >= self.idleMilliseconds {
                return .failure(.stream("silent for \(self.idleMilliseconds / 1_000) s"))
            }
        }
    }

    private static func failure(_ call: String, _ code: CInt) -> SyncError {
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error"
        return .stream("\(call): \(text)")
    }
}
