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

              caseledger verify --ledger support --json
            """
    )

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Only what proves the history: leaves, tiles, roots and checkpoints.")
    var treeOnly = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let progress = Progress("verify")
        let report = try ledger.verify(self.treeOnly ? .tree : .everything) { done, total in
            progress.update(Int(done), of: Int(total), unit: "events")
        }
        progress.end()
        if self.json {
            try JSONLines().print(report)
        } else {
            for log in report.logs.sorted(by: { $0.origin < $1.origin }) {
                Terminal.line("\(log.origin): \(log.size) leaves, root \(log.root.prefix(16))")
            }
            Terminal.line(
                "\(report.leaves) leaves, \(report.sections) sections, \(report.tiles) tiles, "
                    + "\(report.checkpoints) checkpoints, \(report.indexRows) index rows"
            )
            for finding in report.findings {
                Terminal.line(Terminal.red("damage: ") + "\(finding.place): \(finding.what)")
            }
            Terminal.line(
                report.isSound
                    ? Terminal.bold("All of it agrees.")
                    : "\(report.findingCount) finding(s)."
            )
        }
        guard report.isSound else {
            throw CommandFailure(
                "the ledger does not verify: \(report.findingCount) finding(s)",
                nextStep: "keep this copy as evidence; fetch a sound one with caseledger sync "
                    + "into a new ledger, or restore a backup",
                exit: .dataError
            )
        }
    }
}
