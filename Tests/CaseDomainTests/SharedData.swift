import Foundation
import LedgerTypes

/// The public histories and their reference answers, read where they lie.
enum SharedData {
    /// The folder, or `nil` where it is absent.
    static let root: URL? = {
        let given = ProcessInfo.processInfo.environment["CASELEDGER_SHARED"]
        let package = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = given.map { URL(filePath: $0) } ?? package.appending(path: "../shared")
        let root = folder.appending(path: "data")
        return FileManager.default.fileExists(atPath: root.path) ? root : nil
    }()

    /// Whether the folder is there.
    static var isPresent: Bool { Self.root != nil }

    /// What `tool` writes for a file of the folder.
    static func text(_ name: String, through tool: [String]) throws -> String {
        guard let root = Self.root else { throw CocoaError(.fileNoSuchFile) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = tool + [root.appending(path: name).path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileReadUnknown) }
        return String(decoding: data, as: UTF8.self)
    }

    /// The rows of a reference table, by case.
    static func reference(_ name: String) throws -> [Substring: [Substring: Substring]] {
        let lines = try Self.text(name, through: ["gzip", "-dc"]).split(separator: "\n")
        let header = (lines.first ?? "").split(
            separator: ",",
            omittingEmptySubsequences: false
        )
        var rows: [Substring: [Substring: Substring]] = [:]
        for line in lines.dropFirst() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            let row = Dictionary(zip(header, cells), uniquingKeysWith: { first, _ in first })
            rows[row["case"] ?? ""] = row
        }
        return rows
    }
}

/// One row of a public history.
struct SourceRow {
    let caseID: String
    let occurred: Timestamp
    let row: [String: String]
}
