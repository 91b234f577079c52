internal import Glibc
package import Replication

/// A byte stream to a command's standard input and output, such as
/// `ssh host caseledger serve --stdio --ledger DIR`; its standard error is passed through.
package final class CommandTransport: Sendable {
    /// How the command ended.
    package enum Exit: Hashable, Sendable {
        /// By itself, with a status.
        case status(Int32)
        /// By a signal.
        case signal(Int32)

        /// Whether it says that all went well.
        package var isSuccess: Bool { self == .status(0) }
    }

    /// Why a command could not be started.
    package struct StartError: Error, Hashable, Sendable {
        /// The call that failed.
        package let call: String
        /// Its `errno`.
        package let code: Int32
    }

    /// How long a command that was told to stop may take before it is stopped the hard way.
    private static let graceMilliseconds = 5_000

    /// The stream.
    package let stream: ByteStream
    private let process: pid_t
    private let waiter = BlockingThread(name: "sync-wait")

    private init(stream: ByteStream, process: pid_t) {
        self.stream = stream
        self.process = process
    }

    deinit {
        self.waiter.stop()
    }

    /// Starts `/bin/sh -c command` with `environment` ("NAME=value" each).
    package static func start(
        _ command: String,
        environment: [String],
        idleMilliseconds: Int
    ) throws(StartError) -> CommandTransport {
        BrokenPipe.ignore()
        let toChild = try Pipe()
        let fromChild = try Pipe()
        let process = try Self.spawn(
            command,
            environment: environment,
            input: toChild.readEnd.number,
            output: fromChild.writeEnd.number
        )
        // The child's ends close here when this function returns, so that its end is seen.
        let stream = DescriptorStream(
            input: fromChild.readEnd.handOver(idleMilliseconds: idleMilliseconds),
            output: toChild.writeEnd.handOver(idleMilliseconds: idleMilliseconds)
        )
        return CommandTransport(stream: stream.stream, process: process)
    }

    /// Closes the stream and waits for the command to end; if it does not, it is stopped.
    package func finish() async -> Exit {
        await self.stream.close()
        let process = self.process
        return await self.waiter.run { Self.reap(process) } ?? .signal(SIGKILL)
    }

    private static func reap(_ process: pid_t) -> Exit {
        var waited = 0
        var status: CInt = 0
        while true {
            let result = unsafe waitpid(process, &status, WNOHANG)
            if result == process { break }
            if result < 0, errno != EINTR { return .status(-1) }
            if waited == Self.graceMilliseconds { kill(process, SIGTERM) }
            if waited == 2 * Self.graceMilliseconds { kill(process, SIGKILL) }
            usleep(10_000)
            waited += 10
        }
        // The layout of a wait status, as the macros of <sys/wait.h> read it.
        let signal = status & 0x7F
        return signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal)
    }

    private static func spawn(
        _ command: String,
        environment: [String],
        input: CInt,
        output: CInt
    ) throws(StartError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        // This process ignores these; the command must not inherit that.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        unsafe sigemptyset(&defaults)
        unsafe sigaddset(&defaults, SIGPIPE)
        unsafe sigaddset(&defaults, SIGXFSZ)
        unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var process = pid_t()
        // Safe: each string lives until `posix_spawn` has returned, which copies what it needs.
        let arguments = unsafe CStrings(["sh", "-c", command])
        let variables = unsafe CStrings(environment)
        defer {
            unsafe arguments.free()
            unsafe variables.free()
        }
        let code = unsafe posix_spawn(
            &process,
            "/bin/sh",
            &actions,
            &attributes,
            arguments.pointers,
            variables.pointers
        )
        guard code == 0 else { throw StartError(call: "posix_spawn", code: code) }
        return process
    }
}

/// A null-terminated array of C strings on the heap.
@unsafe
private struct CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        unsafe self.count = texts.count
        unsafe self.pointers = .allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() { unsafe self.pointers[index] = strdup(text) }
        unsafe self.pointers[texts.count] = nil
    }

    func free() {
        for index in unsafe 0..<self.count { unsafe Glibc.free(self.pointers[index]) }
        unsafe self.pointers.deallocate()
    }
}

/// The two ends of a pipe, neither of which a command inherits by accident.
private struct Pipe {
    let readEnd: End
    let writeEnd: End

    init() throws(CommandTransport.StartError) {
        var numbers: [CInt] = [-1, -1]
        guard unsafe pipe(&numbers) == 0 else {
            throw CommandTransport.StartError(call: "pipe", code: errno)
        }
        for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
        self.readEnd = End(numbers[0])
        self.writeEnd = End(numbers[1])
    }

    /// One end; closed with this object unless it was handed over.
    final class End {
        let number: CInt
        private var isHandedOver = false

        init(_ number: CInt) { self.number = number }

        deinit {
            if !self.isHandedOver { close(self.number) }
        }

        func handOver(idleMilliseconds: Int) -> Descriptor {
            self.isHandedOver = true
            return Descriptor(self.number, isOwned: true, idleMilliseconds: idleMilliseconds)
        }
    }
}
