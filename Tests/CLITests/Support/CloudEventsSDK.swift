import Foundation

/// The CloudEvents SDK for Python, installed once into a virtual environment among the temporary
/// files: the other side of what `export --format cloudevents` writes.
enum CloudEventsSDK {
    /// The version that the tests were written with.
    static let package = "cloudevents==2.2.0"
    /// Why its tests are disabled where it cannot be had.
    static let absence = "python3 with venv, or the package \(package), cannot be had here"

    /// The interpreter that has the package; `nil` where there is no Python or no network.
    static let python: String? = {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "caseledger-\(Self.package)").path
        let python = "\(folder)/bin/python3"
        let imports = ["-c", "import cloudevents.core.v1.event"]
        if Self.run(python, imports) { return python }
        guard Self.run("/usr/bin/env", ["python3", "-m", "venv", folder]),
            Self.run(python, ["-m", "pip", "install", "--quiet", Self.package]),
            Self.run(python, imports)
        else { return nil }
        return python
    }()

    /// Reads lines, lets the SDK validate each, and writes what the SDK makes of it.
    static let script = """
        import sys
        from cloudevents.core.formats.json import JSONFormat
        from cloudevents.core.v1.event import CloudEvent
        form = JSONFormat()
        for line in sys.stdin.buffer:
            event = form.read(CloudEvent, line)
            assert event.get_specversion() == "1.0"
            assert event.get_time().tzinfo is not None
            sys.stdout.buffer.write(form.write(event) + b"\\n")
        """

    private static func run(_ executable: String, _ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
