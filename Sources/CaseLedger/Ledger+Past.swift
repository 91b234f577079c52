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
        try self.caseState(of: caseID, in: .asOf(time))
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
        try self.caseState(of: caseID, in: .asKnown(time))
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

    /// The case as it is seen from `past`: ``caseState(of:asOf:)`` or ``caseState(of:asKnown:)``.
    public func caseState(
        of caseID: Subject,
        in past: PastMoment
    ) throws(LedgerError) -> CaseState {
        let state = try self.reading { (snapshot) throws(EventStoreError) in
            try self.state(of: caseID, past, snapshot.cut(past), snapshot)
        }
        guard state.eventCount > 0 else { throw .unknownSubject(caseID) }
        return state
    }

    /// The case as a cut has it, texts open where that was possible.
    func state(
        of caseID: Subject,
        _ past: PastMoment,
        _ cut: ReadingCut,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> CaseState {
        let reader = CaseReader(openText: self.textOpener(in: past), cut: cut)
        var loaded = try reader.load(caseID, snapshot)
        let all = try self.reader.load(caseID, snapshot).events
        loaded.events = CaseHistory.hiding(all, in: loaded.events)
        return loaded.state(try FoldContext(snapshot, within: cut))
    }

    /// Gives `body` the id of each case that there is in `past`, in order of the ids, until it
    /// returns false. Takes as long as the history is.
    public func forEachCase(in past: PastMoment, _ body: (Subject) throws -> Bool) throws {
        try self.forEachCaseFacts(in: past) { try body($0.caseID) }
    }

    /// Gives `body` each case as `past` has it in numbers, in order of the ids, until it returns
    /// false. Takes as long as the history is.
    public func forEachCaseFacts(in past: PastMoment, _ body: (CaseFacts) throws -> Bool) throws {
        let reader = CaseReader(cut: try self.cut(past).reading)
        try self.throwingLedgerErrors {
            try CaseReplay(self.store, reader: reader).forEachFacts(body)
        }
    }
}
