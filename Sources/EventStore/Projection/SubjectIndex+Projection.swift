internal import LMDB
internal import LedgerTypes

/// A projection that is kept, and how far it has come.
struct KeptProjection: Sendable {
    let projection: Projection
    /// `nil` while the tables are not there.
    var sides: ProjectionSides?
    /// Whether the rows are to be made anew beside those that are there.
    var isRebuilding = false
    /// Whether the first unit that cannot be folded ends that.
    var isInsisting = false
    /// The arrivals that its rows hold, as last seen.
    var tracked: UInt64 = 0
    /// Write up to here as soon as possible.
    var wanted: UInt64 = 0
    /// Units to fold again although no event came: what else their rows depend on has changed.
    var stale: Set<Subject> = []
    /// The same for rows that are made beside those that are read.
    var staleBeside: Set<Subject> = []
    /// The row that this process wrote last.
    var verified: ProjectionTracking?
    /// How many units were folded since the ledger was opened.
    var unitsFolded = 0
    /// Why the last step failed; `nil` once one succeeded.
    var failure: EventStoreError?
    /// The threads that fold ahead in a sweep that somebody waits for.
    var crew: SweepCrew?
    /// What is made anew together with it, until threads that fold for all have begun.
    var gathering: Gathering?

    /// A group whose members begin their sweeps.
    struct Gathering: Sendable {
        let group: ProjectionGroup
        /// Whether this member has begun, and waits for the others.
        var hasBegun = false
    }
}

// What the index thread does for projections, and what others ask of it.
extension SubjectIndex {
    /// Keeps `projection` from now on. The calling thread holds no transaction.
    func maintain(_ projection: Projection) throws(EventStoreError) {
        guard self.sides(of: projection) == nil, let views = self.views else { return }
        let sides = try storing { () throws(LMDBError) in
            try ProjectionSides(views.environment, projection, create: !self.isReadOnly)
        }
        self.state.withLock { state in
            let place = state.projections.firstIndex {
                $0.projection.number == projection.number
            }
            if let place {
                state.projections[place].sides = sides
            } else {
                state.projections.append(KeptProjection(projection: projection, sides: sides))
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
                kept.sides != nil
            else { return .some(nil) }
            if kept.stale.isDisjoint(with: units) { return .some(nil) }
            if state.hasEnded { return .some(.closed) }
            return kept.failure.map { .some($0) }
        }
        if let failure, let failure { throw failure }
    }

    /// The tables of `projection`, if they were opened; ``maintain(_:)`` opens them.
    func sides(of projection: Projection) -> ProjectionSides? {
        self.state.withLock { state in
            state.projections.first { $0.projection.number == projection.number }?.sides
        }
    }

    /// Has ``maintain(_:)`` open the tables of `projection` anew.
    func forget(_ projection: Projection) {
        self.state.withLock { state in state.change(projection.number) { $0.sides = nil } }
    }

    /// Begins to make rows anew beside those that are there, with `group` together with those of
    /// its other members. The calling thread holds no transaction.
    func beginRebuild(
        _ projection: Projection,
        insisting: Bool,
        with group: ProjectionGroup? = nil
    ) throws(EventStoreError) {
        guard !self.isReadOnly, let views = self.views else { throw .readOnly }
        try self.maintain(projection)
        guard let opened = self.sides(of: projection) else { throw .closed }
        let sides = try storing { () throws(LMDBError) in
            var sides = opened
            try sides.openBoth(views.environment, projection)
            return sides
        }
        self.state.withLock { state in
            state.isAsleep = false
            state.change(projection.number) { kept in
                kept.sides = sides
                kept.isRebuilding = true
                kept.isInsisting = insisting
                kept.staleBeside = []
                kept.failure = nil
                kept.gathering = group.map { KeptProjection.Gathering(group: $0) }
            }
        }
        self.state.wake()
    }

    /// Makes the rows of all members of a group anew, each unit folded once for all of them, and
    /// waits until those are the rows that are read.
    func rebuild(
        _ group: ProjectionGroup,
        progress: (_ number: UInt8, _ units: Int) -> Void
    ) throws(EventStoreError) {
        let before = self.state.withLock { state in
            group.members.map { member in
                state.projections.first { $0.projection.number == member.number }?.unitsFolded ?? 0
            }
        }
        do throws(EventStoreError) {
            for member in group.members {
                try self.beginRebuild(member, insisting: false, with: group)
            }
            for (member, before) in zip(group.members, before) {
                try self.wait(member.number, before: before, { progress(member.number, $0) }) {
                    !$0.isRebuilding
                }
            }
        } catch {
            for member in group.members { self.endRebuild(member.number) }
            throw error
        }
    }

    /// Gives a rebuild up; the rows that are read go on.
    private func endRebuild(_ number: UInt8) {
        self.state.withLock { state in
            state.change(number) { kept in
                kept.failure = nil
                kept.isRebuilding = false
                kept.isInsisting = false
                kept.gathering = nil
            }
        }
    }

    /// Makes rows anew, and waits until they are those that are read.
    func rebuild(
        _ projection: Projection,
        insisting: Bool,
        progress: (Int) -> Void
    ) throws(EventStoreError) {
        let number = projection.number
        let before = self.state.withLock { state in
            state.projections.first { $0.projection.number == number }?.unitsFolded ?? 0
        }
        try self.beginRebuild(projection, insisting: insisting)
        do throws(EventStoreError) {
            try self.wait(number, before: before, progress) { !$0.isRebuilding }
        } catch {
            self.endRebuild(number)
            throw error
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
        try self.wait(number, before: before, progress) { $0.tracked >= held }
    }

    /// Waits until a projection is as `isDone` says, telling how many units were folded since there
    /// were `before`.
    private func wait(
        _ number: UInt8,
        before: Int,
        _ progress: (Int) -> Void,
        until isDone: (KeptProjection) -> Bool
    ) throws(EventStoreError) {
        var seen = before
        while true {
            let step = self.state.wait { (state) -> CatchUpStep? in
                let kept = state.projections.first { $0.projection.number == number }
                guard let kept else { return .failed(.closed) }
                if isDone(kept) { return .done }
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
        let next = self.state.withLock { $0.nextProjection }
        guard let next, var sides = next.sides, let views = self.views else { return false }
        let number = next.projection.number
        let target = next.target
        let stale = next.staleUnits(for: target)
        // Waited for without a transaction, in which others may have to wait for this thread.
        var crew = next.crew
        let ready = crew?.target == target && stale.isEmpty ? crew?.take(for: number) : nil
        let begins = target == .beside && next.gathering != nil
        do throws(EventStoreError) {
            if try self.needsBoth(next.projection, sides, views.environment) {
                try storing { () throws(LMDBError) in
                    try sides.openBoth(views.environment, next.projection)
                }
                let both = sides
                self.state.withLock { state in state.change(number) { $0.sides = both } }
            }
            let opened = sides
            let attempt = try self.attempt { (snapshot) throws(EventStoreError) in
                try ProjectionBatch(
                    next.projection,
                    opened,
                    snapshot,
                    verified: next.verified,
                    for: target,
                    stale: stale,
                    ready: ready,
                    beginsOnly: begins
                )
            }
            // The index comes first; then this is tried again.
            guard case .done(let made) = attempt else { return false }
            guard let batch = made else {
                self.dismiss(crew, number)
                self.forget(next.projection)
                try self.maintain(next.projection)
                return true
            }
            if next.isInsisting { try self.insist(on: batch, opened, views.environment) }
            crew = self.crew(crew, next, batch, for: target)
            if ready != nil, !batch.isReadyTaken {
                self.dismiss(crew, number)
                crew = nil
            }
            let isWritten = try batch.isNeeded ? self.write(batch, views.environment) : true
            self.state.withLock { state in
                state.held = max(state.held, batch.held)
                state.change(number) { kept in
                    kept.failure = nil
                    kept.crew = crew
                    guard isWritten else { return }
                    kept.unitsFolded += batch.folded.count
                    kept.take(batch, stale)
                    if begins { kept.gathering?.hasBegun = true }
                }
            }
            if begins, isWritten { self.startTogether(number, batch) }
            self.state.wake()
            return true
        } catch {
            self.dismiss(crew, number)
            self.state.withLock { state in
                state.change(number) { $0.failure = error }
                state.endGathering(of: number)
            }
            self.state.wake()
            return false
        }
    }

    /// Ends a rebuild at the first unit that could not be folded; whoever waits for it is told.
    private func insist(
        on batch: ProjectionBatch,
        _ sides: ProjectionSides,
        _ environment: Environment
    ) throws(EventStoreError) {
        guard batch.isRebuild, let failure = batch.failure else { return }
        try self.dropSpare(sides, environment)
        throw .damaged(table: "units", row: "\(failure.unit): \(failure.reason)")
    }

    /// Who folds ahead while a step is written: `crew`, or a new one where a sweep goes on that
    /// somebody waits for; nobody once it is over.
    private func crew(
        _ crew: SweepCrew?,
        _ kept: KeptProjection,
        _ batch: ProjectionBatch,
        for target: ProjectionBatch.Target
    ) -> SweepCrew? {
        guard let sweep = batch.after.sweep else {
            guard let crew, crew.target == target else { return crew }
            crew.leave(kept.projection.number)
            return nil
        }
        guard crew == nil, kept.isWaitedFor || kept.isRebuilding, SweepCrew.threads > 0,
            !sweep.next.isEmpty
        else { return crew }
        return SweepCrew(self, ProjectionGroup(kept.projection), for: target, from: sweep.next)
    }

    /// Has threads fold for all members of a group once each has begun its sweep: from then on what
    /// they read is what every member still has to get. A member that goes on with a sweep of an
    /// earlier life is not where the others are, so each goes on by itself. Index thread.
    private func startTogether(_ number: UInt8, _ batch: ProjectionBatch) {
        guard let sweep = batch.after.sweep, sweep.next.isEmpty else {
            return self.state.withLock { $0.endGathering(of: number) }
        }
        let group = self.state.withLock { $0.gathered(with: number) }
        guard let group else { return }
        let crew = SweepCrew(self, group, for: .beside, from: [])
        self.state.withLock { state in
            for member in group.members { state.change(member.number) { $0.crew = crew } }
            state.endGathering(of: number)
        }
    }

    /// Has a projection go on without who folds ahead.
    private func dismiss(_ crew: SweepCrew?, _ number: UInt8) {
        guard let crew else { return }
        crew.leave(number)
        self.state.withLock { state in state.change(number) { $0.crew = nil } }
    }

    /// Ends everybody who folds ahead. Index thread, before it ends.
    func dismissCrews() {
        let crews = self.state.withLock { state in
            defer {
                for place in state.projections.indices { state.projections[place].crew = nil }
            }
            return state.projections.compactMap { kept in
                kept.crew.map { (crew: $0, number: kept.projection.number) }
            }
        }
        for (crew, number) in crews { crew.leave(number) }
    }

    /// Whether the rows that are read are another version's, so that those of this one are made
    /// beside them and there is no room for them yet.
    private func needsBoth(
        _ projection: Projection,
        _ sides: ProjectionSides,
        _ environment: Environment
    ) throws(EventStoreError) -> Bool {
        guard sides.sides.count < 2 else { return false }
        return try environment.read { (transaction) throws(EventStoreError) in
            try storing { () throws(LMDBError) in
                guard let tables = try sides.read(transaction) else { return false }
                let tracking = try ProjectionTracking(transaction, tables)
                return tracking.map { !$0.fits(projection) } ?? false
            }
        }
    }

    /// Drops rows that were made beside those that are read, which stay as they are.
    private func dropSpare(
        _ sides: ProjectionSides,
        _ environment: Environment
    ) throws(EventStoreError) {
        try environment.write { (transaction) throws(EventStoreError) in
            try storing { () throws(LMDBError) in
                try sides.spare(transaction)?.clear(&transaction)
            }
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
    /// Notes what a step wrote, and the units that it folded though no event came.
    fileprivate mutating func take(_ batch: ProjectionBatch, _ stale: [Subject]) {
        self.verified = batch.after
        self.stale.subtract(stale)
        if batch.isRebuild {
            self.staleBeside.subtract(stale)
            self.isRebuilding = !batch.isLast
            // Until then the rows that are read stay where they were.
            guard batch.isLast else { return }
            self.isInsisting = false
        } else if self.isRebuilding || batch.isBegunBeside {
            // One that another process, or an earlier life of this one, began goes on here.
            self.isRebuilding = true
            self.staleBeside.formUnion(stale)
        }
        self.tracked = batch.after.place.arrivals
    }

    /// Whether somebody waits for the rows that are read.
    var isWaitedFor: Bool { !self.stale.isEmpty || self.tracked < self.wanted }

    /// The rows that the next step is for. What somebody waits for goes first; rows beside it are
    /// caught up before they take its place.
    var target: ProjectionBatch.Target {
        self.isWaitedFor ? .read : self.isRebuilding ? .beside : .either
    }

    /// The units that the next step folds again.
    func staleUnits(for target: ProjectionBatch.Target) -> [Subject] {
        let waiting = target == .read ? self.stale : target == .beside ? self.staleBeside : []
        return Array(waiting.prefix(self.projection.limits.unitsMax))
    }

    /// Whether others of its group have to begin before it goes on.
    fileprivate var waitsForOthers: Bool {
        self.gathering?.hasBegun ?? false && self.target == .beside
    }

    /// How many batches it has taken from those who fold ahead.
    fileprivate var batchesTaken: Int { self.crew?.taken(for: self.projection.number) ?? -1 }

    /// Whether there is something to do, and nothing against it.
    func isBehind(_ held: UInt64) -> Bool {
        self.failure == nil
            && (self.isRebuilding || self.tracked < held || !self.stale.isEmpty)
    }
}

extension SubjectIndex.State {
    /// Whether a projection is behind.
    var hasProjectionsBehind: Bool { self.projections.contains { $0.isBehind(self.held) } }

    /// Whether somebody waits for a projection.
    var hasProjectionsWanted: Bool {
        self.projections.contains { kept in
            kept.failure == nil
                && (kept.isRebuilding || kept.tracked < kept.wanted || !kept.stale.isEmpty)
        }
    }

    /// The projection that the next step is for: of those that are behind the one that has taken
    /// least of what was folded for several, so that nobody has to wait for room.
    var nextProjection: KeptProjection? {
        let behind = self.projections.filter { kept in
            kept.sides != nil && kept.isBehind(self.held) && !kept.waitsForOthers
        }
        return behind.min { $0.batchesTaken < $1.batchesTaken }
    }

    /// The group with which a projection is made anew, if each of its members has begun.
    fileprivate func gathered(with number: UInt8) -> ProjectionGroup? {
        let kept = self.projections.first { $0.projection.number == number }
        guard let group = kept?.gathering?.group else { return nil }
        let isComplete = group.members.allSatisfy { member in
            self.projections.contains {
                $0.projection.number == member.number && $0.gathering?.hasBegun ?? false
            }
        }
        return isComplete ? group : nil
    }

    /// Has all members of the group with which a projection is made anew go on.
    fileprivate mutating func endGathering(of number: UInt8) {
        let kept = self.projections.first { $0.projection.number == number }
        for member in kept?.gathering?.group.members ?? [] {
            self.change(member.number) { $0.gathering = nil }
        }
    }

    /// Changes what is known of a projection.
    mutating func change(_ number: UInt8, _ body: (inout KeptProjection) -> Void) {
        guard let place = self.projections.firstIndex(where: { $0.projection.number == number })
        else { return }
        body(&self.projections[place])
    }
}
