internal import CNetwork
internal import Glibc
internal import Replication
internal import Synchronization

/// TLS 1.3 over one connection, for blocking calls: one reader and one writer, at the same time.
///
/// `@unchecked Sendable` and `@safe`: the session is touched only while `mutex` is held, lives as
/// long as this object, and the calls write no more bytes than they are told.
@safe
final class TLSSession: @unchecked Sendable {
    /// The most bytes that are read at once.
    private static let readBytesMax = 256 << 10
    /// How often a waiting call looks whether it has been closed.
    private static let sliceMilliseconds: CInt = 100

    private let connection: TCPConnection
    private let session: OpaquePointer
    private let idleMilliseconds: Int
    private let mutex = Mutex(())
    private let isClosed = Atomic(false)

    /// A session that has not begun; `nil` if the seed is no key.
    init?(
        _ connection: TCPConnection,
        isServer: Bool,
        _ identity: TLSIdentity,
        idleMilliseconds: Int
    ) {
        BrokenPipe.ignore()
        let keys: [[UInt8]]
        let takesAny: Bool
        switch identity.taken {
        case .keys(let some): (keys, takesAny) = (some, false)
        case .any: (keys, takesAny) = ([], true)
        }
        guard identity.seed.count == 32, keys.allSatisfy({ $0.count == 32 }),
            identity.changes.allSatisfy({ $0.count == CASELEDGER_TLS_CHANGE_SIZE })
        else { return nil }
        let (taken, changes) = (keys.flatMap { $0 }, identity.changes.flatMap { $0 })
        // The pointers are good as long as the call, which copies what it needs.
        let session = unsafe identity.seed.withUnsafeBufferPointer { seed in
            unsafe changes.withUnsafeBufferPointer { changes in
                unsafe caseledger_tls_new(
                    connection.number,
                    isServer ? 1 : 0,
                    caseledger_tls_identity(
                        seed: seed.baseAddress,
                        changes: changes.baseAddress,
                        change_count: identity.changes.count
                    ),
                    taken,
                    keys.count,
                    takesAny ? 1 : 0
                )
            }
        }
        guard let session = unsafe session else { return nil }
        self.connection = connection
        unsafe self.session = session
        self.idleMilliseconds = idleMilliseconds
    }

    deinit { unsafe caseledger_tls_free(self.session) }

    /// Shakes hands within `milliseconds`; returns the peer's key.
    func handshake(milliseconds: Int) -> Result<[UInt8], ConnectionError> {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        while true {
            let result = self.mutex.withLock { _ in
                unsafe caseledger_tls_handshake(self.session)
            }
            switch Int(result) {
            case 1: return .success(self.peerKey ?? [])
            case CASELEDGER_TLS_WANTS_READ: self.waitSlice(for: POLLIN)
            case CASELEDGER_TLS_WANTS_WRITE: self.waitSlice(for: POLLOUT)
            default: return .failure(self.handshakeFailure)
            }
            if ContinuousClock.now > end { return .failure(.silent) }
            if self.isClosed.load(ordering: .acquiring) { return .failure(.handshake("closed")) }
        }
    }

    /// The next bytes; empty at the end, which the peer announced.
    func read() -> Result<[UInt8], SyncError> {
        var buffer = [UInt8](repeating: 0, count: Self.readBytesMax)
        var waited = 0
        while !self.isClosed.load(ordering: .acquiring) {
            let result = self.mutex.withLock { _ in
                unsafe caseledger_tls_read(self.session, &buffer, buffer.count)
            }
            switch result {
            case 1...:
                buffer.removeLast(buffer.count - result)
                return .success(buffer)
            case CASELEDGER_TLS_END: return .success([])
            default:
                if let failure = self.wait(after: result, &waited) { return .failure(failure) }
            }
        }
        return .success([])
    }

    /// Writes all of `bytes`.
    func write(_ bytes: [UInt8]) -> Result<Void, SyncError> {
        var offset = 0
        var waited = 0
        while offset < bytes.count {
            guard !self.isClosed.load(ordering: .acquiring) else {
                return .failure(.stream("closed while writing"))
            }
            let result = unsafe bytes[offset...].withUnsafeBytes { rest in
                self.mutex.withLock { _ in
                    unsafe caseledger_tls_write(self.session, rest.baseAddress, rest.count)
                }
            }
            if result > 0 {
                offset += result
                waited = 0
            } else if let failure = self.wait(after: result, &waited) {
                return .failure(failure)
            }
        }
        return .success(())
    }

    /// Makes waiting calls return soon, and calls after this one at once.
    func close() { self.isClosed.store(true, ordering: .releasing) }

    /// Says goodbye and ends the connection in both directions.
    func release() {
        self.close()
        self.mutex.withLock { _ in unsafe caseledger_tls_shutdown(self.session) }
        self.connection.shutDown()
    }

    /// Waits for what a call that returned `result` needs; why nothing more will come, if so.
    private func wait(after result: Int, _ waited: inout Int) -> SyncError? {
        let event: CInt
        switch result {
        case CASELEDGER_TLS_WANTS_READ: event = POLLIN
        case CASELEDGER_TLS_WANTS_WRITE: event = POLLOUT
        case CASELEDGER_TLS_END: return .stream("the peer ended the stream")
        default: return .stream("TLS: \(self.error)")
        }
        if self.waitSlice(for: event) {
            waited = 0
        } else {
            waited += Int(Self.sliceMilliseconds)
        }
        guard waited >= self.idleMilliseconds else { return nil }
        return .stream("silent for \(self.idleMilliseconds / 1_000) s")
    }

    @discardableResult
    private func waitSlice(for event: CInt) -> Bool {
        self.connection.wait(for: event, milliseconds: Self.sliceMilliseconds)
    }

    private var handshakeFailure: ConnectionError {
        let isRefused = unsafe caseledger_tls_refused_key(self.session) != 0
        return isRefused ? .refusedKey(self.peerKey ?? []) : .handshake(self.error)
    }

    private var peerKey: [UInt8]? {
        var key = [UInt8](repeating: 0, count: 32)
        return unsafe caseledger_tls_peer_key(self.session, &key) != 0 ? key : nil
    }

    private var error: String {
        var text = [CChar](repeating: 0, count: 256)
        unsafe caseledger_tls_error(self.session, &text, text.count)
        return SocketText.string(text)
    }
}
