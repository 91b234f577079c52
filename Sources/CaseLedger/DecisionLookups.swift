internal import CaseDomain
internal import EventStore
internal import LedgerTypes
internal import Projections

/// What rules ask of subjects that a proposal is not about: whether a customer is on hold, which a
/// redaction must know (L24), and of which customer the case is that another is merged into (L25).
///
/// Looked up only for proposals that need it: per such event one customer's own events, or one
/// case.
struct DecisionLookups: Sendable {
    /// What was read, and how many events each had.
    private(set) var basis: [Subject: UInt64] = [:]
    private var customersOnHold: Set<String> = []
    private var customersOfCases: [String: String] = [:]

    /// Looks up what `proposed` for the case `state` needs.
    mutating func look(
        _ proposed: [ProposedEvent],
        _ state: StateReference,
        _ source: CaseSource,
        _ context: FoldContext,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) {
        for event in proposed {
            switch event.payload {
            case .recordRedacted(let redaction):
                guard let customer = redaction.customerID ?? state.customer else { continue }
                try self.lookForHold(customer, snapshot)
            case .caseLinked(let link) where link.relation == .mergedInto:
                guard let other = Subject(kind: "case", id: link.otherCaseID) else { continue }
                let held = try source.current(other, context, snapshot)
                self.basis.merge(held.basis) { first, _ in first }
                self.customersOfCases[other.id] = held.reference.customer
            default: break
            }
        }
    }

    /// Relies on `subject` having `version` events.
    mutating func rely(on subject: Subject, at version: UInt64) { self.basis[subject] = version }

    /// Whether nothing has to be looked up for `event`.
    static func isPlain(_ event: ProposedEvent) -> Bool {
        switch event.payload {
        case .recordRedacted: false
        case .caseLinked(let link): link.relation != .mergedInto
        default: true
        }
    }

    /// The policy with what was found.
    func added(to policy: RulePolicy) -> RulePolicy {
        guard !self.basis.isEmpty else { return policy }
        var policy = policy
        policy.customersOnHold.formUnion(self.customersOnHold)
        policy.customersOfOtherCases.merge(self.customersOfCases) { _, found in found }
        return policy
    }

    /// Whether nothing that was looked up has moved.
    func stand(_ reader: SubjectReader) -> Bool {
        self.basis.allSatisfy { reader.version(of: $0.key) == $0.value }
    }

    private mutating func lookForHold(
        _ customer: String,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) {
        guard let subject = Subject(kind: "customer", id: customer) else { return }
        var holds: [EventID] = []
        var count: UInt64 = 0
        var actors = ActorPool()
        let reader = CaseReader()
        try snapshot.forEachEvent(of: subject) { (stored, leaf) throws(EventStoreError) in
            let event = try reader.event(stored, leaf, of: subject, snapshot, &actors)
            count += 1
            switch event.payload {
            case .holdPlaced: holds.append(event.id)
            case .holdLifted(let lift):
                let place = holds.lastIndex { lift.holdEventID == nil || $0 == lift.holdEventID }
                if let place { holds.remove(at: place) }
            default: break
            }
            return true
        }
        self.basis[subject] = count
        if !holds.isEmpty { self.customersOnHold.insert(customer) }
    }
}
