internal import Glibc

/// A mutex with a condition.
///
/// Of `pthread_mutex_t`, because ThreadSanitizer does not see the standard library's `Mutex`.
///
/// `@safe`: both pointers live from `init` to `deinit` and never leave the type.
/// `@unchecked Sendable`: that is what a mutex is for.
@safe
final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        let codes = unsafe (
            pthread_mutex_init(self.mutex, nil), pthread_cond_init(self.changed, nil)
        )
        precondition(codes == (0, 0), "no mutex could be made")
    }

    deinit {
        unsafe pthread_cond_destroy(self.changed)
        unsafe pthread_mutex_destroy(self.mutex)
        unsafe self.changed.deallocate()
        unsafe self.mutex.deallocate()
    }

    /// Enters; not twice by one thread.
    func lock() {
        let code = unsafe pthread_mutex_lock(self.mutex)
        precondition(code == 0, "locking failed with code \(code)")
    }

    /// Leaves.
    func unlock() {
        let code = unsafe pthread_mutex_unlock(self.mutex)
        precondition(code == 0, "unlocking failed with code \(code)")
    }

    /// Leaves, waits for ``announce()`` and enters again.
    func wait() {
        let code = unsafe pthread_cond_wait(self.changed, self.mutex)
        precondition(code == 0, "waiting failed with code \(code)")
    }

    /// Wakes everyone who waits.
    func announce() { unsafe pthread_cond_broadcast(self.changed) }
}
