import ArgumentParser
import CaseDomain
import CaseLedger
import LedgerTypes

/// `caseledger watch`.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print what happens as it happens: events, or an owner's worklist.",
        discussion: """
            One line an event from now on, of this site's programs at once and of others when they \
            are synced in, until interrupted. With --owner the owner's worklist is printed, and \
            again each time an event changed it. To begin with what is held already: \
            caseledger log --follow.

              caseledger watch --ledger support
              caseledger watch --case 4711 --ledger support
              caseledger watch --type case.opened --type case.reopened --ledger support --json
              caseledger watch --owner berlin-ada --ledger support

            Stopping loses nothing. With --json one object a line: an event as caseledger log \
            prints it, or with --owner the list under "worklist".
            """
    )

    @OptionGroup var options: LedgerOptions
    @Option(help: ArgumentHelp("This owner's worklist, not events.", valueName: "OWNER"))
    var owner: String?
    @Option(
        name: .customLong("case"),
        help: ArgumentHelp("Only events of this case: 4711 or case:4711.", valueName: "CASE")
    )
    var caseID: String?
    @Option(help: ArgumentHelp("Only events of this type; may be repeated.", valueName: "TYPE"))
    var type: [String] = []
    @Option(help: ArgumentHelp("Stop after so many events or lists.", valueName: "N"))
    var count: Int?
    @Flag(help: "Print JSON, one object a line.") var json = false

    private struct Worklist: Encodable {
        let ownerID: String
        let worklist: [WorklistItem]
    }

    func validate() throws {
        if let count = self.count, count < 1 { throw ValidationError("--count takes 1 or more.") }
        if self.owner != nil, self.caseID != nil || !self.type.isEmpty {
            throw ValidationError("--owner watches a worklist; drop --case and --type.")
        }
    }

    func run() async throws {
        let subject = try self.caseID.map { try CaseArgument.subject($0) }
        let ledger = try self.options.open()
        defer { ledger.close() }
        if let owner = self.owner { return try await self.watch(worklistOf: owner, ledger) }
        if Terminal.errorIsTerminal { Terminal.note("caseledger: watching; Ctrl-C ends") }
        let lines = JSONLines()
        var count = 0
        for try await event in ledger.events(live: .now) {
            guard self.shows(event, subject) else { continue }
            if self.json { try lines.print(event) } else { Terminal.line(EventText.line(event)) }
            Terminal.flush()
            count += 1
            if count == self.count { return }
        }
    }

    private func shows(_ event: LoggedEvent, _ subject: Subject?) -> Bool {
        if let subject, event.subject != subject.rawValue { return false }
        return self.type.isEmpty || self.type.contains(event.type)
    }

    private func watch(worklistOf owner: String, _ ledger: Ledger) async throws {
        let lines = JSONLines()
        var count = 0
        for try await list in ledger.worklists(live: owner) {
            if self.json {
                try lines.print(Worklist(ownerID: owner, worklist: list))
            } else {
                if count > 0 { Terminal.line() }
                WorklistScreen(items: list, asOf: ledger.now, owner: owner).print()
            }
            Terminal.flush()
            count += 1
            if count == self.count { return }
        }
    }
}
