internal import LMDB
internal import LedgerTypes

extension SubjectIndex {
    /// What the index thread does next.
    private enum Step {
        /// Index one batch.
        case index
        /// Do one step of a projection.
        case project
        /// Look whether another process committed.
        case poll
        /// Look again.
        case wait
        /// Index what is there, then end.
        case close
    }

    /// Starts the index thread. It retains the index until ``close()``.
    func startThread() {
        startStoreThread(named: "ledger-index") { self.run() }
    }

    /// What the index thread remembers from step to step.
    private struct Course {
        /// The tracking that this thread wrote last.
        var verified: Tracking?
        /// The newest transaction of `log/` that it looked at.
        var lastTransaction: UInt64 = 0
        /// How long nothing was appended.
        var quietMilliseconds = 0
        /// When a projection that nobody waits for is brought on again, if events keep coming.
        var nextProjection = ContinuousClock.now
        /// How many arrivals there were when a projection was last brought on.
        var heldAtProjection: UInt64 = 0
        /// Full batches since a projection was brought on.
        var batches = 0
    }

    /// The life of the index thread.
    private func run() {
        var course = Course()
        loop: while true {
            switch self.nextStep(&course) {
            case .index:
                self.indexOrNoteFailure(&course)
                course.batches += 1
            case .project:
                self.project(&course)
            case .poll: self.poll(&course)
            case .wait: continue
            case .close: break loop
            }
        }
        for _ in 0..<self.limits.closingBatchesMax {
            let isBehind = self.state.withLock { $0.unindexed > 0 && !self.isReadOnly }
            guard isBehind, self.indexOrNoteFailure(&course) else { break }
        }
        for _ in 0..<ProjectionLimits.closingBatchesMax {
            guard !self.isReadOnly, self.projectOnce() else { break }
        }
        self.dismissCrews()
        let followers = self.state.withLock { state in
            state.hasEnded = true
            defer { state.followers = [:] }
            return Array(state.followers.values)
        }
        self.state.wake()
        for follower in followers { follower.finish() }
    }

    /// Waits for something to do.
    ///
    /// While nothing is unindexed and nobody follows, the thread sleeps until a commit; then
    /// commits do not wake it until a batch is full, and it looks now and then whether more came.
    ///
    /// The index goes before projections, which are brought on when somebody waits for them, when
    /// the index has nothing to do, and otherwise now and then or once in a number of full batches,
    /// whichever comes first. While events keep coming the steps stand well apart: the longer apart
    /// they are, the fewer times a case is folded that gets many events.
    private func nextStep(_ course: inout Course) -> Step {
        let (before, milliseconds) = self.state.withLock { state -> (UInt64, Int?) in
            if !state.followers.isEmpty { return (state.held, self.limits.pollMilliseconds) }
            let isIdle =
                self.isReadOnly || state.unindexed == 0 && !state.hasProjectionsBehind
            state.isAsleep = isIdle
            return (state.held, isIdle ? nil : self.patience(course))
        }
        let step = self.state.wait(milliseconds: milliseconds) { state -> Step? in
            if state.isClosing { return .close }
            let isFair = course.batches >= ProjectionLimits.indexBatches
            if isFair, !self.isReadOnly, state.hasProjectionsBehind { return .project }
            if self.isDue(state) { return .index }
            if self.isProjectionDue(state, course) { return .project }
            // Awake, to choose anew how long to wait.
            return milliseconds == nil && !state.isAsleep ? .wait : nil
        }
        if let step { return step }
        return self.state.withLock { state in
            let isQuiet = state.held == before || state.failure != nil
            course.quietMilliseconds = isQuiet ? course.quietMilliseconds + (milliseconds ?? 0) : 0
            if state.unindexed > 0, !self.isReadOnly,
                course.quietMilliseconds >= self.limits.idleMilliseconds
            {
                course.quietMilliseconds = 0
                return .index
            }
            if course.nextProjection <= .now, !self.isReadOnly, state.hasProjectionsBehind {
                return .project
            }
            return state.followers.isEmpty ? .wait : .poll
        }
    }

    private func isDue(_ state: State) -> Bool {
        guard !self.isReadOnly, state.failure == nil else { return false }
        return state.unindexed >= UInt64(self.limits.batchMax)
            || state.wanted > state.tracked && state.unindexed > 0
    }

    /// Whether a projection is brought on at once: somebody waits, or the index has nothing to do
    /// and either nothing has come since the last step or that is long enough ago.
    private func isProjectionDue(_ state: State, _ course: Course) -> Bool {
        guard !self.isReadOnly, state.hasProjectionsBehind else { return false }
        if state.hasProjectionsWanted { return true }
        guard state.unindexed == 0 else { return false }
        return state.held == course.heldAtProjection || course.nextProjection <= .now
    }

    /// How many milliseconds pass before the thread looks again while something is left to do.
    private func patience(_ course: Course) -> Int {
        let left = ContinuousClock.now.duration(to: course.nextProjection)
        guard left > .zero else { return self.limits.idleMilliseconds }
        let milliseconds = Int(left / .milliseconds(1)) + 1
        return min(self.limits.idleMilliseconds, milliseconds)
    }

    /// Does one step of a projection, and notes when the next one that nobody waits for may come.
    private func project(_ course: inout Course) {
        course.heldAtProjection = self.state.withLock { $0.held }
        let begin = ContinuousClock.now
        self.projectOnce()
        let end = ContinuousClock.now
        let pause = begin.duration(to: end) * ProjectionLimits.pauseFactor
        course.nextProjection = end + max(.milliseconds(self.limits.idleMilliseconds), pause)
        course.batches = 0
    }

    /// Indexes one batch; returns whether it succeeded.
    @discardableResult
    private func indexOrNoteFailure(_ course: inout Course) -> Bool {
        do throws(EventStoreError) {
            try self.indexBatch(&course)
            return true
        } catch {
            self.state.withLock { $0.failure = error }
            self.state.wake()
            return false
        }
    }

    /// Indexes one batch and prunes the tail.
    private func indexBatch(_ course: inout Course) throws(EventStoreError) {
        guard let views = self.views else { return }
        let done: (tracking: Tracking, held: UInt64)
        do throws(EventStoreError) {
            done = try IndexBatch.run(
                views,
                self.log,
                self.logTables,
                self.crossReference,
                max: self.limits.batchMax,
                verified: course.verified
            )
        } catch {
            guard error == .storage(LMDBError.mapFull) else { throw error }
            try self.growViews(views.environment)
            return
        }
        course.verified = done.tracking
        self.state.withLock { state in
            state.failure = nil
            // What kept a projection from being written may be over as well.
            for place in state.projections.indices { state.projections[place].failure = nil }
            state.tracked = done.tracking.arrivals
            state.held = max(state.held, done.held)
            state.prune()
        }
        self.state.wake()
    }

    func growViews(_ environment: Environment) throws(EventStoreError) {
        do throws(LMDBError) {
            try environment.grow(to: environment.info().mapBytes * 2)
        } catch {
            throw .storage(error)
        }
    }

    /// Tells followers if another process committed.
    private func poll(_ course: inout Course) {
        let newest = self.lastTransaction()
        guard newest != course.lastTransaction else { return }
        let seen = try? self.log.read { (transaction) throws(EventStoreError) in
            (held: try transaction.arrivalsHeld(self.logTables), number: transaction.identifier)
        }
        guard let seen else { return }
        // A reader sees a commit somewhat later than the file's header names it.
        course.lastTransaction = seen.number
        self.committed(arrivals: seen.held)
    }

    private func lastTransaction() -> UInt64 {
        (try? self.log.info().lastTransaction) ?? 0
    }
}

extension SubjectIndex.State {
    /// Forgets the part of the tail that `views/` holds and no window needs.
    mutating func prune() {
        let pinned = self.pins.lazy.map(\.start).min() ?? .max
        self.tail.prune(below: min(self.tracked, pinned))
    }
}
