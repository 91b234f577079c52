internal import Glibc

/// Debian's `protoc`, which reads our bytes by docs/caseledger.proto: a reader that we did not
/// write.
public enum Protoc {
    /// Why there is no answer.
    public enum Failure: Error, Hashable, Sendable {
        /// A file or a process could not be made; `errno`.
        case system(CInt)
        /// `protoc` refused its input; what it said.
        case refused(String)
    }

    /// Whether there is a `protoc`. Tests that need it are skipped, and say so, where there is
    /// none.
    public static let isInstalled = (try? Self.run("--version", input: [])) != nil

    /// The text form of `bytes`, read as the message `caseledger.v1.<name>`.
    public static func decode(_ bytes: [UInt8], as name: String) throws(Failure) -> String {
        let output = try Self.run("--decode=caseledger.v1.\(name) caseledger.proto", input: bytes)
        return String(decoding: output, as: UTF8.self)
    }

    /// The bytes that `protoc` writes for the text form of the message `caseledger.v1.<name>`.
    public static func encode(_ text: String, as name: String) throws(Failure) -> [UInt8] {
        let input = Array(text.utf8)
        return try Self.run("--encode=caseledger.v1.\(name) caseledger.proto", input: input)
    }

    /// The text of docs/caseledger.proto.
    public static func schema() throws(Failure) -> String {
        let bytes = try Self.output("cat '\(Self.folder)/caseledger.proto'")
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The folder of the schema: `docs` beside `Sources/LedgerTesting`.
    private static var folder: String {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/") + "/docs"
    }

    private static func run(_ arguments: String, input: [UInt8]) throws(Failure) -> [UInt8] {
        let directory: String
        do throws(TemporaryDirectory.Failure) {
            directory = try TemporaryDirectory.make()
        } catch {
            throw .system(error.code)
        }
        defer { TemporaryDirectory.remove(directory) }
        guard let file = unsafe fopen("\(directory)/input", "w") else { throw .system(errno) }
        let written = unsafe fwrite(input, 1, input.count, file)
        guard unsafe fclose(file) == 0, written == input.count else { throw .system(errno) }
        return try Self.output(
            "protoc -I'\(Self.folder)' \(arguments) <'\(directory)/input' 2>'\(directory)/error'"
                + " || { cat '\(directory)/error'; exit 1; }"
        )
    }

    private static func output(_ command: String) throws(Failure) -> [UInt8] {
        do throws(ShellCommand.Failure) {
            return try ShellCommand.output(line: command)
        } catch {
            switch error {
            case .system(let code): throw .system(code)
            case .failed(let text): throw .refused(text)
            }
        }
    }
}
