internal import Glibc
internal import LedgerTypes

/// How far a log of this ledger has left the host, kept outside the ledger's directory and its
/// backup (SYNC.md 2).
///
/// Invariants: written only while the `log/` write transaction is held; (size, root) is never
/// lowered; nothing beyond it ever leaves the host. The tokens change at every opening for writing:
/// first the file names the database's token and the next one, then the database takes the next.
struct Anchor: Hashable, Sendable {
    /// The bytes of a token.
    static let tokenByteCount = 16

    /// What has left the host, at most.
    var size: UInt64
    /// The root at that size.
    var root: Digest
    /// The token that the database held when the file was written.
    var previous: [UInt8]
    /// The token that it holds once the opening is done.
    var next: [UInt8]

    /// Whether a database that holds `token` belongs to this anchor.
    func knows(_ token: [UInt8]) -> Bool { token == self.previous || token == self.next }

    /// The file's text.
    var text: [UInt8] {
        Array(
            """
            caseledger anchor 1
            size \(self.size)
            root \(self.root)
            previous \(self.previous.hex)
            next \(self.next.hex)

            """.utf8
        )
    }

    /// Describes an anchor.
    init(size: UInt64, root: Digest, previous: [UInt8], next: [UInt8]) {
        self.size = size
        self.root = root
        self.previous = previous
        self.next = next
    }

    /// Reads a file's text; `nil` if it is not an anchor's.
    init?(text: [UInt8]) {
        let lines = String(decoding: text, as: UTF8.self).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        guard lines.count == 6, lines[0] == "caseledger anchor 1", lines[5].isEmpty,
            let size = Self.field("size ", lines[1]).flatMap({ UInt64($0) }),
            let root = Self.field("root ", lines[2]).flatMap({ Digest(hex: String($0)) }),
            let previous = Self.field("previous ", lines[3]).flatMap({ [UInt8](hex: $0) }),
            let next = Self.field("next ", lines[4]).flatMap({ [UInt8](hex: $0) }),
            previous.count == Self.tokenByteCount, next.count == Self.tokenByteCount
        else { return nil }
        self.init(size: size, root: root, previous: previous, next: next)
    }

    private static func field(_ name: String, _ line: Substring) -> String? {
        line.hasPrefix(name) ? String(line.dropFirst(name.count)) : nil
    }
}

/// What stands under STATE for one own log: the anchor and the log's signing key.
struct LogSecrets: Sendable {
    /// `STATE/<log id>`.
    let directory: String

    /// The place for `log` under `state`.
    init(state: String, log: LogID) {
        self.directory = "\(state)/\(log.hex)"
    }

    /// The anchor; `nil` if there is none, or it is not readable as one.
    func anchor() throws(EventStoreError) -> Anchor? {
        try Files.read(self.directory + "/anchor").flatMap { Anchor(text: $0) }
    }

    /// Writes the anchor durably. The caller holds the `log/` write transaction.
    func write(_ anchor: Anchor) throws(EventStoreError) {
        try Files.write(anchor.text, to: self.directory + "/anchor")
    }

    /// Waits until no other copy of the ledger that shares STATE, in whatever process, reads and
    /// raises the anchor; ``unlock(_:)`` gives the lock back. The caller holds the `log/` write
    /// transaction, and takes the lock inside of it: never the other way round.
    ///
    /// `nil` where the folder is missing: then there is no anchor to guard.
    func lock() throws(EventStoreError) -> CInt? {
        let path = self.directory + "/lock"
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw Files.failure(path)
        }
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let failure = Files.failure(path)
                close(file)
                throw failure
            }
        }
        return file
    }

    /// Gives back what ``lock()`` returned. The system does so when a process dies.
    func unlock(_ file: CInt?) {
        if let file { close(file) }
    }

    /// The path of the log's signing key.
    var keyPath: String { self.directory + "/log.key" }
}
