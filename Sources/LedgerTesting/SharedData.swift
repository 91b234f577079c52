internal import Glibc

/// Files that are no part of the project: real support histories with their reference answers, and
/// proof vectors. They lie in `shared` beside the project, or where CASELEDGER_SHARED says.
public enum SharedData {
    /// The folder of all of them.
    public static let folder: String = {
        if let named = unsafe getenv("CASELEDGER_SHARED") { return unsafe String(cString: named) }
        // This file lies in Sources/LedgerTesting.
        let project = #filePath.split(separator: "/").dropLast(3)
        return "/" + (project.dropLast() + ["shared"]).joined(separator: "/")
    }()

    /// BPI Challenge 2013, incidents: gzipped XES.
    public static let volvo = folder + "/data/BPI_Challenge_2013_incidents.xes.gz"
    /// The incident log of a ServiceNow desk: zipped CSV.
    public static let serviceDesk = folder + "/data/uci_incident_event_log.zip"
    /// The folder of proof vectors.
    public static let vectors = folder + "/vectors/merkle/testdata"

    /// Whether the real histories are there.
    public static let hasHistories = exists(volvo) && exists(serviceDesk)
    /// Whether the proof vectors are there.
    public static let hasVectors = exists(vectors)

    /// What a test that needs them says when it is skipped.
    public static let absence =
        "SKIPPED: needs files that are not there; put them into ../shared, or name their folder in "
        + "CASELEDGER_SHARED"

    /// The text that `gzip` unpacks from a file; it takes a zip file of one member as well.
    public static func unpacked(_ path: String) throws(ShellCommand.Failure) -> String {
        String(decoding: try ShellCommand.output(["gzip", "-dc", path]), as: UTF8.self)
    }

    /// The independently computed answers about a history: a row for each case, by case.
    public static func reference(
        _ name: String
    ) throws(ShellCommand.Failure) -> [Substring: [Substring: Substring]] {
        let text = try Self.unpacked("\(Self.folder)/data/reference/\(name).cases.csv.gz")
        let lines = text.split(whereSeparator: \.isNewline)
        let header = (lines.first ?? "").split(separator: ",", omittingEmptySubsequences: false)
        var rows: [Substring: [Substring: Substring]] = [:]
        for line in lines.dropFirst() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            let row = Dictionary(zip(header, cells), uniquingKeysWith: { first, _ in first })
            rows[row["case"] ?? ""] = row
        }
        return rows
    }

    private static func exists(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }
}
