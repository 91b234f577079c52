import ArgumentParser
import CaseDomain
import CaseLedger
import LedgerTypes

/// `caseledger log`.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Print events in the order in which this ledger received them.",
        discussion: """
            One line an event: its place (log and index), when it happened, its type, what it is \
            about, who acted. With --case only that case's events, in the order of its story. With \
            --follow it goes on with new events, from this process and others, until interrupted.

              caseledger log --ledger support --last 20
              caseledger log --ledger support --case 4711 --json | jq .data
              caseledger log --ledger support --follow

            With --json one object a line, with the event's fields under "data", its sealed \
            sections by digest and its leaf hash.
            """
    )

    @OptionGroup var options: LedgerOptions
    @Option(
        name: .customLong("case"),
        help: ArgumentHelp("Only this case: 4711 or case:4711.", valueName: "CASE")
    )
    var caseID: String?
    @Option(help: ArgumentHelp("Only the newest N events.", valueName: "N")) var last: Int?
    @Flag(help: "Newest first.") var reverse = false
    @Flag(help: "Go on with new events as they arrive.") var follow = false
    @Flag(help: "Print JSON, one object a line.") var json = false

    func validate() throws {
        if let last = self.last, last < 0 { throw ValidationError("--last takes 0 or more.") }
        guard self.follow else { return }
        if self.caseID != nil { throw ValidationError("--follow follows all cases; drop --case.") }
        if self.reverse { throw ValidationError("--follow ends with the newest; drop --reverse.") }
    }

    func run() async throws {
        let subject = try self.caseID.map { try CaseArgument.subject($0) }
        let ledger = try self.options.open()
        defer { ledger.close() }
        let lines = JSONLines()
        func show(_ event: LoggedEvent) throws -> Bool {
            if self.json { try lines.print(event) } else { Terminal.line(EventText.line(event)) }
            return true
        }
        let order = LogOrder(newestFirst: self.reverse, last: self.last)
        if let subject {
            try ledger.forEachEvent(of: subject, order, show)
            return
        }
        let end = try ledger.forEachEvent(order, show)
        guard self.follow else { return }
        Terminal.flush()
        for try await event in ledger.follow(from: end) {
            _ = try show(event)
            Terminal.flush()
        }
    }
}

/// One event as a line for people.
enum EventText {
    /// The line.
    static func line(_ event: LoggedEvent) -> String {
        var parts = [
            Terminal.dim("\(event.log.prefix(8))/\(event.index)"),
            event.occurred,
            Terminal.bold(event.type),
            event.subject ?? "",
        ]
        if let actor = event.actor { parts.append("by \(actor.actorID)") }
        if let summary = event.summary, !summary.isEmpty { parts.append("- \(summary)") }
        return parts.filter { !$0.isEmpty }.map(Self.printable).joined(separator: "  ")
    }

    /// Colours are ours; whatever else steers a terminal is not.
    private static func printable(_ text: String) -> String {
        Terminal.usesColour && text.hasPrefix("\u{1B}[") ? text : DisplayText.clean(text)
    }
}
