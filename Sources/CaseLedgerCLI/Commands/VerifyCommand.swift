import ArgumentParser
import CaseLedger

/// `caseledger verify`.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every leaf, section, tile, root, checkpoint and index.",
        discussion: """
            Recomputes everything from the stored bytes and compares. Exit code 0 only if all \
            agrees; 65 with a list of findings otherwise. Needs no keys: sealed sections are \
            checked by their digests. It never changes anything.

            --rows also folds every case and every other unit anew and compares the rows of lists \
            and figures under views/, which takes as long as making them. What differs is \
            mended by caseledger rebuild.

              caseledger verify --ledger support --json
              caseledger verify --ledger support --rows
            """
    )

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Only what proves the history: leaves, tiles, roots and checkpoints.")
    var treeOnly = false
    @Flag(help: "Compare the rows of lists and figures with the log as well.")
    var rows = false
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard !(self.treeOnly && self.rows) else {
            throw ValidationError("--tree-only or --rows, not both.")
        }
    }

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let progress = Progress("verify")
        let report = try ledger.verify(
            self.treeOnly ? .tree : self.rows ? .rows : .everything,
            progress: { done, total in
                progress.update(Int(done), of: Int(total), unit: "events")
            },
            modelProgress: { model, units in
                progress.update(units, unit: "units of \(model.rawValue)")
            }
        )
        progress.end()
        if self.json {
            try JSONLines().print(report)
        } else {
            for log in report.logs.sorted(by: { $0.origin < $1.origin }) {
                let leaves = DisplayText.leaves(log.size)
                Terminal.line("\(log.origin): \(leaves), root \(log.root.prefix(16))")
            }
            Terminal.line(
                [
                    DisplayText.leaves(report.leaves),
                    DisplayText.counted(report.sections, "section"),
                    DisplayText.counted(report.tiles, "tile"),
                    DisplayText.counted(report.checkpoints, "checkpoint"),
                    DisplayText.counted(report.indexRows, "index row"),
                ].joined(separator: ", ")
            )
            if let rows = report.modelRows {
                Terminal.line("\(DisplayText.counted(rows, "row")) of lists and figures")
            }
            for model in report.modelsLeftOut ?? [] {
                Terminal.line(Terminal.dim("not compared: \(model.place): \(model.what)"))
            }
            for finding in report.findings {
                Terminal.line(Terminal.red("damage: ") + "\(finding.place): \(finding.what)")
            }
            Terminal.line(
                report.isSound
                    ? Terminal.bold("All of it agrees.")
                    : "\(DisplayText.counted(report.findingCount, "finding"))."
            )
        }
        guard report.isSound else {
            if report.modelFindingCount == report.findingCount {
                throw CommandFailure(
                    "rows of lists and figures do not follow from the log: "
                        + "\(report.findingCount) finding(s)",
                    nextStep: "the log itself is sound; caseledger rebuild makes the rows anew",
                    exit: .dataError
                )
            }
            throw CommandFailure(
                "the ledger does not verify: \(report.findingCount) finding(s)",
                nextStep: "keep this copy as evidence; fetch a sound one with caseledger sync "
                    + "into a new ledger, or restore a backup",
                exit: .dataError
            )
        }
    }
}
