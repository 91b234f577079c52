internal import Glibc

/// A file's identity, whatever its path.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    let bytes: Int

    /// The identity of the file at `path`, or `nil` if there is none.
    init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.device = UInt64(status.st_dev)
        self.inode = UInt64(status.st_ino)
        self.bytes = Int(status.st_size)
    }

    static func == (lhs: FileIdentity, rhs: FileIdentity) -> Bool {
        lhs.device == rhs.device && lhs.inode == rhs.inode
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(self.device)
        hasher.combine(self.inode)
    }
}

/// The environments this process has open.
///
/// liblmdb does not notice that one process opens a file twice; closing either copy would drop the
/// locks of both. So a second opening gets the first one's environment, and an opening that meets
/// a closing waits until it is over. A forked child does not share: it opens its own.
///
/// `@unchecked Sendable`: everything is guarded by `monitor`.
final class EnvironmentRegistry: @unchecked Sendable {
    static let shared = EnvironmentRegistry()

    private struct Entry {
        let number: UInt64
        let process: pid_t
        let data: FileIdentity?
        let lock: FileIdentity?
        weak var environment: Environment?
    }

    private let monitor = Monitor()
    private var entries: [Entry] = []
    private var nextNumber: UInt64 = 1

    /// The open environment of `directory`, or the one that `make` makes under the given number.
    ///
    /// `make` runs inside the lock: two threads that open the same directory get one environment.
    func environment(
        at directory: String,
        make: (UInt64) throws(LMDBError) -> Environment
    ) throws(LMDBError) -> (environment: Environment, isNew: Bool) {
        self.monitor.lock()
        defer { self.monitor.unlock() }
        let process = getpid()
        while true {
            let data = FileIdentity(directory + "/data.mdb")
            let lock = FileIdentity(directory + "/lock.mdb")
            let entry = self.entries.first {
                $0.process == process
                    && (($0.data != nil && $0.data == data)
                        || ($0.lock != nil && $0.lock == lock))
            }
            guard let entry else { break }
            if let environment = entry.environment { return (environment, false) }
            self.monitor.wait()
        }
        let number = self.nextNumber
        self.nextNumber += 1
        let environment = try make(number)
        self.entries.append(
            Entry(
                number: number,
                process: process,
                data: FileIdentity(directory + "/data.mdb"),
                lock: FileIdentity(directory + "/lock.mdb"),
                environment: environment
            )
        )
        return (environment, true)
    }

    /// Runs `close` and forgets environment `number`.
    func remove(_ number: UInt64, close: () -> Void) {
        self.monitor.lock()
        close()
        self.entries.removeAll { $0.number == number }
        self.monitor.announce()
        self.monitor.unlock()
    }
}
