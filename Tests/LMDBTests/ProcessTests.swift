import Glibc
import LedgerTesting
import Testing

@testable import LMDB

@Suite("Several processes", .temporaryDirectory, .serialized)
struct ProcessTests {
    private var path: String { TemporaryDirectoryTrait.current }

    @Test("A writer killed in its transaction leaves what was committed, and the lock free")
    func killedWriter() async throws {
        let store = try Store(self.path)
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = self.path as String] in
            let store = try Store(path)
            try store.put([1], for: [1])
            try store.environment.write { (transaction) throws(LMDBError) in
                try transaction.put([2].span, for: [1].span, in: store.table)
                dieAtOnce()
            }
        }
        #expect(try store.value(for: [1]) == [1])
        try store.put([3], for: [1])
        #expect(try store.value(for: [1]) == [3])
    }

    @Test("Every acknowledged commit survives a kill", arguments: [1, 17, 60])
    func acknowledgedSurvive(count: Int) async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = self.path as String, count = count as Int] in
            let store = try Store(path)
            for row in 0..<count { try store.put([1], for: bigEndian(row)) }
            dieAtOnce()
        }
        let store = try Store(self.path)
        for row in 0..<count { #expect(try store.value(for: bigEndian(row)) == [1]) }
    }

    @Test("A killed reader makes the file grow until its slot is cleared")
    func staleReader() async throws {
        let store = try Store(self.path, mapBytes: 1 << 26)
        try store.rewrite(rows: 100, times: 4)
        let calm = try store.environment.info().usedBytes
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = self.path as String] in
            try Store(path, mapBytes: 1 << 26).environment.read { (_) throws(LMDBError) in
                dieAtOnce()
            }
        }
        try store.rewrite(rows: 100, times: 40)
        let grown = try store.environment.info().usedBytes
        #expect(grown > 4 * calm)
        #expect(try store.environment.checkReaders() == 1)
        try store.rewrite(rows: 100, times: 40)
        #expect(try store.environment.info().usedBytes == grown)
    }

    @Test("Opening clears the slots of readers that were killed")
    func staleReaderAtOpen() async throws {
        let store = try Store(self.path)
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = self.path as String] in
            try Store(path).environment.read { (_) throws(LMDBError) in dieAtOnce() }
        }
        await #expect(processExitsWith: .success) { [path = self.path as String] in
            _ = try Store(path)
        }
        #expect(try store.environment.checkReaders() == 0)
    }

    @Test("Writing clears stale readers now and then by itself")
    func staleReaderWhileWriting() async throws {
        let store = try Store(self.path)
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = self.path as String] in
            try Store(path).environment.read { (_) throws(LMDBError) in dieAtOnce() }
        }
        for _ in 0..<Limits.writesBetweenReaderChecks {
            try store.environment.write { (_) throws(LMDBError) in }
        }
        #expect(try store.environment.checkReaders() == 0)
    }

    @Test("With every reader slot taken by the living, a read is refused and later reads work")
    func readersFull() throws {
        let store = try Store(self.path, readersMax: 2)
        #expect(throws: LMDBError.readersFull) {
            try store.environment.read { (_) throws(LMDBError) in
                try store.environment.read { (_) throws(LMDBError) in
                    _ = try store.value(for: [1])
                }
            }
        }
        #expect(try store.value(for: [1]) == nil)
    }

    @Test("With every reader slot taken by the dead, a read clears them and works")
    func readersFullOfDead() async throws {
        let store = try Store(self.path, readersMax: 2)
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = self.path as String] in
            try Store(path, readersMax: 2).environment.read { (_) throws(LMDBError) in
                dieAtOnce()
            }
        }
        try store.environment.read { (_) throws(LMDBError) in
            #expect(try store.value(for: [1]) == nil)
        }
    }

    @Test("Three processes that write at once lose no update")
    func severalWriters() async throws {
        let path = self.path
        try Store(path).put(bigEndian(0), for: [1])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    await #expect(processExitsWith: .success) { [path = path as String] in
                        let store = try Store(path)
                        for _ in 0..<50 {
                            try store.environment.write { (transaction) throws(LMDBError) in
                                let key: [UInt8] = [1]
                                let old = copyIfAny(
                                    try transaction.value(for: key.span, in: store.table)
                                )
                                let next = bigEndian(number(old) + 1)
                                try transaction.put(next.span, for: [1].span, in: store.table)
                            }
                        }
                    }
                }
            }
        }
        #expect(number(try Store(path).value(for: [1])) == 150)
    }

    @Test("A forked child is refused the parent's environment and opens its own")
    func forked() async throws {
        await #expect(processExitsWith: .success) { [path = self.path as String] in
            let store = try Store(path)
            try store.put([1], for: [1])
            let child = Hidden.fork()
            try #require(child >= 0)
            if child == 0 {
                var step: CInt = 1
                do throws(LMDBError) {
                    _ = try store.value(for: [1])
                } catch {
                    step = error == .forked ? 2 : 1
                }
                let own = (try? Store(path)).flatMap { try? $0.value(for: [1]) }
                _exit(step == 2 && own == [1] ? 0 : step)
            }
            var status: CInt = -1
            try #require(unsafe waitpid(child, &status, 0) == child)
            #expect(status == 0)
            try store.put([2], for: [1])
        }
    }

    @Test(
        "Two processes with one process id get a clear refusal",
        .enabled(if: mayMount, "making PID namespaces needs root outside a container")
    )
    func processIDClash() async throws {
        _ = try Store(self.path)
        await #expect(processExitsWith: .success) { [path = self.path as String] in
            let first = Self.startAsProcessOne(path, name: "first")
            while !Files.exists(path + "/first.reading") { usleep(2000) }
            let second = Self.startAsProcessOne(path, name: "second")
            var status: CInt = -1
            try #require(unsafe waitpid(second, &status, 0) == second)
            #expect(status >> 8 == 3, "the second process must be refused")
            Files.touch(path + "/done")
            try #require(unsafe waitpid(first, &status, 0) == first)
            #expect(status == 0, "the first process must read undisturbed")
        }
        #expect(LMDBError.processIDClash.description.contains("container"))
    }

    /// Starts a process that reads as number one of a PID namespace of its own; it exits with 0
    /// when it could, with 3 when its process id was in use.
    private static func startAsProcessOne(_ path: String, name: String) -> pid_t {
        let outer = Hidden.fork()
        guard outer == 0 else { return outer }
        let newProcessSpace: CInt = 0x2000_0000
        guard Hidden.unshare(newProcessSpace) == 0 else { _exit(9) }
        let inner = Hidden.fork()
        guard inner == 0 else {
            var status: CInt = -1
            unsafe waitpid(inner, &status, 0)
            _exit(status >> 8)
        }
        do throws(LMDBError) {
            let environment = try Environment.open(path: path)
            try environment.read { (_) throws(LMDBError) in
                Files.touch(path + "/\(name).reading")
                while !Files.exists(path + "/done") { usleep(2000) }
            }
        } catch {
            _exit(error == .processIDClash ? 3 : 4)
        }
        _exit(0)
    }
}
