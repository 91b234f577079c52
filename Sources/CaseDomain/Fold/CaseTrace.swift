package import LedgerTypes

/// What of a case changes as it goes on, as event logs and tables show it.
package struct CaseAttributes: Hashable, Sendable {
    /// Open, resolved or closed.
    package var state = CaseStanding.notStated
    /// For whom the case waits.
    package var waitingOn: WaitingOn?
    /// The customer's pseudonym.
    package var customerID: String?
    /// The product.
    package var productID: String?
    /// What the customer wants.
    package var ticketType: TicketType?
    /// The house's category.
    package var category: String?
    /// 1 is the worst.
    package var severity: UInt32?
    /// The house's priority.
    package var priority: String?
    /// What the customer is entitled to.
    package var entitlement: Entitlement?
    /// Who answers to the customer.
    package var ownerID: String?
    /// Who works on it.
    package var holder = Holder()
    /// The episode, from 1; 0 before the first.
    package var episode: UInt32 = 0

    /// The case before its first event.
    package init() {}

    /// The attributes by name; `nil` is not known, or none.
    package var fields: [(name: String, value: FieldValue?)] {
        [
            ("state", self.state == .notStated ? nil : .text(self.state.name)),
            ("waitingOn", self.waitingOn.map { .text($0.name) }),
            ("customer", self.customerID.map { .text($0) }),
            ("product", self.productID.map { .text($0) }),
            ("ticketType", self.ticketType.map { .text($0.name) }),
            ("category", self.category.map { .text($0) }),
            ("severity", self.severity.map { .integer(Int64($0)) }),
            ("priority", self.priority.map { .text($0) }),
            ("entitlement", self.entitlement.map { .text($0.name) }),
            ("owner", self.ownerID.map { .text($0) }),
            ("holderAgent", self.holder.agent.map { .text($0) }),
            ("holderTeam", self.holder.team.map { .text($0) }),
            ("holderTier", self.holder.tier.map { .text($0) }),
            ("holderSite", self.holder.site.map { .text($0) }),
            ("episode", self.episode == 0 ? nil : .integer(Int64(self.episode))),
        ]
    }
}

/// One event of a case, and how the case stood after it.
package struct CaseStep: Hashable, Sendable {
    /// The event as it is to be read: corrected, redacted texts hidden.
    package let event: CaseEvent
    /// The case after it.
    package let attributes: CaseAttributes
    /// The levels at which it counts as a handoff in the case's facts.
    package let handoffs: [CustodyLevel]
    /// Whether nothing that is sealed in it is to be read, imported rows among it (L24, C5).
    package let isErased: Bool
}

/// A case event by event: what an event log or a table of it is made of. Pure.
///
/// Its steps are the events that are the case's own, in fold order: copies that do not count (C1)
/// and events that came through a merge are left out, as they are in the case's facts. Events of
/// types that this version does not know are there, though facts do not count them.
package struct CaseTrace: Sendable {
    /// The case.
    package let caseID: Subject
    /// Its events.
    package private(set) var steps: [CaseStep] = []
    /// The case after all of them.
    package private(set) var state: CaseState

    /// Folds `events`, which came in any order, as ``CaseState/folding(_:of:origins:book:)`` does.
    package init(
        _ events: [CaseEvent],
        of caseID: Subject,
        origins: [LogID: LogOrigin] = [:],
        book: PolicyBook = .empty
    ) {
        self.caseID = caseID
        let arranged = CaseHistory.arrange(events, origins: origins)
        var state = CaseState.initial(caseID, book: book)
        var plan = RecordPlan(arranged)
        if !plan.isBlank { state.records.plan = plan }
        let isMerged = arranged.contains { $0.viaCase != nil }
        if isMerged { state.merges = MergePlan(arranged, into: caseID) }
        var seen: Set<EventID> = []
        self.steps.reserveCapacity(arranged.count)
        for event in arranged {
            if isMerged, !state.merges.includes(event.viaCase) { continue }
            let before = state.fold.changes
            state.evolve(event)
            guard event.viaCase == nil, event.duplicateOf == nil,
                seen.insert(event.id).inserted
            else { continue }
            self.steps.append(
                CaseStep(
                    event: plan.isEmpty ? event : plan.read(event),
                    attributes: state.attributes,
                    handoffs: state.fold.changes.levels(since: before),
                    isErased: !plan.isEmpty && plan.hidesAll(of: event)
                )
            )
        }
        self.state = state
    }
}

extension CaseState {
    /// What changes as the case goes on, as it stands.
    var attributes: CaseAttributes {
        var attributes = CaseAttributes()
        attributes.state = self.standing
        attributes.waitingOn = self.openWait?.waitingOn
        attributes.customerID = self.customerID?.value
        attributes.productID = self.product?.value.id
        attributes.ticketType = self.ticketType?.value
        attributes.category = self.category?.value
        attributes.severity = self.severity?.value
        attributes.priority = self.priority?.value
        attributes.entitlement = self.entitlement?.entitlement
        attributes.ownerID = self.owner?.ownerID
        attributes.holder = self.holder
        attributes.episode = self.episodeNumber
        return attributes
    }
}

/// How often custody has changed at each level.
struct CustodyChanges: Hashable, Sendable {
    let agents: UInt32
    let teams: UInt32
    let tiers: UInt32
    let sites: UInt32

    /// The levels at which it changed since `before`.
    func levels(since before: CustodyChanges) -> [CustodyLevel] {
        guard self != before else { return [] }
        let pairs: [(CustodyLevel, UInt32, UInt32)] = [
            (.agent, before.agents, self.agents), (.team, before.teams, self.teams),
            (.tier, before.tiers, self.tiers), (.site, before.sites, self.sites),
        ]
        return pairs.filter { $0.1 != $0.2 }.map(\.0)
    }
}
