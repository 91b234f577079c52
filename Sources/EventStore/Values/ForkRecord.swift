package import LedgerTypes
internal import Merkle

/// What is known of two histories of one log; kept until somebody resolves it, and after it.
///
/// A row of `meta` under `fork/` ‖ log id (docs/FORMAT.md). There is one for each log: what is
/// learned later of the same fork is added to it.
package struct ForkRecord: Hashable, Sendable {
    /// What the two histories are.
    package enum Kind: UInt8, Hashable, Sendable {
        /// This copy is the beginning of what the log's own key signed: the machine went back.
        case reverted = 1
        /// The two go different ways.
        case divergent = 2
        /// The end of a former log of this site that was never signed, and that nobody else holds.
        case unsigned = 3
    }

    /// The log.
    package let log: LogID
    /// What the two histories are.
    package var kind: Kind
    /// When it was found, by the local clock.
    package var found: Timestamp
    /// The site that showed the other history, if it is known.
    package var peer: SiteName?
    /// The note that was held here; empty if none was.
    package var held: [UInt8]
    /// The note that was shown; empty if none was.
    package var shown: [UInt8]
    /// The first index at which the leaves differ, if it is known.
    package var forkIndex: UInt64?
    /// The size from which ``proof`` leads to what was shown.
    package var oldSize: UInt64
    /// The proof that came with it.
    package var proof: [Digest]
    /// Whether it is over: the other branch was set aside, or the tail came back.
    package var isResolved = false

    /// Describes a fork.
    package init(
        log: LogID,
        kind: Kind,
        found: Timestamp,
        peer: SiteName?,
        held: [UInt8],
        shown: [UInt8],
        forkIndex: UInt64? = nil,
        oldSize: UInt64 = 0,
        proof: [Digest] = []
    ) {
        self.log = log
        self.kind = kind
        self.found = found
        self.peer = peer
        self.held = held
        self.shown = shown
        self.forkIndex = forkIndex
        self.oldSize = oldSize
        self.proof = proof
    }

    /// Where the note that was shown says the log stands; `nil` if there is none.
    package var shownPosition: Position? {
        guard let checkpoint = Checkpoint(noteBytes: self.shown) else { return nil }
        return Position(log: self.log, size: checkpoint.size, root: checkpoint.root)
    }

    /// What is known once `newer` is learned too: the first notes stay, an exact place is added.
    package func learning(_ newer: ForkRecord) -> ForkRecord {
        guard !self.isResolved, !newer.isResolved else { return newer }
        var record = self
        if newer.kind == .divergent { record.kind = .divergent }
        if record.peer == nil { record.peer = newer.peer }
        if record.shown.isEmpty {
            record.shown = newer.shown
            record.oldSize = newer.oldSize
            record.proof = newer.proof
        }
        if record.held.isEmpty { record.held = newer.held }
        if let index = newer.forkIndex { record.forkIndex = min(index, record.forkIndex ?? index) }
        return record
    }
}

extension ForkRecord {
    /// The row's bytes.
    var row: [UInt8] {
        var row: [UInt8] = [1, self.kind.rawValue, self.isResolved ? 1 : 0]
        row.appendBigEndian(self.found.microseconds)
        row.appendBigEndian(self.forkIndex ?? .max)
        row.appendBigEndian(self.oldSize)
        let peer = Array((self.peer?.rawValue ?? "").utf8)
        for part in [peer, self.held, self.shown] {
            row.appendBigEndian(UInt32(part.count))
            row += part
        }
        for digest in self.proof { digest.append(to: &row) }
        return row
    }

    /// Reads a row; `nil` if it is not one.
    init?(log: LogID, row: Span<UInt8>) {
        guard row.count >= 27, row[0] == 1, let kind = Kind(rawValue: row[1]), row[2] <= 1 else {
            return nil
        }
        var offset = 27
        var parts: [[UInt8]] = []
        for _ in 0..<3 {
            guard row.count >= offset + 4 else { return nil }
            let count = Int(row.bigEndian32(at: offset))
            offset += 4
            guard row.count - offset >= count else { return nil }
            parts.append([UInt8](copying: row.extracting(offset..<offset + count)))
            offset += count
        }
        guard (row.count - offset).isMultiple(of: Digest.byteCount) else { return nil }
        var proof: [Digest] = []
        while offset < row.count {
            guard let digest = Digest(row.extracting(offset..<offset + Digest.byteCount)) else {
                return nil
            }
            proof.append(digest)
            offset += Digest.byteCount
        }
        let index = row.bigEndianWord(at: 11)
        self.init(
            log: log,
            kind: kind,
            found: Timestamp(microseconds: Int64(bitPattern: row.bigEndianWord(at: 3))),
            peer: SiteName(String(decoding: parts[0], as: UTF8.self)),
            held: parts[1],
            shown: parts[2],
            forkIndex: index == .max ? nil : index,
            oldSize: row.bigEndianWord(at: 19),
            proof: proof
        )
        self.isResolved = row[2] == 1
    }
}
