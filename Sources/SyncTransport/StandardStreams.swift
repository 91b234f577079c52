internal import Glibc
package import Replication

/// Standard input and output as a byte stream: the far end of `--command`, as in
/// `caseledger serve --stdio`.
package enum StandardStreams {
    /// The stream. Nothing else may read standard input or write standard output while it is used.
    /// The descriptors stay open and keep their flags, since other processes may share them.
    package static func stream(idleMilliseconds: Int) -> ByteStream {
        BrokenPipe.ignore()
        return DescriptorStream(
            input: Descriptor(STDIN_FILENO, isOwned: false, idleMilliseconds: idleMilliseconds),
            output: Descriptor(STDOUT_FILENO, isOwned: false, idleMilliseconds: idleMilliseconds)
        ).stream
    }
}

/// SIGPIPE ends a process whose peer went away; as an error code it ends a session.
enum BrokenPipe {
    /// Ignores the signal for the whole process, for good.
    static func ignore() { _ = signal(SIGPIPE, SIG_IGN) }
}
