package import LedgerTypes

/// SELECT: which leaves of a log the speaker lacks, where it holds others behind them. Sent between
/// AUTH and VECTOR to a peer that honours it (docs/SYNC.md, "Repair").
package struct Selection: Hashable, Sendable {
    /// The log.
    package var log: LogID
    /// The leaves, whole tiles of them, in ascending order and apart from each other. The last may
    /// end behind the log.
    package var ranges: [Range<UInt64>]

    /// Selects the tiles that `indexes` lie in. Where there are too many pieces the last takes in
    /// what lies between.
    package init(log: LogID, indexes: some Sequence<UInt64>) {
        self.log = log
        self.ranges = []
        for tile in Set(indexes.lazy.map { $0 / Self.width }).sorted() {
            let range = tile * Self.width..<(tile + 1) * Self.width
            let last = self.ranges.count - 1
            if last >= 0, self.ranges[last].upperBound == range.lowerBound || last + 1 == Self.max {
                self.ranges[last] = self.ranges[last].lowerBound..<range.upperBound
            } else {
                self.ranges.append(range)
            }
        }
    }

    /// The most ranges.
    private static var max: Int { SyncLimits.selectedRangesMax }
    private static var width: UInt64 { UInt64(SyncLimits.entriesMax) }

    /// The first selected leaf that is not before `index`; `nil` if there is none.
    func first(from index: UInt64) -> UInt64? {
        self.ranges.first { $0.upperBound > index }.map { Swift.max($0.lowerBound, index) }
    }

    /// The index behind the last selected leaf.
    var end: UInt64 { self.ranges.last?.upperBound ?? 0 }

    var frame: Frame {
        precondition(!self.ranges.isEmpty && self.ranges.count <= Self.max)
        var body: [UInt8] = []
        body.appendBigEndian(self.log.rawValue)
        body.appendBigEndian(UInt16(self.ranges.count))
        for range in self.ranges {
            body.appendBigEndian(range.lowerBound)
            body.appendBigEndian(range.upperBound)
        }
        return Frame(type: .selection, body: body)
    }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .selection)
        self.log = try reader.logID()
        let count = Int(try reader.number(UInt16.self))
        guard count > 0 else { throw reader.malformed }
        guard count <= Self.max else { throw .limit(.entries, log: self.log) }
        self.ranges = []
        self.ranges.reserveCapacity(count)
        for _ in 0..<count {
            let start = try reader.number(UInt64.self)
            let end = try reader.number(UInt64.self)
            guard start < end, start.isMultiple(of: Self.width), end.isMultiple(of: Self.width),
                self.ranges.last.map({ $0.upperBound < start }) ?? true
            else { throw reader.malformed }
            self.ranges.append(start..<end)
        }
        try reader.end()
    }
}
