import CaseDomain
import CaseLedger
import LedgerTypes

/// A customer as people read it.
struct CustomerScreen {
    /// Lines of a section before `--all` is needed.
    private static let linesMax = 6

    let view: CustomerView
    let showsAll: Bool

    /// Prints it.
    func print() {
        self.printHeader()
        self.print("Open cases", self.view.openCases)
        self.printPromises()
        self.print("Past cases", self.view.pastCases)
        self.printContacts()
        self.printFeedback()
    }

    private func printHeader() {
        let view = self.view
        let name = view.isErased ? "(erased)" : CaseScreen.words(view.name) ?? "(no name known)"
        let heading = ListText.joined([
            name,
            DisplayText.counted(view.openCases.count, "open case"),
            "\(view.pastCases.count) past",
        ])
        Terminal.line(
            Terminal.bold(DisplayText.clip(DisplayText.clean(heading), to: Terminal.columns))
        )
        Terminal.line()
        self.field("Customer", view.customerID)
        self.field("Also", view.linkedIDs.joined(separator: ", "))
        self.field("Address", CaseScreen.words(view.addressAs))
        if view.contactPoints.isPresent {
            let points = view.contactPoints.value?.joined(separator: ", ")
            self.field("Reach", points ?? "(sealed; not open here)")
        }
        self.field("Speaks", view.language)
        self.field("Prefers", view.preferredChannel.map(\.name))
        self.field("Zone", view.timeZone)
        if view.explanations > 0 {
            self.field("Explained", DisplayText.counted(view.explanations, "time"))
        }
        if view.casesNotRead > 0 {
            self.field("Not read", "\(view.casesNotRead) older cases; only listed")
        }
    }

    private func print(_ title: String, _ items: [CaseItem]) {
        guard !items.isEmpty else { return }
        self.section(title)
        let shown = self.newest(items)
        let width = min(shown.map { DisplayText.columns($0.summary.caseID) }.max() ?? 0, 20)
        for item in shown { ListText.print(item, at: self.view.asOf, columns: width) }
        self.more(items.count - shown.count)
    }

    private func printPromises() {
        guard !self.view.owed.isEmpty || !self.view.broken.isEmpty else { return }
        self.section("Promised")
        for line in self.newest(self.view.owed) {
            let promise = line.promise
            let isOverdue = promise.standing != .open
            let due = promise.dueAt.map {
                isOverdue
                    ? "OVERDUE \(ListText.span(from: $0, to: self.view.asOf))"
                    : "due in \(ListText.span(from: self.view.asOf, to: $0))"
            }
            self.promise(line, due ?? "no time set")
        }
        let broken = self.view.broken.filter { !$0.promise.standing.isOwed }
        for line in self.newest(broken) { self.promise(line, line.promise.standing.name) }
        self.more(broken.count - self.newest(broken).count)
    }

    private func promise(_ line: CustomerView.Promise, _ standing: String) {
        let words = CaseScreen.words(line.promise.text).map { ": \($0)" } ?? ""
        ListText.line(
            "  \(DisplayText.left(line.caseID, 8))",
            "\(standing), \(line.promise.kind.name) by \(line.promise.promisedBy)\(words)"
        )
    }

    private func printContacts() {
        guard !self.view.contacts.isEmpty else { return }
        let repeats = self.view.repeats.count
        self.section(
            "Contacts"
                + (repeats > 0
                    ? " (\(repeats) repeated within \(CustomerView.repeatDaysMax) days)" : "")
        )
        let repeated = Dictionary(
            self.view.repeats.map { ($0.contactID, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let shown = self.newest(self.view.contacts)
        for line in shown {
            let contact = line.contact
            let again = repeated[contact.contactID].map {
                "AGAIN after \(DisplayText.span(seconds: $0.afterSeconds))"
            }
            let text = ListText.joined([
                line.caseID,
                contact.direction == .notStated ? nil : contact.direction.name,
                contact.channel == .notStated ? nil : contact.channel.name,
                contact.answers.isEmpty
                    ? nil : "with " + contact.answers.map(\.agentID).joined(separator: ", "),
                contact.outcome.flatMap { $0 == .notStated ? nil : $0.name },
                contact.mood.flatMap { $0 == .notStated ? nil : $0.name },
                again,
            ])
            ListText.line("  \(DisplayText.minute(contact.at)) ", text)
        }
        self.more(self.view.contacts.count - shown.count)
    }

    private func printFeedback() {
        guard !self.view.feedback.isEmpty else { return }
        self.section("Said of us")
        let shown = self.newest(self.view.feedback)
        for line in shown {
            let feedback = line.feedback
            let score = feedback.score.map {
                "\(DisplayText.fixed($0, 0)) of \(feedback.scaleMax)"
            }
            let text = ListText.joined([
                line.caseID, feedback.instrument.name, score, CaseScreen.words(feedback.verbatim),
            ])
            ListText.line("  \(DisplayText.minute(feedback.at)) ", text)
        }
        self.more(self.view.feedback.count - shown.count)
    }

    private func section(_ title: String) {
        Terminal.line()
        Terminal.line(Terminal.bold(title))
    }

    private func field(_ label: String, _ text: String?) {
        guard let text, !text.isEmpty else { return }
        ListText.line("  \(DisplayText.left(label, 9))", text)
    }

    private func newest<Line>(_ lines: [Line]) -> ArraySlice<Line> {
        self.showsAll ? lines[...] : lines.prefix(Self.linesMax)
    }

    private func more(_ count: Int) {
        if count > 0 { Terminal.line(Terminal.dim("  … \(count) more; --all shows them")) }
    }
}
