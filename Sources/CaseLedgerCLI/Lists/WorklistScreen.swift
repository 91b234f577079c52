import CaseDomain
import CaseLedger
import LedgerTypes

/// Worklists as people read them: for each case its rank and what it owes, what it is about, what
/// to do next.
struct WorklistScreen {
    let items: [WorklistItem]
    let asOf: Timestamp
    /// Whose list was asked for; `nil` for everybody's.
    let owner: String?

    /// Prints it.
    func print() {
        var owners: [String] = []
        for item in self.items where owners.last != item.entry.ownerID {
            owners.append(item.entry.ownerID)
        }
        if owners.isEmpty { return Terminal.line(self.nothing) }
        for (number, owner) in owners.enumerated() {
            if number > 0 { Terminal.line() }
            self.print(owner, self.items.filter { $0.entry.ownerID == owner })
        }
    }

    private var nothing: String {
        guard let owner = self.owner else { return "No open cases." }
        return owner.isEmpty
            ? "Every open case has an owner." : "No open cases with \(DisplayText.clean(owner))."
    }

    private func print(_ owner: String, _ items: [WorklistItem]) {
        let overdue = items.count { $0.entry.overdueSince != nil }
        let waiting = items.count { $0.entry.rank == nil }
        let heading = ListText.joined([
            owner.isEmpty ? "Nobody's" : owner,
            DisplayText.counted(items.count, "open case"),
            overdue > 0 ? "\(overdue) overdue" : nil,
            waiting > 0 ? "\(waiting) waiting on others" : nil,
        ])
        Terminal.line(
            Terminal.bold(DisplayText.clip(DisplayText.clean(heading), to: Terminal.columns))
        )
        let width = min(items.map { DisplayText.columns($0.entry.case.id) }.max() ?? 0, 20)
        for item in items {
            let rank = item.entry.rank.map { "\($0)" } ?? "-"
            let lead =
                DisplayText.right(rank, 4) + "  "
                + DisplayText.left(item.entry.case.id, width)
            ListText.line(lead, " " + ListText.joined(self.facts(item)))
            ListText.line("      ", self.about(item))
            if let next = item.item.nextAction.value { ListText.line("       next:", next) }
        }
    }

    /// Whom it is about, and what.
    private func about(_ item: WorklistItem) -> String {
        let customer = ListText.customer(item.customerName, item.item.summary.customerID)
        let title = CaseScreen.words(item.item.title)
        let parts = [customer, title].compactMap { $0 }.filter { !$0.isEmpty }
        return parts.isEmpty ? "(no title)" : parts.joined(separator: ": ")
    }

    private func facts(_ item: WorklistItem) -> [String?] {
        let entry = item.entry
        let debts = entry.debts
        var wait: String?
        if let waitingOn = entry.waitingOn {
            let since = item.item.summary.waitingSince.map {
                ", \(ListText.span(from: $0, to: self.asOf))"
            }
            wait = "waits for \(ListText.words(waitingOn))\(since ?? "")"
        }
        return [
            debts.first.map { ListText.debt($0, at: self.asOf) },
            debts.count > 1 ? "\(debts.count - 1) more owed" : nil,
            wait,
            entry.severity == 1 ? "SEVERITY 1" : nil,
            entry.isContended ? "ALSO ASSIGNED ELSEWHERE" : nil,
            entry.ownerID.isEmpty
                ? "open \(ListText.span(from: entry.ownedSince, to: self.asOf))"
                : "owned \(ListText.span(from: entry.ownedSince, to: self.asOf))",
        ]
    }
}
