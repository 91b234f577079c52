internal import LMDB
package import LedgerTypes
internal import Merkle

/// What a run of a backup wrote.
package struct BackupSummary: Hashable, Sendable {
    /// The number of the segment that was written; 0 if nothing was new.
    package var segment: UInt32
    /// The leaves that it adds.
    package var leaves: UInt64
    /// The leaves that the backup holds now.
    package var total: UInt64
    /// The bytes that were written.
    package var bytes: UInt64
    /// Where each log stands in the backup.
    package var positions: [Position]
}

/// What a backup was found to hold.
package struct BackupContents: Hashable, Sendable {
    /// The site that the ledger belongs to.
    package var site: SiteName
    /// The segments.
    package var segments: UInt32
    /// The leaves, over all logs.
    package var leaves: UInt64
    /// The sections.
    package var sections: UInt64
    /// Where each log stands.
    package var positions: [Position]
}

/// The files of a backup.
///
/// ```
/// DIR/backup                 "caseledger backup 1\n"
/// DIR/site.key               a copy, 0600
/// DIR/segments/00000001.seg  what the first run found, then what each later run found new
/// DIR/state                  what a later run must know; made again if it is missing
/// ```
struct BackupDirectory: Sendable {
    let path: String

    var marker: String { self.path + "/backup" }
    var siteKey: String { self.path + "/site.key" }
    var segments: String { self.path + "/segments" }
    /// What the segments say at their end, so that a later run need not read them. It can be made
    /// again from them.
    var state: String { self.path + "/state" }

    static let markerText = Array("caseledger backup 1\n".utf8)

    func segment(_ number: UInt32) -> String {
        let digits = String(number)
        let zeroes = String(repeating: "0", count: max(0, 8 - digits.count))
        return "\(self.segments)/\(zeroes)\(digits).seg"
    }

    /// How many segments there are; throws unless the directory is a backup.
    func count() throws(EventStoreError) -> UInt32 {
        guard try Files.read(self.marker) == Self.markerText else {
            throw .notALedger(path: self.path)
        }
        var count: UInt32 = 0
        while Files.exists(self.segment(count + 1)) { count += 1 }
        return count
    }

    /// Makes the directory of a new backup; `path` must be missing, empty, or a backup.
    func make() throws(EventStoreError) {
        if try Files.read(self.marker) == Self.markerText { return }
        if Files.exists(self.path) {
            guard Files.isDirectory(self.path), try Files.isEmptyDirectory(self.path) else {
                throw .alreadyExists(path: self.path)
            }
        }
        try Files.makeDirectory(self.path, mode: 0o700)
        try Files.makeDirectory(self.segments, mode: 0o700)
        try Files.write(Self.markerText, to: self.marker)
    }
}

/// What the segments of a backup say at their end: all that a later run must know.
struct BackupState: Sendable {
    var header: BackupSegment.Header?
    var digest = BackupSegment.noDigest
    var logs: [BackupSegment.Log] = []
    var meta: [(key: [UInt8], value: [UInt8])] = []
    /// The rows of `keys` and `absent`; empty where the state was read from the file `state`.
    var buckets: [[UInt8]: BackupSegment.Bucket] = [:]
    /// The digests of the buckets that are not empty.
    var bucketDigests: [[UInt8]: Digest] = [:]

    /// Takes a record that stands beside the leaves.
    mutating func take(
        _ type: BackupSegment.RecordType,
        _ body: [UInt8]
    ) -> Bool {
        switch type {
        case .header:
            guard let header = BackupSegment.Header(body), header.previous == self.digest,
                header.number == (self.header?.number ?? 0) + 1,
                header.arrivals.lowerBound == self.header?.arrivals.upperBound ?? 0,
                // The same site; its key may have changed since.
                self.header.map({ $0.site == header.site }) ?? true
            else { return false }
            self.header = header
            self.logs = []
            self.meta = []
        case .log:
            guard let log = BackupSegment.Log(body) else { return false }
            self.logs.append(log)
        case .meta:
            guard let count = body.first, body.count > Int(count) else { return false }
            self.meta.append((Array(body[1...Int(count)]), Array(body[(Int(count) + 1)...])))
        case .bucket:
            guard let bucket = BackupSegment.Bucket(body) else { return false }
            let name = [bucket.table, bucket.first]
            self.buckets[name] = bucket
            self.bucketDigests[name] = bucket.rows.isEmpty ? nil : bucket.digest
        case .bucketDigest:
            guard body.count == 34, let digest = Digest(body.span.extracting(2..<34)) else {
                return false
            }
            self.bucketDigests[Array(body[..<2])] = digest
        case .newest:
            guard let digest = Digest(body.span) else { return false }
            self.digest = digest
        case .clock, .leaf, .section, .end: break
        }
        return true
    }
}

extension BackupDirectory {
    /// What a later run must know: from the file `state` if it belongs to the newest segment, else
    /// from the segments.
    func known() throws(EventStoreError) -> BackupState {
        let count = try self.count()
        guard count > 0 else { return BackupState() }
        if Files.exists(self.state), let state = try? self.savedState(),
            state.header?.number == count,
            try BackupSegmentReader.claimedDigest(self.segment(count)) == state.digest
        {
            return state
        }
        return try self.read { (_, _) throws(EventStoreError) in }
    }

    private func savedState() throws(EventStoreError) -> BackupState {
        let reader = try BackupSegmentReader(path: self.state)
        var state = BackupState()
        while let (type, body) = try reader.next() {
            if type == .header {
                guard let header = BackupSegment.Header(body) else {
                    throw .malformedFile(path: self.state)
                }
                state.header = header
            } else if !state.take(type, body) {
                throw .malformedFile(path: self.state)
            }
        }
        return state
    }

    /// Writes the file `state`.
    func save(_ state: BackupState) throws(EventStoreError) {
        guard let header = state.header else { return }
        let writer = try BackupSegmentWriter(path: self.state)
        try writer.append(.header, header.bytes)
        for log in state.logs { try writer.append(.log, log.bytes) }
        for (key, value) in state.meta {
            try writer.append(.meta, [UInt8(key.count)] + key + value)
        }
        let names = state.bucketDigests.keys.sorted { $0.lexicographicallyPrecedes($1) }
        for name in names {
            guard let digest = state.bucketDigests[name] else { continue }
            try writer.append(.bucketDigest, name + digest.bytes)
        }
        try writer.append(.newest, state.digest.bytes)
        _ = try writer.finish()
    }
}

extension BackupDirectory {
    /// Reads every segment in order, giving `body` the records that belong to leaves; returns what
    /// they say at the end. Throws at the first byte that is not as it was written.
    func read(
        _ body: (BackupSegment.RecordType, [UInt8]) throws(EventStoreError) -> Void
    ) throws(EventStoreError) -> BackupState {
        var state = BackupState()
        let count = try self.count()
        guard count > 0 else { throw .malformedFile(path: self.segment(1)) }
        for number in 1...count {
            let path = self.segment(number)
            let reader = try BackupSegmentReader(path: path)
            while let (type, bytes) = try reader.next() {
                guard state.take(type, bytes), state.header?.number == number else {
                    throw .malformedFile(path: path)
                }
                switch type {
                case .clock, .leaf, .section: try body(type, bytes)
                default: break
                }
            }
            guard let digest = reader.found else { throw .malformedFile(path: path) }
            state.digest = digest
        }
        return state
    }

    /// The leaves of the backup with what stands beside them, in order of arrival.
    func forEachLeaf(
        _ body: (CopiedLeaf) throws(EventStoreError) -> Void
    ) throws(EventStoreError) -> BackupState {
        var leaf: CopiedLeaf?
        var clock: Int64?
        let state = try self.read { (type, bytes) throws(EventStoreError) in
            switch type {
            case .clock:
                guard bytes.count == 8 else { throw .malformedFile(path: self.path) }
                clock = Int64(bitPattern: bytes.span.bigEndianWord(at: 0))
            case .leaf:
                if let leaf { try body(leaf) }
                guard bytes.count > 24, let log = LogID(bytes.span.extracting(0..<16)) else {
                    throw .malformedFile(path: self.path)
                }
                leaf = CopiedLeaf(
                    address: EventAddress(log: log, index: bytes.span.bigEndianWord(at: 16)),
                    leaf: Array(bytes[24...]),
                    clock: clock
                )
                clock = nil
            default:
                guard let slot = bytes.first, leaf != nil else {
                    throw .malformedFile(path: self.path)
                }
                leaf?.sections.append(
                    CopiedLeaf.Section(slot: slot, bytes: Array(bytes.dropFirst()))
                )
            }
        }
        if let leaf { try body(leaf) }
        return state
    }
}
