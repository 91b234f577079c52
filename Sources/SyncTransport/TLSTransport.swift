package import Replication

/// Who this side is, and whom it takes, in TLS.
package struct TLSIdentity: Sendable {
    /// Which keys a peer may hold.
    package enum Taken: Hashable, Sendable {
        /// One of these, 32 bytes each, or one that came after it by its word.
        case keys([[UInt8]])
        /// Any but this side's own: the protocol inside decides.
        case any
    }

    /// The secret of the site's key, 32 bytes.
    let seed: [UInt8]
    /// How the site's key came to be what it is, oldest change first: former key ‖ signature each.
    /// A peer that takes only a former key takes this one by it.
    let changes: [[UInt8]]
    /// Which keys a peer may hold.
    package let taken: Taken

    /// Creates an identity of the site whose key has the secret `seed`.
    package init(seed: [UInt8], changes: [[UInt8]] = [], taking taken: Taken) {
        self.seed = seed
        self.changes = changes
        self.taken = taken
    }
}

/// How long TLS waits.
package struct TLSLimits: Sendable {
    /// For a connection, and then again for the handshake.
    package var handshakeMilliseconds = 10_000
    /// For the next byte.
    package var idleMilliseconds = 120_000

    /// Creates the usual limits.
    package init() {}
}

/// A byte stream to a peer that proved that it holds a key.
package struct TLSStream: Sendable {
    /// The stream.
    package let stream: ByteStream
    /// The peer's key, 32 bytes.
    package let peerKey: [UInt8]

    /// Connects to `host` and `port`.
    package static func connect(
        host: String,
        port: UInt16,
        as identity: TLSIdentity,
        _ limits: TLSLimits = TLSLimits()
    ) async throws(ConnectionError) -> TLSStream {
        let threads = StreamThreads()
        let milliseconds = limits.handshakeMilliseconds
        let connected = await threads.reader.run {
            TCPConnection.connect(host: host, port: port, milliseconds: CInt(milliseconds))
        }
        guard let connected else { throw .silent }
        let connection = try connected.get()
        return try await Self.secure(connection, isServer: false, identity, limits, threads)
    }

    /// Answers a connection that a listener took.
    package static func answer(
        _ connection: TCPConnection,
        as identity: TLSIdentity,
        _ limits: TLSLimits = TLSLimits()
    ) async throws(ConnectionError) -> TLSStream {
        try await Self.secure(connection, isServer: true, identity, limits, StreamThreads())
    }

    private static func secure(
        _ connection: TCPConnection,
        isServer: Bool,
        _ identity: TLSIdentity,
        _ limits: TLSLimits,
        _ threads: StreamThreads
    ) async throws(ConnectionError) -> TLSStream {
        let session = TLSSession(
            connection,
            isServer: isServer,
            identity,
            idleMilliseconds: limits.idleMilliseconds
        )
        guard let session else { throw .handshake("the site's key cannot be used") }
        let outcome = await threads.reader.run {
            session.handshake(milliseconds: limits.handshakeMilliseconds)
        }
        guard let outcome else { throw .silent }
        let key: [UInt8]
        do throws(ConnectionError) {
            key = try outcome.get()
        } catch {
            session.release()
            throw error
        }
        let stream = threads.stream(
            read: { session.read() },
            write: { session.write($0) },
            close: { session.close() },
            releaseInput: {},
            releaseOutput: { session.release() }
        )
        return TLSStream(stream: stream, peerKey: key)
    }
}
