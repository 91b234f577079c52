import CaseDomain
import LedgerTypes

/// Figures as tables for people, and as CSV for spreadsheets.
struct MetricsScreen {
    let page: MetricsPage

    private static let widths = [8, 11, 10, 10, 8]
    private static let names = ["n", "value", "median", "90 %", "pending"]

    func print() {
        let split = self.page.by.map(\.rawValue).joined(separator: ", ")
        let asOf = self.page.asOf.map { " as of \($0.rfc3339)" } ?? ""
        Terminal.line(Terminal.dim("Figures\(asOf)" + (split.isEmpty ? "" : ", by \(split)")))
        for metric in self.page.metrics { self.print(Printed(metric)) }
        for metric in self.page.defined ?? [] { self.print(Printed(metric)) }
        let beside = self.page.beside.filter { metric in
            metric.figures.contains { $0.noData == nil }
        }
        guard !beside.isEmpty else { return }
        Terminal.line()
        Terminal.line(Terminal.bold("To be read beside these"))
        for metric in beside {
            for figure in metric.figures.prefix(1) where figure.total != nil {
                self.row("\(metric.id) \(metric.name)", figure.measure, figure.total)
            }
        }
        self.explainStars(beside.compactMap { $0.figures.first?.total })
    }

    /// A metric, whoever defined it.
    private struct Printed {
        let id: String
        let version: UInt32
        let name: String
        let figures: [MeasureFigures]
        let missing: String

        init(_ metric: MetricFigures) {
            self.id = metric.id.description
            self.version = metric.version
            self.name = metric.name
            self.figures = metric.figures
            self.missing = metric.missing
        }

        init(_ metric: DefinedFigures) {
            self.id = DisplayText.clean(metric.id)
            self.version = metric.version
            self.name = DisplayText.clean(metric.name)
            self.figures = metric.figures
            self.missing = ""
        }
    }

    private func print(_ metric: Printed) {
        Terminal.line()
        Terminal.line(Terminal.bold("\(metric.id) \(metric.name)") + " (version \(metric.version))")
        if !metric.figures.isEmpty {
            let cells = zip(Self.names, Self.widths).map { DisplayText.right($0, $1) }.joined()
            Terminal.line(Terminal.dim(DisplayText.left("", Self.label) + cells))
        }
        for figure in metric.figures {
            self.row(figure.measure.title, figure.measure, figure.total)
            // Where nothing is known of any group, the total says it all.
            for group in figure.groups where !Self.isUnknown(figure.groups) {
                let name = group.values.map { $0.isEmpty ? "not stated" : $0 }
                let label = "  " + DisplayText.clean(name.joined(separator: ", "))
                self.row(label, figure.measure, group)
            }
        }
        let missing = Set(metric.figures.compactMap(\.noData)).sorted()
        for text in missing { self.note("- \(text)") }
        for (reason, count) in Self.reasons(metric) { self.note("left out: \(reason) \(count)") }
        if !metric.missing.isEmpty { self.note("not computed yet: \(metric.missing)") }
        self.explainStars(metric.figures.flatMap { [$0.total].compactMap(\.self) + $0.groups })
    }

    /// Says what the star means, if one stands beside any of `cells`.
    private func explainStars(_ cells: [MetricCell]) {
        guard cells.contains(where: { $0.isSmall && $0.value != nil }) else { return }
        self.note("* fewer than \(MetricCell.nMin): may be chance")
    }

    private static func isUnknown(_ groups: [MetricCell]) -> Bool {
        groups.count == 1 && groups[0].values.allSatisfy(\.isEmpty)
    }

    private func note(_ text: String) {
        for line in DisplayText.wrap(text, to: Terminal.columns - 2) {
            Terminal.line(Terminal.dim("  " + line))
        }
    }

    /// How much was left out of the figures of a metric, by reason: the most of any figure.
    private static func reasons(_ metric: Printed) -> [(String, Int64)] {
        var counts: [String: Int64] = [:]
        for exclusion in metric.figures.flatMap({ $0.total?.excluded ?? [] }) {
            counts[exclusion.reason] = max(counts[exclusion.reason] ?? 0, exclusion.n)
        }
        return counts.sorted { $0.key < $1.key }
    }

    private static let label = 33

    private func row(_ label: String, _ measure: MetricMeasure, _ cell: MetricCell?) {
        let left = DisplayText.left(DisplayText.clip(label, to: Self.label - 1), Self.label)
        guard let cell else {
            Terminal.line(left + DisplayText.right("-", Self.widths[0]))
            return
        }
        let mark = cell.isSmall && cell.value != nil ? "*" : ""
        let cells = [
            "\(cell.n)", Self.text(cell.value, measure) + mark, Self.text(cell.median, measure),
            Self.text(cell.p90, measure), cell.pending > 0 ? "\(cell.pending)" : "",
        ]
        var line = left + zip(cells, Self.widths).map { DisplayText.right($0, $1) }.joined()
        while line.last == " " { line.removeLast() }
        Terminal.line(line)
    }

    /// A value in words: shares in percent, seconds in the unit that fits.
    static func text(_ value: Double?, _ measure: MetricMeasure) -> String {
        guard let value else { return "" }
        switch measure.unit {
        case .share:
            // More than one for each is no percentage.
            return DisplayText.fixed(value * 100) + " %"
        case .seconds:
            let size = abs(value)
            if size < 120 { return DisplayText.fixed(value) + " s" }
            if size < 2 * 3_600 { return DisplayText.fixed(value / 60) + " min" }
            if size < 2 * 86_400 { return DisplayText.fixed(value / 3_600) + " h" }
            return DisplayText.fixed(value / 86_400, 2) + " d"
        case .percent: return DisplayText.fixed(value) + " %"
        case .count where measure.kind == .amount: return DisplayText.fixed(value, 0)
        case .count, .score, .money: return DisplayText.fixed(value, 2)
        }
    }

    /// One line for each figure and group, comma separated (RFC 4180).
    func printCSV() {
        let dimensions = self.page.by.map(\.rawValue)
        let names =
            ["metric", "version", "name", "figure"] + dimensions
            + [
                "unit", "n", "value", "numerator", "denominator", "median", "p90", "min", "max",
                "pending", "excluded", "small", "noData",
            ]
        Self.printRecord(names)
        let all = self.page.metrics.map(Printed.init) + (self.page.defined ?? []).map(Printed.init)
        for metric in all {
            for figure in metric.figures {
                let cells = (figure.total.map { [$0] } ?? []) + figure.groups
                if cells.isEmpty { self.record(metric, figure, nil) }
                for cell in cells { self.record(metric, figure, cell) }
            }
        }
    }

    private func record(_ metric: Printed, _ figure: MeasureFigures, _ cell: MetricCell?) {
        let groups = self.page.by.indices.map { place in
            cell.map { place < $0.values.count ? $0.values[place] : "" } ?? ""
        }
        func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
        Self.printRecord(
            [metric.id, "\(metric.version)", metric.name, figure.measure.key] + groups
                + [
                    figure.measure.unit.rawValue, cell.map { "\($0.n)" } ?? "0",
                    number(cell?.value), number(cell?.numerator), number(cell?.denominator),
                    number(cell?.median), number(cell?.p90), number(cell?.min), number(cell?.max),
                    cell.map { "\($0.pending)" } ?? "0",
                    (cell?.excluded ?? []).map { "\($0.reason): \($0.n)" }.joined(separator: "; "),
                    cell?.isSmall ?? false ? "true" : "false", figure.noData ?? "",
                ]
        )
    }

    private static func printRecord(_ fields: [String]) {
        let quoted = fields.map { field in
            let needs = field.utf8.contains {
                [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0)
            }
            guard needs else { return field }
            return "\""
                + field.split(separator: "\"", omittingEmptySubsequences: false)
                .joined(separator: "\"\"") + "\""
        }
        Terminal.line(quoted.joined(separator: ","))
    }
}

/// The definition of a metric, for people.
struct MetricExplanation {
    let metric: MetricDefinition
    /// The calendars of the ledger, where one was named.
    let calendars: [CalendarReference]

    func print() {
        let metric = self.metric
        Terminal.line(Terminal.bold("\(metric.id) \(metric.name)") + " (version \(metric.version))")
        self.line("Population", metric.population)
        self.line("Numerator", metric.numerator)
        self.line("Denominator", metric.denominator)
        self.line("Window", metric.window)
        self.line("Clock", metric.clock)
        self.line("Calendar", metric.calendarPolicy)
        for (number, calendar) in self.calendars.enumerated() {
            let zone = [calendar.timeZone, calendar.tzVersion.map { "tz \($0)" }].compactMap(\.self)
            self.line(
                number == 0 ? "In force" : "",
                "\(calendar.calendarID)@\(calendar.version) of \(calendar.site) "
                    + "from \(calendar.from.rfc3339)"
                    + (zone.isEmpty ? "" : ", \(zone.joined(separator: ", "))")
            )
        }
        self.line("Attribution", metric.attribution)
        self.line("Left out", metric.exclusions.joined(separator: "; "))
        self.line("Unit", metric.unit)
        self.line("Source", metric.source)
        self.line("Needs", metric.needs)
        let shadows = metric.shadows.compactMap(MetricCatalogue.definition)
        self.line("Read beside", shadows.map { "\($0.id) \($0.name)" }.joined(separator: "; "))
        self.line("Not computed", metric.missing)
        guard !metric.measures.isEmpty else { return }
        Terminal.line("Figures")
        for measure in metric.measures {
            Terminal.line(
                "  " + DisplayText.left(measure.key, 24)
                    + "\(measure.kind.rawValue), \(measure.unit.rawValue): \(measure.title)"
            )
        }
    }

    private func line(_ name: String, _ text: String) { Self.line(name, text) }

    fileprivate static func line(_ name: String, _ text: String) {
        guard !text.isEmpty else { return }
        let lines = DisplayText.wrap(text, to: Terminal.columns - 15)
        for (number, line) in lines.enumerated() {
            Terminal.line(DisplayText.left(number == 0 ? name : "", 14) + line)
        }
    }
}

/// The definition of a metric that a site defined, for people.
struct DefinedMetricExplanation {
    let metric: DefinedMetric

    func print() {
        let metric = self.metric
        let texts = metric.definition
        Terminal.line(
            Terminal.bold("\(DisplayText.clean(metric.id)) \(DisplayText.clean(texts.name))")
                + " (version \(metric.version))"
        )
        for (name, text) in [
            ("Population", texts.population), ("Numerator", texts.numerator),
            ("Denominator", texts.denominator),
            ("Window", texts.windowSeconds.map { "\($0 / 86_400) days" } ?? ""),
            ("Clock", texts.clock), ("Calendar", texts.calendarPolicy),
            ("Attribution", texts.attribution),
            ("Left out", texts.exclusions.joined(separator: "; ")), ("Unit", texts.unit),
            ("Defined by", "\(metric.site), \(metric.at.rfc3339), event \(metric.event)"),
            ("Not computed", metric.fault?.description ?? ""),
        ] {
            MetricExplanation.line(name, DisplayText.clean(text))
        }
    }
}
