internal import FoundationEssentials
internal import Glibc

/// A journal in the state directory: one JSON object a line, appended whole under a lock on the
/// file, so that several processes may write it. Bounded: at its greatest size it is put aside, and
/// begun anew. Holds no events.
package struct JournalFile: Sendable {
    /// The file begins anew at this size; the one before is kept beside it.
    package static let bytesMax = 1 << 20

    /// Why the journal could not be written or read; nothing else fails for it.
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

    /// The journal `name` in `folder`, which must exist before anything is written.
    package init(folder: String, name: String, bytesMax: Int = JournalFile.bytesMax) {
        self.path = "\(folder)/\(name).jsonl"
        self.formerPath = "\(folder)/\(name).1.jsonl"
        self.bytesMax = bytesMax
    }

    /// Every line that is one of `Line`, oldest first. Lines that are cut or of a later version
    /// are passed over.
    package func read<Line: Decodable>(_ type: Line.Type) throws(Failure) -> [Line] {
        var lines: [Line] = []
        let decoder = JSONDecoder()
        for path in [self.formerPath, self.path] {
            for line in try Self.contents(path).split(separator: 0x0A) {
                guard let line = try? decoder.decode(type, from: Data(line)) else { continue }
                lines.append(line)
            }
        }
        return lines
    }

    /// Appends `line`.
    package func append(_ line: some Encodable) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(line) else { return }
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
