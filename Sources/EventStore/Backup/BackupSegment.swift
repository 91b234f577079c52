internal import Glibc
internal import LedgerTypes
internal import Merkle

/// The bytes of one file of a backup (docs/FORMAT.md, "Backups").
///
/// ```
/// "CLBACKUP1\n" ‖ records ‖ end      record = u8 type ‖ u32 length ‖ body
/// ```
/// The end is a record whose body is the SHA-256 of all bytes before it. Each segment names the
/// digest of the one before, so none can be exchanged or left out.
enum BackupSegment {
    static let magic = Array("CLBACKUP1\n".utf8)
    /// The most bytes of a record's body: a section and what stands before it.
    static let bodyBytesMax = (16 << 20) + 1_024

    /// What the first segment says of the one before.
    static let noDigest = Digest.sha256(domain: "cl/backup/1")

    enum RecordType: UInt8, Sendable {
        /// Which leaves the segment adds; the first record.
        case header = 1
        /// The commit clock; a commit begins with the next leaf.
        case clock = 2
        /// A leaf and its address.
        case leaf = 3
        /// A sealed section of the leaf before it.
        case section = 4
        /// Where a log stands.
        case log = 5
        /// A row of `meta`.
        case meta = 6
        /// All rows of `keys` or `absent` whose keys begin with one byte.
        case bucket = 7
        /// In the file `state`: the digest of a bucket as the segments have it.
        case bucketDigest = 8
        /// In the file `state`: the digest of the newest segment.
        case newest = 9
        /// SHA-256 of everything before.
        case end = 255
    }

    /// What a segment adds.
    struct Header: Hashable, Sendable {
        var number: UInt32
        /// The arrivals of the leaves.
        var arrivals: Range<UInt64>
        /// The digest of the segment before; `noDigest` in the first.
        var previous: Digest
        var siteKey: [UInt8]
        var site: SiteName

        var bytes: [UInt8] {
            var bytes: [UInt8] = []
            bytes.appendBigEndian(self.number)
            bytes.appendBigEndian(self.arrivals.lowerBound)
            bytes.appendBigEndian(self.arrivals.upperBound)
            self.previous.append(to: &bytes)
            return bytes + self.siteKey + Array(self.site.rawValue.utf8)
        }

        init(
            number: UInt32,
            arrivals: Range<UInt64>,
            previous: Digest,
            siteKey: [UInt8],
            site: SiteName
        ) {
            self.number = number
            self.arrivals = arrivals
            self.previous = previous
            self.siteKey = siteKey
            self.site = site
        }

        init?(_ body: [UInt8]) {
            guard body.count > 84, let previous = Digest(body.span.extracting(20..<52)),
                let site = SiteName(String(decoding: body[84...], as: UTF8.self))
            else { return nil }
            let first = body.span.bigEndianWord(at: 4)
            let end = body.span.bigEndianWord(at: 12)
            guard first <= end else { return nil }
            self.init(
                number: body.span.bigEndian32(at: 0),
                arrivals: first..<end,
                previous: previous,
                siteKey: Array(body[52..<84]),
                site: site
            )
        }
    }

    /// Where a log stands at the end of a segment.
    struct Log: Hashable, Sendable {
        var position: Position
        var isCurrent: Bool
        var isFrozen: Bool
        /// How many of its leaves this ledger appended.
        var written: UInt64
        var note: [UInt8]

        var bytes: [UInt8] {
            var bytes = self.position.log.bytes
            bytes.append((self.isCurrent ? 1 : 0) | (self.isFrozen ? 2 : 0))
            bytes.appendBigEndian(self.position.size)
            self.position.root.append(to: &bytes)
            bytes.appendBigEndian(self.written)
            return bytes + self.note
        }

        init(
            position: Position,
            isCurrent: Bool,
            isFrozen: Bool,
            written: UInt64,
            note: [UInt8]
        ) {
            self.position = position
            self.isCurrent = isCurrent
            self.isFrozen = isFrozen
            self.written = written
            self.note = note
        }

        init?(_ body: [UInt8]) {
            guard body.count >= 65, body[16] <= 3, let log = LogID(body.span.extracting(0..<16)),
                let root = Digest(body.span.extracting(25..<57))
            else { return nil }
            self.init(
                position: Position(log: log, size: body.span.bigEndianWord(at: 17), root: root),
                isCurrent: body[16] & 1 != 0,
                isFrozen: body[16] & 2 != 0,
                written: body.span.bigEndianWord(at: 57),
                note: Array(body[65...])
            )
        }
    }

    /// All rows of a table whose keys begin with one byte.
    struct Bucket: Hashable, Sendable {
        /// 1 for `keys`, 2 for `absent`.
        var table: UInt8
        var first: UInt8
        var rows: [(key: [UInt8], value: [UInt8])]

        /// Their digest, by which a later run knows that nothing changed.
        var digest: Digest { Digest.sha256(domain: "cl/backup-bucket/1", self.bytes) }

        var bytes: [UInt8] {
            var bytes: [UInt8] = [self.table, self.first]
            for (key, value) in self.rows {
                bytes.appendBigEndian(UInt32(key.count))
                bytes += key
                bytes.appendBigEndian(UInt32(value.count))
                bytes += value
            }
            return bytes
        }

        init(table: UInt8, first: UInt8, rows: [(key: [UInt8], value: [UInt8])]) {
            self.table = table
            self.first = first
            self.rows = rows
        }

        init?(_ body: [UInt8]) {
            guard body.count >= 2, body[0] == 1 || body[0] == 2 else { return nil }
            self.init(table: body[0], first: body[1], rows: [])
            var offset = 2
            func part() -> [UInt8]? {
                guard body.count - offset >= 4 else { return nil }
                let count = Int(body.span.bigEndian32(at: offset))
                guard body.count - offset - 4 >= count else { return nil }
                defer { offset += 4 + count }
                return Array(body[offset + 4..<offset + 4 + count])
            }
            while offset < body.count {
                guard let key = part(), let value = part() else { return nil }
                self.rows.append((key, value))
            }
        }

        static func == (one: Self, other: Self) -> Bool { one.bytes == other.bytes }

        func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
    }
}

/// Writes one segment: under another name until it is whole and flushed.
final class BackupSegmentWriter {
    private let path: String
    private let file: CInt
    private var waiting: [UInt8] = []
    private var digest = DigestWriter()
    private(set) var byteCount: UInt64 = 0
    private var isOpen = true

    init(path: String) throws(EventStoreError) {
        self.path = path
        self.file = unsafe open(path + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard self.file >= 0 else { throw Files.failure(path) }
        try self.put(BackupSegment.magic)
    }

    deinit {
        guard self.isOpen else { return }
        close(self.file)
        unsafe unlink(self.path + ".new")
    }

    func append(_ type: BackupSegment.RecordType, _ body: [UInt8]) throws(EventStoreError) {
        precondition(body.count <= BackupSegment.bodyBytesMax)
        var record = [type.rawValue]
        record.appendBigEndian(UInt32(body.count))
        try self.put(record)
        try self.put(body)
    }

    /// Ends the file; returns its digest.
    func finish() throws(EventStoreError) -> Digest {
        let digest = self.digest.finalize()
        try self.append(.end, digest.bytes)
        try self.write()
        guard fsync(self.file) == 0 else { throw Files.failure(self.path) }
        close(self.file)
        self.isOpen = false
        guard unsafe rename(self.path + ".new", self.path) == 0 else {
            throw Files.failure(self.path)
        }
        try Files.syncDirectory(Files.parent(of: self.path))
        return digest
    }

    private func put(_ bytes: [UInt8]) throws(EventStoreError) {
        self.digest.update(bytes.span)
        self.byteCount += UInt64(bytes.count)
        self.waiting += bytes
        if self.waiting.count >= 1 << 20 { try self.write() }
    }

    private func write() throws(EventStoreError) {
        try Files.write(self.waiting, to: self.file, path: self.path)
        self.waiting.removeAll(keepingCapacity: true)
    }
}

/// Reads one segment from its beginning; checks its digest at the end.
final class BackupSegmentReader {
    private let path: String
    private let file: CInt
    private var held: [UInt8] = []
    private var offset = 0
    private var digest = DigestWriter()
    /// The segment's digest, once the end was read.
    private(set) var found: Digest?

    init(path: String) throws(EventStoreError) {
        self.path = path
        self.file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard self.file >= 0 else { throw Files.failure(path) }
        guard try self.take(BackupSegment.magic.count) == BackupSegment.magic else {
            throw .malformedFile(path: path)
        }
        self.digest.update(BackupSegment.magic.span)
    }

    deinit { close(self.file) }

    /// The next record; `nil` after the end.
    func next() throws(EventStoreError) -> (type: BackupSegment.RecordType, body: [UInt8])? {
        guard self.found == nil else { return nil }
        let head = try self.take(5)
        let count = Int(head.span.bigEndian32(at: 1))
        guard let type = BackupSegment.RecordType(rawValue: head[0]),
            count <= BackupSegment.bodyBytesMax
        else { throw .malformedFile(path: self.path) }
        let body = try self.take(count)
        if type == .end {
            let digest = self.digest.finalize()
            guard digest.bytes == body, try self.isAtEnd() else {
                throw .malformedFile(path: self.path)
            }
            self.found = digest
            return nil
        }
        self.digest.update(head.span)
        self.digest.update(body.span)
        return (type, body)
    }

    /// The digest that the segment in the file at `path` ends with; nothing is checked.
    static func claimedDigest(_ path: String) throws(EventStoreError) -> Digest? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Files.failure(path) }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Digest.byteCount)
        let end = lseek(file, 0, SEEK_END)
        guard end > Digest.byteCount else { return nil }
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            // The buffer is as long as what is read into it.
            unsafe pread(file, buffer.baseAddress, buffer.count, end - Digest.byteCount)
        }
        guard count == Digest.byteCount else { return nil }
        return Digest(bytes.span)
    }

    private func take(_ count: Int) throws(EventStoreError) -> [UInt8] {
        while self.held.count - self.offset < count {
            guard try self.fill() else { throw .malformedFile(path: self.path) }
        }
        defer { self.offset += count }
        return Array(self.held[self.offset..<self.offset + count])
    }

    private func isAtEnd() throws(EventStoreError) -> Bool {
        guard self.held.count == self.offset else { return false }
        return try !self.fill()
    }

    /// Reads on; whether there was anything.
    private func fill() throws(EventStoreError) -> Bool {
        self.held.removeSubrange(..<self.offset)
        self.offset = 0
        var part = [UInt8](repeating: 0, count: 1 << 18)
        let file = self.file
        var count = -1
        repeat {
            count = unsafe part.withUnsafeMutableBytes { buffer -> Int in
                // The buffer is as long as what is read into it.
                unsafe Glibc.read(file, buffer.baseAddress, buffer.count)
            }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw Files.failure(self.path) }
        self.held += part[..<count]
        return count > 0
    }
}
