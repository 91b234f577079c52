import FoundationEssentials
import Glibc
import Synchronization

/// Everything the program writes: records on standard output, words for people on standard error.
///
/// Standard output is buffered and written whole. A reader that goes away (`| head`) ends the
/// program quietly, as with other tools, unless a command said that its answers matter.
enum Terminal {
    private static let buffer = Mutex<[UInt8]>([])
    private static let flushBytes = 1 << 16
    private static let answersMatter = Atomic<Bool>(false)

    /// The columns that text for people is made for where there is no terminal to ask.
    static let columnsDefault = 80
    /// Whether standard error is a terminal, where progress may go.
    static let errorIsTerminal = isatty(2) == 1
    /// Whether standard output is a terminal.
    static let outputIsTerminal = isatty(1) == 1
    /// Colours only on a terminal, and never with NO_COLOR (https://no-color.org).
    static let usesColour =
        outputIsTerminal && ProcessEnvironment.value("NO_COLOR") == nil
        && ProcessEnvironment.value("TERM") != "dumb"
    /// The columns of standard output, 60 to 120.
    static let columns: Int = {
        var size = winsize()
        let code = unsafe ioctl(1, UInt(TIOCGWINSZ), &size)
        guard outputIsTerminal, code == 0, size.ws_col > 0 else { return columnsDefault }
        return min(max(Int(size.ws_col), 60), 120)
    }()

    /// Says that a reader who goes away is a failure: what was answered would be lost.
    static func makeAnswersMatter() {
        Self.answersMatter.store(true, ordering: .relaxed)
    }

    /// Writes one line to standard output.
    static func line(_ text: String = "") {
        let full = Self.buffer.withLock { buffer in
            buffer.append(contentsOf: text.utf8)
            buffer.append(UInt8(ascii: "\n"))
            return buffer.count >= Self.flushBytes
        }
        if full { Self.flush() }
    }

    /// Writes bytes to standard output as they are.
    static func bytes(_ bytes: [UInt8]) {
        let full = Self.buffer.withLock { buffer in
            buffer.append(contentsOf: bytes)
            return buffer.count >= Self.flushBytes
        }
        if full { Self.flush() }
    }

    /// Hands what is buffered to the operating system; ends the program if that is not possible.
    static func flush() {
        let pending = Self.buffer.withLock { buffer in
            defer { buffer = [] }
            return buffer
        }
        let code = Self.write(pending, to: 1)
        guard code != 0 else { return }
        // Nothing of a ledger needs tidying: its transactions end with the process.
        guard code == EPIPE else {
            Self.note("caseledger: standard output: \(errorText(code))")
            _exit(Sysexit.ioError.rawValue)
        }
        guard Self.answersMatter.load(ordering: .relaxed) else { _exit(Sysexit.ok.rawValue) }
        Self.note("caseledger: nobody reads the answers any more; stopped after the last one")
        _exit(Sysexit.ioError.rawValue)
    }

    /// Writes one line to standard error.
    static func note(_ text: String) {
        _ = Self.write(Array((text + "\n").utf8), to: 2)
    }

    /// Writes `text` to standard error without a line end.
    static func status(_ text: String) {
        _ = Self.write(Array(text.utf8), to: 2)
    }

    /// `text` in bold, where colours are used.
    static func bold(_ text: String) -> String {
        Self.usesColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text
    }

    /// `text` dimmed, where colours are used.
    static func dim(_ text: String) -> String {
        Self.usesColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text
    }

    /// `text` in red, where colours are used.
    static func red(_ text: String) -> String {
        Self.usesColour ? "\u{1B}[31m\(text)\u{1B}[0m" : text
    }

    /// Writes all of `bytes`; returns 0, or the `errno` of what went wrong.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes[offset...].withUnsafeBytes { rest in
                unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if written > 0 {
                offset += written
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}

/// The environment's variables.
enum ProcessEnvironment {
    /// The variable called `name`; `nil` if it is not set, or empty.
    static func value(_ name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        let value = unsafe String(cString: text)
        return value.isEmpty ? nil : value
    }

    /// Every variable as `NAME=value`, for a command that is run.
    static var all: [String] {
        ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    }
}
