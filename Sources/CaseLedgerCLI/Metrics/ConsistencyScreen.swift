import CaseDomain
import LedgerTypes

/// How far groups lie apart at the same mix of causes, for people.
struct ConsistencyScreen {
    let consistency: MetricConsistency

    private static let widths = [8, 10, 10, 10, 11]
    private static let label = 29

    func print() {
        Terminal.line(
            Terminal.dim("By \(self.consistency.by.rawValue), at the same mix of causes")
        )
        if self.consistency.rows.isEmpty {
            Terminal.line("nothing to compare: no figure has two groups")
        }
        var metric: MetricID?
        for row in self.consistency.rows {
            if row.id != metric {
                metric = row.id
                Terminal.line()
                Terminal.line(
                    Terminal.bold("\(row.id) \(row.name)") + " (version \(row.version))"
                )
                let heads = ["n", "as it is", "same mix", "apart", "variation"]
                Terminal.line(Terminal.dim(Self.line("", heads)))
            }
            Self.print(row)
        }
        Terminal.line()
        for line in DisplayText.wrap(Self.note, to: Terminal.columns) {
            Terminal.line(Terminal.dim(line))
        }
    }

    private static let note =
        "Same mix: each group's figure by cause, weighted with what all groups together had of "
        + "that cause; causes that one of them never had are left out. Groups and causes of "
        + "fewer than \(MetricComparison.nMin) entries are taken as one. Apart: the greatest less "
        + "the least. Variation: the standard deviation over the mean. *: the causes that all had "
        + "are less than nine tenths of all entries, so the same mix says little."

    private static func print(_ row: MetricConsistency.Row) {
        let mark = row.covered < 0.9 ? "*" : ""
        let variation = row.variation.map { DisplayText.fixed($0, 2) } ?? "-"
        Terminal.line(
            Self.line(
                DisplayText.clip(row.measure.title, to: Self.label - 1),
                [
                    "\(row.groups.reduce(0) { $0 + $1.n })", "", "",
                    Self.text(row.spread, row.measure) + mark, variation,
                ]
            )
        )
        for group in row.groups {
            let name = DisplayText.clean(group.name)
            Terminal.line(
                Self.line(
                    "  " + DisplayText.clip(name, to: Self.label - 3),
                    [
                        "\(group.n)", Self.text(group.value, row.measure),
                        Self.text(group.standardised, row.measure),
                    ]
                )
            )
        }
    }

    private static func line(_ label: String, _ cells: [String]) -> String {
        DisplayText.left(label, Self.label)
            + zip(cells, Self.widths).map { DisplayText.right($0, $1) }.joined()
    }

    private static func text(_ value: Double?, _ measure: MetricMeasure) -> String {
        value == nil ? "-" : MetricsScreen.text(value, measure)
    }
}
