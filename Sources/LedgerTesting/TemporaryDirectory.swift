internal import FoundationEssentials
internal import Glibc
public import Testing

/// Gives each test an empty directory, removed when the test is over.
public struct TemporaryDirectoryTrait: TestTrait, SuiteTrait, TestScoping {
    /// The directory of the running test.
    @TaskLocal public static var current = ""

    /// A suite passes the trait on to its tests.
    public var isRecursive: Bool { true }

    /// Makes the directory, runs the test in it and removes it.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        let path = try TemporaryDirectory.make()
        defer { TemporaryDirectory.remove(path) }
        try await Self.$current.withValue(path, operation: function)
    }
}

extension Trait where Self == TemporaryDirectoryTrait {
    /// Gives each test an empty directory, ``TemporaryDirectoryTrait/current``.
    public static var temporaryDirectory: Self { Self() }
}

/// Makes and removes directories for tests.
public enum TemporaryDirectory {
    /// Why no directory could be made.
    public struct Failure: Error {
        /// The `errno` of `mkdtemp`.
        public let code: CInt
    }

    /// Makes an empty directory under TMPDIR, else `/tmp`.
    public static func make() throws(Failure) -> String {
        let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/caseledger-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
        }
        guard made else { throw Failure(code: errno) }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Removes `path` and everything in it.
    public static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}
