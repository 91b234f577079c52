import ArgumentParser
import CaseLedger
import Glibc
import LedgerTypes

/// `caseledger init`.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a new ledger for one site.",
        discussion: """
            Writes the directory, the site's key, a signed genesis and the site's registration. \
            Keys that must never be copied along with the directory go to the state directory.

              caseledger init support --site support.example/berlin --time-zone Europe/Berlin
              caseledger init desk --site desk.example/manila --kind outsourced --operator "Acme"
            """
    )

    @Argument(
        help: ArgumentHelp("The directory to make.", valueName: "DIR"),
        completion: .directory
    )
    var directory: String

    @Option(
        help: ArgumentHelp(
            "The site's name: up to 200 bytes, no spaces, no '+'; it can never change.",
            valueName: "NAME"
        )
    )
    var site: String

    @Option(
        help: ArgumentHelp("One of: \(Self.kinds).", valueName: "KIND"),
        completion: .list(SiteKind.allCases.dropFirst().map(\.name))
    )
    var kind = "inHouse"

    @Option(
        name: .customLong("operator"),
        help: ArgumentHelp("The company that runs the site.", valueName: "COMPANY")
    )
    var company: String?

    @Option(help: ArgumentHelp("The site's time zone, an IANA name.", valueName: "ZONE"))
    var timeZone = "UTC"

    @Option(
        help: ArgumentHelp(
            "A pseudonym key that sites share, 32 bytes or 64 hex digits; made if not given.",
            valueName: "FILE"
        ),
        completion: .file()
    )
    var pseudonymKey: String?

    @Option(
        help: ArgumentHelp(
            "Where secrets and the anchor go (else CASELEDGER_STATE, XDG_STATE_HOME/caseledger).",
            valueName: "DIR"
        ),
        completion: .directory
    )
    var state: String?

    @Flag(help: "Print JSON.")
    var json = false

    private static let kinds = SiteKind.allCases.dropFirst().map(\.name).joined(separator: ", ")

    private struct Result: Encodable {
        let site: String
        let log: String
        let origin: String
        let siteKey: String
        let directory: String
        let state: String
    }

    func run() async throws {
        guard let name = SiteName(self.site) else {
            throw CommandFailure(
                "\"\(self.site)\" is not a site name",
                nextStep: "use up to 200 bytes without spaces or '+', "
                    + "such as support.example/berlin",
                exit: .usage
            )
        }
        guard let kind = SiteKind(name: self.kind), kind != .notStated else {
            throw CommandFailure(
                "\"\(self.kind)\" is not a kind of site",
                nextStep: "use one of: \(Self.kinds)",
                exit: .usage
            )
        }
        try Self.checkZone(self.timeZone)
        let ledger = try Ledger.create(
            at: self.directory,
            state: StateDirectory.path(option: self.state),
            site: SiteProfile(
                name: name,
                kind: kind,
                company: self.company,
                timeZone: self.timeZone
            ),
            pseudonymKey: try self.pseudonymKey.map { try FileInput.bytes(of: $0, max: 1_024) }
        )
        defer { ledger.close() }
        let log = try ledger.ownLog()
        let result = Result(
            site: name.rawValue,
            log: log.id.hex,
            origin: log.origin,
            siteKey: log.siteKey.hex,
            directory: self.directory,
            state: StateDirectory.path(option: self.state)
        )
        if self.json {
            try JSONLines().print(result)
        } else {
            Terminal.line("Made the ledger \(self.directory) for site \(name).")
            Terminal.line("  log \(log.id.short), origin \(log.origin)")
            Terminal.line("  secrets in \(result.state); back them up apart from the ledger")
            Terminal.line("Next: caseledger import FILE --ledger \(self.directory) --preset NAME")
        }
    }

    /// A zone that this system does not know would be written for good.
    private static func checkZone(_ zone: String) throws(CommandFailure) {
        let folder = "/usr/share/zoneinfo"
        let isName =
            !zone.hasPrefix("/") && !zone.contains("..") && !zone.isEmpty
            && zone.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        // Where the system has no zones, a name that could be one is taken at its word.
        let isKnown = unsafe access("\(folder)/\(zone)", R_OK) == 0 || access(folder, R_OK) != 0
        guard isName, zone == "UTC" || isKnown else {
            throw CommandFailure(
                "\"\(DisplayText.clean(zone))\" is not a time zone of this system",
                nextStep: "use an IANA name such as Europe/Berlin, or UTC",
                exit: .usage
            )
        }
    }
}
