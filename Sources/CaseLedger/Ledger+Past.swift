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
    /// - Returns: the view at that moment.
    /// - Throws: ``LedgerError/unknownSubject(_:)`` if nothing had happened by then, and errors of
    ///   storage.
    public func caseView(
        of caseID: Subject,
        asOf time: Timestamp
    ) throws(LedgerError) -> CaseView {
        try self.view(of: caseID, at: time, holding: { (_) in .max }) { $0.occurred <= time }
    }

    /// The case as this site showed it at `time`: what it held by its commit clock, and nothing
    /// that came later, whenever that had happened.
    ///
    /// What was redacted since stays hidden.
    ///
    /// - Parameters:
    ///   - caseID: the case.
    ///   - time: the moment, by this site's clock.
    /// - Returns: the view at that moment.
    /// - Throws: ``LedgerError/unknownSubject(_:)`` if nothing of the case was held by then, and
    ///   errors of storage.
    public func caseView(
        of caseID: Subject,
        asKnown time: Timestamp
    ) throws(LedgerError) -> CaseView {
        try self.view(
            of: caseID,
            at: time,
            holding: { (snapshot) throws(EventStoreError) in
                try snapshot.arrivals(heldAt: time)
            },
            where: { _ in true }
        )
    }

    private func view(
        of caseID: Subject,
        at time: Timestamp,
        holding arrivalsEnd: (borrowing Snapshot) throws(EventStoreError) -> UInt64,
        where belongs: (CaseEvent) -> Bool
    ) throws(LedgerError) -> CaseView {
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
        return state.view(at: time)
    }
}
