internal import EventStore
internal import LedgerTypes

/// Ranges of values, each a fixed part as wide as its values are great: how many lie in which says
/// where a percentile is to be looked for.
struct ValueRange {
    /// Two to the power of this many ranges for each doubling of the values.
    let bits: Int

    /// Eight ranges for each doubling.
    static let eighths = ValueRange(bits: 3)
    /// Sixty-four, for many values that lie close together.
    static let fine = ValueRange(bits: 6)

    private static let zero = 32_768

    /// The range of a value; greater values lie in no lower range.
    func number(of value: Int64) -> UInt16 {
        let place = self.place(value.magnitude)
        return UInt16(value < 0 ? Self.zero - 1 - place : Self.zero + place)
    }

    private func place(_ magnitude: UInt64) -> Int {
        let parts = 1 << self.bits
        guard magnitude >= UInt64(parts) else { return Int(magnitude) }
        let top = 63 - magnitude.leadingZeroBitCount
        return (top - self.bits + 1) * parts
            + Int((magnitude >> UInt64(top - self.bits)) & UInt64(parts - 1))
    }

    /// The least value of a range.
    func least(in range: UInt16) -> Int64 {
        var low = Int64.min
        var high = Int64.max
        while low < high {
            // The mean, rounded down, without overflow.
            let middle = (low >> 1) + (high >> 1) + (low & high & 1)
            if self.number(of: middle) >= range { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The two bytes that a range has in a key.
    func bytes(of value: Int64) -> [UInt8] {
        let number = self.number(of: value)
        return [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
    }
}

/// Values that a projection keeps in order, with a count of those in each range beside them.
struct OrderedValues {
    private struct Range {
        let number: UInt16
        let start: Int
        /// How many values lie in it and in those before.
        let end: Int
    }

    private let kind: ValueRange
    private let prefix: [UInt8]
    private let keyBytes: Int
    private let ranges: [Range]

    /// How many there are.
    var count: Int { self.ranges.last?.end ?? 0 }

    /// Reads the counts, whose keys begin with `counts`. The values stand in keys of `prefix`, a
    /// rising number and `tail` bytes that tell equal ones apart.
    init(
        counts: [UInt8],
        prefix: [UInt8],
        tail: Int,
        _ kind: ValueRange,
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) {
        self.kind = kind
        self.prefix = prefix
        self.keyBytes = prefix.count + 8 + tail
        var ranges: [Range] = []
        var end = 0
        try snapshot.forEachSum(counts, reading) { (key, values) throws(EventStoreError) in
            guard key.count == counts.count + 2, let count = values.first else {
                throw .damaged(table: "sums", row: key.hex)
            }
            let number = UInt16(key[counts.count]) << 8 | UInt16(key[counts.count + 1])
            let start = end
            end += Int(clamping: count)
            ranges.append(Range(number: number, start: start, end: end))
            return true
        }
        self.ranges = ranges
    }

    /// The value at `place` in rising order.
    func value(
        _ place: Int,
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> Int64 {
        guard let range = self.ranges.first(where: { place < $0.end }) else {
            throw .damaged(table: "sums", row: self.prefix.hex)
        }
        let from = self.prefix + MetricRows.rising(self.kind.least(in: range.number))
        var left = place - range.start
        var found: Int64?
        try snapshot.forEachFound(self.prefix, bytes: self.keyBytes, from: from, reading) {
            (key, _) throws(EventStoreError) in
            guard left == 0 else {
                left -= 1
                return true
            }
            found = MetricRows.number(key[self.prefix.count..<self.prefix.count + 8])
            return false
        }
        guard let found else { throw .damaged(table: "lookups", row: self.prefix.hex) }
        return found
    }
}
