package import LedgerTypes

/// A case's state behind one reference. Handing it on counts one reference instead of one for every
/// part of the state; it is copied when it is changed while somebody else holds it.
package struct StateReference: Hashable, Sendable {
    /// `@unchecked Sendable`: written only while one reference is left, as ``StateReference`` sees
    /// to.
    private final class Storage: @unchecked Sendable {
        var state: CaseState
        init(_ state: consuming CaseState) { self.state = state }
    }

    private var storage: Storage

    /// Holds `state`.
    package init(_ state: consuming CaseState) { self.storage = Storage(state) }

    /// The state.
    package var state: CaseState {
        // Yielded and not returned: a state is large.
        _read { yield self.storage.state }
        _modify {
            if !isKnownUniquelyReferenced(&self.storage) {
                self.storage = Storage(self.storage.state)
            }
            yield &self.storage.state
        }
    }

    package static func == (lhs: StateReference, rhs: StateReference) -> Bool {
        lhs.storage === rhs.storage || lhs.storage.state == rhs.storage.state
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.storage.state) }
}

// What is asked of a held state again and again, without a copy on the way to another module.
extension StateReference {
    /// The customer's pseudonym, if it is known.
    package var customer: String? { self.storage.state.customer }

    /// How many events were taken in, copies included.
    package var eventCount: Int { self.storage.state.eventCount }

    /// Where the events stand that were taken in, in fold order.
    package var addresses: [EventAddress] { self.storage.state.addresses }

    /// Whether an event was taken in that changes how those before it are read.
    package var needsFold: Bool { self.storage.state.needsFold }

    /// Whether the event counted.
    package func holds(_ id: EventID) -> Bool { self.storage.state.holds(id) }

    /// The case in numbers.
    package var facts: CaseFacts { self.state.facts }

    /// The case as it stands at `time`.
    package func view(at time: Timestamp) -> CaseView { self.storage.state.view(at: time) }

    /// Who owned the case last, if an event has to give it back.
    var reinstates: Sourced<String>? { self.storage.state.reinstates }

    /// The event that needs an owner with it.
    var lacksOwner: EventID? { self.storage.state.lacksOwner }

    /// Whether the state was judged by `policy`.
    func isJudged(by policy: RulePolicy) -> Bool { self.storage.state.policy == policy }

    /// As of the state.
    func completed(_ proposed: ProposedEvent, caseHead: Digest?) -> ProposedEvent {
        self.storage.state.completed(proposed, caseHead: caseHead)
    }

    /// As of the state.
    func breaches(of event: CaseEvent, policy: RulePolicy) -> [RuleViolation] {
        self.storage.state.breaches(of: event, policy: policy)
    }

    /// Goes on with the next event in fold order.
    package mutating func evolve(_ event: CaseEvent) { self.state.evolve(event) }
}
