/// A moment: signed microseconds since 1970-01-01 00:00 UTC. One tick is one microsecond.
public struct Timestamp: Hashable, Sendable {
    /// Microseconds since 1970 UTC; negative before.
    public let microseconds: Int64

    /// Creates a moment.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// Whole milliseconds since 1970 UTC, rounded down.
    public var milliseconds: Int64 {
        self.microseconds.flooringQuotient(by: 1_000)
    }

    /// The moment `microseconds` later; saturates at the ends of the range.
    public func adding(microseconds: Int64) -> Timestamp {
        let (sum, overflow) = self.microseconds.addingReportingOverflow(microseconds)
        guard overflow else { return Timestamp(microseconds: sum) }
        return Timestamp(microseconds: microseconds < 0 ? .min : .max)
    }

    /// Microseconds from `earlier` to this moment; saturates at the ends of the range.
    public func microseconds(since earlier: Timestamp) -> Int64 {
        let (gap, overflow) = self.microseconds.subtractingReportingOverflow(earlier.microseconds)
        guard overflow else { return gap }
        return self.microseconds < earlier.microseconds ? .min : .max
    }
}

extension Timestamp: Comparable {
    /// Whether `lhs` is earlier.
    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.microseconds < rhs.microseconds
    }
}

extension Int64 {
    /// The quotient rounded towards minus infinity. `divisor` is positive.
    func flooringQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = self.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// A hybrid logical clock reading: milliseconds in the upper 48 bits, a counter in the lower 16.
///
/// Source: Kulkarni et al., "Logical Physical Clocks", 2014; layout of DESIGN.md 2.
public struct HybridTime: Hashable, Sendable {
    /// The reading as stored.
    public let rawValue: UInt64

    /// Creates a reading from its stored form.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The reading that follows `previous` when the wall clock shows `now`: strictly greater than
    /// `previous`, and never behind the wall clock. After the greatest reading of all, in the year
    /// 10889, it stays there: a writer refuses to stamp with a reading that is not greater.
    ///
    /// A counter that is full carries into the milliseconds, so 65,536 events in one millisecond
    /// run ahead of the wall clock rather than repeat a reading.
    public init(after previous: HybridTime, now: Timestamp) {
        let wall = UInt64(clamping: min(max(now.milliseconds, 0), 1 << 48 - 1)) << 16
        self.rawValue = max(wall, previous.rawValue == .max ? .max : previous.rawValue + 1)
    }

    /// The milliseconds part, since 1970 UTC.
    public var milliseconds: UInt64 { self.rawValue >> 16 }

    /// The counter part.
    public var counter: UInt16 { UInt16(truncatingIfNeeded: self.rawValue) }

    /// The moment to compare `occurred` and `order` with: milliseconds × 1,000.
    public var timestamp: Timestamp {
        Timestamp(microseconds: Int64(self.milliseconds) * 1_000)
    }
}

extension HybridTime: Comparable {
    /// Whether `lhs` is earlier.
    public static func < (lhs: HybridTime, rhs: HybridTime) -> Bool {
        lhs.rawValue < rhs.rawValue
    }
}
