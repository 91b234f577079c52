package import CaseDomain
internal import EventStore
internal import LedgerTypes
internal import Projections

// Cases event by event, for event logs and tables.
extension Ledger {
    /// Gives `body` each case event by event, in order of the ids, until it returns false. Texts
    /// are not opened. One case is held at a time.
    /// With `past` each as it is seen from then, those left out that there were not.
    package func forEachTrace(
        in past: PastMoment? = nil,
        _ body: (CaseTrace) throws -> Bool
    ) throws {
        let cut = try past.map { try self.cut($0).reading } ?? .everything
        try self.forEachCase { caseID in
            let trace = try self.reading { (snapshot) throws(EventStoreError) in
                try self.trace(of: caseID, snapshot, cut)
            }
            guard !trace.steps.isEmpty else { return true }
            return try body(trace)
        }
    }

    /// Gives `body` each subject of a kind, in order of the ids. Memory stays flat.
    func forEachSubject(of kind: String, _ body: (Subject) throws -> Void) throws {
        let batch = 1_024
        var next: String? = ""
        while let first = next {
            let found = try self.reading { (snapshot) throws(EventStoreError) in
                var found: [Subject] = []
                try snapshot.forEachSubject(kind: kind, from: first.isEmpty ? nil : first) {
                    (subject, _) throws(EventStoreError) in
                    found.append(subject)
                    return found.count <= batch
                }
                return found
            }
            for subject in found.prefix(batch) { try body(subject) }
            next = found.count > batch ? found[batch].id : nil
        }
    }

    /// The case event by event, its texts withheld.
    func trace(
        of caseID: Subject,
        _ snapshot: borrowing Snapshot,
        _ cut: ReadingCut = .everything
    ) throws(EventStoreError) -> CaseTrace {
        let isPast = cut != .everything
        let context =
            try isPast ? FoldContext(snapshot, within: cut) : self.context(snapshot)
        let loaded = try CaseReader(cut: cut).load(caseID, snapshot)
        return CaseTrace(
            loaded.events,
            of: caseID,
            origins: context.origins,
            book: context.book
        )
    }
}

/// Names of staff that were looked up: one a person who acts, so few.
struct AgentNames {
    private var known: [String: String?] = [:]

    /// The name that was last given for the agent; `nil` where there is none, or its key is not
    /// here, or it was erased.
    mutating func name(
        of agentID: String,
        in ledger: Ledger,
        _ cut: ReadingCut = .everything
    ) throws(LedgerError) -> String? {
        if let known = self.known[agentID] { return known }
        let name = try ledger.agentName(agentID, cut)
        self.known[agentID] = .some(name)
        return name
    }
}

extension Ledger {
    /// The name of a member of staff, where it may be read here, as `cut` has it; what was redacted
    /// since is hidden.
    func agentName(
        _ agentID: String,
        _ cut: ReadingCut = .everything
    ) throws(LedgerError) -> String? {
        guard let subject = Subject(kind: "agent", id: agentID) else { return nil }
        return try self.reading { (snapshot) throws(EventStoreError) in
            // Reading by the case's way takes corrections and redactions of the name as well.
            let all = try self.reader.load(subject, snapshot).events
            let reader = CaseReader(openText: self.reader.openText, cut: cut)
            let events =
                try cut == .everything
                ? all : CaseHistory.hiding(all, in: reader.load(subject, snapshot).events)
            guard !events.isEmpty else { return nil }
            let context = try self.context(snapshot)
            let trace = CaseTrace(events, of: subject, origins: context.origins)
            for step in trace.steps.reversed() where !step.isErased {
                guard case .agentEnrolled(let enrolment) = step.event.payload,
                    let name = enrolment.name.value
                else { continue }
                return name
            }
            return nil
        }
    }
}
