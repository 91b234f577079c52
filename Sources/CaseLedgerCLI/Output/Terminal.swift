import FoundationEssentials
import Glibc
import Synchronization

/// Everything the program writes: records on standard output, words for people on standard error.
///
/// Standard output is buffered and written whole; a reader that goes away (`| head`) ends the
/// program quietly, as other tools do.
enum Terminal {
    private static let buffer = Mutex<[UInt8]>([])
    private static let flushBytes = 1 << 16

    /// Whether standard error is a terminal, where progress and colours may go.
    static let errorIsTerminal = isatty(2) == 1
    /// Whether standard output is a terminal.
    static let outputIsTerminal = isatty(1) == 1
    /// Colours only on a terminal, and never with NO_COLOR (https://no-color.org).
    static let usesColour =
        outputIsTerminal && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty

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

    /// Hands what is buffered to the operating system.
    static func flush() {
        let pending = Self.buffer.withLock { buffer in
            defer { buffer = [] }
            return buffer
        }
        guard Self.write(pending, to: 1) else { exit(Sysexit.ok.rawValue) }
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

    /// Writes all of `bytes`; false when the reader has gone.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes[offset...].withUnsafeBytes { rest in
                unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if written > 0 {
                offset += written
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
