import CaseDomain
import CaseLedger
import LedgerTypes

/// A case as a person reads it (DOMAIN.md 3.1): who has it, what waits, what was said, how it went,
/// what to trust. At most ``Terminal/columns`` wide.
struct CaseScreen {
    /// Lines of a section before `--all` is needed.
    static let messagesMax = 5
    static let storyMax = 16
    static let eventsMax = 6
    static let flagsMax = 5
    static let otherCasesMax = 4
    private static let labelColumns = 10
    private static let timeColumns = 18

    let view: CaseView
    let facts: CaseFacts
    let showsAll: Bool
    /// What stands around it at this site; `nil` where that is not at hand.
    let around: CaseSurroundings?

    /// Prints it.
    func print() {
        self.printHeader()
        self.printUnderstanding()
        self.printSteps()
        self.printWork()
        self.printPromises()
        self.printOffers()
        self.printMessages()
        self.printOutcomes()
        self.printOtherCases()
        self.printPath()
        self.printRecords()
        self.printIntegrity()
        self.printEvents()
    }

    func section(_ title: String) {
        Terminal.line()
        Terminal.line(Terminal.bold(title))
    }

    /// Text after an indent, its later lines under the first.
    private func block(_ lead: String, _ text: String, width: Int, linesMax: Int = 3) {
        let lines = DisplayText.wrap(
            DisplayText.clean(text),
            to: Terminal.columns - width,
            linesMax: self.showsAll ? .max : linesMax
        )
        for (index, line) in lines.enumerated() {
            let start = index == 0 ? lead : ""
            Terminal.line(DisplayText.left(start, width) + line)
        }
    }

    func field(_ label: String, _ text: String?) {
        guard let text, !text.isEmpty else { return }
        self.block("  \(label)", text, width: Self.labelColumns + 2)
    }

    func dated(_ at: Timestamp, _ text: String, linesMax: Int = 3) {
        let lead = "  " + DisplayText.minute(at)
        self.block(lead, text, width: Self.timeColumns + 2, linesMax: linesMax)
    }
}

// What each part says.
extension CaseScreen {
    private func printHeader() {
        let header = self.view.header
        var first = [header.case.rawValue, header.state == .notStated ? "" : header.state.name]
        if header.status != .notStated, header.status.name != header.state.name {
            first.append(header.status.name)
        }
        if header.episode > 1 { first.append("episode \(header.episode)") }
        if let type = header.ticketType?.value { first.append(type.name) }
        let line = first.filter { !$0.isEmpty }.joined(separator: " · ")
        Terminal.line(
            Terminal.bold(DisplayText.clip(DisplayText.clean(line), to: Terminal.columns))
        )
        if let title = header.title.flatMap({ Self.words($0.value) }) {
            self.block("", title, width: 0)
        }
        Terminal.line()
        self.field("Owner", self.owner)
        self.field("Rank", self.rank)
        self.field("Holder", header.holder.map { Self.holder($0.value) } ?? "nobody known")
        self.field("Waits", self.wait)
        self.field("Next", self.view.work.nextAction.flatMap { Self.words($0.value) })
        self.field("Customer", self.customer)
        self.field("Product", self.product)
        self.field("Journey", self.journey)
        self.field("Age", self.age)
        self.field("Rated", self.rating)
        self.field("Sites", header.sites.joined(separator: ", "))
        self.field("Merged", header.mergedInto.map { "into case:\($0.value)" })
        self.field("Counts", self.counts)
    }

    private var owner: String {
        let header = self.view.header
        guard let owner = header.owner?.value else {
            guard let last = self.view.path.owners.last else { return "nobody known" }
            return "nobody; last \(last.ownerID)"
        }
        guard let original = header.originalOwner?.value, original != owner else { return owner }
        return "\(owner); first \(original)"
    }

    /// For whom the case waits, and for how long.
    private var wait: String? {
        guard let wait = self.view.path.waits.last, wait.endedBy == nil,
            self.view.header.state == .open
        else { return nil }
        let until = wait.until.map { ", until \(DisplayText.minute($0))" } ?? ""
        return "for \(ListText.words(wait.waitingOn)), "
            + "\(ListText.span(from: wait.from, to: self.view.asOf)) so far\(until)"
    }

    /// The case's place in the owner's list.
    private var rank: String? {
        guard let around = self.around, let rank = around.rank,
            let owner = self.view.header.owner?.value
        else { return nil }
        let most = around.ownedMax.map { "; at most \($0) each" } ?? ""
        return "\(rank) of \(around.listed) with \(owner)\(most)"
    }

    private var customer: String? {
        guard let id = self.view.header.customerID?.value else { return nil }
        guard let name = self.around?.customerName.value else { return id }
        return "\(name), \(id)"
    }

    /// The customer's other cases.
    private func printOtherCases() {
        guard let cases = self.around?.otherCases, !cases.isEmpty else { return }
        self.section("This customer's other cases")
        let shown = self.showsAll ? cases[...] : cases.prefix(Self.otherCasesMax)
        let width = min(shown.map { DisplayText.columns($0.summary.caseID) }.max() ?? 0, 20)
        for item in shown { ListText.print(item, at: self.view.asOf, columns: width) }
        if cases.count > shown.count {
            Terminal.line(Terminal.dim("  … \(cases.count - shown.count) more; --all shows them"))
        }
    }

    private var product: String? {
        guard let product = self.view.header.product?.value else { return nil }
        var parts = [product.id]
        if let serial = Self.words(product.serial) { parts.append("serial \(serial)") }
        if let lot = product.lot { parts.append("lot \(lot)") }
        if let date = self.view.header.purchaseDate?.value {
            let days = self.view.asOf.microseconds(since: date.start) / 86_400_000_000
            parts.append("bought \(days) days ago")
        }
        return parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private var age: String? {
        let start = self.view.header.openedAt ?? self.facts.firstAt
        guard let start else { return nil }
        let isOpen = self.view.header.state == .open
        let end = isOpen ? self.view.asOf : self.facts.lastAt ?? self.view.asOf
        let span = Self.span(start, end)
        guard !isOpen else { return "\(span), since \(DisplayText.minute(start))" }
        return "took \(span), \(DisplayText.minute(start)) to \(DisplayText.minute(end))"
    }

    private var rating: String? {
        let header = self.view.header
        let parts = [
            header.severity.map { "severity \($0.value)" },
            header.priority.map { "priority \($0.value)" },
            header.category.map { "category \($0.value)" },
            header.slaMet.map { $0.value ? "service level met" : "service level not met" },
        ]
        let stated = parts.compactMap { $0 }
        return stated.isEmpty ? nil : stated.joined(separator: ", ")
    }

    private var counts: String {
        func level(_ name: String, _ custody: CaseFacts.Custody) -> String? {
            guard custody.holders > 0 else { return nil }
            return [
                DisplayText.counted(custody.holders, name),
                DisplayText.counted(custody.handoffs, "handoff"),
                custody.pingPongs > 0
                    ? DisplayText.counted(custody.pingPongs, "ping-pong") : nil,
            ].compactMap { $0 }.joined(separator: ", ")
        }
        let parts = [
            DisplayText.counted(self.facts.events, "event"),
            level("team", self.facts.teams),
            level("agent", self.facts.agents),
            self.facts.reopens > 0
                ? DisplayText.counted(self.facts.reopens, "reopen") : nil,
        ]
        return parts.compactMap { $0 }.joined(separator: "; ")
    }

    private func printOffers() {
        guard !self.view.openOffers.isEmpty else { return }
        self.section("Waiting for an answer")
        for offer in self.view.openOffers {
            var text = "to \(offer.to.map(Self.place) ?? "anybody")"
            if let from = offer.from { text += "; from \(Self.place(from))" }
            text += "; \(offer.kind.name) handoff"
            if offer.reason != .notStated { text += ", reason \(offer.reason.name)" }
            if offer.movesOwnership { text += ", ownership moves" }
            if offer.customerOnLine { text += ", customer on the line" }
            if let deadline = offer.deadline { text += ", until \(DisplayText.minute(deadline))" }
            self.dated(offer.at, "\(offer.handoffID): \(text)")
            self.field("about", offer.context.flatMap { Self.words($0.summary) })
            self.field("next", offer.context.flatMap { Self.words($0.nextAction) })
        }
    }

    private func printMessages() {
        let messages = self.view.messages
        self.printMessages("The customer was told", messages.told)
        self.printMessages("The customer said (do not ask again)", messages.heard)
        let listed = Set(self.view.understanding.facts.map(\.key))
        let known = self.view.path.handoffs.flatMap { $0.context?.doNotAskAgain ?? [] }
            .filter { !listed.contains($0) }
        if !known.isEmpty {
            var seen: Set<String> = []
            let keys = known.filter { seen.insert($0).inserted }
            if messages.heard.isEmpty { self.section("Do not ask again") }
            self.field("known", keys.joined(separator: ", "))
        }
        self.printMessages("Noted inside", messages.notes)
        guard let context = self.view.path.handoffs.last(where: { $0.context != nil })?.context,
            self.view.openOffers.isEmpty
        else { return }
        let summary = Self.words(context.summary)
        let next = Self.words(context.nextAction)
        guard summary != nil || next != nil else { return }
        self.section("Handed over with")
        self.field("about", summary)
        self.field("next", next)
    }

    private func printMessages(_ title: String, _ lines: [MessageLine]) {
        guard !lines.isEmpty else { return }
        self.section(title)
        for line in self.newest(lines, max: Self.messagesMax) {
            let via = line.viaCase.map { " (in \($0))" } ?? ""
            let text = Self.words(line.text) ?? "(no text)"
            let author = line.automatic ? "\(line.actorID), automatic" : line.actorID
            self.dated(line.at, "\(author)\(via): \(text)")
        }
    }

    private func printPath() {
        let entries = CaseStory.entries(of: self.view)
        guard !entries.isEmpty else { return }
        self.section("Path")
        for entry in self.newest(entries, max: Self.storyMax) {
            self.dated(entry.at, entry.text, linesMax: 2)
        }
        if self.view.path.ownerlessSeconds >= 1 {
            self.field("ownerless", DisplayText.span(seconds: self.view.path.ownerlessSeconds))
        }
    }

    private func printIntegrity() {
        let integrity = self.view.integrity
        let breaches = integrity.conflicts + integrity.flags
        let isClean = breaches.isEmpty && integrity.duplicates.isEmpty
        let sites = self.around?.sites ?? []
        guard !isClean || !integrity.unknownTypes.isEmpty || !sites.isEmpty else { return }
        self.section("What to trust")
        for site in self.showsAll ? sites[...] : sites.prefix(Self.flagsMax) {
            self.field("site", Self.text(of: site))
        }
        for breach in self.showsAll ? breaches[...] : breaches.prefix(Self.flagsMax) {
            self.field(breach.rule.rawValue, breach.message)
        }
        if !self.showsAll, breaches.count > Self.flagsMax {
            self.field("", "… \(breaches.count - Self.flagsMax) more; --all shows them")
        }
        if !integrity.duplicates.isEmpty {
            self.field("copies", "\(integrity.duplicates.count) events are held twice; one counts")
        }
        for type in integrity.unknownTypes {
            self.field("unknown", "\(type.count) × \(type.type), from a newer version")
        }
    }

    /// What is known here of what another site knows.
    private static func text(of site: SiteHeard) -> String {
        let unseen = "\(site.unseen) event\(site.unseen == 1 ? "" : "s") behind when it last wrote"
        guard let heard = site.lastHeard else { return "\(site.site): never heard" }
        return "\(site.site): last heard \(DisplayText.minute(heard))"
            + (site.unseen == 0 ? "" : ", \(unseen) here")
            + (site.isHeldInPart == nil ? "" : "; held here in part, under a grant")
    }

    private func printEvents() {
        self.section("Events")
        for line in self.newest(self.view.events, max: Self.eventsMax) {
            var text = DisplayText.left(line.type, 20) + " " + line.actorID
            if let subject = line.subject { text += ", \(subject)" }
            if line.isHistory { text += ", history" }
            if line.duplicateOf != nil { text += ", a copy" }
            self.dated(line.occurred, text, linesMax: 1)
        }
    }

    /// The newest `max` of `lines`; says how many came before.
    func newest<Line>(_ lines: [Line], max: Int) -> ArraySlice<Line> {
        guard !self.showsAll, lines.count > max else { return lines[...] }
        Terminal.line(Terminal.dim("  … \(lines.count - max) earlier; --all shows them"))
        return lines.suffix(max)
    }
}

// Words for values.
extension CaseScreen {
    /// A sealed text, or that it is not open here; `nil` if there is none.
    static func words(_ text: Sealed<String>) -> String? {
        guard text.isPresent else { return nil }
        return text.value ?? "(sealed; not open here)"
    }

    /// One end of a handoff.
    static func place(_ place: CustodyPlace) -> String {
        let parts = [place.actor, place.team, place.tier, place.site].compactMap { $0 }
        return parts.isEmpty ? "anybody" : parts.joined(separator: ", ")
    }

    /// Who holds a case; only at `levels`, if they are given.
    static func holder(_ holder: Holder, levels: [CustodyLevel]? = nil) -> String {
        func value(_ level: CustodyLevel, _ value: String?) -> String? {
            levels?.contains(level) ?? true ? value : nil
        }
        let parts = [
            value(.agent, holder.agent), value(.team, holder.team), value(.tier, holder.tier),
            value(.site, holder.site),
        ].compactMap { $0 }
        return parts.isEmpty ? "nobody" : parts.joined(separator: ", ")
    }

    private static func span(_ start: Timestamp, _ end: Timestamp) -> String {
        DisplayText.span(seconds: Double(end.microseconds(since: start)) / 1_000_000)
    }
}
