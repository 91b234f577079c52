import ArgumentParser
import CaseLedger

/// `caseledger doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what happened to this copy, what it touched, and what to run next.",
        discussion: """
            Looks at the anchor, forks, events that nobody else holds, frozen logs, missing \
            sections, keys, the device and the lists. Changes nothing. Exit code 0 only if nothing \
            has to be done; 78 otherwise. What is in the bytes is told by verify and scrub.

              caseledger doctor --ledger support
            """
    )

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let report = try ledger.examine()
        if self.json {
            try JSONLines().print(report)
        } else {
            Self.show(report, ledger: self.options.ledger)
        }
        guard report.isWell else {
            Terminal.flush()
            throw Sysexit.configuration.code
        }
    }

    private static func show(_ report: HealthReport, ledger: String?) {
        Terminal.line("\(Terminal.bold(report.site)), writing \(report.log)")
        for finding in report.findings {
            let mark =
                switch finding.severity {
                case .well: "ok "
                case .warning: "!  "
                case .trouble: "!! "
                }
            let subject = finding.subject.padded(to: 10)
            Terminal.line("\(mark)\(subject)\(DisplayText.clip(finding.what, to: 67))")
            if let touched = finding.touched {
                Terminal.line("             \(DisplayText.clip(touched, to: 67))")
            }
        }
        if let next = report.next {
            let directory = ledger.map { " --ledger \($0)" } ?? ""
            Terminal.line("Next: caseledger \(next)\(directory)")
        } else if report.isWell {
            Terminal.line(Terminal.bold("All is well."))
        }
    }
}

extension String {
    /// The text with spaces behind it, as many as make it `width` long.
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - self.count))
    }
}
