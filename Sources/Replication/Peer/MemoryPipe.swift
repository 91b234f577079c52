/// One direction of a stream inside a process: a bounded queue of chunks.
///
/// An actor; one reader and one writer. A writer waits while the queue is full, so that neither
/// side runs away from the other.
package actor MemoryPipe {
    /// The most bytes that wait before a writer has to.
    package static let waitingBytesMax = 1 << 20

    private var chunks: [[UInt8]] = []
    private var byteCount = 0
    private var isClosed = false
    private var reader: CheckedContinuation<Void, Never>?
    private var writer: CheckedContinuation<Void, Never>?

    private init() {}

    /// The two ends of one stream.
    package static func streams() -> (ByteStream, ByteStream) {
        let forth = MemoryPipe()
        let back = MemoryPipe()
        return (Self.end(reads: back, writes: forth), Self.end(reads: forth, writes: back))
    }

    private static func end(reads: MemoryPipe, writes: MemoryPipe) -> ByteStream {
        ByteStream(
            read: { await reads.read() },
            write: { (bytes) throws(SyncError) in try await writes.write(bytes) },
            close: {
                await writes.close()
                await reads.close()
            }
        )
    }

    private func read() async -> [UInt8] {
        while self.chunks.isEmpty {
            if self.isClosed { return [] }
            await withCheckedContinuation { self.reader = $0 }
        }
        let bytes = self.chunks.removeFirst()
        self.byteCount -= bytes.count
        self.wakeWriter()
        return bytes
    }

    private func write(_ bytes: [UInt8]) async throws(SyncError) {
        guard !bytes.isEmpty else { return }
        while self.byteCount >= Self.waitingBytesMax, !self.isClosed {
            await withCheckedContinuation { self.writer = $0 }
        }
        guard !self.isClosed else { throw .stream("the other side closed the stream") }
        self.chunks.append(bytes)
        self.byteCount += bytes.count
        self.wakeReader()
    }

    /// What was written before is still read.
    private func close() {
        self.isClosed = true
        self.wakeReader()
        self.wakeWriter()
    }

    private func wakeReader() {
        self.reader?.resume()
        self.reader = nil
    }

    private func wakeWriter() {
        self.writer?.resume()
        self.writer = nil
    }
}
