package import LedgerTypes

/// BLOB: part of a section too long for its package, which follows.
package struct Blob: Hashable, Sendable {
    /// The section's digest.
    package var section: Digest
    /// The bytes of the whole section.
    package var total: UInt32
    /// Where this part begins; parts follow each other without gaps.
    package var offset: UInt32
    /// This part: 1 to 512 KiB.
    package var bytes: [UInt8]

    var frame: Frame {
        precondition(!self.bytes.isEmpty && self.bytes.count <= SyncLimits.blobPartBytesMax)
        var body: [UInt8] = []
        body.reserveCapacity(40 + self.bytes.count)
        self.section.append(to: &body)
        body.appendBigEndian(self.total)
        body.appendBigEndian(self.offset)
        body.append(contentsOf: self.bytes)
        return Frame(type: .blob, body: body, storedFrom: 0)
    }

    init(section: Digest, total: UInt32, offset: UInt32, bytes: [UInt8]) {
        self.section = section
        self.total = total
        self.offset = offset
        self.bytes = bytes
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .blob)
        self.section = try reader.digest()
        self.total = try reader.number()
        self.offset = try reader.number()
        guard self.total <= UInt32(SectionReference.bytesMax) else {
            throw .limit(.sectionBytes, log: nil)
        }
        guard reader.remaining > 0, reader.remaining <= SyncLimits.blobPartBytesMax,
            UInt64(self.offset) + UInt64(reader.remaining) <= UInt64(self.total)
        else { throw reader.malformed }
        self.bytes = try reader.bytes(reader.remaining)
    }

    /// `section` cut into BLOBs.
    static func parts(of section: [UInt8], digest: Digest) -> [Blob] {
        stride(from: 0, to: section.count, by: SyncLimits.blobPartBytesMax).map { offset in
            let end = min(offset + SyncLimits.blobPartBytesMax, section.count)
            return Blob(
                section: digest,
                total: UInt32(section.count),
                offset: UInt32(offset),
                bytes: [UInt8](section[offset..<end])
            )
        }
    }
}
