internal import LMDB
internal import LedgerTypes

/// A projection that is kept, and how far it has come.
struct KeptProjection: Sendable {
    let projection: Projection
    /// `nil` while the tables are not there.
    var tables: ProjectionTables?
    /// The arrivals that its rows hold, as last seen.
    var tracked: UInt64 = 0
    /// Write up to here as soon as possible.
    var wanted: UInt64 = 0
    /// Units to fold again although no event came: what else their rows depend on has changed.
    var stale: Set<Subject> = []
    /// The row that this process wrote last.
    var verified: ProjectionTracking?
    /// How many units were folded since the ledger was opened.
    var unitsFolded = 0
    /// Why the last step failed; `nil` once one succeeded.
    var failure: EventStoreError?
}

// What the index thread does for projections, and what others ask of it.
extension SubjectIndex {
    /// Keeps `projection` from now on. The calling thread holds no transaction.
    func maintain(_ projection: Projection) throws(EventStoreError) {
        guard self.tables(of: projection) == nil, let views = self.views else { return }
        let tables = try storing { () throws(LMDBError) in
            try ProjectionTables(
                views.environment,
                projection.number,
                keepsSums: projection.derive != nil,
                create: !self.isReadOnly
            )
        }
        self.state.withLock { state in
            let place = state.projections.firstIndex {
                $0.projection.number == projection.number
            }
            if let place {
                state.projections[place].tables = tables
            } else {
                state.projections.append(KeptProjection(projection: projection, tables: tables))
            }
            state.isAsleep = false
        }
        self.state.wake()
    }

    /// Folds `units` again, whatever events they have got, and waits until their rows are written.
    /// Returns at once if the projection is not kept. The calling thread holds no transaction.
    func refold(_ units: Set<Subject>, in projection: Projection) throws(EventStoreError) {
        let number = projection.number
        self.state.withLock { state in
            state.isAsleep = false
            state.change(number) { kept in
                kept.stale.formUnion(units)
                kept.failure = nil
            }
        }
        self.state.wake()
        let failure: EventStoreError?? = self.state.wait { (state) -> EventStoreError?? in
            guard let kept = state.projections.first(where: { $0.projection.number == number }),
                kept.tables != nil
            else { return .some(nil) }
            if kept.stale.isDisjoint(with: units) { return .some(nil) }
            if state.hasEnded { return .some(.closed) }
            return kept.failure.map { .some($0) }
        }
        if let failure, let failure { throw failure }
    }

    /// The tables of `projection`, if they were opened; ``maintain(_:)`` opens them.
    func tables(of projection: Projection) -> ProjectionTables? {
        self.state.withLock { state in
            state.projections.first { $0.projection.number == projection.number }?.tables
        }
    }

    /// Waits until `projection` holds every arrival that the log held when this was called. The
    /// calling thread holds no transaction. `progress` gets how many units were folded meanwhile.
    func catchUp(
        _ projection: Projection,
        progress: (Int) -> Void = { _ in }
    ) throws(EventStoreError) {
        guard !self.isReadOnly else { throw .readOnly }
        try self.maintain(projection)
        let held = try self.log.read { (transaction) throws(EventStoreError) in
            try transaction.arrivalsHeld(self.logTables)
        }
        let number = projection.number
        var before = 0
        self.state.withLock { state in
            state.held = max(state.held, held)
            state.isAsleep = false
            state.change(number) { kept in
                kept.wanted = max(kept.wanted, held)
                kept.failure = nil
                before = kept.unitsFolded
            }
        }
        self.state.wake()
        var seen = before
        while true {
            let step = self.state.wait { (state) -> CatchUpStep? in
                let kept = state.projections.first { $0.projection.number == number }
                guard let kept else { return .failed(.closed) }
                if kept.tracked >= held { return .done }
                if state.hasEnded { return .failed(.closed) }
                if let failure = kept.failure { return .failed(failure) }
                return kept.unitsFolded > seen ? .folded(kept.unitsFolded) : nil
            }
            switch step {
            case .folded(let units):
                seen = units
                progress(units - before)
            case .failed(let error): throw error
            case .done, nil: return
            }
        }
    }

    /// What a wait for a projection comes to.
    private enum CatchUpStep {
        case done
        case folded(Int)
        case failed(EventStoreError)
    }

    /// Does one step of the first projection that is behind; whether there may be more to do.
    /// Index thread, which holds no transaction.
    @discardableResult
    func projectOnce() -> Bool {
        let next = self.state.withLock { state in
            state.projections.first { $0.tables != nil && $0.isBehind(state.held) }
        }
        guard let next, let tables = next.tables, let views = self.views else { return false }
        let number = next.projection.number
        let stale = Array(next.stale.prefix(next.projection.limits.unitsMax))
        do throws(EventStoreError) {
            let attempt = try self.attempt { (snapshot) throws(EventStoreError) in
                try ProjectionBatch(
                    next.projection,
                    tables,
                    snapshot,
                    verified: next.verified,
                    stale: stale
                )
            }
            // The index comes first; then this is tried again.
            guard case .done(let batch) = attempt else { return false }
            let isWritten = try batch.isNeeded ? self.write(batch, views.environment) : true
            self.state.withLock { state in
                state.held = max(state.held, batch.held)
                state.change(number) { kept in
                    kept.failure = nil
                    guard isWritten else { return }
                    kept.unitsFolded += batch.folded.count
                    kept.verified = batch.after
                    kept.tracked = batch.after.place.arrivals
                    kept.stale.subtract(stale)
                }
            }
            self.state.wake()
            return true
        } catch {
            self.state.withLock { state in state.change(number) { $0.failure = error } }
            self.state.wake()
            return false
        }
    }

    private func write(
        _ batch: ProjectionBatch,
        _ environment: Environment
    ) throws(EventStoreError) -> Bool {
        do throws(EventStoreError) {
            return try batch.write(environment)
        } catch {
            guard error == .storage(LMDBError.mapFull) else { throw error }
            try self.growViews(environment)
            return false
        }
    }
}

extension KeptProjection {
    /// Whether there is something to do, and nothing against it.
    func isBehind(_ held: UInt64) -> Bool {
        self.failure == nil && (self.tracked < held || !self.stale.isEmpty)
    }
}

extension SubjectIndex.State {
    /// Whether a projection is behind.
    var hasProjectionsBehind: Bool { self.projections.contains { $0.isBehind(self.held) } }

    /// Whether somebody waits for a projection.
    var hasProjectionsWanted: Bool {
        self.projections.contains { kept in
            kept.failure == nil && (kept.tracked < kept.wanted || !kept.stale.isEmpty)
        }
    }

    /// Changes what is known of a projection.
    mutating func change(_ number: UInt8, _ body: (inout KeptProjection) -> Void) {
        guard let place = self.projections.firstIndex(where: { $0.projection.number == number })
        else { return }
        body(&self.projections[place])
    }
}
