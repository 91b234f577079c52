import Foundation
import LedgerTypes
import Replication
import Testing

@testable import SyncTransport

@Suite("TLS", .timeLimit(.minutes(1)))
struct TLSStreamTests {
    private typealias Answer = Result<TLSStream, ConnectionError>

    private static func identity(_ byte: UInt8, _ taken: TLSIdentity.Taken) -> TLSIdentity {
        TLSIdentity(seed: [UInt8](repeating: byte, count: 32), taking: taken)
    }

    /// The public key to the seed of `byte`, as somebody who takes any sees it.
    private static func key(_ byte: UInt8) async throws -> [UInt8] {
        let ends = try await Self.ends(Self.identity(99, .any), Self.identity(byte, .any))
        let key = try ends.client.get().peerKey
        await Self.close(ends)
        return key
    }

    /// Both ends of a connection over loopback, as each side sees it.
    private static func ends(
        _ client: TLSIdentity,
        _ server: TLSIdentity,
        _ limits: TLSLimits = TLSLimits()
    ) async throws -> (client: Answer, server: Answer) {
        let listener = try TCPListener(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        async let answered = Self.answer(listener, server, limits)
        let opened: Answer
        do throws(ConnectionError) {
            opened = .success(
                try await TLSStream.connect(host: "127.0.0.1", port: listener.port, as: client)
            )
        } catch {
            opened = .failure(error)
        }
        return (opened, await answered)
    }

    private static func answer(
        _ listener: TCPListener,
        _ identity: TLSIdentity,
        _ limits: TLSLimits = TLSLimits()
    ) async -> Answer {
        guard let connection = await listener.accept() else { return .failure(.silent) }
        return await Self.answer(connection, identity, limits)
    }

    private static func answer(
        _ connection: TCPConnection,
        _ identity: TLSIdentity,
        _ limits: TLSLimits = TLSLimits()
    ) async -> Answer {
        do throws(ConnectionError) {
            return .success(try await TLSStream.answer(connection, as: identity, limits))
        } catch {
            return .failure(error)
        }
    }

    private static func close(_ ends: (client: Answer, server: Answer)) async {
        if case .success(let end) = ends.client { await end.stream.close() }
        if case .success(let end) = ends.server { await end.stream.close() }
    }

    private static func isHandshake(_ answer: Answer) -> Bool {
        if case .failure(.handshake) = answer { true } else { false }
    }

    @Test("Bytes come through whole, in both directions at once, and each side knows the other")
    func bothDirections() async throws {
        let (first, second) = (try await Self.key(1), try await Self.key(2))
        let ends = try await Self.ends(
            Self.identity(1, .keys([second])),
            Self.identity(2, .keys([[UInt8](repeating: 7, count: 32), first]))
        )
        let (client, server) = (try ends.client.get(), try ends.server.get())
        #expect(client.peerKey == second && server.peerKey == first)
        let bytes = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        func carry(_ from: ByteStream, _ to: ByteStream) async throws -> [UInt8] {
            async let written: Void = from.write(bytes)
            var read: [UInt8] = []
            while read.count < bytes.count { read += try await to.read() }
            try await written
            return read
        }
        async let forth = carry(client.stream, server.stream)
        async let back = carry(server.stream, client.stream)
        #expect(try await forth == bytes)
        #expect(try await back == bytes)
        // The end is announced, so that a cut is told from it.
        await client.stream.close()
        #expect(try await server.stream.read().isEmpty)
        await server.stream.close()
    }

    @Test("A server whose key is another ends before this side has shown who it is")
    func wrongServer() async throws {
        let key = try await Self.key(3)
        let ends = try await Self.ends(Self.identity(1, .keys([key])), Self.identity(2, .any))
        let second = try await Self.key(2)
        #expect(throws: ConnectionError.refusedKey(second)) { _ = try ends.client.get() }
        #expect(Self.isHandshake(ends.server))
        await Self.close(ends)
    }

    @Test("A client whose key is not known gets no byte and none from it is read")
    func wrongClient() async throws {
        let (first, second) = (try await Self.key(1), try await Self.key(2))
        let ends = try await Self.ends(
            Self.identity(1, .keys([second])),
            Self.identity(2, .keys([[UInt8](repeating: 7, count: 32)]))
        )
        #expect(throws: ConnectionError.refusedKey(first)) { _ = try ends.server.get() }
        // In TLS 1.3 the client is through before it hears of it.
        if case .success(let client) = ends.client {
            await #expect(throws: SyncError.self) { _ = try await client.stream.read() }
        }
        await Self.close(ends)
    }

    /// The key of seed 1 names that of seed 5, and that one names the key of seed 6: former key ‖
    /// signature. Made with `openssl pkeyutl`.
    private static func changes() throws -> [[UInt8]] {
        let texts = [
            "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c4f1a6813efb3170d"
                + "9cff4863dd800e1117228f1052f4a0f44644678c6ebbee3b99572668d9cb42976b68da822d292c"
                + "5cd2ae727aed34c9ac23b9790ee3a7e70a",
            "6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1853190930064e98c"
                + "e01c0f8bcc32a76661bf0bef7ce3fc466846606a2248040a74b45acb8f807ed411ccd8cb1b25f7"
                + "bfe4405d0254b2559dd239fd4d1d205601",
        ]
        return try texts.map { try #require([UInt8](hex: $0)) }
    }

    @Test("A side that knows an older key takes the new one by the word of each before it")
    func changedKey() async throws {
        let (first, second) = (try await Self.key(1), try await Self.key(2))
        let changes = try Self.changes()
        let new = TLSIdentity(
            seed: [UInt8](repeating: 6, count: 32),
            changes: changes,
            taking: .keys([second])
        )
        let newest = try await Self.key(6)
        for old in [first, try await Self.key(5), newest] {
            let knowing = Self.identity(2, .keys([old]))
            for isServer in [true, false] {
                let ends = try await Self.ends(isServer ? knowing : new, isServer ? new : knowing)
                let known = isServer ? ends.client : ends.server
                #expect(try known.get().peerKey == newest)
                await Self.close(ends)
            }
        }
    }

    @Test("A change of key that does not lead from the known key to the shown one is refused")
    func forgedChange() async throws {
        let first = try await Self.key(1)
        let changes = try Self.changes()
        var bad = changes
        bad[0][40] ^= 1
        // A gap, another order, a signature that is not the key's, the key of somebody else.
        for (seed, shown) in [
            (6, [changes[0]]), (6, changes.reversed()), (6, bad), (7, changes),
        ] as [(UInt8, [[UInt8]])] {
            let server = TLSIdentity(
                seed: [UInt8](repeating: seed, count: 32),
                changes: shown,
                taking: .any
            )
            let ends = try await Self.ends(Self.identity(2, .keys([first])), server)
            let key = try await Self.key(seed)
            #expect(throws: ConnectionError.refusedKey(key)) { _ = try ends.client.get() }
            await Self.close(ends)
        }
    }

    @Test("Nobody is let in with this side's own key")
    func ownKey() async throws {
        let ends = try await Self.ends(Self.identity(1, .any), Self.identity(1, .any))
        if case .success = ends.server { Issue.record("the server took its own key") }
        if case .success = ends.client { Issue.record("the client took its own key") }
        await Self.close(ends)
    }

    @Test("Nobody listens, or under no such name")
    func unreachable() async throws {
        let listener = try TCPListener(host: "127.0.0.1", port: 0)
        let port = listener.port
        #expect(throws: ConnectionError.self) {
            _ = try TCPListener(host: "127.0.0.1", port: port)
        }
        listener.close()
        for host in ["127.0.0.1", "no such host"] {
            let error = await #expect(throws: ConnectionError.self) {
                _ = try await TLSStream.connect(host: host, port: 1, as: Self.identity(1, .any))
            }
            guard case .unreachable? = error else {
                Issue.record("\(host): \(String(describing: error))")
                return
            }
        }
    }

    @Test("Plain bytes are no handshake")
    func plainBytes() async throws {
        let listener = try TCPListener(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        async let answer = Self.answer(listener, Self.identity(2, .any))
        let opened = TCPConnection.connect(
            host: "127.0.0.1",
            port: listener.port,
            milliseconds: 999
        )
        let plain = try opened.get()
        plain.writePlain(Array("GET / HTTP/1.0\r\n\r\n".utf8), milliseconds: 999)
        #expect(Self.isHandshake(await answer))
    }

    @Test("Who says nothing is given up in time, and others are answered meanwhile")
    func silence() async throws {
        let listener = try TCPListener(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        let identity = Self.identity(2, .any)
        func connectInSilence() async throws -> (client: TCPConnection, server: TCPConnection) {
            let port = listener.port
            let opened = TCPConnection.connect(host: "127.0.0.1", port: port, milliseconds: 999)
            return (try opened.get(), try #require(await listener.accept()))
        }
        let patient = try await connectInSilence()
        async let waiting = Self.answer(patient.server, identity)
        async let other = Self.answer(listener, identity)
        let served = try await TLSStream.connect(
            host: "127.0.0.1",
            port: listener.port,
            as: Self.identity(1, .any)
        )
        // It was still being waited for: now it hangs up, and has not been silent for too long.
        patient.client.shutDown()
        #expect(Self.isHandshake(await waiting))
        await served.stream.close()
        await Self.close((.success(served), await other))

        var limits = TLSLimits()
        limits.handshakeMilliseconds = 200
        let silent = try await connectInSilence()
        guard case .failure(.silent) = await Self.answer(silent.server, identity, limits) else {
            Issue.record("the silent client was not given up")
            return
        }
        withExtendedLifetime(silent) {}
    }

    @Test("A stream that is cut is told from one that ended")
    func cut() async throws {
        let listener = try TCPListener(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        async let answer = Self.answer(listener, Self.identity(2, .any))
        let opened = TCPConnection.connect(
            host: "127.0.0.1",
            port: listener.port,
            milliseconds: 999
        )
        let connection = try opened.get()
        let session = try #require(
            TLSSession(
                connection,
                isServer: false,
                Self.identity(1, .any),
                idleMilliseconds: 1_000
            )
        )
        _ = try session.handshake(milliseconds: 5_000).get()
        let server = try await answer.get()
        shutdown(connection.number, Int32(SHUT_RDWR))
        await #expect(throws: SyncError.self) { _ = try await server.stream.read() }
        await server.stream.close()
    }

    static let openssl = "/usr/bin/openssl"

    @Test(
        "Older versions, other keys and no key at all are refused",
        .enabled(if: FileManager.default.isExecutableFile(atPath: openssl), "there is no openssl"),
        arguments: ["-tls1_2", "-tls1_3", "-tls1_3 -alpn h2", "-tls1_3 -alpn clsp/1"]
    )
    func otherClients(flags: String) async throws {
        let listener = try TCPListener(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        async let answer = Self.answer(listener, Self.identity(2, .any))
        let client = try CommandTransport.start(
            "\(Self.openssl) s_client \(flags) -connect 127.0.0.1:\(listener.port) 2>&1",
            environment: ["PATH=/usr/bin:/bin"],
            idleMilliseconds: 20_000
        )
        #expect(Self.isHandshake(await answer), "\(flags)")
        _ = await client.finish()
    }
}
