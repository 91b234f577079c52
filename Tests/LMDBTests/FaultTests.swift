import Glibc
import LedgerTesting
import Testing

@testable import LMDB

@Suite("Failing devices", .temporaryDirectory)
struct FaultTests {
    private var path: String { TemporaryDirectoryTrait.current }

    @Test(
        "A full device refuses the commit, keeps what was committed, and takes it with room",
        .enabled(if: mayMount, "mounting a small memory file system needs root")
    )
    func deviceFull() async throws {
        await #expect(processExitsWith: .success) { [path = self.path as String] in
            try #require(Hidden.mountMemory(path, bytes: 1 << 20))
            let store = try Store(path)
            try store.put([1], for: [1])
            for _ in 0..<3 {
                #expect(throws: LMDBError.noSpace) { try store.rewrite(rows: 2000, times: 1) }
            }
            #expect(try store.value(for: [1]) == [1])
            #expect(try store.value(for: bigEndian(0)) == nil)
            try store.put([2], for: [1])
            #expect(try store.value(for: [1]) == [2])
        }
    }

    @Test("A file size limit refuses the commit, if the signal for it is ignored")
    func fileSizeLimit() async throws {
        await #expect(processExitsWith: .success) { [path = self.path as String] in
            let store = try Store(path)
            try store.put([1], for: [1])
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1 << 19, rlim_max: 1 << 19)
            try #require(unsafe setrlimit(__rlimit_resource_t(1), &limit) == 0)
            let refusal = #expect(throws: LMDBError.self) {
                try store.rewrite(rows: 2000, times: 1)
            }
            #expect(refusal == .fileTooLarge || refusal == .inputOutput)
            #expect(try store.value(for: [1]) == [1])
            try store.put([2], for: [1])
        }
    }

    /// Had the failure been reported as any other, a retry would append events twice.
    @Test("A meta page that cannot be written panics the environment until it is reopened")
    func metaPageFails() async throws {
        await #expect(processExitsWith: .success) { [path = self.path as String] in
            let store = try Store(path)
            try store.put([1], for: [1])
            let meta = try #require(Self.metaFile(path))
            let good = dup(meta)
            let unwritable = unsafe open("/dev/null", O_RDONLY)
            dup2(unwritable, meta)
            #expect(throws: LMDBError.panicked) { try store.put([2], for: [1]) }
            #expect(throws: LMDBError.panicked) { try store.value(for: [1]) }
            #expect(throws: LMDBError.panicked) { try store.put([3], for: [1]) }
            dup2(good, meta)
            #expect(throws: LMDBError.panicked) { try store.value(for: [1]) }
            try store.environment.reopen()
            let value = try store.value(for: [1])
            #expect(value == [1] || value == [2])
            try store.put([4], for: [1])
            #expect(try store.value(for: [1]) == [4])
        }
        #expect(LMDBError.panicked.requiresReopen)
        #expect(!LMDBError.panicked.isRetryable)
    }

    @Test("A data file that cannot be written fails the commit and nothing else")
    func dataFileFails() async throws {
        await #expect(processExitsWith: .success) { [path = self.path as String] in
            let store = try Store(path)
            try store.put([1], for: [1])
            let files = Self.files(path).filter { $0 != Self.metaFile(path) }
            let data = try #require(files.first)
            let good = dup(data)
            dup2(unsafe open("/dev/null", O_RDONLY), data)
            #expect(throws: LMDBError(rawValue: EBADF)) { try store.put([2], for: [1]) }
            dup2(good, data)
            #expect(try store.value(for: [1]) == [1])
            try store.put([3], for: [1])
            #expect(try store.value(for: [1]) == [3])
        }
    }

    /// The open descriptors of the data file.
    private static func files(_ path: String) -> [CInt] {
        let data = FileIdentity(path + "/data.mdb")
        return (3..<256).filter { (file: CInt) in
            FileIdentity("/proc/self/fd/\(file)") == data && data != nil
        }
    }

    /// The descriptor through which liblmdb writes the meta page.
    private static func metaFile(_ path: String) -> CInt? {
        Self.files(path).first { fcntl($0, F_GETFL) & O_DSYNC != 0 }
    }

    @Test("Codes of liblmdb and our own have a description, and unknown ones too")
    func descriptions() {
        for code in CInt(-31_010)...(-31_001) {
            #expect(!LMDBError(rawValue: code).description.contains("Unknown"))
        }
        #expect(LMDBError.mapFull.description.contains("MDB_MAP_FULL"))
        #expect(LMDBError.noSpace.description.contains("No space"))
        #expect(!LMDBError(rawValue: -40_000).description.isEmpty)
        #expect(LMDBError.storage(.noSpace) == .noSpace)
    }
}
