import Glibc

/// A file that a command writes.
///
/// Written atomically, it stands under another name beside its place until ``close()``: whoever
/// looks finds the file that was there before, or the whole new one. What is no plain file, such as
/// a pipe, is written as it is.
final class OutputFile {
    /// Where it is to stand.
    let path: String
    /// Where it is written.
    let writtenPath: String
    private let descriptor: Int32
    private var isOpen = true

    /// Makes the file, readable by its owner only.
    init(path: String, atomically: Bool = false) throws(CommandFailure) {
        self.path = path
        self.writtenPath =
            atomically && Self.mayReplace(path) ? "\(path).\(getpid()).partial" : path
        self.descriptor = unsafe open(
            self.writtenPath,
            O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
            0o600
        )
        guard self.descriptor >= 0 else {
            throw CommandFailure(
                "\(path): \(errorText(errno))",
                nextStep: "check that the directory is there and may be written",
                exit: .cannotCreate
            )
        }
    }

    deinit {
        guard self.isOpen else { return }
        Glibc.close(self.descriptor)
        if self.writtenPath != self.path { unsafe unlink(self.writtenPath) }
    }

    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes[offset...].withUnsafeBytes { rest in
                unsafe Glibc.write(self.descriptor, rest.baseAddress, rest.count)
            }
            if count > 0 {
                offset += count
            } else if errno != EINTR {
                throw CommandFailure("\(self.path): \(errorText(errno))", exit: .ioError)
            }
        }
    }

    /// Makes what was written durable and puts it in its place.
    func close() throws(CommandFailure) {
        // A pipe has nothing to make durable.
        let isDurable = fsync(self.descriptor) == 0 || errno == EINVAL || errno == ENOTSUP
        let isMoved =
            unsafe isDurable
            && (self.writtenPath == self.path || rename(self.writtenPath, self.path) == 0)
        guard isMoved else {
            throw CommandFailure("\(self.path): \(errorText(errno))", exit: .ioError)
        }
        self.isOpen = false
        guard Glibc.close(self.descriptor) == 0 else {
            throw CommandFailure("\(self.path): \(errorText(errno))", exit: .ioError)
        }
    }

    /// Whether nothing, or a plain file, is at `path`.
    private static func mayReplace(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return true }
        return status.st_mode & S_IFMT == S_IFREG
    }
}
