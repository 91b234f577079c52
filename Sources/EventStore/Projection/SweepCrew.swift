internal import Glibc
internal import LedgerTypes

/// Folds the units of a sweep on threads of its own, each batch in a snapshot of its own, while the
/// index thread writes what was folded before. Batches come out in order of the units, to each
/// member of the group by itself.
///
/// What a later snapshot has already is folded again when the sweep is over, to the same rows. The
/// threads run ahead of the index thread by a few batches at most, so memory stays flat, and end
/// with the last unit, when the last member leaves, or when something goes wrong: then the index
/// thread folds itself, and finds out what.
final class SweepCrew: Sendable {
    /// Units that were folded together, for one member.
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
        /// How many batches threads have begun.
        var claimed = 0
        /// How many batches the index thread has taken for each member, by number.
        var taken: [UInt8: Int]
        /// What is folded and not taken: for each member, batches by number.
        var done: [UInt8: [Int: Batch]] = [:]
        var isStopped = false
        var threads: Int

        /// How many batches every member has taken.
        var takenByAll: Int { self.taken.values.min() ?? self.claimed }
    }

    /// How many threads there are for one projection: one for each processor, and none where there
    /// is only one.
    static let threads: Int = {
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        return cores > 1 ? cores : 0
    }()

    /// The rows that the sweep is for.
    let target: ProjectionBatch.Target
    private let index: SubjectIndex
    private let group: ProjectionGroup
    private let threads: Int
    private let state: Guarded<State>

    /// Starts the threads, which go on from `start`. What is folded for several members at once is
    /// worth a thread on one processor as well.
    init(
        _ index: SubjectIndex,
        _ group: ProjectionGroup,
        for target: ProjectionBatch.Target,
        from start: [UInt8]
    ) {
        self.index = index
        self.group = group
        self.target = target
        self.threads = max(Self.threads, 1)
        let taken = group.members.map { ($0.number, 0) }
        self.state = Guarded(
            State(
                next: start,
                taken: Dictionary(uniqueKeysWithValues: taken),
                threads: self.threads
            )
        )
        for _ in 0..<self.threads { startStoreThread(named: "ledger-sweep") { self.work() } }
    }

    /// How many batches a member has taken.
    func taken(for member: UInt8) -> Int { self.state.withLock { $0.taken[member] ?? 0 } }

    /// The next batch of a member, which may have to be waited for; `nil` if there is none, or if
    /// the threads have ended early. The calling thread holds no transaction.
    func take(for member: UInt8) -> Batch? {
        let batch = self.state.wait { state -> Batch?? in
            guard let taken = state.taken[member] else { return .some(nil) }
            if let batch = state.done[member]?.removeValue(forKey: taken) {
                state.taken[member] = taken + 1
                return .some(batch)
            }
            let isOver = state.next == nil && !state.isClaiming && taken == state.claimed
            return state.isStopped || isOver ? .some(nil) : nil
        }
        self.state.wake()
        return batch ?? nil
    }

    /// Takes a member out; the threads end when nobody is left, and this waits until they have.
    func leave(_ member: UInt8) {
        let isLast = self.state.withLock { state in
            state.taken[member] = nil
            state.done[member] = nil
            guard state.taken.isEmpty else { return false }
            state.isStopped = true
            return true
        }
        self.state.wake()
        if isLast { _ = self.state.wait { $0.threads == 0 ? true : nil } }
    }

    /// The life of a thread.
    private func work() {
        while let claim = self.claim() {
            let attempt = try? self.index.attempt { (snapshot) throws(EventStoreError) in
                let (units, next) = try ProjectionBatch.units(
                    of: self.group.kinds,
                    from: claim.start,
                    max: self.group.sweepUnitsMax,
                    snapshot
                )
                // Others go on from there meanwhile.
                self.state.withLock { state in
                    state.next = next
                    state.isClaiming = false
                }
                self.state.wake()
                let folded = try self.group.fold(units, snapshot)
                return folded.map { Batch(start: claim.start, folded: $0, next: next) }
            }
            self.state.withLock { state in
                if case .done(let batches)? = attempt {
                    for (member, batch) in zip(self.group.members, batches)
                    where state.taken[member.number] != nil {
                        state.done[member.number, default: [:]][claim.number] = batch
                    }
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
            guard state.claimed - state.takenByAll <= self.threads else { return nil }
            state.isClaiming = true
            defer { state.claimed += 1 }
            return .some((state.claimed, start))
        }
        return claim ?? nil
    }
}
