internal import EventStore
internal import LedgerTypes
internal import Merkle

/// The sections that BLOBs have brought for the next package, bounded in all.
struct PendingBlobs: Hashable, Sendable {
    private var whole: [Digest: [UInt8]] = [:]
    private var part: Part?
    private var byteCount = 0
    private let byteCountMax: Int

    init(byteCountMax: Int = SyncLimits.pendingBlobBytesMax) { self.byteCountMax = byteCountMax }

    private struct Part: Hashable {
        let section: Digest
        let total: UInt32
        var bytes: [UInt8]
    }

    /// Takes the next part. The whole section is compared with its digest as soon as it is there.
    mutating func take(_ blob: Blob) throws(SyncError) {
        var part: Part
        if let begun = self.part {
            guard begun.section == blob.section, begun.total == blob.total,
                Int(blob.offset) == begun.bytes.count
            else { throw .malformed(.blob, offset: 0) }
            part = begun
        } else {
            guard blob.offset == 0, self.whole[blob.section] == nil else {
                throw .malformed(.blob, offset: 0)
            }
            part = Part(section: blob.section, total: blob.total, bytes: [])
        }
        self.part = nil
        self.byteCount += blob.bytes.count
        guard self.byteCount <= self.byteCountMax else {
            throw .limit(.pendingBlobBytes, log: nil)
        }
        part.bytes.append(contentsOf: blob.bytes)
        guard part.bytes.count == Int(part.total) else {
            self.part = part
            return
        }
        guard SectionReference.digest(of: part.bytes.span) == part.section else {
            throw .malformed(.blob, offset: 0)
        }
        self.whole[part.section] = part.bytes
    }

    /// The section `digest`, if it is there.
    func section(_ digest: Digest) -> [UInt8]? { self.whole[digest] }

    /// The number of sections, one that has begun included.
    var count: Int { self.whole.count + (self.part == nil ? 0 : 1) }

    /// Forgets everything.
    mutating func removeAll() { self = PendingBlobs(byteCountMax: self.byteCountMax) }
}
