public import CaseDomain
internal import EventStore
public import LedgerTypes
internal import Projections

/// A case in a list: its row, and the texts that say what it is about, open where this site has the
/// key.
public struct CaseItem: Hashable, Sendable {
    /// Where it stands.
    public let summary: CaseSummary
    /// The case in a line.
    public let title: Sealed<String>
    /// What has to be done, as last said.
    public let nextAction: Sealed<String>
}

extension CaseItem: Encodable {
    private enum Keys: String, CodingKey { case title, nextAction }

    /// Writes the fields of the row, and the texts that there are.
    public func encode(to encoder: any Encoder) throws {
        try self.summary.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        if self.title.isPresent { try container.encode(self.title, forKey: .title) }
        if self.nextAction.isPresent {
            try container.encode(self.nextAction, forKey: .nextAction)
        }
    }
}

/// A case that could not be read.
public struct UnreadableCase: Hashable, Sendable, Encodable {
    /// The case, or the customer.
    public let subject: Subject
    /// What is wrong.
    public let reason: String
}

extension Ledger {
    /// Brings the lists over many cases in `views/` up to date with everything appended so far.
    ///
    /// Never needed for a right answer: reads complete what is missing. After a large import it
    /// saves the next reader, who may not be allowed to write, from doing so each time. Blocks the
    /// calling thread; a ledger that is open for reading only does nothing.
    public func catchUp() throws(LedgerError) { try self.catchUp(self.summaries.projection) }

    /// Brings the metric store in `views/` up to date with everything appended so far, in time that
    /// grows with what came since; the rest as for ``catchUp()``. `progress` gets how many units
    /// were folded so far.
    public func catchUpMetrics(
        progress: (Int) -> Void = { _ in }
    ) throws(LedgerError) {
        try self.catchUp(self.metricStore.projection, progress: progress)
    }

    func catchUp(
        _ projection: Projection,
        progress: (Int) -> Void = { _ in }
    ) throws(LedgerError) {
        guard !self.store.configuration.isReadOnly else { return }
        do throws(EventStoreError) {
            try self.store.catchUp(projection, progress: progress)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// The cases and customers that lists leave out because they cannot be read.
    public func unreadableCases() throws(LedgerError) -> [UnreadableCase] {
        try self.listing { (snapshot, reading) throws(EventStoreError) in
            try snapshot.unreadable(reading)
        }
    }

    /// Runs `body` with the lists complete.
    func listing<Value>(
        _ body: (borrowing Snapshot, ProjectionReading) throws(EventStoreError) -> Value
    ) throws(LedgerError) -> Value {
        do throws(EventStoreError) {
            return try self.store.read(self.summaries.projection, body)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// The rows of the cases found by `key`, in the order of their ids.
    func summaries(
        _ key: LookupKey,
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> [CaseSummary] {
        var summaries: [CaseSummary] = []
        for unit in try snapshot.units(key, reading) where unit.isCase {
            if let summary = try snapshot.rows(of: unit, reading)?.caseSummary {
                summaries.append(summary)
            }
        }
        return summaries
    }

    /// The row with its texts.
    func item(
        _ summary: CaseSummary,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> CaseItem {
        // What was redacted may still be readable where it was written: only a fold knows.
        if summary.hasChangedTexts, let subject = summary.subject {
            let context = try self.context(snapshot)
            let state = try self.views.current(subject, self.reader, context, snapshot).state
            return CaseItem(
                summary: summary,
                title: state.titleText,
                nextAction: state.nextActionText
            )
        }
        let opening = try self.payload(of: summary.titleEvent, snapshot)
        let next = try self.payload(of: summary.nextActionEvent, snapshot)
        return CaseItem(
            summary: summary,
            title: opening?.title ?? (summary.titleEvent == nil ? .absent : .withheld),
            nextAction: next?.nextAction
                ?? (summary.nextActionEvent == nil ? .absent : .withheld)
        )
    }

    /// What the event says, its texts opened where the key is here.
    func payload(
        of id: EventID?,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> EventPayload? {
        guard let id, let found = try snapshot.find(id) else { return nil }
        return try self.reader.event(at: found.address, snapshot)?.payload
    }
}

extension EventPayload {
    /// The title, where it is an opening.
    fileprivate var title: Sealed<String>? {
        if case .caseOpened(let opening) = self { opening.title } else { nil }
    }

    /// What has to be done, where a contact was wrapped up or a case offered.
    fileprivate var nextAction: Sealed<String>? {
        switch self {
        case .contactWrappedUp(let wrapUp): wrapUp.nextAction
        case .handoffOffered(let offer): offer.context?.nextAction
        default: nil
        }
    }
}
