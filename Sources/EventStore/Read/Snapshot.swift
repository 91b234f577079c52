internal import LMDB
package import LedgerTypes

/// One event of a subject and where it stands.
package struct StoredEvent: Hashable, Sendable {
    /// Its place.
    package let address: EventAddress
    /// Its local arrival number, from 0.
    package let arrival: UInt64
    /// Its place in the story, as the leaf states it; the fold clamps it.
    package let order: Timestamp

    /// Describes an event of a subject.
    package init(address: EventAddress, arrival: UInt64, order: Timestamp) {
        self.address = address
        self.arrival = arrival
        self.order = order
    }
}

/// One leaf, of an event or a genesis, and where it stands.
package struct StoredLeaf: Hashable, Sendable {
    /// Its place.
    package let address: EventAddress
    /// Its local arrival number, from 0.
    package let arrival: UInt64
}

/// The ledger as it stood when reading began: a snapshot of `views/`, one of `log/` taken after it,
/// and the arrivals between the two.
///
/// Exists only inside ``SubjectIndex/read(_:)``: it can be neither copied nor kept, and the spans
/// it gives die with it. Keep it short: pages it sees are not reused meanwhile. Do not open another
/// inside one, and do not wait in it for an append.
package struct Snapshot: ~Copyable, ~Escapable {
    /// Retained, with the environments that the transactions read.
    let index: SubjectIndex
    /// Of `views/`; of `log/` once more where there is no `views/` to read.
    let views: ReadTransaction
    /// `nil` if the whole log lies in the window.
    let viewTables: ViewTables?
    let log: ReadTransaction
    let window: TailWindow

    /// How many leaves are held, over all logs.
    package let arrivals: UInt64

    @_lifetime(copy views, copy log)
    init(
        _ index: SubjectIndex,
        views: consuming ReadTransaction,
        _ viewTables: ViewTables?,
        log: consuming ReadTransaction,
        window: consuming TailWindow
    ) {
        self.index = index
        self.arrivals = window.range.upperBound
        self.views = views
        self.viewTables = viewTables
        self.log = log
        self.window = window
    }

    var tables: LogTables { self.index.logTables }
}

extension SubjectIndex {
    /// What became of an attempt to read.
    enum Attempt<Success> {
        case done(Success)
        /// More arrivals are not indexed than should be held in memory.
        case behind(held: UInt64)
    }

    /// Runs `body` against one snapshot. The calling thread holds no transaction.
    ///
    /// If more than ``IndexLimits/tailMax`` arrivals are not indexed, as after `views/` was
    /// deleted, this waits for the index thread first.
    func read<Success, Failure: EventStoreFailure>(
        _ body: (borrowing Snapshot) throws(Failure) -> Success
    ) throws(Failure) -> Success {
        while true {
            switch try self.attempt(body) {
            case .done(let success): return success
            case .behind(let held):
                do throws(EventStoreError) {
                    try self.waitUntilTracked(held - min(held, UInt64(self.limits.tailMax / 2)))
                } catch {
                    // Then the window is folded in memory, however large.
                    if error == .closed { continue }
                    throw .store(error)
                }
            }
        }
    }

    /// Runs `body` against one snapshot, unless that would hold too much in memory. Waits for
    /// nothing, so that the index thread may call it.
    func attempt<Success, Failure: EventStoreFailure>(
        _ body: (borrowing Snapshot) throws(Failure) -> Success
    ) throws(Failure) -> Attempt<Success> {
        let viewsEnvironment = self.views?.environment ?? self.log
        let logEnvironment = self.log
        let views: ReadTransaction
        let tracked: UInt64?
        let log: ReadTransaction
        let window: TailWindow
        do throws(LMDBError) {
            views = try ReadTransaction(viewsEnvironment)
        } catch {
            throw .store(.storage(error))
        }
        do throws(EventStoreError) {
            tracked = try self.views?.tables.arrivals(views)
        } catch {
            throw .store(error)
        }
        do throws(LMDBError) {
            log = try ReadTransaction(logEnvironment)
        } catch {
            throw .store(.storage(error))
        }
        do throws(EventStoreError) {
            let held = try self.held(log)
            guard let found = try self.window(tracked: tracked ?? 0, held: held, log) else {
                return .behind(held: held)
            }
            window = found
        } catch {
            throw .store(error)
        }
        let snapshot = Snapshot(
            self,
            views: views,
            tracked == nil ? nil : self.views?.tables,
            log: log,
            window: window
        )
        let success = try body(snapshot)
        do throws(LMDBError) {
            try snapshot.views.requireIntactSnapshot()
            try snapshot.log.requireIntactSnapshot()
        } catch {
            throw .store(.storage(error))
        }
        return .done(success)
    }

    /// How many arrivals `log` holds.
    private func held(_ log: borrowing ReadTransaction) throws(EventStoreError) -> UInt64 {
        let transaction = log.identifier
        let seen = self.state.withLock { $0.heldSeen }
        if seen.transaction == transaction { return seen.arrivals }
        let held = try log.arrivalsHeld(self.logTables)
        self.state.withLock { $0.heldSeen = (transaction, held) }
        return held
    }
}
