import ArgumentParser
import CaseLedger
import LedgerTypes

/// `caseledger log`.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Print events in the order in which this ledger received them.",
        discussion: """
            One line an event. With --case only that case's, in the order of its story. With \
            --follow it waits for new events until it is interrupted.

              caseledger log --ledger support --last 20
              caseledger log --ledger support --json | jq .type
            """
    )

    @OptionGroup var options: LedgerOptions
    @Option(name: .customLong("case"), help: ArgumentHelp("Only this case.", valueName: "CASE"))
    var caseID: String?
    @Option(help: ArgumentHelp("Only the newest N events.", valueName: "N")) var last: Int?
    @Flag(help: "Newest first.") var reverse = false
    @Flag(help: "Go on with new events as they arrive.") var follow = false
    @Flag(help: "Print JSON, one object a line.") var json = false

    func validate() throws {
        if let last = self.last, last < 0 { throw ValidationError("--last takes 0 or more.") }
    }

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let lines = JSONLines()
        let json = self.json
        let show: @Sendable (LoggedEvent) throws -> Bool = { event in
            if json { try lines.print(event) } else { Terminal.line(EventLine.text(event)) }
            return true
        }
        let order = LogOrder(newestFirst: self.reverse, last: self.last)
        if let caseID = self.caseID {
            try ledger.forEachEvent(ofCase: caseID, order, show)
            return
        }
        let end = try ledger.forEachEvent(order, show)
        guard self.follow else { return }
        Terminal.flush()
        for await event in try ledger.follow(from: end) {
            _ = try show(event)
            Terminal.flush()
        }
    }
}

/// One event as a line for people.
enum EventLine {
    static func text(_ event: LoggedEvent) -> String {
        var parts = [
            Terminal.dim("\(event.log.prefix(8))/\(event.index)"),
            event.occurred,
            Terminal.bold(event.type),
            event.subject ?? "",
        ]
        if let actor = event.actor { parts.append("by \(actor.actorID)") }
        if let summary = event.summary { parts.append(Terminal.dim(summary)) }
        return parts.filter { !$0.isEmpty }.joined(separator: "  ")
    }
}
