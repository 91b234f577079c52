public import LedgerTypes

/// The hours that count as business by one version of a calendar.
///
/// Wall-clock hours become moments by the offsets that the event itself holds, so no replica's
/// answer depends on its own time zone files. An hour that the clocks skip does not count, one that
/// they repeat counts twice: what is measured is time that passes. Pure.
public struct BusinessCalendar: Hashable, Sendable {
    /// Hours of one day, in microseconds since its midnight.
    private struct Hours: Hashable, Sendable {
        var from: Int64
        var to: Int64
    }

    private struct Offset: Hashable, Sendable {
        /// From when, in UTC.
        var at: Int64
        /// East of UTC.
        var microseconds: Int64
    }

    private static let day: Int64 = 86_400_000_000
    /// Times beyond this are taken as this: some 140,000 years, so that differences fit.
    private static let timeMax: Int64 = 1 << 62

    /// By weekday, Monday first; sorted, none touches another.
    private let week: [[Hours]]
    private let dayTotals: [Int64]
    /// Days since 1970 in local time, sorted, each once.
    private let holidays: [Int64]
    /// Sorted; the first holds from ever.
    private let offsets: [Offset]

    /// Expands a definition. Hours that end before they begin, or of a weekday that there is not,
    /// are none; without transitions the zone is UTC.
    public init(_ definition: CalendarDefined) {
        var week = [[Hours]](repeating: [], count: 7)
        for hours in definition.hours where (1...7).contains(hours.weekday) {
            let to = Int64(min(hours.toMinute, 1_440)) * 60_000_000
            let from = Int64(hours.fromMinute) * 60_000_000
            if from < to { week[Int(hours.weekday) - 1].append(Hours(from: from, to: to)) }
        }
        self.week = week.map(Self.merged)
        self.dayTotals = self.week.map { $0.reduce(0) { $0 + $1.to - $1.from } }
        self.holidays = Set(definition.holidays.map(\.daysSince1970)).sorted()
        var offsets: [Offset] = []
        let transitions = definition.transitions.enumerated().sorted {
            ($0.element.at?.microseconds ?? .min, $0.offset)
                < ($1.element.at?.microseconds ?? .min, $1.offset)
        }
        for (_, transition) in transitions {
            let seconds = max(-86_400, min(86_400, transition.offsetSeconds))
            let at = transition.at.map { Self.clamped($0) } ?? -Self.timeMax
            if offsets.last?.at == at { offsets.removeLast() }
            offsets.append(Offset(at: at, microseconds: seconds * 1_000_000))
        }
        self.offsets = offsets.isEmpty ? [Offset(at: 0, microseconds: 0)] : offsets
    }

    private static func merged(_ hours: [Hours]) -> [Hours] {
        var merged: [Hours] = []
        for next in hours.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) {
            if let last = merged.last, next.from <= last.to {
                merged[merged.count - 1].to = max(last.to, next.to)
            } else {
                merged.append(next)
            }
        }
        return merged
    }

    private static func clamped(_ time: Timestamp) -> Int64 {
        max(-Self.timeMax, min(Self.timeMax, time.microseconds))
    }

    /// The time zone: offsets east of UTC and from when each holds, by time.
    var zoneOffsets: [(at: Int64, microseconds: Int64)] {
        self.offsets.map { ($0.at, $0.microseconds) }
    }

    /// Whether no hour of any week counts.
    public var isEmpty: Bool { self.week.allSatisfy(\.isEmpty) }

    /// The business time from `start` to `end`, in microseconds; 0 if `end` is earlier.
    public func microseconds(from start: Timestamp, to end: Timestamp) -> Int64 {
        let start = Self.clamped(start)
        let end = Self.clamped(end)
        guard start < end else { return 0 }
        var sum: Int64 = 0
        var place = self.offsetPlace(at: start)
        var from = start
        while from < end {
            let next = place + 1 < self.offsets.count ? self.offsets[place + 1].at : .max
            let to = min(end, next)
            let offset = self.offsets[place].microseconds
            sum += self.local(from: from + offset, to: to + offset)
            from = to
            place += 1
        }
        return sum
    }

    /// The first moment by which `business` microseconds of business time have passed since
    /// `start`; `nil` if that is not within a hundred years.
    public func time(after business: Int64, from start: Timestamp) -> Timestamp? {
        BusinessTime.time(after: business, from: start) { end in
            self.microseconds(from: start, to: end)
        }
    }

    /// The last offset that begins at or before `time`, or the first.
    private func offsetPlace(at time: Int64) -> Int {
        var low = 0
        var high = self.offsets.count
        while low < high {
            let middle = (low + high) / 2
            if self.offsets[middle].at <= time { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    /// The same between two readings of the wall clock, which is not put back or forward between.
    private func local(from start: Int64, to end: Int64) -> Int64 {
        let first = Self.dayNumber(start)
        let last = Self.dayNumber(end)
        let startOfDay = start - first * Self.day
        let endOfDay = end - last * Self.day
        guard first < last else { return self.hours(of: first, from: startOfDay, to: endOfDay) }
        return self.hours(of: first, from: startOfDay, to: Self.day)
            + self.wholeDays(from: first + 1, to: last)
            + self.hours(of: last, from: 0, to: endOfDay)
    }

    private static func dayNumber(_ time: Int64) -> Int64 {
        let quotient = time / Self.day
        return time % Self.day < 0 ? quotient - 1 : quotient
    }

    /// Monday is 0; the first day of 1970 was a Thursday.
    private static func weekday(_ day: Int64) -> Int {
        let rest = (day + 3) % 7
        return Int(rest < 0 ? rest + 7 : rest)
    }

    private func hours(of day: Int64, from start: Int64, to end: Int64) -> Int64 {
        guard !self.isHoliday(day) else { return 0 }
        return self.week[Self.weekday(day)].reduce(0) { sum, hours in
            sum + max(0, min(end, hours.to) - max(start, hours.from))
        }
    }

    private func isHoliday(_ day: Int64) -> Bool {
        let place = self.holidayPlace(day)
        return place < self.holidays.count && self.holidays[place] == day
    }

    /// The first holiday that is not before `day`.
    private func holidayPlace(_ day: Int64) -> Int {
        var low = 0
        var high = self.holidays.count
        while low < high {
            let middle = (low + high) / 2
            if self.holidays[middle] < day { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The hours of the days from `first` up to, not including, `last`.
    private func wholeDays(from first: Int64, to last: Int64) -> Int64 {
        let weeks = (last - first) / 7
        var sum = weeks * self.dayTotals.reduce(0, +)
        for day in first + weeks * 7..<last { sum += self.dayTotals[Self.weekday(day)] }
        for place in self.holidayPlace(
            first
        )..<max(
            self.holidayPlace(first),
            self.holidayPlace(last)
        ) {
            sum -= self.dayTotals[Self.weekday(self.holidays[place])]
        }
        return sum
    }
}

/// Arithmetic that every measure of business time has in common.
enum BusinessTime {
    private static let year: Int64 = 365 * 86_400_000_000

    /// The first moment at which `passed`, which never falls, is `business` microseconds; `nil` if
    /// that is not within a hundred years of `start`.
    static func time(
        after business: Int64,
        from start: Timestamp,
        _ passed: (Timestamp) -> Int64
    ) -> Timestamp? {
        guard business > 0 else { return start }
        let most = 100 * Self.year
        var low: Int64 = 0
        var high = min(business, most)
        while passed(start.adding(microseconds: high)) < business {
            guard high < most else { return nil }
            low = high
            high = high > most / 2 ? most : high * 2
        }
        while low < high {
            let middle = low + (high - low) / 2
            if passed(start.adding(microseconds: middle)) < business {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return start.adding(microseconds: low)
    }
}
