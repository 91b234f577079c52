import ArgumentParser
import CaseDomain
import CaseLedger
import LedgerTypes

/// `caseledger cases`.
struct CasesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cases",
        abstract: "List the cases, one a line, with --facts their numbers as well.",
        discussion: """
            Sorted by the bytes of the case id. With --json one object a line; with --facts at \
            least case, events, firstAt, lastAt, durationSeconds, teams, teamHandoffs, \
            teamPingPongs, agents, agentHandoffs, agentPingPongs and reopens. Times are RFC 3339 \
            in UTC. The same bytes on every replica of the same logs.

              caseledger cases --ledger support --facts --json > cases.ndjson
              caseledger cases --ledger support --facts --json | jq 'select(.reopens > 1).case'
              caseledger cases --ledger support --facts --as-of 2026-01-31T00:00:00Z

            The past can be asked for in two ways: --as-of lists what had happened by then, of \
            all that is known now; --as-known what this site held by then, the same bytes for \
            ever. Either way every case is read again.
            """
    )

    @OptionGroup var options: LedgerOptions
    @OptionGroup var past: PastOption
    @Flag(help: "With each case's numbers.") var facts = false
    @Flag(help: "Print JSON, one object a line.") var json = false

    private struct Name: Encodable {
        let `case`: String
    }

    func run() async throws {
        let past = try self.past.moment()
        let isKept = past == nil && self.facts
        let ledger = try isKept ? self.options.openForOverview() : self.options.open()
        defer { ledger.close() }
        let lines = JSONLines()
        guard self.facts else {
            func list(_ subject: Subject) throws -> Bool {
                if self.json {
                    try lines.print(Name(case: subject.id))
                } else {
                    Terminal.line(DisplayText.clean(subject.id))
                }
                return true
            }
            if let past {
                try ledger.forEachCase(in: past, list)
            } else {
                try ledger.forEachCase(list)
            }
            return
        }
        if !self.json { Terminal.line(Terminal.bold(Self.header)) }
        let progress = Progress("cases")
        var count = 0
        func list(_ facts: CaseFacts) throws -> Bool {
            count += 1
            if self.json { try lines.print(facts) } else { Terminal.line(Self.row(facts)) }
            if !Terminal.outputIsTerminal { progress.update(count, unit: "cases") }
            return true
        }
        if let past {
            try ledger.forEachCaseFacts(in: past, list)
        } else {
            try ledger.forEachCaseFacts(list)
        }
        progress.end()
    }

    private static let header =
        "events  handoffs(ping-pongs):  team     agent   reopens       days  case"

    private static func row(_ facts: CaseFacts) -> String {
        func custody(_ custody: CaseFacts.Custody) -> String {
            "\(custody.handoffs)(\(custody.pingPongs))"
        }
        return [
            DisplayText.right("\(facts.events)", 6),
            DisplayText.right(custody(facts.teams), 28),
            DisplayText.right(custody(facts.agents), 8),
            DisplayText.right("\(facts.reopens)", 8),
            DisplayText.right(DisplayText.fixed(facts.durationSeconds / 86_400, 2), 9),
            DisplayText.clean(facts.caseID.id),
        ].joined(separator: "  ")
    }
}
