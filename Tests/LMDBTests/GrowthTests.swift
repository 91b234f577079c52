import Glibc
import LedgerTesting
import Testing

@testable import LMDB

@Suite("Map growth", .temporaryDirectory)
struct GrowthTests {
    private var path: String { TemporaryDirectoryTrait.current }

    @Test("A full map refuses the transaction, keeps the rest, and takes it once grown")
    func fullThenGrown() throws {
        let store = try Store(self.path, mapBytes: 1 << 18)
        try store.put([1], for: [1])
        #expect(throws: LMDBError.mapFull) { try store.rewrite(rows: 1000, times: 1) }
        #expect(LMDBError.mapFull.isRetryable)
        #expect(try store.value(for: [1]) == [1])
        #expect(try store.value(for: bigEndian(0)) == nil)
        try store.environment.grow(to: 1 << 23)
        try store.rewrite(rows: 1000, times: 1)
        #expect(try store.value(for: bigEndian(999))?.count == 1000)
    }

    @Test("A transaction whose failed write was swallowed is not committed")
    func swallowedFailure() throws {
        let store = try Store(self.path, mapBytes: 1 << 18)
        #expect(throws: LMDBError.badTransaction) {
            try store.environment.write { (transaction) throws(LMDBError) in
                let value = [UInt8](repeating: 1, count: 1 << 19)
                try transaction.put([1].span, for: [1].span, in: store.table)
                try? transaction.put(value.span, for: [2].span, in: store.table)
            }
        }
        #expect(try store.value(for: [1]) == nil)
    }

    @Test("Growing inside a transaction of the same thread is refused")
    func growthInsideTransaction() throws {
        let store = try Store(self.path)
        #expect(throws: LMDBError.transactionOpen) {
            try store.environment.read { (_) throws(LMDBError) in
                try store.environment.grow(to: 1 << 25)
            }
        }
    }

    @Test("Growth waits for readers, lets their nested reads pass, and holds back new ones")
    func growthWaitsForReaders() async throws {
        let store = try Store(self.path)
        try store.put([5], for: [1])
        let readers = (0..<4).map { _ in
            Task.detached {
                for _ in 0..<200 {
                    let nested = try store.environment.read { (outer) throws(LMDBError) in
                        let first = try outer.value(for: [1].span, in: store.table)?[0]
                        let second = try store.value(for: [1])?[0]
                        return first == second ? first : nil
                    }
                    #expect(nested == 5)
                }
            }
        }
        for step in 1...20 { try store.environment.grow(to: (1 << 24) + step << 20) }
        for reader in readers { try await reader.value }
        #expect(try store.environment.info().mapBytes == (1 << 24) + 20 << 20)
    }

    @Test("A map that another process made larger is followed, by readers and writers")
    func resizedByAnotherProcess() async throws {
        let store = try Store(self.path, mapBytes: 1 << 18)
        try store.put([1], for: [1])
        await #expect(processExitsWith: .success) { [path = self.path as String] in
            try Store(path, mapBytes: 1 << 24).rewrite(rows: 2000, times: 1)
        }
        #expect(try store.value(for: bigEndian(1999))?.count == 1000)
        #expect(try store.environment.info().mapBytes == 1 << 24)
        await #expect(processExitsWith: .success) { [path = self.path as String] in
            try Store(path, mapBytes: 1 << 25).rewrite(rows: 18_000, times: 1)
        }
        try store.put([2], for: [1])
        #expect(try store.value(for: bigEndian(17_999))?.count == 1000)
    }

    @Test("A nested read cannot follow a larger map, and says so")
    func resizedBelowOpenTransaction() async throws {
        let store = try Store(self.path, mapBytes: 1 << 18)
        let path = self.path
        // The child is another process of this test, started while the outer read is open.
        let outer = Task.detached {
            try store.environment.read { (_) throws(LMDBError) -> LMDBError? in
                Files.touch(path + "/reading")
                while !Files.exists(path + "/done") { usleep(2000) }
                do throws(LMDBError) { _ = try store.value(for: [1]) } catch { return error }
                return nil
            }
        }
        await #expect(processExitsWith: .success) { [path = path as String] in
            while !Files.exists(path + "/reading") { usleep(2000) }
            try Store(path, mapBytes: 1 << 24).rewrite(rows: 2000, times: 1)
            Files.touch(path + "/done")
        }
        #expect(try await outer.value == .mapResized)
        #expect(try store.value(for: bigEndian(1999))?.count == 1000)
    }

    @Test("A map that does not fit the address space is refused, and the old one stays")
    func noAddressSpace() throws {
        let store = try Store(self.path)
        try store.put([1], for: [1])
        // 2^56 bytes are more than any process of today can map.
        #expect(throws: LMDBError.outOfMemory) { try store.environment.grow(to: 1 << 56) }
        #expect(try store.value(for: [1]) == [1])
        try store.put([2], for: [1])
    }
}
