import ArgumentParser
import CaseLedger
import Glibc

/// Which ledger a command works on.
struct LedgerOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The ledger's directory (else CASELEDGER_DIR).", valueName: "DIR"),
        completion: .directory
    )
    var ledger: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where secrets and the anchor lie (else CASELEDGER_STATE, XDG_STATE_HOME/caseledger).",
            valueName: "DIR"
        ),
        completion: .directory
    )
    var state: String?

    /// The directory that was named, or why there is none.
    func directory() throws(CommandFailure) -> String {
        let directory = self.ledger ?? ProcessEnvironment.value("CASELEDGER_DIR")
        guard let directory, !directory.isEmpty
        else {
            throw CommandFailure(
                "no ledger is named",
                nextStep: "add --ledger DIR, or set CASELEDGER_DIR",
                exit: .usage
            )
        }
        return directory
    }

    /// The state directory.
    func stateDirectory() -> String { StateDirectory.path(option: self.state) }

    /// Opens the ledger that was named.
    func open(
        _ access: Ledger.Access = .readOnly,
        onRestore: Ledger.RestorePolicy = .refuse
    ) throws -> Ledger {
        try Ledger.open(
            at: try self.directory(),
            state: self.stateDirectory(),
            access: access,
            onRestore: onRestore
        )
    }
}

extension LedgerOptions {
    /// Opens the ledger for the numbers over its cases: for writing where they are not kept yet,
    /// and that is allowed, so that the next report has them.
    func openForOverview() throws -> Ledger {
        let reader = try self.open()
        guard (try? reader.isOverviewKept()) == false else { return reader }
        reader.close()
        if let writer = try? self.open(.readWrite) { return writer }
        return try self.open()
    }
}

/// Where secrets and the anchor lie.
enum StateDirectory {
    /// The directory: the option, CASELEDGER_STATE, XDG_STATE_HOME/caseledger, /var/lib/caseledger
    /// for root, ~/.local/state/caseledger for others (XDG Base Directory Specification 0.8).
    static func path(option: String?) -> String {
        if let path = option ?? ProcessEnvironment.value("CASELEDGER_STATE") { return path }
        if let home = ProcessEnvironment.value("XDG_STATE_HOME") { return home + "/caseledger" }
        guard geteuid() != 0, let home = ProcessEnvironment.value("HOME") else {
            return "/var/lib/caseledger"
        }
        return home + "/.local/state/caseledger"
    }
}
