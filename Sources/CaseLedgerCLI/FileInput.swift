import Glibc

/// Reads files and standard input.
enum FileInput {
    /// All bytes of the file at `path`, at most `max`.
    static func bytes(of path: String, max: Int) throws(CommandFailure) -> [UInt8] {
        let descriptor = try Self.open(path)
        defer { if descriptor != 0 { Glibc.close(descriptor) } }
        var all: [UInt8] = []
        while true {
            let chunk = try Self.read(descriptor, path: path)
            if chunk.isEmpty { return all }
            all.append(contentsOf: chunk)
            guard all.count <= max else {
                throw CommandFailure("\(path) has more than \(max) bytes", exit: .dataError)
            }
        }
    }

    /// Opens `path` for reading; `-` is standard input.
    static func open(_ path: String) throws(CommandFailure) -> Int32 {
        if path == "-" { return 0 }
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            throw CommandFailure(
                "\(path): \(errorText(code))",
                nextStep: code == ENOENT ? "check the path" : nil,
                exit: code == EACCES ? .noPermission : .noInput
            )
        }
        return descriptor
    }

    /// The next bytes, empty at the end.
    static func read(_ descriptor: Int32, path: String) throws(CommandFailure) -> [UInt8] {
        while true {
            var code: Int32 = 0
            var count = 0
            let chunk = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, filled in
                count = unsafe Glibc.read(descriptor, buffer.baseAddress, 1 << 18)
                code = errno
                filled = max(count, 0)
            }
            if count >= 0 { return chunk }
            if code != EINTR {
                throw CommandFailure("\(path): \(errorText(code))", exit: .ioError)
            }
        }
    }
}
