// What reads, on the caller's thread.
extension EventStore {
    /// Runs `body` against the ledger as it stands now: everything acknowledged before is in it,
    /// whichever process appended it.
    ///
    /// Synchronous and short; open no second snapshot inside. Waits for the index thread if more is
    /// not indexed than should be held in memory, as after `views/` was deleted from a large
    /// ledger; a store that only reads holds it in memory, however much it is.
    package func read<Success, Failure: EventStoreFailure>(
        _ body: (borrowing Snapshot) throws(Failure) -> Success
    ) throws(Failure) -> Success {
        try self.index.read(body)
    }

    /// New leaves from arrival `first` on: those held already, then each new one, at once if this
    /// process commits it, else within about 50 ms. Ends when the store closes or the task that
    /// iterates is cancelled.
    package func follow(from first: UInt64) throws(EventStoreError) -> NewArrivals {
        try self.index.follow(from: first)
    }

    /// Waits until `views/` holds everything that the log holds now. Blocks the calling thread.
    package func catchUpIndex() throws(EventStoreError) {
        try self.index.catchUp()
    }

    /// Compares the index with the whole log. Long; `progress` is told the arrivals done and ends
    /// the check early by returning false.
    package func checkIndex(
        progress: (UInt64) -> Bool = { _ in true }
    ) throws(EventStoreError) -> IndexCheck {
        try self.read { (snapshot) throws(EventStoreError) in
            try IndexCheck(snapshot, progress: progress)
        }
    }
}
