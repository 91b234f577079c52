import Glibc
import LMDB
import LedgerTesting
import Testing

/// An environment with one table.
struct Store: Sendable {
    let environment: Environment
    let table: Table

    init(_ path: String, mapBytes: Int = 1 << 24, readersMax: Int = 126) throws {
        self.environment = try Environment.open(
            path: path,
            mapBytes: mapBytes,
            readersMax: readersMax
        )
        self.table = try #require(try self.environment.table(named: "rows", create: true))
    }

    /// Stores one row in a transaction of its own.
    func put(_ value: [UInt8], for key: [UInt8]) throws(LMDBError) {
        try self.environment.write { (transaction) throws(LMDBError) in
            try transaction.put(value.span, for: key.span, in: self.table)
        }
    }

    /// The value under `key`, copied.
    func value(for key: [UInt8]) throws(LMDBError) -> [UInt8]? {
        try self.environment.read { (transaction) throws(LMDBError) in
            copyIfAny(try transaction.value(for: key.span, in: self.table))
        }
    }

    /// Rewrites the same `rows` rows of 1,000 bytes, `times` times.
    func rewrite(rows: Int, times: Int) throws(LMDBError) {
        for time in 0..<times {
            let value = [UInt8](repeating: UInt8(truncatingIfNeeded: time), count: 1000)
            try self.environment.write { (transaction) throws(LMDBError) in
                for row in 0..<rows {
                    try transaction.put(value.span, for: bigEndian(row).span, in: self.table)
                }
            }
        }
    }
}

/// A copy of `bytes`.
func copy(_ bytes: Span<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    for index in bytes.indices { result.append(bytes[index]) }
    return result
}

/// A copy of `bytes`, if there are any.
func copyIfAny(_ bytes: Span<UInt8>?) -> [UInt8]? {
    guard let bytes else { return nil }
    return copy(bytes)
}

/// Ends this process as `kill -9` does.
func dieAtOnce() { kill(getpid(), SIGKILL) }

/// Calls of the system on files; each is true if it succeeded.
enum Files {
    static func makeDirectory(_ path: String) -> Bool { unsafe mkdir(path, 0o755) == 0 }
    static func linkSymbolically(_ path: String, to target: String) -> Bool {
        unsafe symlink(target, path) == 0
    }
    static func link(_ path: String, to target: String) -> Bool {
        unsafe Glibc.link(target, path) == 0
    }
    @discardableResult
    static func remove(_ path: String) -> Bool { unsafe unlink(path) == 0 }
    @discardableResult
    static func setMode(_ path: String, _ mode: mode_t) -> Bool { unsafe chmod(path, mode) == 0 }
    static func cut(_ path: String, to bytes: Int) -> Bool { unsafe truncate(path, bytes) == 0 }
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
    static func touch(_ path: String) { close(unsafe creat(path, 0o644)) }
    static func move(_ path: String, to target: String) -> Bool { unsafe rename(path, target) == 0 }
    static func overwrite(_ bytes: [UInt8], at place: Int, in path: String) -> Bool {
        let file = unsafe open(path, O_WRONLY)
        defer { close(file) }
        return unsafe pwrite(file, bytes, bytes.count, place) == bytes.count
    }
    static func write(_ bytes: [UInt8], to path: String) -> Bool {
        let file = unsafe creat(path, 0o644)
        defer { close(file) }
        return unsafe Glibc.write(file, bytes, bytes.count) == bytes.count
    }
}

/// `number` as a key whose byte order is its numeric order.
func bigEndian(_ number: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
}

/// The number under `key`, for counters.
func number(_ bytes: [UInt8]?) -> Int {
    (bytes ?? []).reduce(0) { $0 << 8 | Int($1) }
}

/// Whether this process may mount, which root in a container often may not.
let mayMount: Bool = {
    guard let file = unsafe fopen("/proc/self/status", "r") else { return false }
    defer { unsafe fclose(file) }
    var line = [CChar](repeating: 0, count: 4096)
    while unsafe fgets(&line, CInt(line.count), file) != nil {
        let text = String(
            decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
        guard text.hasPrefix("CapEff:") else { continue }
        let digits = text.dropFirst(7).filter { !$0.isWhitespace }
        return (UInt64(digits, radix: 16) ?? 0) & (1 << 21) != 0
    }
    return false
}()

/// Calls of the C library that Swift's module does not offer.
enum Hidden {
    /// A function of the C library, by its name.
    private static func symbol<Function>(_ name: String, as type: Function.Type) -> Function? {
        guard let address = unsafe dlsym(nil, name) else { return nil }
        return unsafe unsafeBitCast(address, to: type)
    }

    /// `fork`; -1 if there is none.
    static func fork() -> pid_t {
        Self.symbol("fork", as: (@convention(c) () -> pid_t).self).map { $0() } ?? -1
    }

    /// `unshare`.
    static func unshare(_ flags: CInt) -> CInt {
        Self.symbol("unshare", as: (@convention(c) (CInt) -> CInt).self).map { $0(flags) } ?? -1
    }

    /// Mounts a memory file system of `bytes` at `path`, for this thread only.
    static func mountMemory(_ path: String, bytes: Int) -> Bool {
        typealias Mount =
            @convention(c) (
                UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafePointer<CChar>?, UInt,
                UnsafePointer<CChar>?
            ) -> CInt
        guard let mount = unsafe Self.symbol("mount", as: Mount.self) else { return false }
        let newMountSpace: CInt = 0x20000
        let privateAndDeep: UInt = 1 << 18 | 1 << 14
        return unsafe Self.unshare(newMountSpace) == 0
            && mount("none", "/", nil, privateAndDeep, nil) == 0
            && mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0
    }
}
