public import CaseDomain
internal import EventStore
public import LedgerTypes
internal import Projections

// Earlier views of a case, by when things happened and by when this site came to know of them.
extension Ledger {
    /// The case as it stood at `time`, by everything that is known now: the events that had
    /// happened by then, those that came later from other sites as well.
    ///
    /// What was redacted since stays hidden.
    ///
    /// - Parameters:
    ///   - caseID: the case.
    ///   - time: the moment.
    /// - Returns: the state at that moment; `view(at:)` shows it.
    /// - Throws: ``LedgerError/unknownSubject(_:)`` if nothing had happened by then, and errors of
    ///   storage.
    public func caseState(
        of caseID: Subject,
        asOf time: Timestamp
    ) throws(LedgerError) -> CaseState {
        try self.state(of: caseID, holding: { (_) in .max }) { $0.occurred <= time }
    }

    /// The case as this site knew it at `time`: what it held by its commit clock, and nothing that
    /// came later, whenever that had happened.
    ///
    /// What was redacted since stays hidden.
    ///
    /// - Parameters:
    ///   - caseID: the case.
    ///   - time: the moment, by this site's clock.
    /// - Returns: the state at that moment; `view(at:)` shows it.
    /// - Throws: ``LedgerError/unknownSubject(_:)`` if nothing of the case was held by then, and
    ///   errors of storage.
    public func caseState(
        of caseID: Subject,
        asKnown time: Timestamp
    ) throws(LedgerError) -> CaseState {
        try self.state(
            of: caseID,
            holding: { (snapshot) throws(EventStoreError) in
                try snapshot.arrivals(heldAt: time)
            },
            where: { _ in true }
        )
    }

    /// What ``caseState(of:asOf:)`` gives, as an agent sees it at that moment.
    public func caseView(
        of caseID: Subject,
        asOf time: Timestamp
    ) throws(LedgerError) -> CaseView {
        try self.caseState(of: caseID, asOf: time).view(at: time)
    }

    /// What ``caseState(of:asKnown:)`` gives, as an agent saw it at that moment.
    public func caseView(
        of caseID: Subject,
        asKnown time: Timestamp
    ) throws(LedgerError) -> CaseView {
        try self.caseState(of: caseID, asKnown: time).view(at: time)
    }

    private func state(
        of caseID: Subject,
        holding arrivalsEnd: (borrowing Snapshot) throws(EventStoreError) -> UInt64,
        where belongs: (CaseEvent) -> Bool
    ) throws(LedgerError) -> CaseState {
        let state = try self.reading { (snapshot) throws(EventStoreError) in
            let end = try arrivalsEnd(snapshot)
            let reader = CaseReader(openText: self.reader.openText, arrivalsEnd: end)
            var loaded = try reader.load(caseID, snapshot)
            let all =
                end == .max ? loaded.events : try self.reader.load(caseID, snapshot).events
            loaded.events = CaseHistory.hiding(all, in: loaded.events).filter(belongs)
            let context =
                end == .max
                ? try self.context(snapshot) : try FoldContext(snapshot, until: end)
            return loaded.state(context)
        }
        guard state.eventCount > 0 else { throw .unknownSubject(caseID) }
        return state
    }
}
