import Glibc
import LedgerTesting
import Replication
import SyncTransport
import Testing

@Suite("Recordings of sessions", .temporaryDirectory)
struct SessionRecorderTests {
    @Test("What is said and heard is written down in order, and reaches the other end unchanged")
    func order() async throws {
        let path = "\(TemporaryDirectoryTrait.current)/recording"
        let (here, there) = MemoryPipe.streams()
        let recorder = try SessionRecorder(path: path)
        let stream = recorder.recording(here)
        try await stream.write([1, 2])
        try await there.write([9])
        #expect(try await there.read() == [1, 2])
        #expect(try await stream.read() == [9])
        try await stream.write([])
        await stream.close()
        let bytes = try ShellCommand.output(["cat", path])
        let records: [UInt8] = [0, 0, 0, 0, 2, 1, 2] + [1, 0, 0, 0, 1, 9]
        #expect(bytes == SessionRecorder.magic + records)
        #expect(recorder.failureCode == 0)
    }

    @Test("A recording that cannot be made says why")
    func noDirectory() {
        let path = "\(TemporaryDirectoryTrait.current)/none/recording"
        #expect(throws: RecordingError(code: ENOENT)) { try SessionRecorder(path: path) }
    }

    @Test("A full device stops the recording and not the session")
    func fullDevice() async throws {
        let (here, there) = MemoryPipe.streams()
        let recorder = try SessionRecorder(path: "/dev/full")
        try await recorder.recording(here).write([1])
        #expect(try await there.read() == [1])
        #expect(recorder.failureCode == ENOSPC)
    }
}
