import Replication
import Testing

@testable import SyncTransport

@Suite("Commands as byte streams", .timeLimit(.minutes(1)))
struct CommandTransportTests {
    private func start(
        _ command: String,
        environment: [String] = ["PATH=/usr/bin:/bin"],
        idleMilliseconds: Int = 20_000
    ) throws -> CommandTransport {
        try CommandTransport.start(
            command,
            environment: environment,
            idleMilliseconds: idleMilliseconds
        )
    }

    private func readAll(_ stream: ByteStream, count: Int = .max) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try await stream.read()
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    @Test("What is written comes back through a command, in both directions at once")
    func bothDirections() async throws {
        let transport = try self.start("cat")
        let count = 8 << 20
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        async let read = self.readAll(transport.stream, count: count)
        for start in stride(from: 0, to: count, by: 1 << 20) {
            try await transport.stream.write(Array(bytes[start..<start + 1 << 20]))
        }
        #expect(try await read == bytes)
        #expect(await transport.finish() == .status(0))
    }

    @Test("The end of a command is the end of the stream, and its status is told")
    func status() async throws {
        let transport = try self.start("printf hello; exit 7")
        #expect(try await self.readAll(transport.stream) == Array("hello".utf8))
        #expect(await transport.finish() == .status(7))
    }

    @Test("A command that a signal ended is told apart")
    func signal() async throws {
        let transport = try self.start("kill -9 $$")
        #expect(try await self.readAll(transport.stream).isEmpty)
        #expect(await transport.finish() == .signal(9))
    }

    @Test("A command that does not exist ends with the shell's status")
    func unknown() async throws {
        let transport = try self.start("exec /nowhere/nothing 2>/dev/null")
        #expect(try await self.readAll(transport.stream).isEmpty)
        #expect(await transport.finish() == .status(127))
    }

    @Test("Writing to a command that is gone is an error, not a signal that kills")
    func brokenPipe() async throws {
        let transport = try self.start("exit 0")
        #expect(try await self.readAll(transport.stream).isEmpty)
        let error = await #expect(throws: SyncError.self) {
            for _ in 0..<100 {
                try await transport.stream.write([UInt8](repeating: 1, count: 64 << 10))
            }
        }
        #expect(error?.isRetryable == true)
        #expect(await transport.finish() == .status(0))
    }

    @Test("A command has the environment it was given")
    func environment() async throws {
        let transport = try self.start("printf %s \"$WORD\"", environment: ["WORD=said"])
        #expect(try await self.readAll(transport.stream) == Array("said".utf8))
        #expect(await transport.finish().isSuccess)
    }

    @Test("A silent command is given up")
    func idle() async throws {
        let transport = try self.start("cat >/dev/null", idleMilliseconds: 300)
        await #expect(throws: SyncError.stream("silent for 0 s")) {
            _ = try await transport.stream.read()
        }
        #expect(await transport.finish().isSuccess)
    }

    @Test("Closing a stream ends a read that waits")
    func closeWhileReading() async throws {
        let transport = try self.start("cat")
        async let read = transport.stream.read()
        await transport.stream.close()
        #expect(try await read.isEmpty)
        #expect(await transport.finish().isSuccess)
    }
}
