internal import Glibc

/// The few file operations that lie outside LMDB: small files, read and written whole.
///
/// Any thread. Every path is passed to the kernel as it is.
enum Files {
    /// The most bytes of a file that is read here.
    static let bytesMax = 1 << 16

    /// The bytes of a small file; `nil` if there is none.
    static func read(_ path: String) throws(EventStoreError) -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Self.failure(path)
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Self.bytesMax)
        var filled = 0
        while filled < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                // The buffer is as long as what is read into it.
                unsafe Glibc.read(
                    file,
                    buffer.baseAddress.map { unsafe $0 + filled },
                    buffer.count - filled
                )
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(path) }
            if count == 0 { break }
            filled += count
        }
        guard filled < Self.bytesMax else { throw .malformedFile(path: path) }
        return Array(bytes[..<filled])
    }

    /// Writes a small file so that a power cut leaves the old one or the new one, whole: temporary
    /// file, fsync, rename, fsync of the directory.
    static func write(
        _ bytes: [UInt8],
        to path: String,
        isSecret: Bool = false
    ) throws(EventStoreError) {
        let temporary = path + ".new"
        let file = unsafe open(
            temporary,
            O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
            isSecret ? 0o600 : 0o644
        )
        guard file >= 0 else { throw Self.failure(temporary) }
        do throws(EventStoreError) {
            try Self.write(bytes, to: file, path: temporary)
            guard fsync(file) == 0 else { throw Self.failure(temporary) }
        } catch {
            close(file)
            unsafe unlink(temporary)
            throw error
        }
        close(file)
        guard unsafe rename(temporary, path) == 0 else { throw Self.failure(path) }
        try Self.syncDirectory(Self.parent(of: path))
    }

    /// Puts a file into the place of another one in the same directory, durably.
    static func move(_ path: String, to place: String) throws(EventStoreError) {
        guard unsafe rename(path, place) == 0 else { throw Self.failure(place) }
        try Self.syncDirectory(Self.parent(of: place))
    }

    /// Removes a file durably, if there is one.
    static func remove(_ path: String) throws(EventStoreError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw Self.failure(path) }
        try Self.syncDirectory(Self.parent(of: path))
    }

    /// Writes all of `bytes` to an open file.
    static func write(
        _ bytes: [UInt8],
        to file: CInt,
        path: String
    ) throws(EventStoreError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                // The buffer is as long as what is written from it.
                unsafe Glibc.write(
                    file,
                    buffer.baseAddress.map { unsafe $0 + written },
                    buffer.count - written
                )
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(path) }
            written += count
        }
    }

    /// Makes the entries of a directory durable.
    static func syncDirectory(_ path: String) throws(EventStoreError) {
        let directory = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw Self.failure(path) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw Self.failure(path) }
    }

    /// Makes a directory and those above it, as far as they are missing; new ones with `mode`.
    static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(EventStoreError) {
        if Self.isDirectory(path) { return }
        let parent = Self.parent(of: path)
        if parent != path { try Self.makeDirectory(parent, mode: mode) }
        if unsafe mkdir(path, mode) != 0 && errno != EEXIST { throw Self.failure(path) }
        try Self.syncDirectory(parent)
    }

    /// Whether there is a directory at `path`.
    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether there is anything at `path`.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0
    }

    /// Whether this process may write to `path`.
    static func isWritable(_ path: String) -> Bool {
        unsafe access(path, W_OK) == 0
    }

    /// Whether the directory at `path` has no entries.
    static func isEmptyDirectory(_ path: String) throws(EventStoreError) -> Bool {
        guard let directory = unsafe opendir(path) else { throw Self.failure(path) }
        defer { unsafe closedir(directory) }
        while let entry = unsafe readdir(directory) {
            // `d_name` ends with a zero byte, so one that differs from "." and ".." is a name.
            let first = unsafe entry.pointee.d_name
            let isDot = first.0 == 0x2E && (first.1 == 0 || (first.1 == 0x2E && first.2 == 0))
            if !isDot { return false }
        }
        return true
    }

    /// The names of the entries of a directory, in no order.
    static func names(in path: String) throws(EventStoreError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw Self.failure(path) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // `d_name` ends with a zero byte inside its 256 bytes.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes an LMDB environment that nobody has open, if there is one.
    static func removeEnvironment(
        _ path: String,
        keepingDirectory: Bool = false
    ) throws(EventStoreError) {
        for name in ["data.mdb", "lock.mdb"] {
            let file = "\(path)/\(name)"
            guard unsafe unlink(file) == 0 || errno == ENOENT || errno == ENOTDIR
            else { throw Self.failure(file) }
        }
        guard !keepingDirectory else { return }
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw Self.failure(path) }
    }

    /// Device and inode of `path`, by which one directory is known under several names.
    static func identity(_ path: String) throws(EventStoreError) -> FileIdentity {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw Self.failure(path) }
        return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// The path without its last part.
    static func parent(of path: String) -> String {
        var trimmed = path[...]
        while trimmed.count > 1 && trimmed.last == "/" { trimmed.removeLast() }
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// The error that `errno` stands for.
    static func failure(_ path: String) -> EventStoreError {
        switch errno {
        case EACCES, EPERM, EROFS: .permission(path: path)
        case ENOSPC, EDQUOT: .diskFull
        case let code: .file(path: path, code: code)
        }
    }
}

/// What a file is known by, whatever its path.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
}
