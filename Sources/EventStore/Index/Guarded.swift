internal import Glibc

/// State that several threads share, behind a mutex with a condition variable.
///
/// `pthread_mutex_t` rather than `Synchronization.Mutex`: waiting needs a condition variable, and
/// ThreadSanitizer on Linux sees pthreads but not the standard library's futex lock.
///
/// `@unchecked Sendable`: `state` is touched only while `mutex` is held. `@safe`: the two pointers
/// are allocated and initialised in `init`, and freed in `deinit`, when nobody can hold the mutex.
@safe
final class Guarded<State>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Touched under the lock only, so that nothing is left to be found out while running.
    @exclusivity(unchecked)
    private var state: State

    /// Guards `state`.
    init(_ state: sending State) {
        unsafe self.state = state
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(self.changed, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
        unsafe pthread_mutex_init(self.mutex, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(self.changed)
        unsafe pthread_mutex_destroy(self.mutex)
        unsafe self.changed.deallocate()
        unsafe self.mutex.deallocate()
    }

    /// Runs `body` alone with the state. Do not call back into this object from `body`.
    func withLock<Success, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Success
    ) throws(Failure) -> Success {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        return try unsafe body(&self.state)
    }

    /// Wakes every thread that waits.
    func wake() {
        unsafe pthread_cond_broadcast(self.changed)
    }

    /// Waits until `body` returns something, which is looked at now, after every ``wake()`` and,
    /// with `milliseconds`, once more when that time is over; then `nil`.
    func wait<Success>(
        milliseconds: Int? = nil,
        until body: (inout State) -> Success?
    ) -> Success? {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        var deadline = timespec()
        if let milliseconds {
            unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
            deadline.tv_sec += milliseconds / 1_000
            deadline.tv_nsec += (milliseconds % 1_000) * 1_000_000
            if deadline.tv_nsec >= 1_000_000_000 {
                deadline.tv_sec += 1
                deadline.tv_nsec -= 1_000_000_000
            }
        }
        while true {
            if let success = unsafe body(&self.state) { return success }
            if milliseconds == nil {
                unsafe pthread_cond_wait(self.changed, self.mutex)
            } else if unsafe pthread_cond_timedwait(self.changed, self.mutex, &deadline) != 0 {
                return unsafe body(&self.state)
            }
        }
    }
}
