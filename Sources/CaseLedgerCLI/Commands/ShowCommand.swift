import ArgumentParser
import CaseDomain
import CaseLedger
import LedgerTypes

/// `caseledger show`.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one case on one screen: what an agent needs before saying a word.",
        discussion: """
            State, owner, holder and age; offers that wait; what the customer was told, and what \
            the customer said and need not say again; the path of the case; what to trust. Times \
            are UTC. Sealed text shows where this site has the key.

              caseledger show 4711 --ledger support
              caseledger show case:4711 --ledger support --json | jq .header

            With --json everything, as one object: equal bytes on every replica that holds the \
            same events and keys, but for what stands under "here" (the time asked about, \
            positions, addresses). Each line carries the id of the event that it came from; the \
            events' own \
            fields are in: caseledger log --case 4711 --json.
            """
    )

    @Argument(help: ArgumentHelp("A case id, such as 4711 or case:4711.", valueName: "CASE"))
    var caseID: String

    @OptionGroup var options: LedgerOptions

    @Option(
        help: ArgumentHelp(
            "The time at which ages and deadlines are judged, RFC 3339; now if not given.",
            valueName: "TIME"
        )
    )
    var now: String?

    @Flag(help: "The whole path and every event, not only the newest.") var all = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let subject = try CaseArgument.subject(self.caseID)
        let time = try self.time()
        let ledger = try self.options.open()
        defer { ledger.close() }
        let state = try ledger.caseState(of: subject)
        let asOf = time ?? ledger.now
        let view = state.view(at: asOf)
        if self.json {
            let here = CaseJSON.Here(
                view: view,
                version: try ledger.version(of: subject),
                logs: try ledger.logs()
            )
            try JSONLines().print(CaseJSON(view: view, facts: state.facts, here: here))
        } else {
            CaseScreen(view: view, facts: state.facts, showsAll: self.all).print()
        }
    }

    private func time() throws(CommandFailure) -> Timestamp? {
        guard let now = self.now else { return nil }
        guard let time = Timestamp(rfc3339: now) else {
            throw CommandFailure(
                "\"\(now)\" is not a time",
                nextStep: "write it as RFC 3339, such as 2026-01-31T14:59:42Z",
                exit: .usage
            )
        }
        return time
    }
}
