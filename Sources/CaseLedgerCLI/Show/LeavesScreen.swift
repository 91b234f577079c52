import CaseDomain
import LedgerTypes

/// Where each event of a case stands and how its leaf hashes, for an auditor who follows it up in
/// the log.
struct LeavesScreen {
    let view: AuditorView

    /// Prints three lines for each event: its place and type, its id, its leaf hash.
    func print() {
        Terminal.line()
        Terminal.line(Terminal.bold("Leaves (log and index, event, leaf hash)"))
        for line in self.view.events {
            let event = line.event
            ListText.line(
                "  \(event.address.log.hex)/\(event.address.index)",
                " \(event.type)"
            )
            Terminal.line("    event  \(event.event)")
            Terminal.line("    leaf   " + (line.leafHash?.hex ?? "(not held here)"))
        }
    }
}
