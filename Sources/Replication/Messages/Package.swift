package import LedgerTypes

/// PACKAGE: consecutive leaves of one log, their sections, and the proof that they belong.
///
/// Leaves come first and section bytes after them, since the former compress and the latter do not.
package struct Package: Hashable, Sendable {
    /// How one section of a leaf travels.
    package enum Section: Hashable, Sendable {
        /// The sender does not hold it, or withholds it.
        case withheld
        /// In the package.
        case inline([UInt8])
        /// In the BLOBs before the package.
        case blob
        /// The sender purged it.
        case purged
    }

    /// One leaf with its sections, in the order of the leaf's references.
    package struct Entry: Hashable, Sendable {
        /// The leaf's bytes.
        package var leaf: [UInt8]
        /// One for each reference of the leaf.
        package var sections: [Section]

        /// Creates an entry.
        package init(leaf: [UInt8], sections: [Section] = []) {
            self.leaf = leaf
            self.sections = sections
        }
    }

    /// The log.
    package var log: LogID
    /// The index of the first leaf.
    package var start: UInt64
    /// The size of the tree that `proof` leads to: the checkpoint's.
    package var treeSize: UInt64
    /// The subtree consistency proof for [256·⌊start/256⌋, end).
    package var proof: [Digest]
    /// The leaves: 1 to 256, not beyond the next multiple of 256.
    package var entries: [Entry]

    /// The index after the last leaf.
    package var end: UInt64 { self.start + UInt64(self.entries.count) }

    /// Where the proven subtree begins.
    package var subtreeStart: UInt64 {
        self.start / UInt64(SyncLimits.entriesMax) * UInt64(SyncLimits.entriesMax)
    }

    /// The most bytes of a body before its entries.
    static let headerBytesMax = 16 + 8 + 8 + 8 + 1 + SyncLimits.proofHashesMax * 32

    var frame: Frame {
        var body: [UInt8] = []
        body.appendBigEndian(self.log.rawValue)
        body.appendBigEndian(self.start)
        body.appendBigEndian(self.end)
        body.appendBigEndian(self.treeSize)
        body.append(proof: self.proof)
        Self.append(leavesOf: self.entries, to: &body)
        let leavesEnd = body.count
        Self.append(sectionsOf: self.entries, to: &body)
        return Frame(type: .package, body: body, storedFrom: leavesEnd)
    }

    static func append(leavesOf entries: [Entry], to body: inout [UInt8]) {
        for entry in entries {
            body.appendVarint(UInt64(entry.leaf.count))
            body.append(contentsOf: entry.leaf)
        }
    }

    static func append(sectionsOf entries: [Entry], to body: inout [UInt8]) {
        for entry in entries {
            body.append(UInt8(entry.sections.count))
            for section in entry.sections {
                switch section {
                case .withheld: body.append(0)
                case .inline(let bytes):
                    body.append(1)
                    body.appendVarint(UInt64(bytes.count))
                    body.append(contentsOf: bytes)
                case .blob: body.append(2)
                case .purged: body.append(3)
                }
            }
        }
    }

    init(log: LogID, start: UInt64, treeSize: UInt64, proof: [Digest], entries: [Entry]) {
        self.log = log
        self.start = start
        self.treeSize = treeSize
        self.proof = proof
        self.entries = entries
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .package)
        self.log = try reader.logID()
        self.start = try reader.number()
        let end = try reader.number(UInt64.self)
        self.treeSize = try reader.number()
        guard self.start < end, end <= self.treeSize else { throw reader.malformed }
        let width = UInt64(SyncLimits.entriesMax)
        guard end - self.start <= width, (end - 1) / width == self.start / width else {
            throw .limit(.entries, log: self.log)
        }
        self.proof = try reader.proof()
        self.entries = try Self.entries(&reader, count: Int(end - self.start), log: self.log)
        try Self.readSections(&reader, of: &self.entries, log: self.log)
        try reader.end()
    }

    /// Reads leaves; `count` has been checked.
    static func entries(
        _ reader: inout BodyReader,
        count: Int,
        log: LogID
    ) throws(SyncError) -> [Entry] {
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let byteCount = try reader.varint()
            guard byteCount <= UInt64(Leaf.bytesMax) else { throw .limit(.leafBytes, log: log) }
            entries.append(Entry(leaf: try reader.bytes(Int(byteCount))))
        }
        return entries
    }

    static func readSections(
        _ reader: inout BodyReader,
        of entries: inout [Entry],
        log: LogID
    ) throws(SyncError) {
        for index in entries.indices {
            let count = try reader.number(UInt8.self)
            guard Int(count) <= SectionReference.countMax else { throw reader.malformed }
            for _ in 0..<count {
                entries[index].sections.append(try Self.section(&reader, log: log))
            }
        }
    }

    private static func section(
        _ reader: inout BodyReader,
        log: LogID
    ) throws(SyncError) -> Section {
        switch try reader.number(UInt8.self) {
        case 0: return .withheld
        case 1:
            let count = try reader.varint()
            guard count <= UInt64(SyncLimits.inlineSectionBytesMax) else {
                throw .limit(.sectionBytes, log: log)
            }
            return .inline(try reader.bytes(Int(count)))
        case 2: return .blob
        case 3: return .purged
        default: throw reader.malformed
        }
    }
}
