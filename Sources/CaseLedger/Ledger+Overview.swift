public import CaseDomain
internal import EventStore
internal import LedgerTypes
internal import Projections

/// Figures and what they were computed on.
public struct MetricsAtCut: Sendable {
    /// The figures; equal history gives equal figures.
    public let figures: MetricsReport
    /// Every log and its position.
    public let logs: [LogSummary]
    /// The cases that are not in the figures because they cannot be read.
    public let unreadable: [UnreadableCase]
}

// The numbers over all cases, and each case in numbers: out of rows in `views/`.
extension Ledger {
    /// The numbers over all cases, out of what is kept of each under `views/`: in the same time
    /// however many there are.
    ///
    /// The first call for a long history makes what is kept, in the time of
    /// ``recountedMetrics(progress:)``, and `progress` gets the cases done so far; afterwards it is
    /// brought up to date by what came since. A ledger that is open for reading only, and finds
    /// much missing, counts out of the events.
    public func metrics(progress: (Int) -> Void = { _ in }) throws -> MetricsReport {
        try self.metricsAtCut(progress: progress).figures
    }

    /// The same, and the cut that it was computed on: where each log stood when it began (C6).
    /// What arrives meanwhile is not in the figures, so it may run while others append.
    ///
    /// With `past` the numbers as they are seen from then; of the past nothing is kept, so every
    /// case is folded.
    public func metricsAtCut(
        in past: PastMoment? = nil,
        progress: (Int) -> Void = { _ in }
    ) throws -> MetricsAtCut {
        if past == nil {
            let found = try self.overviewing(progress: progress) {
                (snapshot, reading) throws(EventStoreError) in
                MetricsAtCut(
                    figures: try Overview.report(snapshot, reading),
                    logs: try snapshot.logs().map(LogSummary.init),
                    unreadable: try snapshot.unreadable(reading)
                )
            }
            if let found { return found }
        }
        let (cut, logs) = try self.cut(past)
        return try self.throwingLedgerErrors {
            let reader = CaseReader(cut: cut)
            let summary = try CaseReplay(self.store, reader: reader).metrics(progress: progress)
            return MetricsAtCut(figures: summary.report, logs: logs, unreadable: [])
        }
    }

    /// The numbers over all cases out of the events themselves, each case folded anew: what
    /// ``metrics(progress:)`` is checked against. Takes as long as the history is.
    public func recountedMetrics(
        progress: (Int) -> Void = { _ in }
    ) throws -> MetricsReport {
        try self.throwingLedgerErrors {
            try CaseReplay(self.store).metrics(progress: progress).report
        }
    }

    /// Gives `body` each case in numbers, in order of the ids, until it returns false. Memory stays
    /// flat. The numbers come out of rows in `views/`, as those of ``metrics(progress:)`` do.
    public func forEachCaseFacts(_ body: (CaseFacts) throws -> Bool) throws {
        var next: String?
        repeat {
            let first = next
            let found = try self.overviewing { (snapshot, reading) throws(EventStoreError) in
                // What a reading has to fold should not be folded for a few rows.
                let max = reading.completed == 0 ? 1_024 : 65_536
                return try Overview.facts(from: first, max: max, snapshot, reading)
            }
            guard let found else {
                return try self.throwingLedgerErrors {
                    try CaseReplay(self.store).forEachFacts(from: first, body)
                }
            }
            for facts in found.facts {
                guard try body(facts) else { return }
            }
            next = found.next
        } while next != nil
    }

    /// Whether ``metrics(progress:)`` and ``forEachCaseFacts(_:)`` answer without going through the
    /// whole history: what they need is there, but for a little.
    ///
    /// - Throws: errors of storage.
    public func isOverviewKept() throws(LedgerError) -> Bool {
        let projection = self.overview.projection
        let limit = projection.limits.completedMax
        do throws(EventStoreError) {
            return try self.store.read(projection, completing: limit) {
                (_, _) throws(EventStoreError) in true
            } ?? false
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// Runs `body` with the overview complete; `nil` where that would take as long as counting.
    private func overviewing<Value>(
        progress: (Int) -> Void = { _ in },
        _ body: (borrowing Snapshot, ProjectionReading) throws(EventStoreError) -> Value
    ) throws(LedgerError) -> Value? {
        let projection = self.overview.projection
        let limit = projection.limits.completedMax
        do throws(EventStoreError) {
            if let value = try self.store.read(projection, completing: limit, body) {
                return value
            }
            guard !self.store.configuration.isReadOnly else { return nil }
            // Without room to write them the figures can still be counted.
            do throws(EventStoreError) {
                try self.store.catchUp(projection, progress: progress)
            } catch { return nil }
            return try self.store.read(projection, body)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }
}
