import Glibc

/// A file that a command writes.
final class OutputFile: Sendable {
    private let path: String
    private let descriptor: Int32

    init(path: String) throws(CommandFailure) {
        self.path = path
        self.descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else {
            throw CommandFailure("\(path): \(errorText(errno))", exit: .cannotCreate)
        }
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

    func close() throws(CommandFailure) {
        guard fsync(self.descriptor) == 0, Glibc.close(self.descriptor) == 0 else {
            throw CommandFailure("\(self.path): \(errorText(errno))", exit: .ioError)
        }
    }
}
