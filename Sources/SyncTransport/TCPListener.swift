internal import CNetwork
internal import Glibc
internal import Synchronization

/// Why a connection could not be had.
package enum ConnectionError: Error, Hashable, Sendable {
    /// The address cannot be reached or listened at; the text is the system's.
    case unreachable(String)
    /// The peer proved that it holds another key than those taken; the key, 32 bytes.
    case refusedKey([UInt8])
    /// The peer speaks no TLS 1.3, not this protocol inside it, or refused this side.
    case handshake(String)
    /// The peer did not finish the handshake in time.
    case silent
}

/// A socket that listens.
///
/// Any thread; one caller of ``accept()`` at a time.
package final class TCPListener: Sendable {
    /// How often a waiting call looks whether it has been closed.
    private static let sliceMilliseconds: CInt = 100

    /// The port, also where any was asked for.
    package let port: UInt16
    private let number: CInt
    private let isClosed = Atomic(false)
    private let thread = BlockingThread(name: "listener")

    /// Listens at `host` (empty: every address of this machine) and `port` (0: any).
    package init(host: String, port: UInt16) throws(ConnectionError) {
        BrokenPipe.ignore()
        self.number = unsafe caseledger_tcp_listen(host, port)
        self.port = self.number < 0 ? 0 : caseledger_tcp_port(self.number)
        guard self.number >= 0 else { throw .unreachable(SocketText.words(for: self.number)) }
    }

    deinit {
        self.thread.stop()
        if self.number >= 0 { Glibc.close(self.number) }
    }

    /// The next connection; `nil` after ``close()``.
    package func accept() async -> TCPConnection? {
        await self.thread.run { self.next() } ?? nil
    }

    /// Takes no more connections. Connections that were taken go on.
    package func close() { self.isClosed.store(true, ordering: .releasing) }

    private func next() -> TCPConnection? {
        while !self.isClosed.load(ordering: .acquiring) {
            var entry = pollfd(fd: self.number, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&entry, 1, Self.sliceMilliseconds) > 0 else { continue }
            var remote = [CChar](repeating: 0, count: 96)
            // Safe: the call writes at most the count that it is given.
            let result = unsafe caseledger_tcp_accept(self.number, &remote, remote.count)
            if result >= 0 {
                return TCPConnection(result, remote: SocketText.string(remote))
            }
            // Out of descriptors: some connection has to end first.
            if result == -EMFILE || result == -ENFILE { usleep(100_000) }
        }
        return nil
    }
}

/// A connected socket; closed with this object.
package final class TCPConnection: Sendable {
    /// Where the peer is, for logs.
    package let remote: String
    let number: CInt

    init(_ number: CInt, remote: String) {
        self.number = number
        self.remote = remote
    }

    deinit { Glibc.close(self.number) }

    /// Ends the connection in both directions; calls that wait on it return soon.
    package func shutDown() { shutdown(self.number, Int32(SHUT_RDWR)) }

    /// Connects to the first address of `host` that answers, each within `milliseconds`. Blocks.
    static func connect(
        host: String,
        port: UInt16,
        milliseconds: CInt
    ) -> Result<TCPConnection, ConnectionError> {
        BrokenPipe.ignore()
        let number = unsafe caseledger_tcp_connect(host, port, milliseconds)
        guard number >= 0 else { return .failure(.unreachable(SocketText.words(for: number))) }
        return .success(TCPConnection(number, remote: "\(host):\(port)"))
    }

    /// Waits until the socket is ready for `event`; false when `milliseconds` passed before.
    func wait(for event: CInt, milliseconds: CInt) -> Bool {
        var entry = pollfd(fd: self.number, events: Int16(event), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) > 0
    }

    /// What came next, up to 8 KiB, for a plain-text service; empty at the end or after a silence.
    /// Blocks.
    func readPlain(milliseconds: CInt) -> [UInt8] {
        guard self.wait(for: POLLIN, milliseconds: milliseconds) else { return [] }
        // Safe: `read` writes at most the buffer's size.
        return unsafe [UInt8](unsafeUninitializedCapacity: 8 << 10) { buffer, count in
            count = max(0, unsafe read(self.number, buffer.baseAddress, buffer.count))
        }
    }

    /// Writes all of `bytes` in the clear, unless the peer is gone or falls silent. Blocks.
    func writePlain(_ bytes: [UInt8], milliseconds: CInt) {
        var offset = 0
        while offset < bytes.count, self.wait(for: POLLOUT, milliseconds: milliseconds) {
            // Safe: the rest of the array is what is written.
            let count = unsafe bytes[offset...].withUnsafeBytes { rest in
                unsafe write(self.number, rest.baseAddress, rest.count)
            }
            guard count > 0 || errno == EAGAIN || errno == EINTR else { return }
            offset += max(0, count)
        }
    }
}

/// Texts that C writes.
enum SocketText {
    /// The words for a failure of a socket.
    static func words(for failure: CInt) -> String {
        var text = [CChar](repeating: 0, count: 128)
        unsafe caseledger_tcp_error(failure, &text, text.count)
        return Self.string(text)
    }

    /// What stands before the first zero.
    static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
