import Glibc
import LedgerTesting
import Testing

@testable import LMDB

@Suite("Environments", .temporaryDirectory)
struct EnvironmentTests {
    private var path: String { TemporaryDirectoryTrait.current }

    @Test("Opening a directory twice in one process gives the same environment")
    func openedTwice() throws {
        let first = try Environment.open(path: self.path)
        let second = try Environment.open(path: self.path)
        #expect(first === second)
    }

    @Test("Opening a directory through a symbolic link gives the same environment")
    func openedThroughLink() throws {
        let link = self.path + "-link"
        #expect(Files.linkSymbolically(link, to: self.path))
        defer { Files.remove(link) }
        let first = try Environment.open(path: self.path)
        #expect(try Environment.open(path: link) === first)
    }

    @Test("Opening hard links of one environment gives the same environment")
    func openedThroughHardLinks() throws {
        let first = try Environment.open(path: self.path)
        let other = self.path + "/other"
        #expect(Files.makeDirectory(other))
        #expect(Files.link(other + "/data.mdb", to: self.path + "/data.mdb"))
        #expect(try Environment.open(path: other) === first)
    }

    @Test("The environment closes with its last reference and opens again")
    func closesWithLastReference() throws {
        for round in UInt8(1)...3 {
            let store = try Store(self.path)
            #expect(try store.value(for: [1]) == (round == 1 ? nil : [round - 1]))
            try store.put([round], for: [1])
        }
    }

    @Test("Threads that open and close one directory at once never get two environments")
    func openedAndClosedConcurrently() async throws {
        let path = self.path
        _ = try Store(path)
        await withTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<50 {
                        do { try Store(path).put([1], for: [UInt8(task)]) } catch { return 1 }
                    }
                    return 0
                }
            }
            for await failures in group { #expect(failures == 0) }
        }
    }

    @Test("A durability weaker than asked for is refused")
    func weakerDurability() throws {
        let first = try Environment.open(path: self.path, durability: .noMetaSync)
        #expect(throws: LMDBError.openedDifferently) { try Environment.open(path: self.path) }
        #expect(first.path == self.path)
    }

    @Test("A read-only environment is not shared with someone who wants to write")
    func readOnlyIsNotSharedForWriting() throws {
        _ = try Store(self.path)
        let reader = try Environment.open(path: self.path, readOnly: true)
        #expect(throws: LMDBError.openedDifferently) { try Environment.open(path: self.path) }
        #expect(throws: LMDBError.permissionDenied) {
            try reader.write { (_) throws(LMDBError) in }
        }
    }

    @Test("A missing directory is refused, and one that appears later opens")
    func missingDirectory() throws {
        let missing = self.path + "/missing"
        #expect(throws: LMDBError.noSuchFile) { try Environment.open(path: missing) }
        #expect(Files.makeDirectory(missing))
        _ = try Environment.open(path: missing)
    }

    @Test("A file that is not LMDB is refused", arguments: [1, 100, 4096, 20_000])
    func notLMDB(bytes: Int) throws {
        #expect(Files.write([UInt8](repeating: 0x2A, count: bytes), to: self.path + "/data.mdb"))
        #expect(throws: LMDBError.invalid) { try Environment.open(path: self.path) }
    }

    @Test("An empty file is refused when it may not be written")
    func emptyReadOnly() throws {
        #expect(Files.write([], to: self.path + "/data.mdb"))
        #expect(throws: LMDBError.invalid) {
            try Environment.open(path: self.path, readOnly: true)
        }
    }

    @Test("A truncated file is refused, instead of a SIGBUS later")
    func truncatedFile() throws {
        do { try Store(self.path).rewrite(rows: 100, times: 2) }
        #expect(Files.cut(self.path + "/data.mdb", to: 3 * 4096))
        #expect(throws: LMDBError.truncated) { try Environment.open(path: self.path) }
    }

    @Test("More tables than allowed are refused")
    func tooManyTables() throws {
        let environment = try Environment.open(path: self.path, tablesMax: 2)
        _ = try environment.table(named: "a", create: true)
        _ = try environment.table(named: "b", create: true)
        #expect(throws: LMDBError.tablesFull) { try environment.table(named: "c", create: true) }
        #expect(throws: LMDBError.openedDifferently) {
            try Environment.open(path: self.path, tablesMax: 3)
        }
    }

    @Test("A table that is not there is nil until it is created")
    func absentTable() throws {
        let environment = try Environment.open(path: self.path)
        #expect(try environment.table(named: "a", create: false) == nil)
        let table = try environment.table(named: "a", create: true)
        #expect(try environment.table(named: "a", create: false) == table)
    }

    @Test("A table of another environment is refused")
    func foreignTable() throws {
        let store = try Store(self.path)
        #expect(Files.makeDirectory(self.path + "/other"))
        let other = try Store(self.path + "/other")
        #expect(throws: LMDBError.badTable) {
            try store.environment.read { (transaction) throws(LMDBError) in
                _ = try transaction.value(for: [1].span, in: other.table)
            }
        }
        #expect(throws: LMDBError.badTable) {
            try store.environment.write { (transaction) throws(LMDBError) in
                try transaction.put([1].span, for: [1].span, in: other.table)
            }
        }
    }

    @Test("Opening a table inside a transaction is refused")
    func tableInsideTransaction() throws {
        let store = try Store(self.path)
        #expect(throws: LMDBError.transactionOpen) {
            try store.environment.read { (_) throws(LMDBError) in
                _ = try store.environment.table(named: "b", create: true)
            }
        }
    }

    @Test("Tables stay valid when the environment is reopened")
    func reopened() throws {
        let store = try Store(self.path)
        let second = try #require(try store.environment.table(named: "second", create: true))
        try store.put([1], for: [1])
        try store.environment.reopen()
        #expect(try store.value(for: [1]) == [1])
        try store.environment.read { (transaction) throws(LMDBError) in
            #expect(try transaction.count(in: second) == 0)
        }
    }

    @Test("An environment that could not be reopened is closed until it can be")
    func reopeningFails() throws {
        let directory = self.path + "/inner"
        #expect(Files.makeDirectory(directory))
        let store = try Store(directory)
        try store.put([1], for: [1])
        #expect(Files.move(directory, to: self.path + "/away"))
        #expect(throws: LMDBError.noSuchFile) { try store.environment.reopen() }
        #expect(throws: LMDBError.closed) { try store.value(for: [1]) }
        #expect(throws: LMDBError.closed) { try store.put([1], for: [1]) }
        #expect(throws: LMDBError.closed) { try store.environment.info() }
        #expect(throws: LMDBError.closed) { try store.environment.grow(to: 1 << 25) }
        #expect(Files.move(self.path + "/away", to: directory))
        try store.environment.reopen()
        #expect(try store.value(for: [1]) == [1])
    }

    @Test("A file of another format version is refused")
    func otherVersion() throws {
        do { try Store(self.path).put([1], for: [1]) }
        // The version follows the 16 bytes of the page header and the 4 of the magic number.
        for page in 0..<2 {
            #expect(Files.overwrite([9], at: page * 4096 + 20, in: self.path + "/data.mdb"))
        }
        #expect(throws: LMDBError.versionMismatch) { try Environment.open(path: self.path) }
    }

    @Test("What an environment says of itself is true")
    func information() throws {
        let store = try Store(self.path, mapBytes: 1 << 20)
        let before = try store.environment.info()
        try store.put([1], for: [1])
        try store.environment.sync()
        let after = try store.environment.info()
        #expect(after.mapBytes == 1 << 20)
        #expect(after.lastTransaction == before.lastTransaction + 1)
        #expect(after.readersMax == 126)
        #expect(!after.isLockless)
    }

    @Test("A directory that may not be written opens for reading", arguments: [false, true])
    func unwritableDirectory(hasLockFile: Bool) async throws {
        let path = self.path
        do { try Store(path).put([7], for: [1]) }
        if !hasLockFile { Files.remove(path + "/lock.mdb") }
        Files.setMode(path + "/data.mdb", 0o444)
        Files.setMode(path + "/lock.mdb", 0o444)
        Files.setMode(path, 0o555)
        await #expect(processExitsWith: .success) { [path = path as String] in
            // Root may write everything, so be nobody.
            if getuid() == 0 { try #require(setuid(65_534) == 0) }
            let environment = try Environment.open(path: path, readOnly: true)
            let table = try #require(try environment.table(named: "rows", create: false))
            try environment.read { (transaction) throws(LMDBError) in
                #expect(try transaction.value(for: [1].span, in: table)?[0] == 7)
            }
            #expect(try environment.info().isLockless)
            #expect(throws: LMDBError.permissionDenied) {
                try environment.write { (_) throws(LMDBError) in }
            }
        }
        Files.setMode(path, 0o755)
    }

    /// Without a lock file nothing keeps a writer from reusing the pages that are being read.
    @Test(
        "A read without a lock that a writer overtook is refused when it ends",
        .enabled(if: getuid() == 0, "reading as somebody else needs root")
    )
    func overtakenRead() async throws {
        let path = self.path
        do { try Store(path).rewrite(rows: 10, times: 1) }
        // Everybody may leave notes in the directory; the lock file is the writer's alone.
        Files.setMode(path, 0o777)
        Files.setMode(path + "/lock.mdb", 0o400)
        let writer = Task.detached {
            while !Files.exists(path + "/reading") { usleep(2000) }
            try Store(path).rewrite(rows: 10, times: 4)
            Files.touch(path + "/written")
        }
        await #expect(processExitsWith: .success) { [path = path as String] in
            try #require(setuid(65_534) == 0)
            let environment = try Environment.open(path: path, readOnly: true)
            let table = try #require(try environment.table(named: "rows", create: false))
            #expect(throws: LMDBError.snapshotOverwritten) {
                try environment.read { (_) throws(LMDBError) in
                    Files.touch(path + "/reading")
                    while !Files.exists(path + "/written") { usleep(2000) }
                }
            }
            try environment.read { (transaction) throws(LMDBError) in
                #expect(try transaction.count(in: table) == 10)
            }
        }
        try await writer.value
    }
}
