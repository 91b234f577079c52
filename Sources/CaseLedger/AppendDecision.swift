internal import CaseDomain
internal import EventStore
internal import LedgerTypes
internal import Projections

/// What is to be appended for a proposal: decided against every case that it touches.
///
/// Pure once made; `recheck` decides again on the writer thread from what moved.
struct AppendDecision: Sendable {
    /// One case, or a contact that belongs to none yet, and what is proposed for it.
    private struct Part: Sendable {
        var loaded: LoadedCase
        var proposed: [ProposedEvent]
        var decided: [ProposedEvent] = []
        var customerID: String?
    }

    private var parts: [Part] = []
    private let policy: RulePolicy
    private let now: Timestamp
    private let origins: [LogID: LogOrigin]
    private var heads: [Subject: Digest] = [:]
    /// Whether every event is held already: then nothing is decided, only compared.
    private(set) var isRetry = false
    /// The rules that refuse the proposal; `nil` if none does.
    private(set) var violations: [RuleViolation]?

    init(
        _ proposed: [ProposedEvent],
        policy: RulePolicy,
        now: Timestamp,
        reader: CaseReader,
        origins: [LogID: LogOrigin],
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) {
        self.policy = policy
        self.now = now
        self.origins = origins
        var places: [Subject: Int] = [:]
        for event in proposed {
            let home = try Self.home(of: event, among: proposed, snapshot)
            if let place = places[home] {
                self.parts[place].proposed.append(event)
            } else {
                places[home] = self.parts.count
                let loaded = try reader.load(home, snapshot)
                self.parts.append(Part(loaded: loaded, proposed: [event]))
            }
        }
        var held = 0
        for event in proposed where try snapshot.find(event.id) != nil { held += 1 }
        self.isRetry = held == proposed.count
        var found: [RuleViolation] = []
        for place in self.parts.indices {
            if self.parts[place].proposed.contains(where: Self.isOffer) {
                self.heads[self.parts[place].loaded.caseID] =
                    try snapshot.digest(
                        of: self.parts[place].loaded.history(origins: origins),
                        domain: "cl/case-head/1"
                    )
            }
            do throws(RuleViolations) {
                try self.decide(place)
            } catch {
                found += error.violations
            }
        }
        if !found.isEmpty { self.violations = found }
    }

    /// Everything to append, in order; what the ledger adds stands after what causes it.
    var events: [ProposedEvent] { self.parts.flatMap(\.decided) }

    /// What the decision was made on.
    var basis: [Subject: UInt64] {
        self.parts.reduce(into: [:]) { basis, part in
            basis.merge(part.loaded.basis) { first, _ in first }
        }
    }

    /// Whose key seals an event's text: the customer's, else the case's.
    func owner(of event: ProposedEvent) -> Subject {
        let part = self.parts.first { $0.decided.contains { $0.id == event.id } }
        if let customer = part?.customerID.flatMap({ Subject(kind: "customer", id: $0) }) {
            return customer
        }
        return part?.loaded.caseID ?? event.subject
    }

    /// Decides again inside the commit when a case has moved.
    var recheck: @Sendable (SubjectReader) -> RecheckVerdict {
        { reader in
            for part in self.parts {
                guard let again = part.loaded.reread(reader) else { return .stale }
                let state = again.state(origins: self.origins)
                do throws(RuleViolations) {
                    let decision = try state.decide(
                        part.proposed,
                        policy: self.policy,
                        now: self.now,
                        caseHead: self.heads[part.loaded.caseID]
                    )
                    guard decision.events == part.decided else { return .stale }
                } catch {
                    return .refused(error)
                }
            }
            return .stands
        }
    }

    private mutating func decide(_ place: Int) throws(RuleViolations) {
        var part = self.parts[place]
        var loaded = part.loaded
        var policy = self.policy
        if self.isRetry {
            // What the first append filled in came from what its writer had seen; a repeat is
            // completed from the same events, and refused for nothing.
            loaded = loaded.before(Set(part.proposed.map(\.id)))
            policy = .lenient(policy)
        }
        let state = loaded.state(origins: self.origins)
        part.customerID = state.customer
        for event in part.proposed {
            if case .caseOpened(let opening) = event.payload, let customer = opening.customerID {
                part.customerID = customer
            }
        }
        guard part.loaded.caseID.isCase || part.loaded.caseID.kind == "contact" else {
            part.decided = part.proposed
            self.parts[place] = part
            return
        }
        do throws(RuleViolations) {
            part.decided = try state.decide(
                part.proposed,
                policy: policy,
                now: self.now,
                caseHead: self.heads[part.loaded.caseID]
            ).events
        } catch {
            guard self.isRetry else { throw error }
            part.decided = part.proposed
        }
        self.parts[place] = part
    }

    private static func isOffer(_ event: ProposedEvent) -> Bool {
        if case .handoffOffered = event.payload { !event.isHistory } else { false }
    }

    /// The case that an event's rules are about: its subject; for a contact the case that it is
    /// attached to, by this append or before; else the contact itself.
    private static func home(
        of event: ProposedEvent,
        among proposed: [ProposedEvent],
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> Subject {
        guard event.subject.kind == "contact" else { return event.subject }
        var home: Subject?
        for other in proposed where other.subject == event.subject {
            if case .contactAttached(let attachment) = other.payload {
                home = home ?? Subject(kind: "case", id: attachment.caseID)
            }
        }
        if let home { return home }
        let reader = CaseReader()
        try snapshot.forEachEvent(of: event.subject) { (stored, leaf) throws(EventStoreError) in
            let read = try reader.event(stored, leaf, snapshot)
            guard case .contactAttached(let attachment) = read.payload else { return true }
            home = Subject(kind: "case", id: attachment.caseID)
            return false
        }
        return home ?? event.subject
    }
}

extension RulePolicy {
    /// The same policy, refusing nothing that may be switched.
    fileprivate static func lenient(_ policy: RulePolicy) -> RulePolicy {
        var lenient = policy
        for rule in RuleID.allCases { lenient.modes[rule] = .flag }
        return lenient
    }
}

extension LoadedCase {
    /// The case as the writer of the events `ids` held it: without them and what came later.
    fileprivate func before(_ ids: Set<EventID>) -> LoadedCase {
        guard
            let first = self.events.filter({ ids.contains($0.id) }).min(by: {
                ($0.address.log, $0.address.index) < ($1.address.log, $1.address.index)
            })
        else { return self }
        var before = self
        before.events.removeAll { ids.contains($0.id) || !first.saw($0.place) }
        return before
    }
}
