internal import Replication

/// A byte stream over two file descriptors, one for each direction.
struct DescriptorStream {
    let input: Descriptor
    let output: Descriptor

    /// The stream; holds on to both.
    var stream: ByteStream {
        let (input, output) = (self.input, self.output)
        return StreamThreads().stream(
            read: { input.read() },
            write: { output.write($0) },
            close: {
                input.close()
                output.close()
            },
            releaseInput: { input.release() },
            releaseOutput: { output.release() }
        )
    }
}
