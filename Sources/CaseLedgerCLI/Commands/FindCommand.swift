import ArgumentParser
import CaseDomain
import CaseLedger
import LedgerTypes

/// `caseledger find`.
struct FindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Find customers and cases by phone, mail, serial number or another name.",
        discussion: """
            Takes what a caller says, however it is written, and tries everything that it can be; \
            the options say what it is. Found are customers, with all their cases, and cases.

              caseledger find "+49 (0)30 123 456-78" --ledger support
              caseledger find erika@example.org --ledger support
              caseledger find --serial "SN 4711-A" --ledger support
              caseledger find --reference JIRA-1234 --ledger support --json
              caseledger find --customer 17 --ledger support   # the operator's own number

            None of these stands in the clear in any index: keyed hashes do. So finding needs the \
            pseudonym key in the state directory, and finds what this site had the keys for. A \
            telephone number that is not found as a whole is looked up by its last eight digits, \
            which the answer says.

            With --json one object: isExact, customers, cases. Exit code 66 if nothing is found.
            """
    )

    @Argument(help: ArgumentHelp("What to look for.", valueName: "TEXT"))
    var text: String?

    @OptionGroup var options: LedgerOptions
    @Option(help: ArgumentHelp("A telephone number.", valueName: "NUMBER")) var phone: String?
    @Option(help: ArgumentHelp("A mail address.", valueName: "ADDRESS")) var mail: String?
    @Option(help: ArgumentHelp("A product's serial number.", valueName: "NUMBER"))
    var serial: String?
    @Option(
        help: ArgumentHelp("The name of a case or customer in another system.", valueName: "NAME")
    )
    var reference: String?
    @Option(help: ArgumentHelp("A customer: pseudonym, or the operator's id.", valueName: "ID"))
    var customer: String?
    @OptionGroup var time: TimeOption
    @Flag(help: "Print JSON.") var json = false

    private var named: [FindQuery] {
        [
            self.phone.map(FindQuery.phone), self.mail.map(FindQuery.mail),
            self.serial.map(FindQuery.serial), self.reference.map(FindQuery.reference),
            self.customer.map(FindQuery.customer),
        ].compactMap { $0 }
    }

    func validate() throws {
        guard self.named.count + (self.text == nil ? 0 : 1) == 1 else {
            throw ValidationError("Say one thing to look for: TEXT, or one option.")
        }
    }

    func run() async throws {
        let time = try self.time.value()
        let ledger = try self.options.open()
        defer { ledger.close() }
        let result: FindResult
        if let query = self.named.first {
            result = try ledger.find(by: query)
        } else {
            result = try self.findAnything(self.text ?? "", ledger)
        }
        guard !result.isEmpty else {
            throw CommandFailure(
                "nothing is found",
                nextStep: "check the spelling; what was sealed under keys that are not here, or "
                    + "was erased, is not found",
                exit: .noInput
            )
        }
        if self.json { return try JSONLines().print(result) }
        FindScreen(result: result, asOf: time ?? ledger.now).print()
    }

    /// Tries everything that `text` can be; the first kind that finds something is the answer.
    private func findAnything(_ text: String, _ ledger: Ledger) throws -> FindResult {
        var queries: [FindQuery] = [.customer(text)]
        if SearchTerm(.mail, text) != nil { queries.append(.mail(text)) }
        if SearchTerm(.serial, text) != nil { queries.append(.serial(text)) }
        if SearchTerm(.phone, text) != nil { queries.append(.phone(text)) }
        for query in queries {
            let result = try ledger.find(by: query)
            if !result.isEmpty { return result }
        }
        return try ledger.find(by: .reference(text))
    }
}

/// What was found, as people read it.
struct FindScreen {
    let result: FindResult
    let asOf: Timestamp

    /// Prints it.
    func print() {
        if !self.result.isExact {
            Terminal.line("Only the last eight digits agree: ask before saying a name.")
            Terminal.line()
        }
        for customer in self.result.customers {
            let cases = DisplayText.counted(customer.cases, "case")
            let open = customer.openCases > 0 ? ", \(customer.openCases) open" : ""
            let name = customer.name.value.map { "\($0), " } ?? ""
            Terminal.line(
                Terminal.bold(
                    DisplayText.clip(
                        DisplayText.clean("\(name)customer \(customer.customerID)"),
                        to: Terminal.columns
                    )
                )
            )
            Terminal.line("  \(cases)\(open)")
        }
        if !self.result.customers.isEmpty, !self.result.cases.isEmpty { Terminal.line() }
        let width = min(
            self.result.cases.map { DisplayText.columns($0.summary.caseID) }.max() ?? 0,
            20
        )
        for item in self.result.cases { ListText.print(item, at: self.asOf, columns: width) }
    }
}
