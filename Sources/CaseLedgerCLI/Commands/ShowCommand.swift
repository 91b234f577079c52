import ArgumentParser
import CaseDomain
import CaseLedger
import LedgerTypes

/// Whom a case is shown to.
enum Variant: String, ExpressibleByArgument, CaseIterable {
    case full, briefing, customerCopy, auditor
}

/// `caseledger show`.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one case on one screen: what an agent needs before saying a word.",
        discussion: """
            State, owner, holder and age; what the customer explained and need not say again; \
            what was tried; what has to be done and what was promised; what the customer was \
            told; the path of the case; what to trust. Times are UTC. Sealed text shows where \
            this site has the key.

              caseledger show 4711 --ledger support
              caseledger show case:4711 --ledger support --json | jq .header
              caseledger show 4711 --ledger support --variant briefing

            The briefing is what to read before a warm handoff, in at most 25 lines; the customer \
            copy is what the customer may be shown; the auditor's variant has everything, and each \
            event with the log, the index and the leaf hash by which other sites know it.

            The past can be asked for in two ways: --as-of shows what had happened by then, of \
            all that is known now; --as-known what this site held by then. What was redacted since \
            stays hidden.

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

    @OptionGroup var time: TimeOption

    @OptionGroup var past: PastOption

    @Option(
        help: ArgumentHelp(
            "What to show: full, briefing, customerCopy (as JSON), auditor.",
            valueName: "VARIANT"
        )
    )
    var variant = Variant.full

    @Flag(help: "The whole path and every event, not only the newest.") var all = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let subject = try CaseArgument.subject(self.caseID)
        let time = try self.time.value()
        let ledger = try self.options.open()
        defer { ledger.close() }
        let past = try self.past.moment()
        let state = try self.state(of: subject, in: past, ledger)
        let asOf = time ?? past?.time ?? ledger.now
        let view = state.view(at: asOf)
        switch self.variant {
        case .briefing:
            if self.json {
                try JSONLines().print(view.briefing)
            } else {
                BriefingScreen(view: view).print()
            }
            return
        case .customerCopy: return try JSONLines().print(view.customerCopy)
        case .auditor where self.json:
            return try JSONLines().print(try ledger.auditorView(view))
        case .auditor, .full: break
        }
        // What stands around it is known of now only.
        let around = past == nil ? try ledger.surroundings(of: subject, at: asOf) : nil
        if self.json {
            let here = CaseJSON.Here(
                view: view,
                version: try past.map { try ledger.version(of: subject, in: $0) }
                    ?? ledger.version(of: subject),
                logs: try past.map { try ledger.logs(in: $0) } ?? ledger.logs(),
                around: around
            )
            try JSONLines().print(CaseJSON(view: view, facts: state.facts, here: here))
        } else {
            CaseScreen(
                view: view,
                facts: state.facts,
                showsAll: self.all || self.variant == .auditor,
                around: around
            ).print()
            guard self.variant == .auditor else { return }
            LeavesScreen(view: try ledger.auditorView(view)).print()
        }
    }

    /// The case now or then; says where to look if it is known, but was not at that time.
    private func state(
        of subject: Subject,
        in past: PastMoment?,
        _ ledger: Ledger
    ) throws -> CaseState {
        guard let past else { return try ledger.caseState(of: subject) }
        do {
            return try ledger.caseState(of: subject, in: past)
        } catch {
            guard case .unknownSubject = error, let text = self.past.text,
                try ledger.version(of: subject) > 0
            else { throw error }
            throw CommandFailure(
                "nothing was known of \(subject) at \(text)",
                nextStep: "caseledger show \(subject.id) --all lists when its events came",
                exit: .noInput
            )
        }
    }
}
