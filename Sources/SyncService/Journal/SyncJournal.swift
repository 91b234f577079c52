internal import FoundationEssentials
internal import Glibc
internal import Synchronization

/// The journal of syncs: one JSON object a line, each the whole state of one peer, so that the last
/// line about a peer tells everything. Outside the ledger, in its state directory; bounded.
///
/// Any thread, and several processes: lines are appended whole, under a lock on the file.
package final class SyncJournal: Sendable {
    /// The file begins anew at this size; the one before is kept beside it.
    package static let bytesMax = 1 << 20

    /// Why the journal could not be written or read; a sync never fails for it.
    package struct Failure: Error, Hashable, Sendable {
        /// The file.
        package let path: String
        /// The system's `errno`.
        package let code: Int32
    }

    /// The file.
    package let path: String
    private let formerPath: String
    private let bytesMax: Int
    private let states = Mutex<[String: PeerState]>([:])

    /// The journal in `folder`, which must exist before anything is written.
    package init(folder: String, bytesMax: Int = SyncJournal.bytesMax) {
        self.path = folder + "/syncs.jsonl"
        self.formerPath = folder + "/syncs.1.jsonl"
        self.bytesMax = bytesMax
    }

    /// The newest state of every peer that the journal knows. Lines that are cut or of a later
    /// version are passed over.
    package func read() throws(Failure) -> [String: PeerState] {
        var states: [String: PeerState] = [:]
        let decoder = JSONDecoder()
        for path in [self.formerPath, self.path] {
            for line in try Self.contents(path).split(separator: 0x0A) {
                guard let state = try? decoder.decode(PeerState.self, from: Data(line)) else {
                    continue
                }
                states[state.peer] = state
            }
        }
        return states
    }

    /// Appends `state`.
    package func write(_ state: PeerState) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(state) else { return }
        let file = try self.open()
        defer { close(file) }
        let bytes = [UInt8](line) + [0x0A]
        // Appended in one call: a kill leaves a whole line or the beginning of one.
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(file, $0.baseAddress, $0.count)
        }
        guard count == bytes.count else { throw Failure(path: self.path, code: errno) }
    }

    /// The file, locked, with room for a line.
    private func open() throws(Failure) -> CInt {
        // Another process may put the file aside between opening and locking it.
        for _ in 0..<8 {
            let file = unsafe Glibc.open(
                self.path,
                O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                0o600
            )
            guard file >= 0 else { throw Failure(path: self.path, code: errno) }
            guard flock(file, LOCK_EX) == 0 else {
                defer { close(file) }
                throw Failure(path: self.path, code: errno)
            }
            var here = stat()
            var there = stat()
            let isSame =
                unsafe fstat(file, &here) == 0 && stat(self.path, &there) == 0
                && here.st_ino == there.st_ino
            if isSame, here.st_size < self.bytesMax { return file }
            if isSame { unsafe rename(self.path, self.formerPath) }
            close(file)
        }
        throw Failure(path: self.path, code: EBUSY)
    }

    private static func contents(_ path: String) throws(Failure) -> [UInt8] {
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw Failure(path: path, code: errno)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        while true {
            // Safe: `read` writes at most the buffer's size.
            let part = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = max(0, unsafe Glibc.read(file, buffer.baseAddress, buffer.count))
            }
            guard !part.isEmpty, bytes.count <= 4 * Self.bytesMax else { return bytes }
            bytes += part
        }
    }
}
