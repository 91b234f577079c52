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
        var held: HeldCase
        var proposed: [ProposedEvent]
        var decided: [ProposedEvent] = []
        /// Whose key seals the text: the customer's, else the case's.
        var owner: Subject
        /// What a repeat is completed from: the case as the writer of its events held it.
        var before: StateReference?
        /// Whether the case was read with its texts.
        var hasTexts = false
    }

    private var parts: [Part] = []
    private var policy: RulePolicy
    private let now: Timestamp
    /// What was looked up beside the cases.
    private var lookups = DecisionLookups()
    private var heads: [Subject: Digest] = [:]
    /// Whether every event is held already: then nothing is decided, only compared.
    private(set) var isRetry = false
    /// The rules that refuse the proposal.
    private(set) var violations: [RuleViolation] = []

    /// Reads the cases that `proposed` is about. Nothing is decided yet.
    ///
    /// Rules ask whether something was stated, and not for its text, which stays sealed; but
    /// whether a fact is news only the text tells. So only a case that something is stated about
    /// is read with its texts.
    init(
        _ proposed: [ProposedEvent],
        policy: RulePolicy,
        now: Timestamp,
        sources: CaseSources,
        context: FoldContext,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) {
        self.policy = policy
        self.now = now
        var places: [Subject: Int] = [:]
        var isHeld = true
        let homes = try Self.homes(of: proposed, sources.sealed.reader, snapshot)
        let stated = Set(zip(proposed, homes).lazy.filter(\.0.statesFacts).map(\.1))
        for (event, home) in zip(proposed, homes) {
            if let place = places[home] {
                self.parts[place].proposed.append(event)
            } else {
                places[home] = self.parts.count
                let source = stated.contains(home) ? sources.opened : sources.sealed
                var part = Part(
                    held: try source.current(home, context, snapshot),
                    proposed: [event],
                    owner: home
                )
                part.hasTexts = stated.contains(home)
                self.parts.append(part)
            }
            if isHeld { isHeld = try snapshot.find(event.id) != nil }
        }
        self.isRetry = isHeld
        for place in self.parts.indices {
            try self.lookups.look(
                self.parts[place].proposed,
                self.parts[place].held.reference,
                sources.sealed,
                context,
                snapshot
            )
        }
        self.policy = self.lookups.added(to: policy)
        for place in self.parts.indices {
            if self.parts[place].proposed.contains(where: Self.isOffer) {
                self.heads[self.parts[place].held.caseID] = try snapshot.digest(
                    of: self.parts[place].held.reference.addresses,
                    domain: "cl/case-head/1"
                )
            }
            guard isHeld else { continue }
            // What the first append filled in came from what its writer had seen; a repeat is
            // completed from the same events, and refused for nothing.
            let source = self.parts[place].hasTexts ? sources.opened : sources.sealed
            let loaded = try source.reader.load(self.parts[place].held.caseID, snapshot)
            self.parts[place].before = StateReference(
                loaded.before(Set(self.parts[place].proposed.map(\.id))).state(context)
            )
        }
    }

    /// Goes on from cases that are held, without reading anything; `nil` if more than that is
    /// needed. Whether they have moved since, only the writer finds out: it compares ``basis``.
    ///
    /// The cases are taken out of `cache` and belong to the decision.
    init?(
        goingOnWith proposed: [ProposedEvent],
        policy: RulePolicy?,
        now: Timestamp,
        cache: CaseCache,
        context: FoldContext,
        site: String
    ) {
        guard
            proposed.allSatisfy({ event in
                event.subject.isCase && !event.statesFacts && !Self.isOffer(event)
                    && DecisionLookups.isPlain(event)
            })
        else { return nil }
        self.policy = policy ?? context.book.policy(of: site, at: now)
        self.now = now
        self.lookups.rely(on: Attachment.policies, at: context.bookVersion)
        for event in proposed {
            let place = self.parts.firstIndex { $0.held.caseID == event.subject }
            if let place {
                self.parts[place].proposed.append(event)
                continue
            }
            guard let held = cache.take(event.subject), held.isJudged(by: context) else {
                for part in self.parts { cache.put(part.held) }
                return nil
            }
            self.parts.append(Part(held: held, proposed: [event], owner: event.subject))
        }
    }

    /// The cases as they were before, and how many events each gets.
    var cases: [HeldBefore] {
        self.parts.map {
            HeldBefore(held: $0.held, hasTexts: $0.hasTexts, eventCount: $0.decided.count)
        }
    }

    /// Decides part after part, each against its case.
    mutating func decide() {
        for place in self.parts.indices {
            do throws(RuleViolations) {
                try self.decide(place, self.parts[place].before ?? self.parts[place].held.reference)
            } catch {
                self.violations += error.violations
            }
        }
    }

    /// How many cases and contacts it is about.
    var partCount: Int { self.parts.count }

    /// The decision split into `count` that may be taken at the same time, cases in the same order.
    func split(into count: Int) -> [AppendDecision] {
        let size = (self.parts.count + count - 1) / count
        return stride(from: 0, to: self.parts.count, by: size).map { first in
            var share = self
            share.parts = Array(self.parts[first..<min(first + size, self.parts.count)])
            return share
        }
    }

    /// Puts what was split together again.
    init(joining shares: [AppendDecision]) {
        self = shares[0]
        for share in shares.dropFirst() {
            self.parts += share.parts
            self.violations += share.violations
        }
    }

    /// Gives `body` everything to append, in order, with whose key seals it; what the ledger adds
    /// stands after what causes it.
    func forEachEvent<Failure: Error>(
        _ body: (_ event: ProposedEvent, _ owner: Subject) throws(Failure) -> Void
    ) throws(Failure) {
        for part in self.parts {
            for place in part.decided.indices { try body(part.decided[place], part.owner) }
        }
    }

    /// What the decision was made on.
    var basis: [Subject: UInt64] {
        guard self.parts.count > 1 || !self.lookups.basis.isEmpty else {
            return self.parts.first?.held.basis ?? [:]
        }
        return self.parts.reduce(into: self.lookups.basis) { basis, part in
            basis.merge(part.held.basis) { first, _ in first }
        }
    }

    /// Decides again inside the commit when a case has moved.
    var recheck: @Sendable (SubjectReader) -> RecheckVerdict {
        { reader in
            guard self.lookups.stand(reader) else { return .stale }
            for part in self.parts {
                guard let state = part.held.reread(reader) else { return .stale }
                do throws(RuleViolations) {
                    let decision = try state.decide(
                        part.proposed,
                        policy: self.policy,
                        now: self.now,
                        caseHead: self.heads[part.held.caseID]
                    )
                    guard decision.events == part.decided else { return .stale }
                } catch {
                    return .refused(error)
                }
            }
            return .stands
        }
    }

    private mutating func decide(_ place: Int, _ state: StateReference) throws(RuleViolations) {
        var customer = state.customer
        let proposed = self.parts[place].proposed
        for event in proposed {
            if case .caseOpened(let opening) = event.payload, let stated = opening.customerID {
                customer = stated
            }
        }
        if let owner = customer.flatMap({ Subject(kind: "customer", id: $0) }) {
            self.parts[place].owner = owner
        }
        let caseID = self.parts[place].held.caseID
        do throws(RuleViolations) {
            self.parts[place].decided = try state.decide(
                proposed,
                policy: self.isRetry ? .lenient(self.policy) : self.policy,
                now: self.now,
                caseHead: self.heads[caseID]
            ).events
        } catch {
            guard self.isRetry else { throw error }
            self.parts[place].decided = proposed
        }
    }

    private static func isOffer(_ event: ProposedEvent) -> Bool {
        if case .handoffOffered = event.payload { !event.isHistory } else { false }
    }

    /// The cases to which the proposals attach contacts, the first one for each contact.
    private static func attachments(in proposed: [ProposedEvent]) -> [Subject: Subject] {
        var cases: [Subject: Subject] = [:]
        for event in proposed {
            guard case .contactAttached(let attachment) = event.payload, cases[event.subject] == nil
            else { continue }
            cases[event.subject] = Subject(kind: "case", id: attachment.caseID)
        }
        return cases
    }

    /// The case that the rules about each of `proposed` are about.
    private static func homes(
        of proposed: [ProposedEvent],
        _ reader: CaseReader,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> [Subject] {
        let attachments = Self.attachments(in: proposed)
        var homes: [Subject] = []
        homes.reserveCapacity(proposed.count)
        for event in proposed {
            homes.append(try Self.home(of: event, attachments, reader, snapshot))
        }
        return homes
    }

    /// The case that an event's rules are about: its subject; for a contact the case that it is
    /// attached to, by this append or before; else the contact itself.
    private static func home(
        of event: ProposedEvent,
        _ attachments: [Subject: Subject],
        _ reader: CaseReader,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> Subject {
        guard event.subject.isOf(kind: "contact") else { return event.subject }
        if let home = attachments[event.subject] { return home }
        var home: Subject?
        var actors = ActorPool()
        try snapshot.forEachEvent(of: event.subject) { (stored, leaf) throws(EventStoreError) in
            let read = try reader.event(stored, leaf, of: event.subject, snapshot, &actors)
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
