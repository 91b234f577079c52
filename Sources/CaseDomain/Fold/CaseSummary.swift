public import LedgerTypes

extension DebtKind: FieldScalar {}

/// Something that is owed in a case, whatever the time.
public struct SummaryDebt: EventMessage {
    /// What.
    public var kind = DebtKind.notStated
    /// The promise, escalation or handoff.
    public var id = ""
    /// The event.
    public var event = EventID.blank
    /// Who owes it, as far as it is known.
    public var owedBy: String?
    /// To whom it is owed; `nil` is the customer.
    public var owedTo: String?
    /// By when; an offer ends then.
    public var dueAt: Timestamp?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.kind, 1, "kind")
        try visitor.field(&self.id, 2, "id")
        try visitor.field(&self.event, 3, "event")
        try visitor.field(&self.owedBy, 4, "owedBy")
        try visitor.field(&self.owedTo, 5, "owedTo")
        try visitor.field(&self.dueAt, 6, "dueAt")
    }

    /// The debt as it stands at `time`; `nil` for an offer that has timed out (L11).
    func line(at time: Timestamp) -> DebtLine? {
        let isPast = self.dueAt.map { $0 < time } ?? false
        if self.kind == .answerToOffer, isPast { return nil }
        return DebtLine(
            kind: self.kind,
            id: self.id,
            event: self.event,
            owedBy: self.owedBy,
            owedTo: self.owedTo,
            dueAt: self.dueAt,
            isOverdue: self.kind == .owner || isPast
        )
    }
}

/// One row about a case, for lists over many: where it stands, whose it is, what is owed, and the
/// events that say more. Nothing personal is in it, and nothing that a policy decides, so that it
/// changes only with the case.
public struct CaseSummary: EventMessage {
    /// The case's id.
    public var caseID = ""
    /// Open, resolved or closed.
    public var state = CaseStanding.notStated
    /// The same in the words of TMF621.
    public var status = CaseStatus.notStated
    /// The episode, from 1; 0 before the first.
    public var episode: UInt32 = 0
    /// The customer's pseudonym.
    public var customerID: String?
    /// Who answers to the customer.
    public var ownerID: String?
    /// Since when; without an owner, since when the case needs one.
    public var ownedSince = Timestamp.blank
    /// The owner whom another site assigned in parallel (C2).
    public var contendedOwnerID: String?
    /// Since when that one thought so.
    public var contendedSince: Timestamp?
    /// The owner whom a reopening has to reinstate (L7).
    public var lastOwnerID: String?
    /// Who works on it: the person.
    public var holderAgent: String?
    /// The team.
    public var holderTeam: String?
    /// The site.
    public var holderSite: String?
    /// 1 is the worst; 0 is not stated.
    public var severity: UInt32 = 0
    /// The house's priority.
    public var priority: String?
    /// For whom it waits.
    public var waitingOn: WaitingOn?
    /// Since when.
    public var waitingSince: Timestamp?
    /// The product.
    public var productID: String?
    /// The house's category.
    public var category: String?
    /// When it was opened.
    public var openedAt: Timestamp?
    /// How it was last resolved.
    public var resolutionKind: ResolutionKind?
    /// The case it was merged into.
    public var mergedInto: String?
    /// How many events it is made of.
    public var events: UInt64 = 0
    /// When the last one happened.
    public var lastAt = Timestamp.blank
    /// The last one.
    public var lastEvent = EventID.blank
    /// Its type.
    public var lastType = ""
    /// The event that holds the title, if there is one.
    public var titleEvent: EventID?
    /// The event that holds the next action, if there is one.
    public var nextActionEvent: EventID?
    /// How often the customer explained.
    public var explanations: UInt32 = 0
    /// What is owed, by due time.
    public var debts: [SummaryDebt] = []
    /// Whether texts of the case were corrected, redacted or erased, so that they are to be read by
    /// folding it.
    public var hasChangedTexts = false

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`. The number 15 is the sealed fields', of which there are
    /// none.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.caseID, 1, "case")
        try visitor.field(&self.state, 2, "state")
        try visitor.field(&self.status, 3, "status")
        try visitor.field(&self.episode, 4, "episode")
        try visitor.field(&self.customerID, 5, "customerID")
        try visitor.field(&self.ownerID, 6, "ownerID")
        try visitor.field(&self.ownedSince, 7, "ownedSince")
        try visitor.field(&self.contendedOwnerID, 8, "contendedOwnerID")
        try visitor.field(&self.contendedSince, 9, "contendedSince")
        try visitor.field(&self.lastOwnerID, 10, "lastOwnerID")
        try visitor.field(&self.holderAgent, 11, "holderAgent")
        try visitor.field(&self.holderTeam, 12, "holderTeam")
        try visitor.field(&self.holderSite, 13, "holderSite")
        try visitor.field(&self.severity, 14, "severity")
        try visitor.field(&self.priority, 16, "priority")
        try visitor.field(&self.waitingOn, 17, "waitingOn")
        try visitor.field(&self.waitingSince, 18, "waitingSince")
        try visitor.field(&self.productID, 19, "productID")
        try visitor.field(&self.category, 20, "category")
        try visitor.field(&self.openedAt, 21, "openedAt")
        try visitor.field(&self.resolutionKind, 22, "resolutionKind")
        try visitor.field(&self.mergedInto, 23, "mergedInto")
        try visitor.field(&self.events, 24, "events")
        try visitor.field(&self.lastAt, 25, "lastAt")
        try visitor.field(&self.lastEvent, 26, "lastEvent")
        try visitor.field(&self.lastType, 27, "lastType")
        try visitor.field(&self.titleEvent, 28, "titleEvent")
        try visitor.field(&self.nextActionEvent, 29, "nextActionEvent")
        try visitor.field(&self.explanations, 30, "explanations")
        try visitor.messages(&self.debts, 31, "debts")
        try visitor.field(&self.hasChangedTexts, 32, "hasChangedTexts")
    }

    /// The case.
    public var subject: Subject? { Subject(kind: "case", id: self.caseID) }

    /// What is owed at `time`, overdue first, then by due time.
    public func debts(at time: Timestamp) -> [DebtLine] {
        let far = Timestamp(microseconds: .max)
        return self.debts.compactMap { $0.line(at: time) }.enumerated().sorted { one, other in
            (one.element.isOverdue ? 0 : 1, one.element.dueAt ?? far, one.offset)
                < (other.element.isOverdue ? 0 : 1, other.element.dueAt ?? far, other.offset)
        }.map(\.element)
    }

    /// Whose worklists the case is on: its owner's, that of one whom another site assigned in
    /// parallel, and of one who has to be reinstated. "" is nobody's: the case needs an owner.
    public var listedWith: [String] {
        guard self.state == .open else { return [] }
        guard let ownerID else { return [self.lastOwnerID ?? ""] }
        guard let contendedOwnerID, contendedOwnerID != ownerID else { return [ownerID] }
        return [ownerID, contendedOwnerID]
    }

    /// What stands on worklists because of this case at `time`; see ``listedWith``.
    public func worklistEntries(at time: Timestamp) -> [WorklistEntry] {
        guard let subject, self.state == .open else { return [] }
        let entry = WorklistEntry(
            case: subject,
            ownerID: self.ownerID ?? self.lastOwnerID ?? "",
            isContended: self.contendedOwnerID != nil,
            debts: self.debts(at: time),
            severity: self.severity,
            ownedSince: self.ownedSince,
            waitingOn: self.waitingOn
        )
        guard let rival = self.contendedOwnerID, let since = self.contendedSince else {
            return [entry]
        }
        var other = entry
        other.ownerID = rival
        other.ownedSince = since
        return [entry, other]
    }
}

extension CaseState {
    /// The case in one row.
    public var summary: CaseSummary {
        var summary = CaseSummary()
        summary.caseID = self.caseID.id
        summary.state = self.standing
        summary.status = self.status
        summary.episode = self.episodeNumber
        summary.customerID = self.customerID?.value
        self.addCustody(to: &summary)
        summary.severity = self.severity?.value ?? 0
        summary.priority = self.priority?.value
        if let wait = self.openWait {
            summary.waitingOn = wait.waitingOn
            summary.waitingSince = wait.from
        }
        summary.productID = self.product?.value.id
        summary.category = self.category?.value
        summary.openedAt = self.episodes.first?.from
        summary.resolutionKind = self.episodes.last { $0.resolvedBy != nil }?.resolutionKind
        summary.mergedInto = self.openLink(.mergedInto)?.otherCaseID
        summary.events = UInt64(self.lines.count)
        if let last = self.lines.last {
            summary.lastAt = last.occurred
            summary.lastEvent = last.event
            summary.lastType = last.type
        }
        if self.title?.value.isPresent ?? false { summary.titleEvent = self.title?.event }
        summary.nextActionEvent = self.nextAction?.event
        summary.explanations = self.understanding.explanations
        summary.debts = self.openDebts
        summary.hasChangedTexts = self.hasChangedTexts
        return summary
    }

    private func addCustody(to summary: inout CaseSummary) {
        summary.ownedSince =
            self.owner?.from ?? self.reinstates.flatMap { _ in self.episodes.last?.from }
            ?? self.episodes.first?.from ?? self.lines.first?.occurred ?? .blank
        summary.ownerID = self.owner?.ownerID
        summary.contendedOwnerID = self.contendedOwner?.value
        if summary.contendedOwnerID != nil {
            summary.contendedSince = self.owners[self.owners.count - 2].from
        }
        if self.owner == nil { summary.lastOwnerID = self.reinstates?.value }
        summary.holderAgent = self.holder.agent
        summary.holderTeam = self.holder.team
        summary.holderSite = self.holder.site
    }

    /// What is owed, by due time, with offers whose deadline may have passed.
    private var openDebts: [SummaryDebt] {
        let offers = self.offers.map(\.line).filter { $0.outcome == .open }
        // Before every due time nothing is overdue, so that the order is that of the due times.
        let first = Timestamp(microseconds: .min)
        return self.debts(at: first, offers).filter { $0.kind != .owner }.map { line in
            var debt = SummaryDebt()
            debt.kind = line.kind
            debt.id = line.id
            debt.event = line.event
            debt.owedBy = line.owedBy
            debt.owedTo = line.owedTo
            debt.dueAt = line.dueAt
            return debt
        } + self.ownerDebt
    }

    /// That the case needs an owner: said of every open case that has none.
    private var ownerDebt: [SummaryDebt] {
        guard self.standing == .open, self.owner == nil,
            let event = self.reinstates?.event ?? self.lines.last?.event
        else { return [] }
        var debt = SummaryDebt()
        debt.kind = .owner
        debt.event = event
        return [debt]
    }

    /// Where the events stand that open the case: its outside references are in them. Copies and
    /// events of merged cases left out.
    public var openings: [EventAddress] {
        let type = EventType.caseOpened.rawValue
        return self.lines.filter {
            $0.type == type && $0.duplicateOf == nil && $0.viaCase == nil
        }.map(\.address)
    }

    /// The product's serial number, as it is to be read.
    public var serial: Sealed<String> { self.product?.value.serial ?? .absent }

    /// The case in a line, as it is to be read.
    public var titleText: Sealed<String> { self.title?.value ?? .absent }

    /// What has to be done, as it is to be read.
    public var nextActionText: Sealed<String> { self.nextAction?.value ?? .absent }

    /// Whether texts of the case were corrected, redacted or erased.
    public var hasChangedTexts: Bool {
        !self.records.corrections.isEmpty || !self.records.redactions.isEmpty
    }
}
