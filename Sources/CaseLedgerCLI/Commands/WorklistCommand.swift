import ArgumentParser
import CaseDomain
import CaseLedger
import LedgerTypes

/// `caseledger worklist`.
struct WorklistCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worklist",
        abstract: "List an owner's open cases in the order in which to work on them.",
        discussion: """
            Overdue debts come first, by due time; then severity 1; then the cases owned for \
            longest. Cases that wait on others stand below, without a rank. A debt is a promise \
            to the customer, a report back to the owner, an answer to an offered handoff.

              caseledger worklist berlin-ada --ledger support
              caseledger worklist --ledger support               # everybody's, nobody's first
              caseledger worklist --unowned --ledger support     # open cases without an owner
              caseledger worklist berlin-ada --ledger support --json | jq .entry.case
              caseledger worklist ada --ledger support --as-known 2026-01-31T09:00:00Z

            A case to which two sites assigned owners at the same time is on both lists. Titles, \
            next actions and names show where this site has the key; pseudonyms elsewhere. Times \
            are UTC.

            The past can be asked for in two ways: --as-of gives the list of what had happened by \
            then, of all that is known now; --as-known the list of what this site held by then, \
            the same bytes for ever but for what was redacted since. Debts are overdue at that \
            moment. No lists are kept of the past, so every case is read again.

            With --json one object a line: "entry" with the rank and what it is made of, "item" \
            with the case's row, "customerName".
            """
    )

    @Argument(help: ArgumentHelp("The owner, as events name them.", valueName: "OWNER"))
    var owner: String?

    @OptionGroup var options: LedgerOptions
    @Flag(help: "The open cases that nobody owns.") var unowned = false
    @Option(help: ArgumentHelp("Only cases held by this team.", valueName: "TEAM"))
    var team: String?
    @Option(help: ArgumentHelp("Only cases held at this site.", valueName: "SITE"))
    var site: String?
    @OptionGroup var time: TimeOption
    @OptionGroup var past: PastOption
    @Flag(help: "Print JSON, one object a line.") var json = false

    func validate() throws {
        if self.unowned, self.owner != nil {
            throw ValidationError("Name an OWNER or give --unowned, not both.")
        }
    }

    func run() async throws {
        let time = try self.time.value()
        let ledger = try self.options.open()
        defer { ledger.close() }
        let past = try self.past.moment()
        let asOf = time ?? past?.time ?? ledger.now
        let named = self.unowned ? "" : self.owner
        let items = try self.items(of: named, in: past, at: asOf, ledger)
        let shown = items.filter { item in
            self.team.map { item.item.summary.holderTeam == $0 } ?? true
                && self.site.map { item.item.summary.holderSite == $0 } ?? true
        }
        if self.json {
            let lines = JSONLines()
            for item in shown { try lines.print(item) }
        } else {
            WorklistScreen(items: shown, asOf: asOf, owner: named).print()
        }
        if past == nil { try Unreadable.note(ledger) }
    }

    private func items(
        of owner: String?,
        in past: PastMoment?,
        at time: Timestamp,
        _ ledger: Ledger
    ) throws -> [WorklistItem] {
        guard let past else {
            return try owner.map { try ledger.worklist(of: $0, at: time) }
                ?? ledger.worklists(at: time)
        }
        let progress = Progress("worklist")
        defer { progress.end() }
        return try ledger.worklist(of: owner, in: past, at: time) {
            progress.update($0, unit: "cases")
        }
    }
}

/// The time at which something is judged.
struct TimeOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The time at which ages and deadlines are judged, RFC 3339; now if not given.",
            valueName: "TIME"
        )
    )
    var now: String?

    /// The time that was given.
    func value() throws(CommandFailure) -> Timestamp? {
        guard let now = self.now else { return nil }
        return try Self.time(now)
    }

    /// The time that a text gives.
    static func time(_ text: String) throws(CommandFailure) -> Timestamp {
        guard let time = Timestamp(rfc3339: text) else {
            throw CommandFailure(
                "\"\(text)\" is not a time",
                nextStep: "write it as RFC 3339, such as 2026-01-31T14:59:42Z",
                exit: .usage
            )
        }
        return time
    }
}

/// Cases that lists leave out.
enum Unreadable {
    /// Says on standard error which cases a list cannot show.
    static func note(_ ledger: Ledger) throws {
        let cases = try ledger.unreadableCases()
        guard let first = cases.first else { return }
        let more = cases.count > 1 ? " and \(cases.count - 1) more" : ""
        Terminal.note(
            "caseledger: left out, since it cannot be read: \(first.subject)\(more) "
                + "(\(first.reason))"
        )
        Terminal.note("  next: caseledger verify shows the extent; sync with a peer or restore")
    }
}
