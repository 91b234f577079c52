import Foundation

@testable import Interchange

/// The real support histories, which are not part of the project.
enum SharedData {
    /// The folder: `CASELEDGER_SHARED`, else `shared` beside the package.
    static let directory: String = {
        if let set = ProcessInfo.processInfo.environment["CASELEDGER_SHARED"] { return set }
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return root.deletingLastPathComponent().appending(path: "shared").path
    }()

    /// The XES file.
    static let bpi = "\(directory)/data/BPI_Challenge_2013_incidents.xes.gz"
    /// The zipped CSV file.
    static let uci = "\(directory)/data/uci_incident_event_log.zip"

    /// Why a test that needs the files is skipped.
    static let absence = "the real support histories are not there; set CASELEDGER_SHARED"

    /// Whether the files are there.
    static var isPresent: Bool {
        FileManager.default.fileExists(atPath: Self.bpi)
            && FileManager.default.fileExists(atPath: Self.uci)
    }

    /// The bytes that a command prints.
    static func output(of command: String, _ arguments: [String]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [command] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Array(data)
    }
}
