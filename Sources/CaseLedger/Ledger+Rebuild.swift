internal import EventStore
internal import Projections

/// The read models that a ledger keeps beside its log, in `views/`.
public enum ReadModel: String, CaseIterable, Sendable {
    /// Lists over cases and customers: worklists, what is found by identifiers.
    case cases
    /// What every unit adds to the figures.
    case metrics
    /// Each case in numbers, and what those add up to.
    case overview
}

extension Ledger {
    /// Makes the rows of a read model anew beside those that are there; the old ones are read until
    /// the new ones are complete. A process that dies meanwhile goes on when it opens the ledger
    /// again. Blocks the calling thread.
    ///
    /// Never needed for a right answer, unless rows in `views/` were damaged.
    ///
    /// - Parameters:
    ///   - model: which.
    ///   - insisting: whether the first unit that cannot be read ends it, so that the rows stay as
    ///     they were; if not, such units are listed and the others go on.
    ///   - progress: gets how many units were folded.
    /// - Throws: ``LedgerError/damaged(table:row:)`` of such a unit, and errors of storage.
    public func rebuild(
        _ model: ReadModel,
        insisting: Bool = false,
        progress: (Int) -> Void = { _ in }
    ) throws(LedgerError) {
        try self.rebuild(self.projection(of: model), insisting: insisting, progress: progress)
    }

    /// Makes the rows of every read model anew as `rebuild` does, but reads and folds each case
    /// once for all of them.
    ///
    /// - Parameter progress: gets a read model and how many units were folded for it.
    /// - Throws: errors of storage.
    public func rebuildAll(
        progress: (ReadModel, Int) -> Void = { _, _ in }
    ) throws(LedgerError) {
        let group = CaseProjections(self.summaries, self.metricStore, self.overview).group
        let models = Dictionary(
            uniqueKeysWithValues: ReadModel.allCases.map { (self.projection(of: $0).number, $0) }
        )
        do throws(EventStoreError) {
            try self.store.rebuild(group) { number, units in
                if let model = models[number] { progress(model, units) }
            }
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// Makes the rows of a service's own read model anew.
    public func rebuild(
        _ projection: CaseProjection,
        insisting: Bool = false,
        progress: (Int) -> Void = { _ in }
    ) throws(LedgerError) {
        try self.rebuild(projection.rows.projection, insisting: insisting, progress: progress)
    }

    /// What a read model leaves out because it cannot be read.
    ///
    /// - Throws: errors of storage.
    public func unreadableUnits(in model: ReadModel) throws(LedgerError) -> [UnreadableCase] {
        do throws(EventStoreError) {
            return try self.store.read(self.projection(of: model)) {
                (snapshot, reading) throws(EventStoreError) in
                try snapshot.unreadable(reading)
            }
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    func projection(of model: ReadModel) -> Projection {
        switch model {
        case .cases: self.summaries.projection
        case .metrics: self.metricStore.projection
        case .overview: self.overview.projection
        }
    }

    private func rebuild(
        _ projection: Projection,
        insisting: Bool,
        progress: (Int) -> Void
    ) throws(LedgerError) {
        do throws(EventStoreError) {
            try self.store.rebuild(projection, insisting: insisting, progress: progress)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }
}
