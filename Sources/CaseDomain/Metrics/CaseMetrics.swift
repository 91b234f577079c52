internal import LedgerTypes

/// What one case adds to the figures: pure, and the same whatever the order in which its events
/// came. Files beside this one hold its parts by topic.
///
/// Only the case's own events count; what came through a merge counts where it was written.
struct CaseMetrics {
    let state: CaseState
    let facts: CaseFacts
    let sites: SiteDirectory
    /// What happened, as it is to be read, copies left out.
    let events: [CaseEvent]
    private let places: [EventID: Int]
    /// What is the same for everything in the case.
    let base: MetricPlace
    /// The contacts in which something was offered for sale.
    let offered: Set<String>
    var result = MetricContribution()
    /// When a person first answered the customer, once that is known.
    var firstResponseAt: Timestamp?

    init(_ state: CaseState, _ events: [CaseEvent], _ sites: SiteDirectory) {
        self.state = state
        self.facts = state.facts
        self.sites = sites
        var plan = RecordPlan(events)
        let isBlank = plan.isEmpty
        let read = events.filter { $0.duplicateOf == nil && $0.viaCase == nil }.map {
            isBlank ? $0 : plan.read($0)
        }
        self.events = read
        self.places = Dictionary(
            read.enumerated().map { ($0.element.id, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        self.base = Self.base(state, read)
        self.offered = Set(
            read.compactMap { event in
                guard case .offerMade = event.payload else { return nil }
                return event.contact
            }
        )
    }

    /// The event, if it is one of the case's own.
    func event(_ id: EventID?) -> CaseEvent? {
        id.flatMap { self.places[$0] }.map { self.events[$0] }
    }

    private static func base(_ state: CaseState, _ events: [CaseEvent]) -> MetricPlace {
        var place = MetricPlace()
        var cause = state.category?.value
        for event in events {
            switch event.payload {
            case .caseResolved(let resolve):
                if let found = resolve.rootCause, !found.isEmpty { cause = found }
            case .caseOpened(let opening):
                if let expertise = opening.customerExpertise, expertise != .notStated {
                    place[.expertise] = expertise.name
                }
            case .signalRaised(let signal): place[.component] = signal.component
            default: break
            }
        }
        place[.cause] = cause
        place[.product] = state.product?.value.id
        if let complexity = state.product?.value.complexity, complexity != .notStated {
            place[.complexity] = complexity.name
        }
        place[.priority] = state.priority?.value
        place[.entitlement] = state.entitlement.map { $0.entitlement.name }
        if let from = state.episodes.first?.from, let journey = state.journey(at: from) {
            place[.journeyStage] = journey.stage.name
        }
        return place
    }

    /// The case's place where `actor` did something; machines are no agents.
    func place(_ actor: ActorSnapshot?, channel: Channel? = nil, kind: String? = nil)
        -> MetricPlace
    {
        var place = self.base
        if let actor {
            place.take(actor, self.sites)
        }
        if let channel, channel != .notStated { place[.channel] = channel.name }
        place[.kind] = kind
        return place
    }

    /// The case's place at whoever holds it.
    func place(_ holder: Holder, kind: String? = nil) -> MetricPlace {
        var place = self.base
        place[.agent] = holder.agent
        place[.team] = holder.team
        place[.tier] = holder.tier
        place[.site] = holder.site
        if let site = holder.site.flatMap({ self.sites.sites[$0] }) {
            place[.operator] = site.operator
            if site.kind != .notStated { place[.siteKind] = site.kind.name }
        }
        place[.kind] = kind
        return place
    }

    /// The place of whoever wrote the event, or else of the last holder.
    func place(of id: EventID?, channel: Channel? = nil, kind: String? = nil) -> MetricPlace {
        guard let actor = self.event(id)?.actor, actor.kind.isHumanStaff else {
            var place = self.place(self.state.holder, kind: kind)
            if let channel, channel != .notStated { place[.channel] = channel.name }
            return place
        }
        return self.place(actor, channel: channel, kind: kind)
    }

    /// The channel of the contact that an event belongs to.
    func channel(of id: EventID?) -> Channel? {
        self.event(id)?.contact.flatMap { self.state.contact($0)?.channel }
    }

    /// When the case began.
    var startedAt: Timestamp? {
        self.state.opened == nil ? self.facts.firstAt : self.state.episodes.first?.from
    }

    /// Whether rows of another system are all that is known.
    var isImported: Bool { self.state.opened == nil && self.facts.observed > 0 }

    /// Whether the case was merged into another.
    var isMerged: Bool { self.state.openLink(.mergedInto) != nil }

    /// When each episode was left: resolved, or closed without.
    func end(of episode: EpisodeLine) -> Timestamp? { episode.resolvedAt ?? episode.closedAt }
}

extension CaseState {
    /// What the case adds to the figures; `events` are those that it was folded from, in fold
    /// order.
    public func contribution(_ events: [CaseEvent], sites: SiteDirectory) -> MetricContribution {
        guard self.eventCount > 0 else { return MetricContribution() }
        var metrics = CaseMetrics(self, events, sites)
        metrics.addOwnership()
        metrics.addHandoffs()
        metrics.addTransfers()
        metrics.addLevels()
        metrics.addUnderstanding()
        metrics.addSteps()
        metrics.addHandleTime()
        metrics.addResponses()
        metrics.addResolution()
        metrics.addWaits()
        metrics.addEscalations()
        metrics.addCommitments()
        metrics.addTargets()
        metrics.addFeedback()
        metrics.addAnswers()
        metrics.addFixes()
        metrics.addRemedies()
        metrics.addEntitlements()
        metrics.addSignals()
        metrics.addTouch()
        metrics.result.lastAt = self.fold.lastAt
        return metrics.result
    }
}

extension MetricPlace {
    /// Takes over what a snapshot says of its actor.
    mutating func take(_ actor: ActorSnapshot, _ sites: SiteDirectory) {
        self[.site] = actor.siteID
        self[.team] = actor.team
        self[.tier] = actor.tier
        let site = actor.siteID.flatMap { sites.sites[$0] }
        self[.operator] = site?.operator
        let kind = actor.siteKind == .notStated ? site?.kind ?? .notStated : actor.siteKind
        if kind != .notStated { self[.siteKind] = kind.name }
        if actor.kind.isHumanStaff { self[.agent] = actor.actorID }
    }
}
