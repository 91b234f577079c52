internal import EventStore
internal import Synchronization

/// What a conversation that stays open waits for, in one place: bytes of the peer, growth of the
/// own logs, and the caller's word that a round is due.
///
/// The stream is read only while the conversation wants bytes, so that a peer cannot fill the
/// memory. One conversation takes; any task relays.
final class FollowInbox: Sendable {
    /// Why a conversation wakes up.
    enum Wake: Sendable {
        /// Bytes came; none at the end of the stream.
        case bytes(Result<[UInt8], SyncError>)
        /// The own logs may have grown.
        case growth
        /// A round is due whether or not there is news.
        case due
    }

    private let wakes: AsyncStream<Wake>
    private let waker: AsyncStream<Wake>.Continuation
    private let permits: AsyncStream<Void>
    private let permitter: AsyncStream<Void>.Continuation
    private let isReading = Atomic(false)
    /// Growth that nobody has looked at yet: said once, however often it happens.
    private let isGrowthWaiting = Atomic(false)

    init() {
        (self.wakes, self.waker) = AsyncStream.makeStream()
        (self.permits, self.permitter) = AsyncStream.makeStream()
    }

    /// Makes waiting relays end.
    func close() {
        self.permitter.finish()
        self.waker.finish()
    }

    /// Goes through the wakes; to be called once.
    func makeIterator() -> AsyncStream<Wake>.Iterator { self.wakes.makeAsyncIterator() }

    /// Lets the next bytes be read, if they are not being read already.
    func wantBytes() {
        let wasReading = self.isReading.exchange(true, ordering: .acquiringAndReleasing)
        if !wasReading { self.permitter.yield() }
    }

    /// The conversation has taken a wake.
    func took(_ wake: Wake) {
        switch wake {
        case .bytes: self.isReading.store(false, ordering: .releasing)
        case .growth: self.isGrowthWaiting.store(false, ordering: .releasing)
        case .due: break
        }
    }

    /// Reads the stream, as often as bytes are wanted, to its end.
    func read(_ stream: ByteStream) async {
        for await _ in self.permits {
            let result: Result<[UInt8], SyncError>
            do throws(SyncError) {
                result = .success(try await stream.read())
            } catch {
                result = .failure(error)
            }
            self.waker.yield(.bytes(result))
            guard case .success(let bytes) = result, !bytes.isEmpty else { return }
        }
    }

    /// Wakes the conversation whenever leaves were committed here, by any process.
    func watch(_ store: EventStore) async {
        guard
            let head = try? store.read({ (snapshot) throws(EventStoreError) in snapshot.arrivals }),
            let arrivals = try? store.follow(from: head)
        else { return }
        for await _ in arrivals {
            let wasWaiting = self.isGrowthWaiting.exchange(true, ordering: .acquiringAndReleasing)
            if !wasWaiting { self.waker.yield(.growth) }
        }
    }

    /// Wakes the conversation for a round at each of `nudges`.
    func relay(_ nudges: AsyncStream<Void>) async {
        for await _ in nudges { self.waker.yield(.due) }
    }
}
