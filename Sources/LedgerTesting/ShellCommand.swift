internal import Glibc

/// Commands of the system that tests run to their end.
public enum ShellCommand {
    /// Why there is no output.
    public enum Failure: Error, Hashable, Sendable {
        /// A process could not be made; `errno`.
        case system(CInt)
        /// The command failed; what it wrote.
        case failed(String)
    }

    /// What a command writes, given by its words.
    public static func output(_ words: [String]) throws(Failure) -> [UInt8] {
        let quoted = words.map { word in
            "'"
                + word.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: #"'\''"#) + "'"
        }
        return try Self.output(line: quoted.joined(separator: " "))
    }

    /// What a line of the shell writes.
    public static func output(line: String) throws(Failure) -> [UInt8] {
        guard let pipe = unsafe popen(line, "r") else { throw .system(errno) }
        var output: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&part, 1, part.count, pipe)
            if count == 0 { break }
            output.append(contentsOf: part[..<count])
        }
        guard unsafe pclose(pipe) == 0 else {
            throw .failed(String(decoding: output, as: UTF8.self))
        }
        return output
    }
}
