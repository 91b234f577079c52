package import CaseDomain
package import EventStore
package import LedgerTypes

/// Folds every case of a ledger, one after the other in order of case id.
///
/// Memory does not grow with the ledger: one case is held at a time, and a snapshot is given back
/// after ``batchCases`` cases, so that a long replay does not keep old pages alive.
package struct CaseReplay: Sendable {
    /// The cases read from one snapshot.
    static let batchCases = 1_024

    private let store: EventStore
    private let reader: CaseReader

    /// Creates a replay of `store`.
    package init(_ store: EventStore, reader: CaseReader = CaseReader()) {
        self.store = store
        self.reader = reader
    }

    /// Gives `body` each case's state until it returns false.
    package func forEachCase(
        _ body: (CaseState) throws -> Bool
    ) throws {
        var next: String?
        repeat {
            let (states, following) = try self.batch(from: next)
            for state in states {
                guard try body(state) else { return }
            }
            next = following
        } while next != nil
    }

    /// Gives `body` each case in numbers, from the id `first` on if that is given, until it returns
    /// false. Cases that consist of other systems' rows alone are counted without building their
    /// state.
    package func forEachFacts(
        from first: String? = nil,
        _ body: (CaseFacts) throws -> Bool
    ) throws {
        var next = first
        repeat {
            let (facts, following) = try self.factsBatch(from: next)
            for facts in facts {
                guard try body(facts) else { return }
            }
            next = following
        } while next != nil
    }

    /// Gives `body` each case's id until it returns false, also of cases that the reader's cut has
    /// nothing of.
    package func forEachCaseID(_ body: (Subject) throws -> Bool) throws {
        var next: String?
        repeat {
            let (ids, following) = try self.ids(from: next)
            for id in ids {
                guard try body(id) else { return }
            }
            next = following
        } while next != nil
    }

    /// The numbers over all cases.
    package func metrics(progress: (Int) -> Void = { _ in }) throws -> MetricsSummary {
        var summary = MetricsSummary()
        var count = 0
        try self.forEachFacts { facts in
            summary.add(facts)
            count += 1
            if count.isMultiple(of: 1_000) { progress(count) }
            return true
        }
        return summary
    }

    private func batch(
        from first: String?
    ) throws(EventStoreError) -> (states: [CaseState], next: String?) {
        try self.store.read { (snapshot) throws(EventStoreError) in
            let (ids, next) = try Self.ids(snapshot, from: first)
            let context = try FoldContext(snapshot, within: self.reader.cut)
            var states: [CaseState] = []
            states.reserveCapacity(ids.count)
            var actors = ActorPool()
            for id in ids {
                let held = try self.reader.hold(id, context, snapshot, &actors)
                if held.state.eventCount > 0 { states.append(held.state) }
            }
            return (states, next)
        }
    }

    private func factsBatch(
        from first: String?
    ) throws(EventStoreError) -> (facts: [CaseFacts], next: String?) {
        try self.store.read { (snapshot) throws(EventStoreError) in
            let (ids, next) = try Self.ids(snapshot, from: first)
            let context = try FoldContext(snapshot, within: self.reader.cut)
            var counter = CaseCounter(reader: self.reader, context: context)
            var facts: [CaseFacts] = []
            facts.reserveCapacity(ids.count)
            for id in ids {
                if let counted = try counter.facts(of: id, snapshot) {
                    facts.append(counted.facts)
                }
            }
            return (facts, next)
        }
    }

    private func ids(
        from first: String?
    ) throws(EventStoreError) -> (ids: [Subject], next: String?) {
        try self.store.read { (snapshot) throws(EventStoreError) in
            try Self.ids(snapshot, from: first)
        }
    }

    private static func ids(
        _ snapshot: borrowing Snapshot,
        from first: String?
    ) throws(EventStoreError) -> (ids: [Subject], next: String?) {
        var ids: [Subject] = []
        var next: String?
        try snapshot.forEachSubject(kind: "case", from: first) {
            (subject, _) throws(EventStoreError) in
            guard ids.count < Self.batchCases else {
                next = subject.id
                return false
            }
            ids.append(subject)
            return true
        }
        return (ids, next)
    }
}

/// Counts cases out of their events, one after the other.
struct CaseCounter {
    let reader: CaseReader
    let context: FoldContext
    private var actors = ActorPool()
    /// A ledger is mostly of one sort, so what the last case was is tried first. Both ways give the
    /// same numbers.
    private var isObserved = true

    init(reader: CaseReader, context: FoldContext) {
        self.reader = reader
        self.context = context
    }

    /// The case in numbers, and the subjects that were read for it; `nil` if the reader's cut has
    /// no event of it.
    mutating func facts(
        of caseID: Subject,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> (facts: CaseFacts, basis: [Subject])? {
        if self.isObserved,
            let counted = try ObservedCase.facts(of: caseID, in: self.reader.cut, snapshot)
        {
            return (counted, [])
        }
        let held = try self.reader.hold(caseID, self.context, snapshot, &self.actors)
        guard held.reference.eventCount > 0 else { return nil }
        let counted = held.reference.facts
        self.isObserved = counted.observed > 0
        return (counted, Array(held.basis.keys))
    }
}
