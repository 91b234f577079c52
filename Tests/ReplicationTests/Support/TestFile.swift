import Glibc

/// Files that tests hand to other programs.
enum TestFile {
    struct Failure: Error {
        let code: CInt
    }

    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        guard let file = unsafe fopen(path, "w") else { throw Failure(code: errno) }
        let written = unsafe fwrite(bytes, 1, bytes.count, file)
        guard unsafe fclose(file) == 0, written == bytes.count else { throw Failure(code: errno) }
    }
}
