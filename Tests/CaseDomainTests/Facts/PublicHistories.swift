import CaseDomain
import Foundation
import LedgerTesting
import LedgerTypes

/// One row of a public history.
struct SourceRow {
    let caseID: String
    let occurred: Timestamp
    let row: [String: String]
}

/// BPI Challenge 2013, read line by line: enough for this one file, no XES reader.
enum BPI2013 {
    static func rows() throws -> [SourceRow] {
        let text = try SharedData.unpacked(SharedData.volvo)
        var rows: [SourceRow] = []
        var caseID = ""
        var event: [String: String]?
        var isInTrace = false
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            // `<string key="org:group" value="V30"/>`: the second and the fourth piece.
            let pieces = line.split(
                separator: UInt8(ascii: "\""),
                omittingEmptySubsequences: false
            )
            if pieces.count == 1 {
                if Substring(line).hasSuffix("<trace>") {
                    isInTrace = true
                } else if Substring(line).hasSuffix("<event>") {
                    event = [:]
                } else if Substring(line).hasSuffix("</event>"), let found = event {
                    rows.append(Self.row(caseID, found))
                    event = nil
                }
            }
            guard isInTrace, pieces.count >= 5 else { continue }
            let key = String(Substring(pieces[1]))
            if event != nil {
                event?[key] = String(Substring(pieces[3]))
            } else if key == "concept:name" {
                caseID = String(Substring(pieces[3]))
            }
        }
        return rows
    }

    private static func row(_ caseID: String, _ event: [String: String]) -> SourceRow {
        SourceRow(
            caseID: caseID,
            occurred: Timestamp(rfc3339: event["time:timestamp"] ?? "")
                ?? Timestamp(microseconds: 0),
            row: event
        )
    }

    static func observed(_ row: SourceRow) -> CaseObserved {
        var observed = CaseObserved()
        observed.sourceSystem = "bpi2013"
        observed.team = row.row["org:group"]
        observed.agent = row.row["org:resource"]
        let subStatus = row.row["lifecycle:transition"] ?? ""
        observed.subStatus = subStatus
        switch (row.row["concept:name"] ?? "", subStatus) {
        case ("Completed", "Resolved"), ("Completed", "In Call"): observed.status = .resolved
        case ("Completed", _): observed.status = .closed
        case ("Queued", _): observed.status = .queued
        case (_, "In Progress"): observed.status = .inProgress
        case (_, "Assigned"): observed.status = .assigned
        case (_, "Unmatched"): observed.status = .open
        default:
            observed.status = .waiting
            observed.waitingOn =
                switch subStatus {
                case "Wait - User", "Wait - Customer": .customer
                case "Wait - Vendor": .vendor
                case "Wait - Implementation": .internalTeam
                default: .notStated
                }
        }
        return observed
    }
}

/// The ServiceNow incidents of UCI data set 498; its fields hold no quotes and no commas.
enum UCI {
    static func rows() throws -> [SourceRow] {
        let text = try SharedData.unpacked(SharedData.serviceDesk)
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"))
        let header = Self.cells(lines.first ?? text.utf8[...])
        return lines.dropFirst().map { line in
            let cells = Self.cells(line)
            let pairs = zip(header, cells).filter { $0.1 != "?" }
            let row = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
            return SourceRow(
                caseID: row["number"] ?? "",
                occurred: Self.time(row["sys_updated_at"] ?? ""),
                row: row
            )
        }
    }

    static func observed(_ row: SourceRow) -> CaseObserved {
        var observed = CaseObserved()
        observed.sourceSystem = "uci498"
        observed.team = row.row["assignment_group"]
        observed.agent = row.row["assigned_to"]
        observed.slaMet = row.row["made_sla"].map { $0 == "true" }
        let state = row.row["incident_state"] ?? ""
        observed.subStatus = state
        switch state {
        case "Resolved": observed.status = .resolved
        case "Closed": observed.status = .closed
        case "Active": observed.status = .inProgress
        case "New", "-100": observed.status = .open
        default: observed.status = .waiting
        }
        return observed
    }

    private static func cells(_ line: Substring.UTF8View) -> [String] {
        line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
            (Substring($0)).trimmingCharacters(in: CharacterSet(charactersIn: "\r\""))
        }
    }

    /// `29/2/2016 01:23`, read as UTC.
    private static func time(_ text: String) -> Timestamp {
        let parts = text.split { $0 == "/" || $0 == " " || $0 == ":" }.compactMap { Int64($0) }
        guard parts.count == 5,
            let date = CivilDate(year: parts[2], month: parts[1], day: parts[0])
        else { return Timestamp(microseconds: .min) }
        let seconds = date.daysSince1970 * 86_400 + parts[3] * 3_600 + parts[4] * 60
        return Timestamp(microseconds: seconds * 1_000_000)
    }
}
