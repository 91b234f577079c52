internal import CPosixShims
internal import Glibc

/// Starts a thread of the store, which nobody joins.
///
/// - Parameters:
///   - name: at most 15 bytes, as debuggers and `top -H` show it.
///   - life: what the thread does; it retains what this captures until it ends.
func startStoreThread(named name: String, _ life: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    // The thread takes over the reference that is retained here.
    let code = unsafe pthread_create(
        &thread,
        nil,
        { argument in
            guard let argument = unsafe argument else { return nil }
            let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
            unsafe caseledger_set_thread_name(start.name)
            start.life()
            return nil
        },
        unsafe Unmanaged.passRetained(ThreadStart(name, life)).toOpaque()
    )
    precondition(code == 0, "pthread_create failed with code \(code)")
    pthread_detach(thread)
}

/// What the new thread is given.
private final class ThreadStart: Sendable {
    let name: String
    let life: @Sendable () -> Void

    init(_ name: String, _ life: @escaping @Sendable () -> Void) {
        self.name = name
        self.life = life
    }
}
