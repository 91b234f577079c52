/// The thread that writes `log/`, and what waits for it.
///
/// Calls gather while a commit is in flight; the thread then takes all of them at once, which is
/// group commit without a timer. Jobs (a checkpoint, a received batch) keep their place among them.
///
/// A small call that finds nobody else, neither at work nor waiting nor on the way in, is done by
/// its own thread: two threads that wake each other up cost about as much as a commit.
///
/// Any thread may post; the writer is touched only by who has set `isBusy` under the lock.
final class WriterThread: Sendable {
    /// One call of `append`.
    struct Call: Sendable {
        fileprivate(set) var requests: [AppendRequest]
        let eventCount: Int
        let byteCount: Int
        let reply: CheckedContinuation<[AppendOutcome], Never>
    }

    /// What the thread is asked to do.
    enum Item: Sendable {
        case append(Call)
        case job(@Sendable (Writer) -> Void)
    }

    /// Whether something was taken.
    enum Admission {
        case accepted
        case overloaded
        case closed
    }

    private struct State {
        var items: [Item] = []
        var eventCount = 0
        var byteCount = 0
        /// Whether somebody has the writer.
        var isBusy = false
        /// How many calls have come in and not gone out again.
        var callers = 0
        /// Calls in a row that were done by their own thread.
        var aloneInARow = 0
        var isClosing = false
        var hasEnded = false
    }

    private let state = Guarded(State())
    private let writer: Writer
    private let limits: AppendLimits

    /// Starts the thread on `writer`, which belongs to it from now on.
    init(_ writer: Writer, limits: AppendLimits) {
        self.writer = writer
        self.limits = limits
        startStoreThread(named: "ledger-writer") { self.run() }
    }

    /// A call comes in; whether it should let others in before it goes on.
    func enter() -> Bool {
        self.state.withLock { state in
            state.callers += 1
            return state.aloneInARow >= Self.aloneInARowMax
        }
    }

    /// A call goes out.
    func leave() {
        self.state.withLock { $0.callers -= 1 }
    }

    /// How often a call is done by its own thread before it lets others in: where all tasks share
    /// one thread they would not get there otherwise.
    private static let aloneInARowMax = 16

    /// Appends on this thread, if nobody else is here; the call has entered.
    func appendAlone(_ requests: [AppendRequest]) -> [AppendOutcome]? {
        let isAlone = self.state.withLock { state in
            let isAlone =
                state.callers == 1 && !state.isBusy && state.items.isEmpty && !state.isClosing
            if isAlone { state.isBusy = true }
            state.aloneInARow = isAlone ? state.aloneInARow % Self.aloneInARowMax + 1 : 0
            return isAlone
        }
        guard isAlone else { return nil }
        let outcomes = self.writer.append(requests)
        let isWanted = self.state.withLock { state in
            state.isBusy = false
            return !state.items.isEmpty || state.isClosing
        }
        if isWanted { self.state.wake() }
        return outcomes
    }

    /// Queues an append unless too much waits already.
    func post(_ call: Call) -> Admission {
        let admission = self.state.withLock { state -> Admission in
            if state.isClosing { return .closed }
            let isFull =
                state.eventCount + call.eventCount > self.limits.queuedEventsMax
                || state.byteCount + call.byteCount > self.limits.queuedBytesMax
            if isFull && state.eventCount > 0 { return .overloaded }
            state.items.append(.append(call))
            state.eventCount += call.eventCount
            state.byteCount += call.byteCount
            return .accepted
        }
        if admission == .accepted { self.state.wake() }
        return admission
    }

    /// Queues a job; whether it will run.
    func post(_ job: @escaping @Sendable (Writer) -> Void) -> Bool {
        let isAccepted = self.state.withLock { state in
            if state.isClosing { return false }
            state.items.append(.job(job))
            return true
        }
        if isAccepted { self.state.wake() }
        return isAccepted
    }

    /// Takes nothing more, and waits until what was taken is done. Not on the writer thread.
    func close() {
        self.stop()
        _ = self.state.wait { $0.hasEnded ? true : nil }
    }

    /// Takes nothing more; what was taken is still done.
    func stop() {
        self.state.withLock { $0.isClosing = true }
        self.state.wake()
    }

    private func run() {
        let writer = self.writer
        while let items = self.next() {
            var calls: [Call] = []
            for item in items {
                switch item {
                case .append(let call): calls.append(call)
                case .job(let job):
                    self.append(&calls, writer)
                    job(writer)
                }
            }
            self.append(&calls, writer)
            self.state.withLock { $0.isBusy = false }
        }
        self.state.withLock { $0.hasEnded = true }
        self.state.wake()
    }

    /// Everything that waits, waiting for the first; `nil` once closed and empty.
    private func next() -> [Item]? {
        self.state.wait { state -> [Item]?? in
            if state.isBusy { return nil }
            if state.items.isEmpty { return state.isClosing ? .some(nil) : nil }
            state.isBusy = true
            let items = state.items
            state.items = []
            state.eventCount = 0
            state.byteCount = 0
            return .some(items)
        } ?? nil
    }

    /// Appends what `calls` bring, in as many commits as the limits ask for, and answers.
    private func append(_ calls: inout [Call], _ writer: Writer) {
        guard !calls.isEmpty else { return }
        var outcomes: [AppendOutcome] = []
        var batch: [AppendRequest] = []
        var eventCount = 0
        var byteCount = 0
        var answered = 0
        func flush() {
            outcomes += writer.append(batch)
            batch.removeAll(keepingCapacity: true)
            eventCount = 0
            byteCount = 0
            while answered < calls.count, outcomes.count >= calls[answered].requests.count {
                let count = calls[answered].requests.count
                // Who is answered goes on from what the requests hold; two holders would copy it.
                calls[answered].requests = []
                calls[answered].reply.resume(returning: Array(outcomes.prefix(count)))
                outcomes.removeFirst(count)
                answered += 1
            }
        }
        for place in calls.indices {
            for request in calls[place].requests {
                let bytes = request.byteCount
                let isFull =
                    eventCount + request.events.count > self.limits.commitEventsMax
                    || byteCount + bytes > self.limits.commitBytesMax
                if isFull && !batch.isEmpty { flush() }
                batch.append(request)
                eventCount += request.events.count
                byteCount += bytes
            }
        }
        flush()
        calls = []
    }
}
