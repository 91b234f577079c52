public import CaseDomain
public import LedgerTypes

/// Something to be done in a case: looks at the case as it stands, and proposes events.
///
/// Made by the functions of this type, or of a closure of one's own, and carried out by
/// `Desk.decide`.
public struct CaseCommand: Sendable {
    /// Looks at a case and proposes events. Pure: it is run again when the case has moved.
    public typealias Body =
        @Sendable (_ state: CaseState, _ proposals: inout Proposals) throws(RuleViolations) -> Void

    /// Whether the closure may read sealed texts, so that they have to be opened.
    let readsTexts: Bool
    let body: Body

    /// Makes a command of one's own.
    ///
    /// `body` gets the case, its texts open where their keys are here, and proposes events. It may
    /// be run several times, once for each state that the case turns out to be in, so it must do
    /// nothing but propose.
    public init(_ body: @escaping Body) {
        self.readsTexts = true
        self.body = body
    }

    /// A command that reads no text.
    init(clear body: @escaping Body) {
        self.readsTexts = false
        self.body = body
    }

    /// Proposes an event about the case with these fields.
    public static func record(_ payload: EventPayload) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in proposals.add(payload) })
    }
}

/// The events that commands want to append, with ids, times and actor filled in.
///
/// Ids follow from the first, which is fixed before the first attempt: a decision that is made
/// again writes the same ids.
public struct Proposals: Sendable {
    /// The case that is decided on.
    public let caseID: Subject
    /// When it happens.
    public let now: Timestamp
    /// Who acts.
    public let actor: ActorSnapshot
    /// The contact in which it happens.
    public let contactID: String?
    /// What this site decided about the rules, in force now.
    public let policy: RulePolicy
    /// The events so far, those of the commands before included.
    public private(set) var events: [ProposedEvent] = []

    private let firstID: EventID
    private let onBehalfOf: String?
    private let labels: [Label]

    init(about caseID: Subject, at desk: Desk, now: Timestamp, id: EventID, policy: RulePolicy) {
        self.caseID = caseID
        self.now = now
        self.actor = desk.actor
        self.contactID = desk.contactID
        self.policy = policy
        self.firstID = id
        self.onBehalfOf = desk.onBehalfOf
        self.labels = desk.labels
    }

    /// The id that the next event gets; its text is the name of a promise, an offer, an escalation
    /// and so on that is given none.
    public var nextID: EventID { self.firstID.following(self.events.count) }

    /// Proposes an event.
    ///
    /// - Parameters:
    ///   - payload: its fields.
    ///   - subject: what it is about; the case if not given.
    ///   - time: when it happened; now if not given.
    ///   - handoffID: the handoff it belongs to.
    ///   - escalationID: the escalation it belongs to.
    ///   - causation: the event that makes it happen.
    /// - Returns: its id.
    @discardableResult
    public mutating func add(
        _ payload: EventPayload,
        about subject: Subject? = nil,
        at time: Timestamp? = nil,
        handoffID: String? = nil,
        escalationID: String? = nil,
        causation: EventID? = nil
    ) -> EventID {
        let id = self.nextID
        let subject = subject ?? self.caseID
        self.events.append(
            ProposedEvent(
                id: id,
                subject: subject,
                occurred: time ?? self.now,
                actor: self.actor,
                onBehalfOf: self.onBehalfOf,
                // An id that the subject holds is written there only.
                contactID: subject.kind == "contact" ? nil : self.contactID,
                handoffID: handoffID,
                escalationID: escalationID,
                causation: causation,
                labels: self.labels,
                payload: payload
            )
        )
        return id
    }

    /// What a command throws that cannot propose anything, such as one that finds two open promises
    /// and was not told which.
    public func refusal(
        _ rule: RuleID,
        _ message: String,
        saw: [EventID] = [],
        remedy: String
    ) -> RuleViolations {
        RuleViolations(violations: [
            RuleViolation(
                rule: rule,
                severity: .refuse,
                event: self.nextID,
                message: message,
                saw: saw,
                remedy: remedy
            )
        ])
    }

    /// The contact in which it happens, as a subject.
    var contact: Subject? {
        self.contactID.flatMap { Subject(kind: "contact", id: $0) }
    }

    /// The name among `open` that a command means: the one it was given, or the only one there is;
    /// empty if there is none, about which the rules have their say.
    func meant(
        _ name: String?,
        of open: [(name: String, event: EventID)],
        called what: String
    ) throws(RuleViolations) -> String {
        if let name { return name }
        guard open.count > 1 else { return open.first?.name ?? "" }
        let names = open.map { "\"\($0.name)\"" }.joined(separator: ", ")
        throw self.refusal(
            .malformed,
            "\(open.count) \(what) are open: \(names)",
            saw: open.map(\.event),
            remedy: "say which"
        )
    }
}

extension EventID {
    /// The id of the event that stands `count` places behind this one in a decision. Two ids are
    /// left to each event: what the ledger adds because of it has the other.
    func following(_ count: Int) -> EventID {
        let randomBits: UInt128 = 1 << 62 - 1
        let low = (self.rawValue & randomBits) &+ UInt128(count) << 1
        return EventID(rawValue: self.rawValue & ~randomBits | low & randomBits)
    }
}
