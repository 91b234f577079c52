import Foundation

/// One line of the table.
struct Figure: Codable, Sendable {
    /// The work.
    let work: String
    /// What the two values count.
    let unit: String
    /// The ledger's value.
    let ledger: Double
    /// Who stands beside it.
    var peerName: String?
    /// The peer's value.
    var peer: Double?
    /// The ledger's value in parts of the peer's, where a bar is stated so.
    var ratio: Double?
    /// The same value by CPU time of the thread that did the work.
    var ledgerByCPU: Double?
    /// The bar, in words (DESIGN.md 9).
    var bar: String?
}

/// Everything that one run found.
struct Report: Codable, Sendable {
    let machine: Machine
    let events: Int
    let leafBytes: Int
    let sectionBytes: Int
    var figures: [Figure] = []
    /// Allocations by kind of work.
    var allocations: [String: Double] = [:]

    /// The report as one JSON object.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The report as Markdown.
    var table: String {
        var lines = [
            "\(self.machine.model), \(self.machine.cores) cores, Linux \(self.machine.kernel), "
                + "load \(Self.number(self.machine.load)) at the start",
            "fdatasync: \(Self.number(self.machine.fdatasyncMicroseconds)) microseconds, "
                + "\(Self.number(self.machine.fdatasyncUndisturbedMicroseconds)) undisturbed"
                + (self.machine.isJudged ? "" : " (too fast to judge ratios of durable appends)"),
            "\(self.events) events; rows: leaf \(self.leafBytes) bytes, "
                + "section \(self.sectionBytes) bytes at three leaves in ten",
            "",
            "| Work | Unit | CaseLedger | by CPU time | Beside it | Ratio | Bar |",
            "|---|---|---|---|---|---|---|",
        ]
        for figure in self.figures {
            let peer = figure.peer.map { "\(figure.peerName ?? ""): \(Self.number($0))" }
            let cells = [
                figure.work, figure.unit, Self.number(figure.ledger),
                figure.ledgerByCPU.map(Self.number) ?? "", peer ?? "",
                figure.ratio.map { String(format: "%.2f", $0) } ?? "", figure.bar ?? "",
            ]
            lines.append("| \(cells.joined(separator: " | ")) |")
        }
        lines += ["", "| Allocations | Count |", "|---|---|"]
        for (name, count) in self.allocations.sorted(by: { $0.key < $1.key }) {
            lines.append("| \(name) | \(String(format: "%.2f", count)) |")
        }
        return lines.joined(separator: "\n")
    }

    private static func number(_ value: Double) -> String {
        guard value >= 1_000 else { return String(format: value < 100 ? "%.2f" : "%.0f", value) }
        var digits = String(format: "%.0f", value)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return ([digits] + groups).joined(separator: ",")
    }
}
