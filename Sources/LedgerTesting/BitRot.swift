internal import FoundationEssentials
internal import Glibc

/// Bits of a stored file that rot.
public enum BitRot {
    /// Why a file could not be damaged.
    public enum Failure: Error, Hashable, Sendable {
        /// A call failed; its `errno`.
        case system(CInt)
        /// The bytes stand nowhere in the file.
        case missing
    }

    /// Flips a bit of every copy of `needle` in the file at `path`: of its last byte, or of the
    /// byte `offset`.
    ///
    /// Writes those bytes and no others, so that a process which has the file open loses nothing
    /// else.
    public static func flip(
        _ needle: [UInt8],
        at offset: Int? = nil,
        in path: String
    ) throws(Failure) {
        guard let data = FileManager.default.contents(atPath: path) else { throw .system(errno) }
        let bytes = Array(data)
        let places = Self.ends(of: needle, in: bytes)
        guard !places.isEmpty else { throw .missing }
        let file = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system(errno) }
        defer { close(file) }
        for end in places {
            let place = end - (offset.map { needle.count - 1 - $0 } ?? 0)
            var byte = bytes[place] ^ 0x10
            guard unsafe pwrite(file, &byte, 1, place) == 1 else { throw .system(errno) }
        }
    }

    /// The place of the last byte of each copy of `needle`.
    private static func ends(of needle: [UInt8], in bytes: [UInt8]) -> [Int] {
        var ends: [Int] = []
        var rest = bytes[...]
        while let start = needle.first.flatMap({ rest.firstIndex(of: $0) }) {
            let isCopy = bytes[start...].starts(with: needle)
            if isCopy { ends.append(start + needle.count - 1) }
            rest = bytes[(start + (isCopy ? needle.count : 1))...]
        }
        return ends
    }
}
