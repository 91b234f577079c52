import CaseDomain
import LedgerTypes

/// Two sites side by side, as they are and at the same mix of causes, for people.
struct ComparisonScreen {
    let comparison: MetricComparison

    private static let widths = [6, 9, 9, 6, 9, 9, 11]
    private static let label = 21

    func print() {
        let names = self.comparison.sites.map { DisplayText.clean($0) }
        Terminal.line(Terminal.dim("First \(names[0]), second \(names[1])"))
        let heads = ["n", "as it is", "same mix", "n", "as it is", "same mix", "apart"]
        var metric: MetricID?
        for row in self.comparison.rows {
            if row.id != metric {
                metric = row.id
                Terminal.line()
                Terminal.line(
                    Terminal.bold("\(row.id) \(row.name)") + " (version \(row.version))"
                )
                Terminal.line(Terminal.dim(Self.line("", heads)))
            }
            Terminal.line(Self.line(row))
        }
        Terminal.line()
        for line in DisplayText.wrap(Self.note, to: Terminal.columns) {
            Terminal.line(Terminal.dim(line))
        }
    }

    private static let note =
        "Same mix: each site's figure by cause, weighted with what both sites together had of that "
        + "cause; causes that one of them never had are left out, and those of fewer than "
        + "\(MetricComparison.nMin) entries are taken as one. *: they are less than nine tenths "
        + "of all entries, so the same mix says little."

    private static func line(_ row: MetricComparison.Row) -> String {
        var cells: [String] = []
        for side in [row.first, row.second] {
            cells.append("\(side.n)")
            cells.append(Self.text(side.value, row.measure))
            cells.append(Self.text(side.standardised, row.measure))
        }
        let isThin = row.covered.map { $0 < 0.9 } ?? true
        cells.append(Self.text(row.difference, row.measure) + (isThin ? "*" : ""))
        let title = DisplayText.clip(row.measure.title, to: Self.label - 1)
        return Self.line(title, cells)
    }

    private static func line(_ label: String, _ cells: [String]) -> String {
        DisplayText.left(label, Self.label)
            + zip(cells, Self.widths).map { DisplayText.right($0, $1) }.joined()
    }

    private static func text(_ value: Double?, _ measure: MetricMeasure) -> String {
        value == nil ? "-" : MetricsScreen.text(value, measure)
    }
}
