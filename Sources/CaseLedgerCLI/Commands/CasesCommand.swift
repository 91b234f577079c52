import ArgumentParser
import CaseDomain
import CaseLedger

/// `caseledger cases`.
struct CasesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cases",
        abstract: "List the cases, one a line, with --facts their numbers as well.",
        discussion: """
            Sorted by case id. With --json one object a line; with --facts at least case, events, \
            firstAt, lastAt, durationSeconds, teams, teamHandoffs, teamPingPongs, agents, \
            agentHandoffs, agentPingPongs and reopens. Times are RFC 3339 in UTC.

              caseledger cases --ledger support --facts --json > cases.ndjson
            """
    )

    @OptionGroup var options: LedgerOptions
    @Flag(help: "With each case's numbers.") var facts = false
    @Flag(help: "Print JSON, one object a line.") var json = false

    private struct Name: Encodable {
        let `case`: String
    }

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let lines = JSONLines()
        if !self.facts {
            try ledger.forEachCase { caseID in
                if self.json {
                    try lines.print(Name(case: caseID))
                } else {
                    Terminal.line(caseID)
                }
                return true
            }
            return
        }
        if !self.json { Terminal.line(Terminal.bold(Self.header)) }
        let progress = Progress("cases")
        var count = 0
        try ledger.forEachCaseFacts { facts in
            count += 1
            if self.json { try lines.print(facts) } else { Terminal.line(Self.row(facts)) }
            if !Terminal.outputIsTerminal { progress.update(count, unit: "cases") }
            return true
        }
        progress.end()
    }

    private static let header =
        "events  team handoffs/ping-pongs  agent handoffs/ping-pongs  reopens  days  case"

    private static func row(_ facts: CaseFacts) -> String {
        func pad(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let days = (facts.durationSeconds / 8_640).rounded() / 10
        return [
            pad("\(facts.events)", 6),
            pad("\(facts.teamHandoffs)/\(facts.teamPingPongs)", 24),
            pad("\(facts.agentHandoffs)/\(facts.agentPingPongs)", 25),
            pad("\(facts.reopens)", 7),
            pad("\(days)", 4),
            facts.case,
        ].joined(separator: "  ")
    }
}
