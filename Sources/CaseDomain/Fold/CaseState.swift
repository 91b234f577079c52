public import LedgerTypes

/// What is known of a case after some of its events: the state that rules are checked against and
/// views are made of. Pure.
///
/// Invariants: events come in fold order (``CaseHistory/arrange(_:origins:)``); every event that is
/// taken in leaves one line in `lines`; a breach of a rule leaves a flag and is never refused here.
public struct CaseState: Hashable, Sendable {
    /// The case.
    public let caseID: Subject
    var fold: CaseFactsFold
    /// Open, resolved or closed.
    public internal(set) var standing = CaseStanding.notStated
    var observedStatus = ObservedStatus.notStated
    var closeReason: CloseReason?

    var opened: EventPlace?
    /// The customer's pseudonym: whose key seals the case.
    public internal(set) var customerID: Sourced<String>?
    var product: Sourced<Product>?
    var purchaseDate: Sourced<CalendarDate>?
    var title: Sourced<Sealed<String>>?
    var ticketType: Sourced<TicketType>?
    var category: Sourced<String>?
    var severity: Sourced<UInt32>?
    var priority: Sourced<String>?
    var slaMet: Sourced<Bool>?
    var classified: [ClassificationLine] = []
    /// The last change of each field.
    var classifiedPlaces = Places<String>()

    var episodes: [EpisodeLine] = []
    /// The event that last resolved, and the one that last reopened.
    var lastResolve: EventPlace?
    var lastReopen: EventPlace?
    var lastTerminalAt: Timestamp?

    var owners: [OwnerSpan] = []
    var lastAssignment: EventPlace?
    /// The person whom reopening reinstates until somebody is assigned (L7).
    var reinstates: Sourced<String>?
    /// The answer that demands an owner who is not there (L8).
    var lacksOwner: EventID?
    var ownerlessSince: Timestamp?
    var ownerlessMicroseconds: Int64 = 0

    var holder = Holder()
    var holderEvent: EventID?
    var custody: [CustodyLine] = []
    var offers: [OfferState] = []
    var offerPlaces = Places<String>()
    /// Offers that nobody answered, those past their deadline among them.
    var openOffers = OpenPlaces()
    /// The last place of each member of staff that was seen to act.
    var knownPlaces: [String: Holder] = [:]
    /// The last accepted offer after which nobody did any work yet (M-15).
    var unworkedOffer: Int?

    var contacts: [ContactLine] = []
    var contactPlaces = Places<String>()
    /// The last contact that a person answered.
    var lastAnsweredContact: Int?
    var messages: [MessageLine] = []
    /// Public messages to the customer by their id, and the last one each way.
    var toldPlaces = Places<String>()
    var lastTold: Int?
    var lastHeard: Int?
    var waits: [WaitLine] = []
    var links: [LinkLine] = []
    var linkPlaces = Places<EventID>()
    @Rare var merges: MergePlan

    @Rare var understanding: UnderstandingState
    @Rare var escalations: EscalationState
    @Rare var commitments: CommitmentState
    @Rare var terms: EntitlementState
    @Rare var research: KnowledgeState
    @Rare var records: RecordState

    /// What sites decided, and what was in force where and when the last event happened.
    let book: PolicyBook
    var policy = RulePolicy.defaults

    /// Rules broken by the events so far.
    public internal(set) var flags: [RuleViolation] = []
    /// What two sites did in parallel.
    public internal(set) var conflicts: [RuleViolation] = []
    var duplicates: [EventAddress] = []
    var unknownTypes: [String: UInt64] = [:]
    var lines: [EventLine] = []
    /// The line of each event.
    var places: [EventID: Int] = [:]

    /// The state of a case without events, to be judged by what `book` says.
    public static func initial(_ caseID: Subject, book: PolicyBook = .empty) -> CaseState {
        CaseState(caseID: caseID, book: book)
    }

    private init(caseID: Subject, book: PolicyBook) {
        self.caseID = caseID
        self.fold = CaseFactsFold(caseID: caseID)
        self.book = book
    }

    /// The state after `events`, which came in any order.
    ///
    /// - Parameters:
    ///   - events: the case's own, those of its contacts, and those that came through merges.
    ///   - caseID: the case.
    ///   - origins: which site each log is of.
    ///   - book: what sites decided; the policy in force when an event happened judges it.
    /// - Returns: the state, in which every breach is a flag.
    public static func folding(
        _ events: [CaseEvent],
        of caseID: Subject,
        origins: [LogID: LogOrigin] = [:],
        book: PolicyBook = .empty
    ) -> CaseState {
        let arranged = CaseHistory.arrange(events, origins: origins)
        var state = Self.initial(caseID, book: book)
        let plan = RecordPlan(arranged)
        if !plan.isBlank { state.records.plan = plan }
        state.reserve(arranged.count)
        let isMerged = arranged.contains { $0.viaCase != nil }
        if isMerged { state.merges = MergePlan(arranged, into: caseID) }
        // By index: a copy of each event would retain everything in it.
        for place in arranged.indices {
            if isMerged, !state.merges.includes(arranged[place].viaCase) { continue }
            state.evolve(arranged[place])
        }
        return state
    }

    /// Makes room for `count` events in all, of a case that has none yet.
    public mutating func reserve(_ count: Int) {
        // A count is a hint and never a reason to take much memory at once.
        let count = min(count, Self.reserveMax)
        self.lines.reserveCapacity(count)
        self.places.reserveCapacity(count)
    }

    private static let reserveMax = 65_536

    /// Goes on with the next event in fold order.
    ///
    /// A correction or redaction changes what was folded before it only where the whole history is
    /// folded, by ``folding(_:of:origins:book:)``.
    public mutating func evolve(_ event: CaseEvent) {
        if !self.book.isEmpty {
            let site = self.book.site(of: event.address.log)
            self.policy = self.book.policy(of: site, at: event.occurred)
        }
        self.evolve(event, breaches: nil)
    }

    /// Goes on with `event`, whose breaches are known if they were looked for already.
    mutating func evolve(_ event: CaseEvent, breaches: [RuleViolation]?) {
        // A proposal is not part of the story yet; the state that it leads to is only asked about.
        if !event.isProvisional {
            self.note(event)
            guard self.isFirstCopy(event) else { return }
        }
        guard self._records.isBlank || self.records.plan.isEmpty else {
            let read = self.records.plan.read(event)
            self.take(read, stated: event, breaches)
            return
        }
        self.take(event, stated: event, breaches)
    }

    /// Takes in `event`, as it is to be read; rules look at it as it was stated.
    private mutating func take(
        _ event: CaseEvent,
        stated: CaseEvent,
        _ breaches: [RuleViolation]?
    ) {
        if event.viaCase != nil {
            self.borrow(event)
            return
        }
        if case .unknown(let type, _, _) = event.payload {
            self.unknownTypes[type, default: 0] += 1
            self.fold.countUnknown()
            return
        }
        self.flag(stated, breaches)
        if !event.payload.isOfTheRecord {
            if let last = self.fold.lastAt, event.occurred < last {
                self.flagInversion(event, last)
            }
            self.fold.advance(to: event.occurred)
        }
        self.apply(event)
    }

    /// The case in numbers, with its flags by rule.
    public var facts: CaseFacts {
        var facts = self.fold.current
        var counts: [RuleID: UInt64] = [:]
        for flag in self.flags { counts[flag.rule, default: 0] += 1 }
        for conflict in self.conflicts { counts[conflict.rule, default: 0] += 1 }
        facts.flags = counts.sorted { $0.key < $1.key }.map {
            RuleCount(rule: $0.key, count: $0.value)
        }
        return facts
    }

    /// The customer's pseudonym, if it is known.
    public var customer: String? { self.customerID?.value }

    /// How many events were taken in, copies included.
    public var eventCount: Int { self.lines.count }

    /// Where the events stand that were taken in, in fold order.
    public var addresses: [EventAddress] { self.lines.map(\.address) }

    /// Whether an event came more than once, so that the copies have to be told apart (C1).
    public var hasCopies: Bool { !self.duplicates.isEmpty }

    /// Whether the event counted.
    public func holds(_ id: EventID) -> Bool { self.places[id] != nil }

    /// Whether an event was taken in that changes how those before it are read: a correction or
    /// redaction that came one by one. Then fold the whole history again.
    public internal(set) var needsFold = false
}

/// An offer and what is needed to tell what was parallel to its end.
struct OfferState: Hashable, Sendable {
    var line: HandoffLine
    var end: EventPlace?

    /// Whether the offer waits for an answer at `time`.
    func isOpen(at time: Timestamp) -> Bool {
        guard self.line.outcome == .open else { return false }
        return self.line.deadline.map { time <= $0 } ?? true
    }
}

extension CaseState {
    private mutating func note(_ event: CaseEvent) {
        let isKnown = if case .unknown = event.payload { false } else { true }
        self.lines.append(
            EventLine(
                event: event.id,
                address: event.address,
                type: event.typeName,
                occurred: event.occurred,
                actorID: event.actor.actorID,
                subject: event.subject == self.caseID ? nil : event.subject,
                isKnown: isKnown,
                isHistory: event.isHistory,
                duplicateOf: event.duplicateOf,
                viaCase: event.viaCase
            )
        )
    }

    /// Whether the event counts; a further copy of one id is listed and flagged if it differs (C1).
    private mutating func isFirstCopy(_ event: CaseEvent) -> Bool {
        // One look at the table: nearly every event is the first of its id.
        if event.duplicateOf == nil {
            let place = self.lines.count - 1
            guard let first = self.places.updateValue(place, forKey: event.id) else { return true }
            self.places[event.id] = first
        }
        self.duplicates.append(event.address)
        if event.differs {
            self.conflicts.append(
                RuleViolation(
                    rule: .c1,
                    severity: .flag,
                    event: event.id,
                    message: "the copy at \(event.address) differs from the one that counts",
                    remedy: "compare the two copies; the earlier one is shown"
                )
            )
        }
        return false
    }

    private mutating func flag(_ event: CaseEvent, _ breaches: [RuleViolation]?) {
        // Rows of another system are fact and break no rule but the first.
        if case .caseObserved = event.payload, event.isHistory { return }
        for breach in breaches ?? self.breaches(of: event, policy: self.policy) {
            self.flags.append(breach.with(.flag))
        }
        guard !self._records.isBlank, let erasure = self.records.plan.erasure(missedBy: event)
        else { return }
        self.conflict(
            .c5,
            event,
            with: erasure,
            "it was written without knowing that the customer was erased",
            "its text is hidden all the same"
        )
    }

    private mutating func flagInversion(_ event: CaseEvent, _ last: Timestamp) {
        self.flags.append(
            RuleViolation(
                rule: .clockInverted,
                severity: .flag,
                event: event.id,
                message: "it happened at \(event.occurred.rfc3339), before the event that it "
                    + "follows at \(last.rfc3339)",
                remedy: "the times are kept as given; durations may be negative"
            )
        )
    }

    /// Takes in an event that came through a merge: what was said, tried, promised and found shows;
    /// owner, holder, status and debts stay the case's own.
    private mutating func borrow(_ event: CaseEvent) {
        switch event.payload {
        case .contactStarted, .contactAnswered, .contactEnded, .contactWrappedUp,
            .contactAttached:
            self.takeContact(event)
        case .messageRecorded(let message): self.take(message, event)
        case .issueStated(let stated): self.take(stated, event)
        case .stepTried(let step): self.take(step, event)
        case .knownIssueLinked(let link): self.take(link, event)
        case .commitmentMade(let promise): self.take(promise, event)
        case .commitmentSettled(let settlement): self.take(settlement, event)
        case .remedyDecided(let remedy): self.take(remedy, event)
        case .returnRecorded(let record): self.take(record, event)
        case .answerLinked(let link): self.take(link, event)
        case .answerPublished(let answer): self.take(answer, event)
        case .feedbackReceived(let feedback): self.take(feedback, event)
        case .signalRaised(let signal): self.take(signal, event)
        case .recordCorrected(let correction): self.take(correction, event)
        case .recordRedacted(let redaction): self.take(redaction, event)
        default: break
        }
    }

    private mutating func apply(_ event: CaseEvent) {
        switch event.payload {
        case .caseObserved(let row): self.take(row, event)
        case .caseOpened(let opening): self.take(opening, event)
        case .caseClassified(let change): self.take(change, event)
        case .caseLinked(let link): self.take(link, event)
        case .caseUnlinked(let unlink): self.take(unlink, event)
        case .caseWaitChanged(let change): self.take(change, event)
        case .caseResolved(let resolve): self.take(resolve, event)
        case .caseClosed(let close): self.take(close, event)
        case .caseReopened(let reopen): self.take(reopen, event)
        case .caseCustomerChanged(let change):
            self.customerID = Sourced(value: change.new, event: event.id)
        case .contactStarted, .contactAnswered, .contactEnded, .contactWrappedUp,
            .contactAttached:
            self.takeContact(event)
        case .messageRecorded(let message): self.take(message, event)
        case .ownerAssigned(let assignment): self.take(assignment, event)
        case .ownerReleased(let release): self.take(release, event)
        case .handoffOffered(let offer): self.take(offer, event)
        case .handoffAccepted(let acceptance): self.take(acceptance, event)
        case .handoffDeclined(let decline): self.take(decline, event)
        case .issueStated(let stated): self.take(stated, event)
        case .stepTried(let step): self.take(step, event)
        case .escalationRaised(let raise): self.take(raise, event)
        case .escalationReportedBack(let report): self.take(report, event)
        case .escalationClosed(let close): self.take(close, event)
        case .commitmentMade(let promise): self.take(promise, event)
        case .commitmentSettled(let settlement): self.take(settlement, event)
        default: self.applyTerms(event)
        }
    }

    private mutating func applyTerms(_ event: CaseEvent) {
        switch event.payload {
        case .entitlementDetermined(let determined): self.take(determined, event)
        case .remedyDecided(let remedy): self.take(remedy, event)
        case .returnRecorded(let record): self.take(record, event)
        case .answerPublished(let answer): self.take(answer, event)
        case .answerLinked(let link): self.take(link, event)
        case .feedbackReceived(let feedback): self.take(feedback, event)
        case .feedbackRequested(let request): self.take(request, event)
        case .signalRaised(let signal): self.take(signal, event)
        case .signalDecided(let decided): self.take(decided, event)
        case .offerMade(let offer): self.take(offer, event)
        case .mentionObserved(let mention): self.take(mention, event)
        case .knownIssueLinked(let link): self.take(link, event)
        case .recordCorrected(let correction): self.take(correction, event)
        case .recordRedacted(let redaction): self.take(redaction, event)
        case .holdPlaced(let hold): self.take(hold, event)
        case .holdLifted(let lift): self.take(lift, event)
        default: break
        }
    }
}
