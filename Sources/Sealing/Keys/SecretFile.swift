internal import FoundationEssentials
internal import Glibc
internal import LedgerTypes

/// Small files that only their owner may read: keys under STATE.
enum SecretFile {
    /// The most bytes of such a file.
    static let bytesMax = 4_096

    /// The bytes of the file at `path`. Refused if others may read or write it, and if it is long,
    /// a link or not a file.
    static func read(_ path: String) throws(SealingError) -> [UInt8] {
        let file = unsafe Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        if file < 0, errno == ENOENT { throw .missingFile(path: path) }
        guard file >= 0 else { throw .file(path: path, code: errno) }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw .file(path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG, (1...Self.bytesMax).contains(Int(status.st_size))
        else { throw .malformedFile(path: path) }
        guard status.st_mode & 0o077 == 0 else {
            throw .exposed(path: path, mode: UInt32(status.st_mode & 0o7777))
        }
        return try Self.bytes(of: file, path)
    }

    /// Makes the file at `path` with `bytes`, durably and in one step: whoever reads it reads all
    /// of it. Returns whether it did; `false` if there already is one, which stays as it is.
    /// `draftName` is a name that nobody else uses, for the file while it is written.
    static func create(
        _ path: String,
        _ bytes: [UInt8],
        draftName: String
    ) throws(SealingError) -> Bool {
        let draft = "\(path).\(draftName)"
        defer { unsafe unlink(draft) }
        try Self.write(draft, bytes)
        let isNew = unsafe link(draft, path) == 0
        guard isNew || errno == EEXIST else { throw .file(path: path, code: errno) }
        try Self.synchronize(Self.parent(of: path))
        return isNew
    }

    /// Makes the folder `path` and those above it, each durable in the one above, for the owner
    /// only.
    static func makeFolder(_ path: String) throws(SealingError) {
        if unsafe access(path, F_OK) == 0 { return }
        let parent = Self.parent(of: path)
        if parent != path { try Self.makeFolder(parent) }
        let isMade = unsafe mkdir(path, 0o700) == 0
        guard isMade || errno == EEXIST else { throw .file(path: path, code: errno) }
        try Self.synchronize(parent)
    }

    /// The names in the folder `path`; none if there is no such folder.
    static func names(in path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
    }

    private static func write(_ path: String, _ bytes: [UInt8]) throws(SealingError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = unsafe Glibc.open(path, flags, 0o600)
        guard file >= 0 else { throw .file(path: path, code: errno) }
        defer { close(file) }
        // The creation mask may have taken the owner's rights away.
        guard fchmod(file, 0o600) == 0 else { throw .file(path: path, code: errno) }
        let written = unsafe Glibc.write(file, bytes, bytes.count)
        guard written == bytes.count, fsync(file) == 0 else {
            throw .file(path: path, code: errno)
        }
    }

    private static func bytes(of file: CInt, _ path: String) throws(SealingError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: Self.bytesMax)
        var count = 0
        while count < buffer.count {
            let part = unsafe buffer.withUnsafeMutableBytes { space in
                unsafe Glibc.read(file, space.baseAddress?.advanced(by: count), space.count - count)
            }
            if part < 0, errno == EINTR { continue }
            guard part >= 0 else { throw .file(path: path, code: errno) }
            if part == 0 { break }
            count += part
        }
        return Array(buffer[..<count])
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes what is in the folder durable.
    static func synchronize(_ folder: String) throws(SealingError) {
        let file = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw .file(path: folder, code: errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw .file(path: folder, code: errno) }
    }
}
