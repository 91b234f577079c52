import CaseDomain
import LedgerTypes
import Testing

/// A case told event by event, at one or two sites.
struct Story {
    static let start = Timestamp(microseconds: 1_700_000_000_000_000)
    static let berlin = LogID(rawValue: 1)
    static let manila = LogID(rawValue: 2)

    let caseID: Subject
    var events: [CaseEvent] = []
    private var sizes: [LogID: UInt64] = [:]
    private var next: UInt128 = 1

    init(case id: String = "C-1") throws {
        self.caseID = try #require(Subject(kind: "case", id: id))
    }

    static func agent(_ id: String, team: String? = "one", kind: ActorKind = .agent)
        -> ActorSnapshot
    {
        ActorSnapshot(actorID: id, kind: kind, tier: "t1", team: team, siteID: "berlin")
    }

    static func minute(_ minute: Double) -> Timestamp {
        self.start.adding(microseconds: Int64(minute * 60_000_000))
    }

    /// Adds an event; its writer held every event but those at indexes `unseen` of the other log.
    @discardableResult
    mutating func tell(
        _ payload: EventPayload,
        at minute: Double,
        by actor: ActorSnapshot = Story.agent("anna"),
        log: LogID = Story.berlin,
        blind: Bool = false,
        history: Bool = false,
        contact: String? = nil,
        handoff: String? = nil,
        escalation: String? = nil,
        subject: Subject? = nil
    ) -> CaseEvent {
        let index = self.sizes[log, default: 0]
        self.sizes[log] = index + 1
        let others = self.sizes.filter { $0.key != log }.map {
            EventAddress(log: $0.key, index: $0.value - 1)
        }
        let isContact = payload.type?.subjectKind == "contact" && payload.type != .messageRecorded
        let about = subject ?? (isContact ? contact.flatMap { Subject("contact:\($0)") } : nil)
        let event = CaseEvent(
            id: EventID(rawValue: self.next << 8),
            address: EventAddress(log: log, index: index),
            subject: about ?? self.caseID,
            occurred: Self.minute(minute),
            order: Self.minute(minute),
            recorded: HybridTime(after: HybridTime(rawValue: 0), now: Self.minute(minute)),
            isHistory: history,
            actor: actor,
            contactID: contact,
            handoffID: handoff,
            escalationID: escalation,
            seen: blind ? [] : others,
            payload: payload
        )
        self.next += 1
        self.events.append(event)
        return event
    }

    /// A case that anna opened in a call and owns.
    static func opened() throws -> Story {
        var story = try Story()
        story.tell(.contactStarted(Examples.make { $0.direction = .inbound }), at: 0, contact: "k")
        story.tell(.contactAnswered(Examples.make { $0.agentID = "anna" }), at: 1, contact: "k")
        story.tell(
            .caseOpened(
                Examples.make {
                    $0.firstContactID = "k"
                    $0.customerID = "cust"
                    $0.category = "network"
                }
            ),
            at: 2
        )
        story.tell(
            .ownerAssigned(
                Examples.make {
                    $0.ownerID = "anna"
                    $0.how = .claimed
                }
            ),
            at: 3
        )
        return story
    }

    mutating func resolve(at minute: Double, log: LogID = Story.berlin, blind: Bool = false) {
        self.tell(.caseResolved(Self.fixed), at: minute, log: log, blind: blind)
    }

    static let fixed: CaseResolved = Examples.make {
        $0.resolutionKind = .fixed
        $0.notes = .open("new cable")
    }

    /// A complete offer.
    static func offer(
        kind: HandoffKind = .warm,
        to team: String = "two",
        deadline: Double? = nil,
        moves: Bool = false,
        reason: HandoffReason = .skill
    ) -> EventPayload {
        .handoffOffered(
            Examples.make {
                $0.kind = kind
                $0.to = Examples.make { $0.team = team }
                $0.reason = reason
                $0.deadline = deadline.map(Story.minute)
                $0.movesOwnership = moves
                $0.context = Examples.make {
                    $0.summary = .open("drops at night")
                    $0.nextAction = .open("measure")
                }
            }
        )
    }

    var state: CaseState { CaseState.folding(self.events, of: self.caseID) }

    func view(at minute: Double = 10_000) -> CaseView { self.state.view(at: Self.minute(minute)) }

    /// Decides one event on the case as told so far.
    func decide(
        _ payload: EventPayload,
        at minute: Double,
        by actor: ActorSnapshot = Story.agent("anna"),
        history: Bool = false,
        contact: String? = nil,
        handoff: String? = nil,
        escalation: String? = nil,
        subject: Subject? = nil,
        policy: RulePolicy = .defaults
    ) throws(RuleViolations) -> CaseDecision {
        let isContact = payload.type?.subjectKind == "contact" && payload.type != .messageRecorded
        let about = subject ?? (isContact ? contact.flatMap { Subject("contact:\($0)") } : nil)
        return try self.state.decide(
            [
                ProposedEvent(
                    id: EventID(rawValue: 1 << 100 | self.next << 8),
                    subject: about ?? self.caseID,
                    occurred: Self.minute(minute),
                    isHistory: history,
                    actor: actor,
                    contactID: contact,
                    handoffID: handoff,
                    escalationID: escalation,
                    payload: payload
                )
            ],
            policy: policy,
            now: Self.minute(minute)
        )
    }

    /// Decides as the ledger would, and tells what it writes.
    @discardableResult
    mutating func write(
        _ payload: EventPayload,
        at minute: Double,
        by actor: ActorSnapshot = Story.agent("anna"),
        contact: String? = nil,
        handoff: String? = nil,
        escalation: String? = nil,
        policy: RulePolicy = .defaults
    ) throws -> CaseEvent {
        let decision = try self.decide(
            payload,
            at: minute,
            by: actor,
            contact: contact,
            handoff: handoff,
            escalation: escalation,
            policy: policy
        )
        var last: CaseEvent?
        for event in decision.events {
            last = self.tell(
                event.payload,
                at: minute,
                by: actor,
                contact: event.contactID ?? contact,
                handoff: event.handoffID,
                escalation: event.escalationID
            )
        }
        return try #require(last)
    }

    /// The rules that refuse, or else those that flag.
    func rules(
        _ payload: EventPayload,
        at minute: Double,
        by actor: ActorSnapshot = Story.agent("anna"),
        history: Bool = false,
        contact: String? = nil,
        handoff: String? = nil,
        escalation: String? = nil,
        policy: RulePolicy = .defaults
    ) -> Verdict {
        do {
            let decision = try self.decide(
                payload,
                at: minute,
                by: actor,
                history: history,
                contact: contact,
                handoff: handoff,
                escalation: escalation,
                policy: policy
            )
            return decision.flags.isEmpty ? .accepted : .flagged(decision.flags.map(\.rule))
        } catch {
            return .refused(error.violations.filter { $0.severity == .refuse }.map(\.rule))
        }
    }
}

/// What becomes of a proposal.
enum Verdict: Equatable {
    case accepted
    case flagged([RuleID])
    case refused([RuleID])
}
