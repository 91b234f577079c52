package import CaseDomain
internal import LedgerTypes

/// Makes a report of metrics and of what cases show beside them. Pure.
///
/// What there is no figure for is said with what it needs, never shown as zero.
package struct ReportBuilder {
    /// What a report is made of.
    package struct Input {
        /// All metrics over everything.
        package var total: MetricsPage
        /// All metrics by month.
        package var byMonth: MetricsPage
        /// Those that are split by kind.
        package var byKind: MetricsPage
        /// What cases show.
        package var statistics: ReportStatistics
        /// The logs: name, size and root.
        package var logs: [(origin: String, size: UInt64, root: String)]
        /// How `caseledger` is told which ledger, for commands.
        package var ledgerName: String
        /// The moment from which everything is seen, in words; `nil` for the present.
        package var moment: String?

        /// Puts the parts together.
        package init(
            total: MetricsPage,
            byMonth: MetricsPage,
            byKind: MetricsPage,
            statistics: ReportStatistics,
            logs: [(origin: String, size: UInt64, root: String)],
            ledgerName: String,
            moment: String? = nil
        ) {
            self.total = total
            self.byMonth = byMonth
            self.byKind = byKind
            self.statistics = statistics
            self.logs = logs
            self.ledgerName = ledgerName
            self.moment = moment
        }
    }

    /// The metrics that are asked for by kind.
    package static let kinds = [4, 12, 19, 30, 31].map { MetricID($0) }

    let input: Input

    /// The report.
    package static func report(of input: Input) -> ReportDocument {
        let builder = ReportBuilder(input: input)
        let asOf = input.total.asOf.map { " up to \($0.rfc3339.prefix(10))" } ?? ""
        var report = ReportDocument(
            title: "Support report",
            subtitle: "\(ReportText.whole(input.statistics.cases)) "
                + "\(input.statistics.cases == 1 ? "case" : "cases")\(asOf)"
                + "\(input.moment.map { ": \($0)" } ?? ""). Every figure "
                + "says how many it rests on, links to its definition, and can be computed anew "
                + "from the logs named at the end."
        )
        report.sections = [
            builder.headline, builder.trends, builder.spread, builder.handovers, builder.seams,
            builder.cliff, builder.waits, builder.promises, builder.cases, builder.all,
            builder.definitions, builder.cut,
        ]
        return report
    }

    func figures(_ page: MetricsPage, _ id: UInt8, _ key: String) -> MeasureFigures? {
        page.figure(MetricID(id), key)
    }

    /// A figure with n, median and 90th percentile, or why there is none.
    func figure(
        _ id: UInt8,
        _ key: String,
        _ label: String,
        cases: String? = nil,
        showsMedian: Bool = false
    ) -> ReportFigure? {
        guard let found = self.figures(self.input.total, id, key), let cell = found.total,
            cell.value != nil || cell.median != nil
        else { return nil }
        let measure = found.measure
        let value = showsMedian ? cell.median ?? cell.value : cell.value
        var details = ["n \(ReportText.whole(Int(clamping: cell.n)))"]
        if let median = cell.median, let p90 = cell.p90 {
            if showsMedian, let mean = cell.value {
                details.append("mean \(ReportText.value(mean, measure))")
            } else {
                details.append("median \(ReportText.value(median, measure))")
            }
            details.append("9 of 10 within \(ReportText.value(p90, measure))")
        } else if let denominator = cell.denominator, measure.unit == .share {
            // Shares of time are of microseconds.
            let isTime = denominator > 1e9
            let parts = [cell.numerator ?? 0, denominator].map {
                isTime ? ReportText.seconds($0 / 1_000_000) : ReportText.whole(Int($0))
            }
            details = ["\(parts[0]) of \(parts[1])"]
        }
        if cell.pending > 0 {
            details.append("\(ReportText.whole(Int(clamping: cell.pending))) not decided yet")
        }
        return ReportFigure(
            label,
            key == "density"
                ? value.map { ReportText.fixed($0, 2) } ?? "–" : ReportText.value(value, measure),
            details: details,
            definition: "def-\(MetricID(id))",
            // All cases with their numbers, where there is no list of its own.
            cases: cases ?? "cases",
            isSmall: cell.isSmall
        )
    }

    private var headline: ReportSection {
        let figures = [
            self.figure(12, "first", "Until resolved, half of cases", showsMedian: true),
            self.figure(2, "fcr7", "Resolved at first contact, and held 7 days"),
            self.figure(11, "firstResponse", "Until the first answer, half", showsMedian: true),
            self.figure(
                13,
                "open",
                "Age of open cases, half",
                cases: "list-open",
                showsMedian: true
            ),
            self.figure(10, "reopenedCases", "Cases reopened", cases: "list-reopened"),
            self.figure(
                14,
                "teamPingPongRate",
                "Went to and fro between teams",
                cases: "list-passed"
            ),
            self.figure(3, "restated", "Customers who explained again"),
            self.figure(19, "kept", "Promises kept in time"),
            self.figure(1, "oneOwner", "Closed with one owner"),
            self.figure(7, "serviceLevelF4", "Answered in time (service level F4)"),
            self.figure(21, "csat", "Satisfied customers"),
            self.figure(20, "repeat7", "Called again within 7 days"),
            self.figure(37, "imported", "Service level met, as the source says"),
            self.figure(35, "dishonest", "Waits for the customer without a question"),
        ].compactMap(\.self)
        let lead =
            "“Half” is the median: half of the cases took at most so long. Where few "
            + "cases stand behind a share it is marked, since it may be chance."
        return ReportSection(
            id: "headline",
            title: "At a glance",
            lead: lead,
            blocks: figures.isEmpty
                ? [.note("no data: nothing has happened in this ledger")] : [.figures(figures)]
        )
    }

    private var trends: ReportSection {
        var blocks: [ReportBlock] = []
        let months = self.input.statistics.opened.sorted { $0.key < $1.key }.suffix(36)
        if months.count > 1 {
            let values = months.map { ReportValue($0.key, Double($0.value), "\($0.value)") }
            blocks.append(.columns(ReportColumns("Cases begun, by month", Array(values))))
        }
        let charts: [(UInt8, String, String, Bool)] = [
            (12, "first", "Median time until resolved, by month of resolution", true),
            (10, "reopened7", "Share of resolutions that came back within 7 days", false),
            (3, "restated", "Share of parts in which the customer explained again", false),
            (19, "kept", "Share of promises kept", false),
            (21, "csat", "Satisfied customers", false),
        ]
        for (id, key, title, isMedian) in charts {
            guard let found = self.figures(self.input.byMonth, id, key) else { continue }
            let values = found.groups.suffix(36).map { cell in
                let value = isMedian ? cell.median : cell.value
                let text = ReportText.value(value, found.measure)
                return ReportValue(
                    cell.values.first ?? "",
                    value,
                    cell.isSmall ? text + "*" : text
                )
            }
            guard values.filter({ $0.value != nil }).count > 1 else { continue }
            blocks.append(.columns(ReportColumns("\(title) (\(MetricID(id)))", Array(values))))
        }
        return ReportSection(
            id: "trends",
            title: "Trends",
            lead: "Each bar is a month in UTC; the last one may not be over. Months without a "
                + "figure are left out. * is of fewer than 20, and may be chance.",
            blocks: blocks.isEmpty ? [.note("no data: needs two months of history")] : blocks
        )
    }

    private var spread: ReportSection {
        let statistics = self.input.statistics
        var blocks: [ReportBlock] = []
        if statistics.resolved.contains(where: { $0 > 0 }) {
            let values = zip(ReportStatistics.bins, statistics.resolved).map {
                ReportValue($0.name, Double($1), "\($1)")
            }
            let cell = self.figures(self.input.total, 12, "first")?.total
            let ends = [("median", cell?.median), ("9 of 10 within", cell?.p90)]
            let marks = ends.compactMap { name, value in
                value.map {
                    let words = "\(name) \(ReportText.seconds($0))"
                    return ReportColumns.ReportMark(Self.place(of: $0), words)
                }
            }
            let title = "Time until first resolved: number of cases (M-12)"
            blocks.append(.columns(ReportColumns(title, values, marks: marks)))
        }
        if statistics.cases > 0 {
            let values = statistics.handoffs.enumerated().map { number, cases in
                ReportValue(number == 6 ? "6 or more" : "\(number)", Double(cases), "\(cases)")
            }
            let title = "Handoffs between teams in a case: number of cases (M-14)"
            blocks.append(.columns(ReportColumns(title, values)))
        }
        return ReportSection(
            id: "spread",
            title: "How it spreads",
            lead: "A mean hides the customers who waited longest. Mind that the bars of the "
                + "first chart stand for longer and longer times.",
            blocks: blocks.isEmpty ? [.note("no data: needs cases")] : blocks
        )
    }

    /// Where a number of seconds lies between the bars of the spread.
    private static func place(of seconds: Double) -> Double {
        var low = 0.0
        for (place, bin) in ReportStatistics.bins.enumerated() {
            let high = Double(bin.seconds)
            if seconds <= high, bin.seconds < .max {
                return Double(place) + max(0, (seconds - low) / (high - low))
            }
            low = high
        }
        return Double(ReportStatistics.bins.count) - 0.5
    }
}
