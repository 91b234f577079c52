internal import CPosixShims
internal import Glibc

/// A thread for calls that block, so that no thread of Swift's own pool does.
///
/// Jobs run one after the other in the order they were given. `@unchecked Sendable`: the queue is
/// touched only while `mutex` is held. `@safe`: both pointers are allocated and initialised in
/// `init`, and freed in `deinit`, which the running thread, holding a reference, puts off.
@safe
final class BlockingThread: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [@Sendable () -> Void] = []
    private var isStopped = false

    /// Starts the thread under a name of at most 15 bytes.
    init(name: String) {
        unsafe pthread_mutex_init(self.mutex, nil)
        unsafe pthread_cond_init(self.changed, nil)
        let start = Start(thread: self, name: name)
        var thread = pthread_t()
        // The thread takes over the reference that is retained here.
        let code = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                unsafe caseledger_set_thread_name(start.name)
                start.thread.work()
                return nil
            },
            unsafe Unmanaged.passRetained(start).toOpaque()
        )
        precondition(code == 0, "pthread_create failed with code \(code)")
        pthread_detach(thread)
    }

    deinit {
        unsafe pthread_cond_destroy(self.changed)
        unsafe pthread_mutex_destroy(self.mutex)
        unsafe self.changed.deallocate()
        unsafe self.mutex.deallocate()
    }

    /// Runs `job` on the thread; `nil` if the thread was stopped before.
    func run<Success: Sendable>(_ job: @escaping @Sendable () -> Success) async -> Success? {
        await withCheckedContinuation { (reply: CheckedContinuation<Success?, Never>) in
            let isAccepted = self.add { reply.resume(returning: job()) }
            if !isAccepted { reply.resume(returning: nil) }
        }
    }

    /// Takes no more jobs; what was given is still done, and then the thread ends.
    func stop() {
        unsafe pthread_mutex_lock(self.mutex)
        self.isStopped = true
        unsafe pthread_cond_signal(self.changed)
        unsafe pthread_mutex_unlock(self.mutex)
    }

    private func add(_ job: @escaping @Sendable () -> Void) -> Bool {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        guard !self.isStopped else { return false }
        self.jobs.append(job)
        unsafe pthread_cond_signal(self.changed)
        return true
    }

    private func work() {
        while let job = self.next() { job() }
    }

    private func next() -> (@Sendable () -> Void)? {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        while self.jobs.isEmpty {
            if self.isStopped { return nil }
            unsafe pthread_cond_wait(self.changed, self.mutex)
        }
        return self.jobs.removeFirst()
    }
}

/// What the new thread is given.
private final class Start: Sendable {
    let thread: BlockingThread
    let name: String

    init(thread: BlockingThread, name: String) {
        self.thread = thread
        self.name = name
    }
}
