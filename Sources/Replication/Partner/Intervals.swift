internal import LedgerTypes

/// Which indexes of a range are covered: runs that rise and do not touch each other.
///
/// ```
/// varint number of runs ‖ for each: varint leaves left out before it ‖ varint leaves in it less 1
/// ```
///
/// The first run counts from the beginning of the range, each other from the end of the one before,
/// and leaves out at least one leaf. So every set of indexes has one form.
package struct Intervals: Hashable, Sendable {
    /// The runs, rising.
    package private(set) var runs: [Range<UInt64>] = []

    /// Covers nothing.
    package init() {}

    /// Covers `indexes`, which rise.
    package init(_ indexes: some Sequence<UInt64>) {
        for index in indexes { self.append(index) }
    }

    /// Covers `index` too, which is past everything covered.
    package mutating func append(_ index: UInt64) {
        guard let last = self.runs.last else { return self.runs = [index..<index + 1] }
        precondition(index >= last.upperBound, "indexes rise")
        if index == last.upperBound {
            self.runs[self.runs.count - 1] = last.lowerBound..<index + 1
        } else {
            self.runs.append(index..<index + 1)
        }
    }

    /// The number of indexes that are covered.
    package var count: UInt64 { self.runs.reduce(0) { $0 + UInt64($1.count) } }

    /// The runs of `range` that are not covered, which holds all that is.
    package func gaps(in range: Range<UInt64>) -> [Range<UInt64>] {
        var gaps: [Range<UInt64>] = []
        var next = range.lowerBound
        for run in self.runs {
            if next < run.lowerBound { gaps.append(next..<run.lowerBound) }
            next = run.upperBound
        }
        if next < range.upperBound { gaps.append(next..<range.upperBound) }
        return gaps
    }

    func append(to body: inout [UInt8], from start: UInt64) {
        body.appendVarint(UInt64(self.runs.count))
        var next = start
        for run in self.runs {
            body.appendVarint(run.lowerBound - next)
            body.appendVarint(UInt64(run.count) - 1)
            next = run.upperBound
        }
    }
}

extension BodyReader {
    /// Intervals within `range` of at most `countMax` indexes.
    mutating func intervals(
        in range: Range<UInt64>,
        countMax: UInt64,
        log: LogID
    ) throws(SyncError) -> Intervals {
        let runCount = try self.varint()
        guard runCount <= countMax else { throw .limit(.entries, log: log) }
        var intervals = Intervals()
        var next = range.lowerBound
        var count: UInt64 = 0
        for run in 0..<runCount {
            let gap = try self.varint()
            guard run == 0 || gap > 0 else { throw self.malformed }
            let length = try self.varint()
            guard length < countMax - count else { throw .limit(.entries, log: log) }
            guard gap <= range.upperBound - next, length < range.upperBound - next - gap else {
                throw self.malformed
            }
            next += gap
            intervals.append(next...next + length)
            next += length + 1
            count += length + 1
        }
        return intervals
    }
}

extension Intervals {
    fileprivate mutating func append(_ run: ClosedRange<UInt64>) {
        self.runs.append(run.lowerBound..<run.upperBound + 1)
    }
}
