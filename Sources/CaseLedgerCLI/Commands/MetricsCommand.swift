import ArgumentParser
import CaseDomain
import CaseLedger
import LedgerTypes

/// `caseledger metrics`.
struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Numbers over all cases: durations, handoffs, ping-pongs, reopens, waits.",
        discussion: """
            Folded anew from the log each time. A handoff is two neighbouring different holders; a \
            ping-pong is A, B, A; the rate is of the cases with two handoffs or more. Times to \
            resolve run from a case's first event.

              caseledger metrics --ledger support
              caseledger metrics --ledger support --json | jq .figures.duration

            With --json "figures" has the numbers, equal bytes on every replica of the same logs, \
            and "cut" the logs with their sizes and roots that the numbers are of.
            """
    )

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    private struct Result: Encodable {
        struct Cut: Encodable {
            let logs: [LogJSON]
        }

        let cut: Cut
        let figures: MetricsReport
    }

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let progress = Progress("metrics")
        let result = try ledger.metricsAtCut { progress.update($0, unit: "cases") }
        progress.end()
        if self.json {
            let logs = LogJSON.sorted(result.logs)
            try JSONLines().print(Result(cut: .init(logs: logs), figures: result.figures))
        } else {
            MetricsTable(figures: result.figures).print()
            Self.print(result.logs)
        }
    }

    /// The cut that the figures are of: the same cut gives the same figures.
    private static func print(_ logs: [LogSummary]) {
        Terminal.line()
        Terminal.line(Terminal.bold("Computed on"))
        for log in logs.sorted(by: { $0.id < $1.id }) {
            Terminal.line("log \(log.id.hex), \(log.position.size) leaves")
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
            Terminal.bold("\(figures.cases) cases, \(figures.events) events")
                + " (\(figures.observed) imported rows"
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
