/// An ordered stream of bytes in both directions; who carries it and how is not known here.
///
/// One task reads and one writes, at the same time. A call may suspend for as long as the stream's
/// own idle limit allows.
package struct ByteStream: Sendable {
    /// The next bytes, at least one; empty at the end of the stream.
    package let read: @Sendable () async throws(SyncError) -> [UInt8]
    /// Hands all bytes over.
    package let write: @Sendable ([UInt8]) async throws(SyncError) -> Void
    /// Ends the stream in both directions; calls that wait return or throw. May be called twice.
    package let close: @Sendable () async -> Void

    /// Creates a stream from its three operations.
    package init(
        read: @escaping @Sendable () async throws(SyncError) -> [UInt8],
        write: @escaping @Sendable ([UInt8]) async throws(SyncError) -> Void,
        close: @escaping @Sendable () async -> Void
    ) {
        self.read = read
        self.write = write
        self.close = close
    }
}
