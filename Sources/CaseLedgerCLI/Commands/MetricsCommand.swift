import ArgumentParser
import CaseDomain
import CaseLedger
import LedgerTypes

/// `caseledger metrics`.
struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Numbers over all cases, how each is computed and on which events.",
        discussion: """
            Without a metric an overview: durations, handoffs, ping-pongs, reopens, waits. With \
            metrics (M-01 to M-39, or all) their figures: n, value, median and 90th percentile, \
            what is pending and what was left out and why. --explain says how one is defined.

              caseledger metrics --ledger support
              caseledger metrics --ledger support M-12 M-14 --by site
              caseledger metrics --ledger support all --period 2013-Q2 --format csv
              caseledger metrics --explain M-05
              caseledger metrics --ledger support M-19@2 callbacks --by site
              caseledger metrics --ledger support --format html --output report.html
              caseledger metrics --ledger support --json | jq .figures.duration

            The figures come out of a store under views/, which this brings up to date first \
            where it may write; the first time after a large import takes a while. Splits by \
            other than site, channel, month and kind, and metrics that need what else the \
            customer did read every case.

            The past can be asked for in two ways: --as-of counts what had happened by then, of \
            all that is known now; --as-known what this site held by then, the same bytes for \
            ever. No store is kept of the past: every case is folded again, as long as that takes.

              caseledger metrics --ledger support M-13 --as-of 2026-01-31T00:00:00Z
              caseledger metrics --ledger support --format html --as-known 2026-01-31T00:00:00Z

            Metrics that sites defined (metric.defined) are called by their names, a version of \
            one by name@version; --list and --explain show them where a ledger is named.

            --compare puts two sites side by side, as they are and as if both had had the same mix \
            of causes: a site that gets the harder cases is not the worse for it.

              caseledger metrics --ledger support M-12 M-17 --compare berlin manila
              caseledger metrics --ledger support M-12 M-17 --spread site

            In JSON "figures" has the numbers, equal bytes on every replica of the same logs, and \
            "cut" the logs with their sizes and roots that the numbers are of.
            """
    )

    /// How figures are printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv, html
    }

    @OptionGroup var options: LedgerOptions
    @Argument(help: "Metrics, such as M-05, or all.") var metrics: [String] = []
    @Option(
        help: ArgumentHelp(
            "Split by one or two of \(Self.dimensions).",
            valueName: "dim[,dim]"
        )
    )
    var by: String?
    @Option(
        help: ArgumentHelp(
            "Only what happened then: 2013, 2013-Q2, 2013-05, 2013-05-07, or two with .. between.",
            valueName: "period"
        )
    )
    var period: String?
    @OptionGroup var past: PastOption
    @Option(help: "How to print: table, json, csv, or html for a page with everything.")
    var format: Format?
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write the page to this file (html).", valueName: "file"),
        completion: .file(extensions: ["html"])
    )
    var output: String?
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Compare two sites at the same mix of causes.", valueName: "site site")
    )
    var compare: [String] = []
    @Option(
        help: ArgumentHelp(
            "How far sites, channels, agents lie apart at the same mix of causes.",
            valueName: "dim"
        )
    )
    var spread: String?
    @Flag(help: "Print JSON, as --format json does.") var json = false
    @Flag(help: "List the metrics.") var list = false
    @Option(help: ArgumentHelp("Say how a metric is defined.", valueName: "metric"))
    var explain: String?

    private static let dimensions = MetricDimension.allCases.map(\.rawValue)
        .joined(separator: ", ")

    private struct Result<Figures: Encodable>: Encodable {
        let cut: Cut
        let figures: Figures
        /// What is not in them because it cannot be read; left out where that is nothing.
        var unreadable: [UnreadableCase]?
    }

    private struct Cut: Encodable {
        /// Given where the past was asked for.
        var asOf: Timestamp?
        var asKnown: Timestamp?
        let logs: [LogJSON]

        init(_ past: PastMoment?, _ logs: [LogSummary]) {
            switch past {
            case .asOf(let time): self.asOf = time
            case .asKnown(let time): self.asKnown = time
            case nil: break
            }
            self.logs = LogJSON.sorted(logs)
        }
    }

    func validate() throws {
        if self.json, let format, format != .json {
            throw ValidationError("Give either --json or --format \(format.rawValue).")
        }
        if self.explain != nil, self.list {
            throw ValidationError("--explain or --list, not both.")
        }
        if self.format == .html {
            guard self.metrics.isEmpty, self.by == nil, self.period == nil, self.explain == nil,
                !self.list, self.compare.isEmpty, self.spread == nil
            else { throw ValidationError("--format html has everything; name no metrics.") }
            return
        }
        if self.output != nil { throw ValidationError("--output goes with --format html.") }
        if self.spread != nil {
            guard self.compare.isEmpty, self.by == nil, self.format != .csv else {
                throw ValidationError(
                    "--spread splits by cause; it takes no --by, no --compare and no CSV."
                )
            }
            return
        }
        if !self.compare.isEmpty {
            guard self.compare.count == 2, self.compare[0] != self.compare[1] else {
                throw ValidationError("--compare takes two different sites.")
            }
            guard self.by == nil, self.format != .csv else {
                throw ValidationError("--compare splits by cause; it takes no --by and no CSV.")
            }
            return
        }
        guard self.metrics.isEmpty else { return }
        if self.by != nil || self.period != nil || self.format == .csv {
            throw ValidationError("Name metrics, such as M-12, or all.")
        }
    }

    func run() async throws {
        if self.format == .html {
            try self.writePage()
        } else if let explain {
            try self.explainMetric(explain)
        } else if self.list {
            try self.listMetrics()
        } else if !self.compare.isEmpty {
            try self.printComparison()
        } else if let spread {
            try self.printConsistency(by: spread)
        } else if self.metrics.isEmpty {
            try self.printOverview()
        } else {
            try self.printFigures(self.query())
        }
    }

    /// The page that a manager reads.
    private func writePage() throws {
        let past = try self.past.moment()
        let ledger = try past == nil ? self.openWithStore() : self.options.open()
        defer { ledger.close() }
        let file = try self.output.map { try OutputFile(path: $0, atomically: true) }
        let progress = Progress("metrics")
        let page = try ledger.htmlReport(ledgerName: self.options.directory(), in: past) {
            progress.update($0, unit: "cases")
        }
        progress.end()
        if let file {
            try file.write(page)
            try file.close()
        } else {
            Terminal.bytes(page)
        }
    }

    /// Opens the ledger with its metric store written as far as the log goes. Who may not write
    /// gets the same figures, folded anew at each report.
    private func openWithStore() throws -> Ledger {
        guard let ledger = try? self.options.open(.readWrite) else {
            return try self.options.open()
        }
        let progress = Progress("metrics")
        defer { progress.end() }
        do {
            try ledger.catchUpMetrics { progress.update($0, unit: "units") }
            return ledger
        } catch {
            // A full disk is no reason to know nothing.
            ledger.close()
            return try self.options.open()
        }
    }

    private var printsJSON: Bool { self.json || self.format == .json }

    private func explainMetric(_ text: String) throws {
        guard let metric = MetricID(text).flatMap(MetricCatalogue.definition) else {
            let metric = try self.defined(text)
            if self.printsJSON {
                try JSONLines().print(metric)
            } else {
                DefinedMetricExplanation(metric: metric).print()
            }
            return
        }
        if self.printsJSON {
            try JSONLines().print(metric)
        } else {
            MetricExplanation(metric: metric, calendars: self.calendars(of: metric)).print()
        }
    }

    /// The metrics that sites defined; none where no ledger is named.
    private func definedMetrics() throws -> [DefinedMetric] {
        guard (try? self.options.directory()) != nil else { return [] }
        let past = try self.past.moment()
        let ledger = try self.options.open()
        defer { ledger.close() }
        return try ledger.definedMetrics(in: past)
    }

    private func defined(_ text: String) throws -> DefinedMetric {
        guard let metric = DefinedMetric.named(text, in: try self.definedMetrics()) else {
            throw ValidationError("\(text) is no metric; caseledger metrics --list names them.")
        }
        return metric
    }

    /// The calendars that the ledger knows, where one is named and the metric goes by them.
    private func calendars(of metric: MetricDefinition) -> [CalendarReference] {
        guard metric.usesCalendars, (try? self.options.directory()) != nil,
            let ledger = try? self.options.open()
        else { return [] }
        defer { ledger.close() }
        return (try? ledger.calendars()) ?? []
    }

    private func listMetrics() throws {
        for metric in MetricCatalogue.all.sorted(by: { $0.id < $1.id }) {
            if self.printsJSON {
                try JSONLines().print(metric)
            } else {
                let mark = metric.measures.isEmpty ? Terminal.dim(" (not computed yet)") : ""
                Terminal.line("\(metric.id)  \(metric.name)" + mark)
            }
        }
        for metric in try self.definedMetrics() {
            if self.printsJSON {
                try JSONLines().print(metric)
            } else {
                let fault = metric.fault.map { Terminal.dim(" (not computed: \($0))") } ?? ""
                let name = "\(metric.id)@\(metric.version)  \(metric.definition.name)"
                Terminal.line(DisplayText.clean(name) + fault)
            }
        }
    }

    private func query() throws -> MetricQuery {
        var query = MetricQuery()
        if self.metrics != ["all"], !self.metrics.isEmpty {
            let metrics = self.metrics.map { MetricID($0).flatMap(MetricCatalogue.definition) }
            query.metrics = metrics.compactMap { $0?.id }
            for (text, metric) in zip(self.metrics, metrics) where metric == nil {
                query.defined.append(try self.defined(text))
            }
        }
        for name in (self.by ?? "").split(separator: ",") {
            guard let dimension = MetricDimension(rawValue: String(name)) else {
                throw ValidationError("--by takes \(Self.dimensions); not \(name).")
            }
            query.by.append(dimension)
        }
        guard query.by.count <= MetricQuery.dimensionsMax, Set(query.by).count == query.by.count
        else { throw ValidationError("--by takes one dimension, or two different ones.") }
        if let period, !query.limit(to: period) {
            throw ValidationError(
                "--period takes 2013, 2013-Q2, 2013-05 or 2013-05-07; not \(period)."
            )
        }
        return query
    }

    /// The answer, of the past where that was asked for.
    private func answer(
        _ query: MetricQuery
    ) throws -> (result: MetricsPageAtCut, past: PastMoment?) {
        let past = try self.past.moment()
        let ledger = try past == nil ? self.openWithStore() : self.options.open()
        defer { ledger.close() }
        let progress = Progress("metrics")
        defer { progress.end() }
        let result =
            try past.map { past in
                try ledger.metrics(query, in: past) { progress.update($0, unit: "units") }
            } ?? ledger.metrics(query) { progress.update($0, unit: "units") }
        return (result, past)
    }

    private func printComparison() throws {
        var query = try self.query()
        query.by = [.site, .cause]
        let (result, past) = try self.answer(query)
        guard let found = MetricComparison(result.page, self.compare[0], self.compare[1]) else {
            let sites = MetricComparison.sites(of: result.page)
            throw CommandFailure(
                "there is nothing of \(self.compare.joined(separator: " or ")) to compare",
                nextStep: sites.isEmpty
                    ? "figures by site need events with a site"
                    : "the sites are: " + sites.joined(separator: ", "),
                exit: .usage
            )
        }
        if self.printsJSON {
            try JSONLines().print(Result(cut: Cut(past, result.logs), figures: found))
        } else {
            ComparisonScreen(comparison: found).print()
            Self.print(result.logs, past)
        }
    }

    private func printConsistency(by name: String) throws {
        guard let dimension = MetricDimension(rawValue: name), dimension != .cause else {
            throw ValidationError("--spread takes \(Self.dimensions), but not cause; not \(name).")
        }
        var query = try self.query()
        query.by = [dimension, .cause]
        let (result, past) = try self.answer(query)
        guard let found = MetricConsistency(result.page) else { return }
        if self.printsJSON {
            try JSONLines().print(Result(cut: Cut(past, result.logs), figures: found))
        } else {
            ConsistencyScreen(consistency: found).print()
            Self.print(result.logs, past)
        }
    }

    private func printFigures(_ query: MetricQuery) throws {
        let (result, past) = try self.answer(query)
        if self.printsJSON {
            let cut = Cut(past, result.logs)
            try JSONLines().print(Result(cut: cut, figures: result.page))
        } else if self.format == .csv {
            MetricsScreen(page: result.page).printCSV()
        } else {
            MetricsScreen(page: result.page).print()
            Self.print(result.logs, past)
        }
    }

    private func printOverview() throws {
        let past = try self.past.moment()
        let ledger = try past == nil ? self.options.openForOverview() : self.options.open()
        defer { ledger.close() }
        let progress = Progress("metrics")
        let result = try ledger.metricsAtCut(in: past) { progress.update($0, unit: "cases") }
        progress.end()
        if self.printsJSON {
            let cut = Cut(past, result.logs)
            try JSONLines().print(
                Result(
                    cut: cut,
                    figures: result.figures,
                    unreadable: result.unreadable.isEmpty ? nil : result.unreadable
                )
            )
        } else {
            MetricsTable(figures: result.figures).print()
            Self.print(result.unreadable)
            Self.print(result.logs, past)
        }
    }

    /// What is not in the figures because it cannot be read.
    private static func print(_ unreadable: [UnreadableCase]) {
        guard !unreadable.isEmpty else { return }
        Terminal.line()
        Terminal.line(Terminal.bold("Left out, because they cannot be read"))
        for unit in unreadable {
            Terminal.line("\(unit.subject) (\(DisplayText.clean(unit.reason)))")
        }
    }

    /// The cut that the figures are of: the same cut gives the same figures.
    private static func print(_ logs: [LogSummary], _ past: PastMoment?) {
        Terminal.line()
        Terminal.line(Terminal.bold("Computed on"))
        switch past {
        case .asOf(let time): Terminal.line("what had happened by \(time.rfc3339), of")
        case .asKnown(let time): Terminal.line("what was held here by \(time.rfc3339):")
        case nil: break
        }
        if logs.isEmpty { Terminal.line("nothing") }
        for log in logs.sorted(by: { $0.id < $1.id }) {
            Terminal.line("log \(log.id.hex), \(DisplayText.leaves(log.position.size))")
            Terminal.line("  root \(log.position.root.hex)")
        }
    }
}

/// The numbers as tables for people.
private struct MetricsTable {
    let figures: MetricsReport

    func print() {
        let figures = self.figures
        Terminal.line(
            Terminal.bold(
                DisplayText.counted(figures.cases, "case") + ", "
                    + DisplayText.counted(figures.events, "event")
            )
                + " (\(DisplayText.counted(figures.observed, "imported row"))"
                + (figures.unknown > 0 ? ", \(figures.unknown) of unknown type)" : ")")
        )
        Terminal.line(
            "\(figures.openCases) open, \(figures.terminalCases) resolved or closed, "
                + "\(figures.reopenedCases) reopened (reopens: \(figures.reopens))"
        )
        if figures.slaMet + figures.slaBreached > 0 {
            Terminal.line("service level met \(figures.slaMet), not met \(figures.slaBreached)")
        }
        self.printTimes()
        self.printLevels()
        self.printWaits()
        self.printFlags()
    }

    private func row(_ label: String, _ cells: [String], _ widths: [Int]) -> String {
        let padded = zip(cells, widths).map { DisplayText.right($0, $1) }.joined()
        return DisplayText.left(label, 18) + padded
    }

    private func printTimes() {
        let times = [
            ("first to last", self.figures.duration),
            ("to first resolve", self.figures.toFirstResolved),
            ("to last resolve", self.figures.toLastTerminal),
        ]
        guard times.contains(where: { $0.1 != nil }) else { return }
        let widths = [8, 12, 12, 12, 12]
        let names = ["cases", "mean", "median", "90 %", "longest"]
        Terminal.line()
        Terminal.line(Terminal.bold(self.row("Days", names, widths)))
        for (label, spread) in times {
            guard let spread else { continue }
            let days = [spread.mean, spread.median, spread.p90, spread.max].map {
                DisplayText.fixed($0 / 86_400, 3)
            }
            Terminal.line(self.row(label, ["\(spread.n)"] + days, widths))
        }
    }

    private func printLevels() {
        let levels = [
            ("teams", self.figures.teams), ("agents", self.figures.agents),
            ("tiers", self.figures.tiers), ("sites", self.figures.sites),
        ]
        let widths = [10, 8, 11, 8, 9, 10]
        let names = ["handoffs", "cases", "ping-pongs", "cases", "rate", "returns"]
        Terminal.line()
        Terminal.line(Terminal.bold(self.row("Between", names, widths)))
        for (label, level) in levels {
            let rate = level.pingPongRate.map { DisplayText.fixed($0 * 100) + " %" } ?? "-"
            let cells = [
                "\(level.handoffs)", "\(level.handoffCases)", "\(level.pingPongs)",
                "\(level.pingPongCases)", rate, "\(level.returns)",
            ]
            Terminal.line(self.row(label, cells, widths))
        }
    }

    private func printWaits() {
        guard !self.figures.waits.isEmpty else { return }
        Terminal.line()
        Terminal.line(Terminal.bold("Waiting for        share of all time        days"))
        for wait in self.figures.waits {
            let whom = wait.waitingOn == .notStated ? "not stated" : wait.waitingOn.name
            Terminal.line(
                DisplayText.left(whom, 18)
                    + DisplayText.right(DisplayText.fixed(wait.share * 100, 2) + " %", 18)
                    + DisplayText.right(DisplayText.fixed(wait.seconds / 86_400), 12)
                    + "  " + DisplayText.clean(wait.subStatus ?? "")
            )
        }
    }

    private func printFlags() {
        guard !self.figures.flags.isEmpty else { return }
        Terminal.line()
        Terminal.line(Terminal.bold("Broken rules, kept and counted"))
        for flag in self.figures.flags {
            Terminal.line(
                DisplayText.left(flag.rule.rawValue, 18) + DisplayText.right("\(flag.count)", 10)
            )
        }
    }
}
