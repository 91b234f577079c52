internal import Replication

/// A byte stream over two file descriptors, one for each direction, each served by a thread of its
/// own, so that both move at the same time.
final class DescriptorStream: Sendable {
    private let input: Descriptor
    private let output: Descriptor
    private let reader = BlockingThread(name: "sync-reader")
    private let writer = BlockingThread(name: "sync-writer")

    init(input: Descriptor, output: Descriptor) {
        self.input = input
        self.output = output
    }

    deinit {
        self.reader.stop()
        self.writer.stop()
    }

    /// The stream; holds on to this object.
    var stream: ByteStream {
        ByteStream(
            read: { () throws(SyncError) in
                let input = self.input
                guard let result = await self.reader.run({ input.read() }) else { return [] }
                return try result.get()
            },
            write: { (bytes) throws(SyncError) in
                let output = self.output
                guard let result = await self.writer.run({ output.write(bytes) }) else {
                    throw .stream("closed")
                }
                try result.get()
            },
            close: {
                let (input, output) = (self.input, self.output)
                input.close()
                output.close()
                _ = await self.reader.run { input.release() }
                _ = await self.writer.run { output.release() }
                self.reader.stop()
                self.writer.stop()
            }
        )
    }
}
