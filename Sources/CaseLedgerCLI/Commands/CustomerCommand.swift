import ArgumentParser
import CaseDomain
import CaseLedger
import LedgerTypes

/// `caseledger customer`.
struct CustomerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customer",
        abstract: "Show one customer across cases: what is open, promised, and came back.",
        discussion: """
            Name, language and preferred way; open cases, then past ones; what is owed to them and \
            what was broken; their last contacts, and those that had to be repeated. Two ids that \
            customer.linked says are one person are shown as one.

              caseledger customer 3f2a…d1 --ledger support       # a pseudonym
              caseledger customer 17 --ledger support            # the operator's own number
              caseledger customer 17 --ledger support --json | jq '.openCases[].case'

            Names and contact points show where this site has the key. To look somebody up by \
            telephone, mail or serial number: caseledger find.
            """
    )

    @Argument(help: ArgumentHelp("A pseudonym, or the operator's own id.", valueName: "ID"))
    var customerID: String

    @OptionGroup var options: LedgerOptions
    @OptionGroup var time: TimeOption
    @Flag(help: "Every case and contact, not only the newest.") var all = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let time = try self.time.value()
        let ledger = try self.options.open()
        defer { ledger.close() }
        let asOf = time ?? ledger.now
        let view = try self.view(ledger, at: asOf)
        if self.json { return try JSONLines().print(view) }
        CustomerScreen(view: view, showsAll: self.all).print()
    }

    /// The customer of that pseudonym, else the one whom the operator knows so.
    private func view(_ ledger: Ledger, at asOf: Timestamp) throws -> CustomerView {
        do throws(LedgerError) {
            return try ledger.customer(self.customerID, at: asOf)
        } catch {
            guard case .unknownSubject = error,
                let pseudonym = ledger.customerID(of: self.customerID),
                let view = try? ledger.customer(pseudonym, at: asOf)
            else {
                guard case .unknownSubject(let subject) = error else { throw error }
                throw CommandFailure(
                    "nothing is known of \(subject)",
                    nextStep: "caseledger find looks customers up by phone, mail or serial number",
                    exit: .noInput
                )
            }
            return view
        }
    }
}
