import CaseDomain
import CaseLedger
import LedgerTypes

/// Words that lists over cases share.
enum ListText {
    /// The words for what is owed.
    static func words(_ kind: DebtKind) -> String {
        switch kind {
        case .commitment: "promise"
        case .reportBack: "report back"
        case .answerToOffer: "answer to an offer"
        case .owner: "an owner"
        case .notStated: "something"
        }
    }

    /// The words for whom a case waits for.
    static func words(_ waitingOn: WaitingOn) -> String {
        switch waitingOn {
        case .customer: "the customer"
        case .internalTeam: "another team"
        case .vendor: "the vendor"
        case .otherSite: "another site"
        case .part: "a part"
        case .scheduled: "a set time"
        case .none, .notStated: "others"
        }
    }

    /// A debt in a few words, as it stands at `asOf`.
    static func debt(_ debt: DebtLine, at asOf: Timestamp) -> String {
        if debt.kind == .owner { return "NEEDS AN OWNER" }
        var what = Self.words(debt.kind)
        if !debt.id.isEmpty { what += " \(debt.id)" }
        guard let due = debt.dueAt else { return "\(what), no time set" }
        let span = Self.span(from: debt.isOverdue ? due : asOf, to: debt.isOverdue ? asOf : due)
        return debt.isOverdue ? "OVERDUE \(span): \(what)" : "\(what) in \(span)"
    }

    /// The time between two moments.
    static func span(from start: Timestamp, to end: Timestamp) -> String {
        DisplayText.span(seconds: Double(end.microseconds(since: start)) / 1_000_000)
    }

    /// A customer: the name where it is open, else the pseudonym.
    static func customer(_ name: Sealed<String>, _ id: String?) -> String? {
        if let name = name.value, !name.isEmpty { return name }
        return id.map { "customer \(Self.short($0))" }
    }

    /// A pseudonym, short enough for a list.
    static func short(_ id: String) -> String {
        let isPseudonym =
            id.utf8.count == 32
            && id.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
            }
        return isPseudonym ? "\(id.prefix(12))…" : id
    }

    /// `parts` that are there, joined.
    static func joined(_ parts: [String?]) -> String {
        parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// One case as two lines: where it stands, and what it is about.
    static func print(_ item: CaseItem, at asOf: Timestamp, columns: Int = 14) {
        let summary = item.summary
        let last = ListText.span(from: summary.lastAt, to: asOf)
        let parts = [
            summary.state == .notStated ? nil : Self.state(summary),
            summary.ownerID.map { "owner \($0)" },
            summary.severity > 0 ? "severity \(summary.severity)" : nil,
            summary.productID,
            summary.debts.isEmpty ? nil : "\(summary.debts.count) owed",
            "last \(last) ago",
        ]
        Self.line("  " + DisplayText.left(summary.caseID, columns) + " ", Self.joined(parts))
        if let title = CaseScreen.words(item.title) { Self.line("    ", title) }
    }

    /// Open, or how it ended.
    private static func state(_ summary: CaseSummary) -> String {
        if summary.state == .open, summary.status != .notStated { return summary.status.name }
        guard let kind = summary.resolutionKind, kind != .notStated else {
            return summary.state.name
        }
        return "\(summary.state.name) (\(kind.name))"
    }

    /// `lead` and `text` on one line of the terminal.
    static func line(_ lead: String, _ text: String) {
        let whole = DisplayText.clean("\(lead) \(text)")
        Terminal.line(DisplayText.clip(whole, to: Terminal.columns))
    }
}
