internal import Glibc
internal import LedgerTypes

/// Folds the units of a sweep on threads of its own, each batch in a snapshot of its own, while the
/// index thread writes what was folded before. Batches come out in order of the units.
///
/// What a later snapshot has already is folded again when the sweep is over, to the same rows. The
/// threads run ahead of the index thread by a few batches at most, so memory stays flat, and end
/// with the last unit, with ``stop()``, or when something goes wrong: then the index thread folds
/// itself, and finds out what.
final class SweepCrew: Sendable {
    /// Units that were folded together.
    struct Batch: Sendable {
        /// The first unit was looked for from here on.
        let start: [UInt8]
        let folded: [FoldedUnit]
        /// Where the next batch begins; `nil` after the last.
        let next: [UInt8]?
    }

    private struct State {
        /// Where the next batch begins; `nil` if there is none.
        var next: [UInt8]?
        /// Whether a thread is finding out where the one after that begins.
        var isClaiming = false
        /// How many batches threads have begun, and how many the index thread has taken.
        var claimed = 0
        var taken = 0
        /// Batches by number.
        var done: [Int: Batch] = [:]
        var isStopped = false
        var threads: Int
    }

    /// How many threads there are: one for each processor, and none where there is only one.
    static let threads: Int = {
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        return cores > 1 ? cores : 0
    }()

    /// The rows that the sweep is for.
    let target: ProjectionBatch.Target
    private let index: SubjectIndex
    private let projection: Projection
    private let state: Guarded<State>

    /// Starts the threads, which go on from `start`.
    init(
        _ index: SubjectIndex,
        _ projection: Projection,
        for target: ProjectionBatch.Target,
        from start: [UInt8]
    ) {
        self.index = index
        self.projection = projection
        self.target = target
        self.state = Guarded(State(next: start, threads: Self.threads))
        for _ in 0..<Self.threads { startStoreThread(named: "ledger-sweep") { self.work() } }
    }

    /// The next batch, which may have to be waited for; `nil` if there is none, or if the threads
    /// have ended early. The calling thread holds no transaction.
    func take() -> Batch? {
        let batch = self.state.wait { state -> Batch?? in
            if let batch = state.done.removeValue(forKey: state.taken) {
                state.taken += 1
                return .some(batch)
            }
            let isOver = state.next == nil && !state.isClaiming && state.taken == state.claimed
            return state.isStopped || isOver ? .some(nil) : nil
        }
        self.state.wake()
        return batch ?? nil
    }

    /// Ends the threads, and waits until they have.
    func stop() {
        self.state.withLock { $0.isStopped = true }
        self.state.wake()
        _ = self.state.wait { $0.threads == 0 ? true : nil }
    }

    /// The life of a thread.
    private func work() {
        while let claim = self.claim() {
            let attempt = try? self.index.attempt { (snapshot) throws(EventStoreError) in
                let (units, next) = try ProjectionBatch.units(
                    of: self.projection,
                    from: claim.start,
                    snapshot
                )
                // Others go on from there meanwhile.
                self.state.withLock { state in
                    state.next = next
                    state.isClaiming = false
                }
                self.state.wake()
                let folded = try self.projection.fold(units, snapshot)
                return Batch(start: claim.start, folded: folded, next: next)
            }
            self.state.withLock { state in
                if case .done(let batch)? = attempt {
                    state.done[claim.number] = batch
                } else {
                    state.isStopped = true
                }
            }
            self.state.wake()
        }
        self.state.withLock { $0.threads -= 1 }
        self.state.wake()
    }

    /// The next batch to fold, when there is room for it; `nil` if there is none.
    private func claim() -> (number: Int, start: [UInt8])? {
        let claim = self.state.wait { state -> (number: Int, start: [UInt8])?? in
            if state.isStopped { return .some(nil) }
            guard !state.isClaiming else { return nil }
            guard let start = state.next else { return .some(nil) }
            guard state.claimed - state.taken <= Self.threads else { return nil }
            state.isClaiming = true
            defer { state.claimed += 1 }
            return .some((state.claimed, start))
        }
        return claim ?? nil
    }
}
