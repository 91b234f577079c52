import ArgumentParser
import CaseLedger
import Glibc
import LedgerTypes
import Simulation

/// `caseledger simulate`.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Write a believable history of several sites, made of a seed.",
        discussion: """
            In-house and outsourced centres, tiers, shifts and handle-time limits; customers who \
            search first and call last; handoffs with more or less context, escalations, broken \
            promises, false fixes, returns and published answers. The same seed, numbers and \
            parameters make the same events; only what ledgers stamp differs.

              caseledger simulate --seed 7 --cases 1000 --days 90
              caseledger simulate --seed 7 --cases 50 --days 30 --sync \\
                --ledger berlin --ledger manila --ledger halifax

            Each site's events go into its own ledger, which is made if it is missing. Without \
            --ledger they lie in the current directory under the last part of the site's name. \
            All events are declared history. A run that was cut is simply run again.

            --print-parameters prints the parameters in effect; docs/SIMULATION.md says what each \
            means. A file for --parameters states only what differs.
            """
    )

    @Option(help: ArgumentHelp("Of what the history is made.", valueName: "N"))
    var seed: UInt64 = 1
    @Option(help: ArgumentHelp("How many cases begin.", valueName: "N"))
    var cases = 1_000
    @Option(help: ArgumentHelp("How many days are told.", valueName: "N"))
    var days = 90
    @Option(
        help: ArgumentHelp("The sites: a JSON list, in place of the default.", valueName: "FILE"),
        completion: .file(extensions: ["json"])
    )
    var sites: String?
    @Option(
        help: ArgumentHelp("Parameters that differ from the default, JSON.", valueName: "FILE"),
        completion: .file(extensions: ["json"])
    )
    var parameters: String?
    @Option(
        name: .long,
        help: ArgumentHelp("A site's ledger; give one for each site, in order.", valueName: "DIR"),
        completion: .directory
    )
    var ledger: [String] = []
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where secrets and the anchor lie (else CASELEDGER_STATE, XDG_STATE_HOME/caseledger).",
            valueName: "DIR"
        ),
        completion: .directory
    )
    var state: String?
    @Flag(help: "Bring the sites into step after each day.") var sync = false
    @Flag(help: "Print the parameters in effect and stop.") var printParameters = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        do {
            try await self.simulate()
        } catch let error as SimulationError {
            throw CommandFailure(error)
        }
    }

    private func simulate() async throws {
        let parameters = try SimulationParameters(
            changes: self.parameters.map { try FileInput.bytes(of: $0, max: 1 << 22) },
            sites: self.sites.map { try FileInput.bytes(of: $0, max: 1 << 22) }
        )
        if self.printParameters { return Terminal.bytes(try parameters.text) }
        let directories = try self.directories(parameters)
        var places: [SimulationRun.Place] = []
        defer { for place in places { place.ledger.close() } }
        for (site, directory) in zip(parameters.sites, directories) {
            let ledger = try self.open(directory, site)
            places.append(SimulationRun.Place(ledger: ledger, path: directory))
        }
        let run = try SimulationRun(
            parameters,
            seed: self.seed,
            cases: self.cases,
            days: self.days,
            places: places,
            syncs: self.sync
        )
        let progress = Progress("simulate")
        let report: SimulationReport
        do {
            report = try await run.run { events, _ in progress.update(events, unit: "events") }
        } catch {
            progress.end()
            throw error
        }
        progress.end()
        try self.show(report)
    }

    private func directories(_ parameters: SimulationParameters) throws(CommandFailure) -> [String]
    {
        let sites = parameters.sites.map(\.name.name.rawValue)
        guard self.ledger.isEmpty else {
            guard self.ledger.count == sites.count else {
                throw CommandFailure(
                    "there are \(DisplayText.counted(sites.count, "site")) and "
                        + DisplayText.counted(self.ledger.count, "ledger"),
                    nextStep: "give --ledger once for each of: \(sites.joined(separator: ", "))",
                    exit: .usage
                )
            }
            return self.ledger
        }
        let names = sites.map { String($0.split(separator: "/").last ?? "site") }
        guard Set(names).count == names.count, !names.contains(where: { $0.hasPrefix(".") }) else {
            throw CommandFailure(
                "the sites' names do not make directories",
                nextStep: "give --ledger once for each of: \(sites.joined(separator: ", "))",
                exit: .usage
            )
        }
        return names
    }

    /// The site's ledger; a new one where there is no such directory.
    private func open(_ directory: String, _ site: SiteParameters) throws -> Ledger {
        let state = StateDirectory.path(option: self.state)
        guard unsafe access(directory, F_OK) != 0 else {
            return try Ledger.open(at: directory, state: state)
        }
        return try Ledger.create(
            at: directory,
            state: state,
            site: SiteProfile(
                name: site.name.name,
                kind: site.kind,
                company: site.operator,
                timeZone: site.timeZone
            ),
            pseudonymKey: Simulation.pseudonymKey(seed: self.seed)
        )
    }

    private func show(_ report: SimulationReport) throws {
        if self.json { return try JSONLines().print(report) }
        for site in report.sites {
            let held = site.alreadyHeld > 0 ? ", \(site.alreadyHeld) already held" : ""
            Terminal.line(
                "\(site.name): \(DisplayText.counted(site.events, "event")) appended\(held), "
                    + "in \(site.ledger)"
            )
        }
        let opened = report.types["case.opened"] ?? 0
        let closed = report.types["case.closed"] ?? 0
        let contacts = report.types["contact.started"] ?? 0
        Terminal.line(
            "\(DisplayText.counted(report.events, "event")) of "
                + "\(DisplayText.counted(report.types.count, "type")): "
                + "\(DisplayText.counted(opened, "case")) opened, \(closed) closed, "
                + DisplayText.counted(contacts, "contact")
        )
    }
}

extension CommandFailure {
    /// Why a history was not simulated.
    init(_ error: SimulationError) {
        switch error {
        case .count(let what): self.init(what, exit: .usage)
        case .parameters(let what):
            self.init(
                what,
                nextStep: "caseledger simulate --print-parameters shows what they look like",
                exit: .configuration
            )
        case .ledgers(let what):
            self.init(
                what,
                nextStep: "give --ledger once for each site, in the order of the sites",
                exit: .usage
            )
        case .ahead(let days):
            self.init(
                "the last of \(days) days is not over yet",
                nextStep: "give fewer days, or an earlier \"start\" among the parameters",
                exit: .usage
            )
        case .ledger(let error): self.init(error)
        }
    }
}
