internal import Replication

/// The two threads that serve a stream, one for each direction, so that both move at the same time.
final class StreamThreads: Sendable {
    let reader = BlockingThread(name: "sync-reader")
    let writer = BlockingThread(name: "sync-writer")

    deinit {
        self.reader.stop()
        self.writer.stop()
    }

    /// A stream over blocking calls; holds on to this object.
    ///
    /// `close` makes calls that wait return soon; then `releaseInput` runs on the reader's thread
    /// and after it `releaseOutput` on the writer's, when no call is using what they give back.
    func stream(
        read: @escaping @Sendable () -> Result<[UInt8], SyncError>,
        write: @escaping @Sendable ([UInt8]) -> Result<Void, SyncError>,
        close: @escaping @Sendable () -> Void,
        releaseInput: @escaping @Sendable () -> Void,
        releaseOutput: @escaping @Sendable () -> Void
    ) -> ByteStream {
        ByteStream(
            read: { () throws(SyncError) in
                guard let result = await self.reader.run(read) else { return [] }
                return try result.get()
            },
            write: { (bytes) throws(SyncError) in
                guard let result = await self.writer.run({ write(bytes) }) else {
                    throw .stream("closed")
                }
                try result.get()
            },
            close: {
                close()
                _ = await self.reader.run(releaseInput)
                _ = await self.writer.run(releaseOutput)
                self.reader.stop()
                self.writer.stop()
            }
        )
    }
}
