internal import LMDB

/// New leaves as they come, of this process and of others: each element is the next range of
/// arrival numbers, without a gap and without overlap.
///
/// Ranges that nobody took in time run together, so a slow reader holds nothing up and nothing is
/// kept for it. Ends when the store closes. Cancelling the task that iterates ends it as well.
package struct NewArrivals: AsyncSequence, Sendable {
    /// The next arrivals.
    package typealias Element = Range<UInt64>

    /// Goes through the ranges.
    package struct Iterator: AsyncIteratorProtocol {
        private var next: UInt64
        private var heads: AsyncStream<UInt64>.Iterator

        init(from first: UInt64, _ heads: AsyncStream<UInt64>.Iterator) {
            self.next = first
            self.heads = heads
        }

        /// The next range; `nil` when the store was closed or the task cancelled.
        package mutating func next() async -> Range<UInt64>? {
            await self.next(isolation: #isolation)
        }

        /// The next range; `nil` when the store was closed or the task cancelled.
        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async -> Range<UInt64>? {
            while let head = await self.heads.next(isolation: actor) {
                guard head > self.next else { continue }
                defer { self.next = head }
                return self.next..<head
            }
            return nil
        }
    }

    private let first: UInt64
    private let heads: AsyncStream<UInt64>

    init(from first: UInt64, _ heads: AsyncStream<UInt64>) {
        self.first = first
        self.heads = heads
    }

    /// Begins at the first arrival asked for. To be called once.
    package func makeAsyncIterator() -> Iterator {
        Iterator(from: self.first, self.heads.makeAsyncIterator())
    }
}

extension SubjectIndex {
    /// The arrivals from `first` on: those held already, then new ones within 50 ms of a commit of
    /// another process and at once after one of this process.
    func follow(from first: UInt64) throws(EventStoreError) -> NewArrivals {
        // Only the newest head counts, so one place in the buffer is enough.
        let (heads, continuation) = AsyncStream.makeStream(
            of: UInt64.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let number = self.state.withLock { state -> UInt64? in
            guard !state.hasEnded, !state.isClosing else { return nil }
            state.followersEver += 1
            state.followers[state.followersEver] = continuation
            state.isAsleep = false
            return state.followersEver
        }
        guard let number else {
            continuation.finish()
            throw .closed
        }
        continuation.onTermination = { [state = self.state] _ in
            state.withLock { $0.followers[number] = nil }
        }
        // To choose anew how long to sleep.
        self.state.wake()
        let held = try self.log.read { (transaction) throws(EventStoreError) in
            try transaction.arrivalsHeld(self.logTables)
        }
        self.committed(arrivals: held)
        return NewArrivals(from: first, heads)
    }
}
