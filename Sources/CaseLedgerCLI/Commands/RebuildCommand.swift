import ArgumentParser
import CaseDomain
import CaseLedger

/// `caseledger rebuild`.
struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make lists and metrics anew from the log, beside those that are read meanwhile.",
        discussion: """
            What lies under views/ is made of the log and can be made again at any time. Readers \
            and other processes go on with the old rows until the new ones are complete. A \
            rebuild that is cut goes on where it was, by itself, when somebody opens the ledger.

              caseledger rebuild --ledger support
              caseledger rebuild --ledger support --insist   # end at the first thing unreadable

            What cannot be read is left out and listed, and never stops the rest, unless it is \
            told to insist: then the old rows stay.
            """
    )

    @OptionGroup var options: LedgerOptions
    @Flag(help: "End at the first unit that cannot be read.") var insist = false
    @Flag(help: "Print JSON, one object a line.") var json = false

    private struct Result: Encodable {
        let model: String
        let unreadable: [UnreadableCase]
    }

    func run() async throws {
        let ledger = try self.options.open(.readWrite)
        defer { ledger.close() }
        if !self.insist { try self.rebuildAll(ledger) }
        for model in ReadModel.allCases {
            if self.insist { try self.rebuild(model, ledger) }
            let unreadable = try ledger.unreadableUnits(in: model)
            if self.json {
                try JSONLines().print(Result(model: model.rawValue, unreadable: unreadable))
                continue
            }
            Terminal.line("\(model.rawValue): made anew")
            for unit in unreadable {
                Terminal.line("  left out: \(unit.subject) (\(DisplayText.clean(unit.reason)))")
            }
        }
    }

    /// Each case is folded once for all read models.
    private func rebuildAll(_ ledger: Ledger) throws {
        let progress = Progress("rebuild")
        defer { progress.end() }
        try ledger.rebuildAll { model, units in
            progress.update(units, unit: "units of \(model.rawValue)")
        }
    }

    /// One after the other, so that the first that is refused leaves the others alone.
    private func rebuild(_ model: ReadModel, _ ledger: Ledger) throws {
        let progress = Progress(model.rawValue)
        defer { progress.end() }
        try ledger.rebuild(model, insisting: true) { progress.update($0, unit: "units") }
    }
}
