internal import CaseDomain
internal import LedgerTypes

extension ReportBuilder {
    var handovers: ReportSection {
        var blocks: [ReportBlock] = []
        let levels = [
            ("sites", self.input.statistics.sitePairs), ("teams", self.input.statistics.teamPairs),
        ]
        for (level, pairs) in levels {
            guard !pairs.isEmpty else {
                blocks.append(.note("no data: no case went from one to another among \(level)"))
                continue
            }
            let sum = pairs.reduce(0) { $0 + $1.count }
            let count = "\(ReportText.whole(sum)) \(sum == 1 ? "handover" : "handovers")"
            let title = "Between \(level): \(count) (M-14)"
            blocks.append(.map(ReportMap(title, pairs)))
            let rows = pairs.prefix(15).map { pair -> [ReportTable.Cell] in
                let back = pairs.first { $0.from == pair.to && $0.to == pair.from }?.count ?? 0
                return [
                    .text(pair.from), .text(pair.to), .number(ReportText.whole(pair.count)),
                    .number(ReportText.share(Double(pair.count) / Double(sum))),
                    .number(ReportText.whole(back)),
                ]
            }
            let columns = ["From", "To", "Handovers", "Of all", "And back"]
            blocks.append(
                .table(
                    ReportTable("Most frequent between \(level)", columns: columns, rows: rows)
                )
            )
        }
        return ReportSection(
            id: "handovers",
            title: "Handover map",
            lead: "The thicker an arrow, the more cases went that way. Many arrows in both "
                + "directions between two points are cases that go to and fro.",
            blocks: blocks
        )
    }

    var seams: ReportSection {
        let found = self.figures(self.input.byKind, 4, "restatements")
        let rows = (found?.groups ?? []).map { cell in
            let share = cell.value.map { ReportText.fixed($0, 2) } ?? "–"
            return ReportMatrix.Row(
                cell.values.first.map { ReportText.words($0) } ?? "",
                [
                    ReportValue("", nil, ReportText.whole(Int(cell.denominator ?? 0))),
                    ReportValue("", nil, ReportText.whole(Int(cell.numerator ?? 0))),
                    ReportValue("", cell.value, cell.isSmall ? "\(share) (few)" : share),
                ]
            )
        }
        let matrix = ReportMatrix(
            "Explained again for each crossing, by what was crossed (M-04)",
            rowName: "Crossing",
            columns: ["Crossings", "Explained again", "For each crossing"],
            rows: rows
        )
        return ReportSection(
            id: "seams",
            title: "Where customers explain again",
            lead: "A crossing is a change between two people's parts of a case: of site, tier, "
                + "shift, channel or agent. Each repetition is charged to the crossing before it.",
            blocks: rows.isEmpty ? [self.lack(4)] : [.matrix(matrix)]
        )
    }

    var cliff: ReportSection {
        var blocks: [ReportBlock] = []
        let figures = [
            self.figure(27, "near", "Called again, of calls that ended just before the limit"),
            self.figure(27, "early", "Called again, of calls that ended well before it"),
            self.figure(27, "density", "Calls that end just before, for each just after"),
        ].compactMap(\.self)
        if !figures.isEmpty { blocks.append(.figures(figures)) }
        let bands = self.input.statistics.contacts
        if let last = bands.lastIndex(where: { $0 > 0 }), bands.reduce(0, +) > 0 {
            let values = bands[...last].enumerated().map { band, count in
                let from = band * Int(ReportStatistics.bandSeconds)
                let isLast = band == ReportStatistics.bandsMax - 1
                let name = "\(from / 60):\(from % 60 == 0 ? "00" : "30")\(isLast ? "+" : "")"
                return ReportValue(name, Double(count), "\(count)")
            }
            let marks = self.input.statistics.limits.sorted().map {
                ReportColumns.ReportMark(
                    Double($0) / Double(ReportStatistics.bandSeconds),
                    "limit \(ReportText.seconds(Double($0)))"
                )
            }
            let title = "Contacts by the minutes they were talked (M-27)"
            blocks.append(.columns(ReportColumns(title, Array(values), marks: marks)))
        }
        if figures.isEmpty { blocks.append(self.lack(27)) }
        return ReportSection(
            id: "cliff",
            title: "Cliff at the handle-time limit",
            lead: "Where a limit on handle time makes people end calls early, many end just before "
                + "it, and those customers call again.",
            blocks: blocks
        )
    }

    var waits: ReportSection {
        var blocks: [ReportBlock] = []
        let figures = [
            self.figure(35, "dishonest", "Waits for the customer without an open question"),
            self.figure(35, "dishonestTime", "Of all time, in such waits"),
            self.figure(12, "waitShare", "Of all time, waiting for anybody"),
            self.figure(12, "customerWaitShare", "Of all time, waiting for the customer"),
        ].compactMap(\.self)
        if !figures.isEmpty { blocks.append(.figures(figures)) }
        let parties = (self.figures(self.input.byKind, 12, "waits")?.groups ?? []).filter {
            $0.value ?? 0 > 0
        }
        if !parties.isEmpty {
            let values = parties.sorted { $0.value ?? 0 > $1.value ?? 0 }.map { cell in
                ReportValue(
                    ReportText.words(cell.values.first ?? ""),
                    cell.value,
                    ReportText.seconds(cell.value ?? 0)
                )
            }
            blocks.append(.bars(ReportBars("Time spent waiting, by whom for (M-12)", values)))
        }
        if self.figure(35, "dishonest", "") == nil { blocks.append(self.lack(35)) }
        return ReportSection(
            id: "waits",
            title: "Wait honesty",
            lead: "A wait on the customer stops many clocks. It is honest where a question was "
                + "asked and not answered yet.",
            blocks: blocks
        )
    }

    var promises: ReportSection {
        var blocks: [ReportBlock] = []
        let figures = [
            self.figure(19, "kept", "Promises kept in time"),
            self.figure(19, "sameRep", "Kept by the one who promised"),
        ].compactMap(\.self)
        if !figures.isEmpty { blocks.append(.figures(figures)) }
        for (page, name) in [(self.input.byMonth, "Due in"), (self.input.byKind, "Promise")] {
            let groups = self.figures(page, 19, "kept")?.groups ?? []
            let rows = groups.suffix(36).map { cell -> [ReportTable.Cell] in
                let kept = cell.numerator ?? 0
                let due = cell.denominator ?? 0
                return [
                    .text(ReportText.words(cell.values.first ?? "")),
                    .number(ReportText.whole(Int(due))),
                    .number(ReportText.whole(Int(kept))),
                    .number(ReportText.whole(Int(due - kept))),
                    .number(cell.value.map { ReportText.share($0) } ?? "–"),
                    .number(ReportText.whole(Int(clamping: cell.pending))),
                ]
            }
            guard !rows.isEmpty else { continue }
            let columns = [name, "Fell due", "Kept", "Missed", "Kept, share", "Still open"]
            blocks.append(
                .table(
                    ReportTable(
                        name == "Promise" ? "By what was promised" : "By month of the due time",
                        columns: columns,
                        rows: rows
                    )
                )
            )
        }
        return ReportSection(
            id: "promises",
            title: "Promises by cohort",
            lead: "Of the promises that fell due in a month, how many were kept. One that nobody "
                + "settled by its time is missed, whatever was done later (M-19).",
            blocks: blocks.isEmpty ? [self.lack(19)] : blocks
        )
    }

    /// Why there is no figure.
    private func lack(_ id: UInt8) -> ReportBlock {
        let needs = MetricCatalogue.definition(MetricID(id))?.needs ?? "what its definition names"
        return .note("no data: needs \(needs)")
    }

    var cases: ReportSection {
        let statistics = self.input.statistics
        let lists: [(String, String, String, [ReportStatistics.Listed])] = [
            ("list-open", "Open the longest", "Open since", statistics.open),
            ("list-passed", "Passed on most often", "Handoffs", statistics.passedOn),
            ("list-reopened", "Reopened most often", "Reopened", statistics.reopened),
        ]
        var blocks: [ReportBlock] = []
        for (id, title, column, list) in lists {
            let rows = list.enumerated().map { place, item -> [ReportTable.Cell] in
                let value =
                    id == "list-open"
                    ? String(Timestamp(microseconds: -item.value).rfc3339.prefix(10))
                    : "\(item.value)"
                return [
                    place == 0 ? .anchor(item.caseID, id: id) : .text(item.caseID),
                    .number(value), .text(item.holder), .command(self.command(item.caseID)),
                ]
            }
            guard !rows.isEmpty else {
                blocks.append(
                    .table(
                        ReportTable(
                            title,
                            columns: ["Case"],
                            rows: [[.anchor("none", id: id)]]
                        )
                    )
                )
                continue
            }
            let columns = ["Case", column, "With", "To see it"]
            blocks.append(.table(ReportTable(title, columns: columns, rows: rows)))
        }
        blocks.append(
            .note(
                "All cases with their numbers: caseledger query cases --output cases.csv"
                    + " --ledger \(Self.word(self.input.ledgerName))"
            )
        )
        return ReportSection(
            id: "cases",
            title: "Cases to look at",
            lead: "The extremes behind the figures, ten each. People are pseudonyms.",
            blocks: blocks
        )
    }

    /// What to type to see a case.
    private func command(_ caseID: String) -> String {
        "caseledger show \(Self.word(caseID)) --ledger \(Self.word(self.input.ledgerName))"
    }

    /// A word of a command; quoted where the shell would read it otherwise.
    private static func word(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x2D...0x3A, 0x41...0x5A, 0x5F, 0x61...0x7A: true
            default: false
            }
        }
        return plain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }

    var all: ReportSection {
        var rows: [[ReportTable.Cell]] = []
        for metric in self.input.total.metrics {
            for figure in metric.figures {
                guard let cell = figure.total, cell.value != nil else { continue }
                let mark = cell.isSmall ? " (few)" : ""
                let isDefined = metric.definition != nil
                rows.append([
                    isDefined
                        ? .link("\(metric.id)", to: "def-\(metric.id)") : .text("\(metric.id)"),
                    .text("\(metric.name): \(figure.measure.title)"),
                    .number(ReportText.whole(Int(clamping: cell.n))),
                    .number(ReportText.value(cell.value, figure.measure) + mark),
                    .number(cell.median.map { ReportText.value($0, figure.measure) } ?? ""),
                    .number(cell.p90.map { ReportText.value($0, figure.measure) } ?? ""),
                    .number(cell.pending > 0 ? ReportText.whole(Int(clamping: cell.pending)) : ""),
                ])
            }
        }
        let columns = ["", "Figure", "n", "Value", "Median", "9 of 10", "Pending"]
        return ReportSection(
            id: "figures",
            title: "All figures",
            lead: "Value is the share, the mean or the sum; pending are those whose window has not "
                + "passed yet. Figures without data are left out; caseledger metrics all says what "
                + "each needs.",
            blocks: [.table(ReportTable("", columns: columns, rows: rows))]
        )
    }

    var definitions: ReportSection {
        let rows = self.input.total.metrics.compactMap(\.definition).map {
            definition -> [ReportTable.Cell] in
            [
                .term("\(definition.id) \(definition.name)", id: "def-\(definition.id)"),
                .text(definition.population), .text(definition.numerator),
                .text(definition.denominator),
                .text(definition.window == "none" ? "" : definition.window),
                .text(definition.exclusions.joined(separator: "; ")),
            ]
        }
        let columns = ["Metric", "Of", "Counted", "Out of", "Window", "Left out"]
        return ReportSection(
            id: "definitions",
            title: "Definitions",
            lead: "Version 1 of each unless a site defined another. caseledger metrics --explain "
                + "M-12 says more.",
            blocks: [.table(ReportTable("", columns: columns, rows: rows))]
        )
    }

    var cut: ReportSection {
        let rows = self.input.logs.sorted { $0.origin < $1.origin }.map {
            log -> [ReportTable.Cell] in
            [.text(log.origin), .number("\(log.size)"), .command(log.root)]
        }
        return ReportSection(
            id: "cut",
            title: "Computed on",
            lead: "The same logs with these sizes and roots give the same figures on every "
                + "replica, today and in five years."
                + (self.input.moment.map { " Of them \($0)." } ?? ""),
            blocks: [
                .table(ReportTable("", columns: ["Log", "Leaves", "Root"], rows: rows))
            ]
        )
    }
}
