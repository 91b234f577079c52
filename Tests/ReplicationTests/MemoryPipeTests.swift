import Testing

@testable import Replication

@Suite("Streams inside a process", .timeLimit(.minutes(1)))
struct MemoryPipeTests {
    @Test("What one end writes the other reads, in order and in both directions")
    func order() async throws {
        let (one, two) = MemoryPipe.streams()
        try await one.write([1, 2])
        try await one.write([3])
        try await two.write([4])
        #expect(try await two.read() == [1, 2])
        #expect(try await two.read() == [3])
        #expect(try await one.read() == [4])
    }

    @Test("A writer waits for a reader who is behind")
    func backpressure() async throws {
        let (one, two) = MemoryPipe.streams()
        let chunk = [UInt8](repeating: 7, count: 300_000)
        async let sent: Void = {
            for _ in 0..<20 { try await one.write(chunk) }
            await one.close()
        }()
        var count = 0
        while true {
            let bytes = try await two.read()
            if bytes.isEmpty { break }
            count += bytes.count
        }
        try await sent
        #expect(count == 6_000_000)
    }

    @Test("What was written before the end is still read, and then the end")
    func end() async throws {
        let (one, two) = MemoryPipe.streams()
        try await one.write([1])
        await one.close()
        #expect(try await two.read() == [1])
        #expect(try await two.read().isEmpty)
        await #expect(throws: SyncError.self) { try await two.write([1]) }
    }

    @Test("Closing wakes a reader and a writer who wait")
    func wake() async throws {
        let (one, two) = MemoryPipe.streams()
        async let read = two.read()
        await one.close()
        #expect(try await read.isEmpty)
        let (three, four) = MemoryPipe.streams()
        try await three.write([UInt8](repeating: 0, count: MemoryPipe.waitingBytesMax))
        async let written: Bool = {
            do {
                try await three.write([1])
                return true
            } catch {
                return false
            }
        }()
        await four.close()
        #expect(await written == false)
    }
}
