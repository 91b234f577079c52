internal import CaseDomain

/// When clocks are an hour ahead, by rule and not by a machine's time zone files: the same seed
/// makes the same events everywhere.
package enum SummerTime: String, Codable, Hashable, Sendable {
    /// From the last Sunday of March to the last Sunday of October, at 01:00 UTC (directive
    /// 2000/84/EC, article 1).
    case europe
    /// From the second Sunday of March to the first Sunday of November, at 02:00 by the clock on
    /// the wall (15 U.S.C. 260a; Canada's provinces follow).
    case northAmerica

    /// How far ahead, in seconds.
    static let seconds = 3_600

    /// The moments at which it begins and ends in `year`, in seconds since 1970, where clocks are
    /// `offset` seconds east of UTC otherwise; `nil` for a year out of range.
    func span(inYear year: Int, offset: Int) -> Range<Int>? {
        switch self {
        case .europe:
            guard let begin = Self.lastSunday(year, 3), let end = Self.lastSunday(year, 10) else {
                return nil
            }
            return begin * 86_400 + 3_600..<end * 86_400 + 3_600
        case .northAmerica:
            guard let begin = Self.sunday(2, year, 3), let end = Self.sunday(1, year, 11) else {
                return nil
            }
            // At the end the clock on the wall is still an hour ahead.
            return begin * 86_400 + 7_200 - offset..<end * 86_400 + 3_600 - offset
        }
    }

    /// The day, since 1970, of a month's Sunday number `count`.
    private static func sunday(_ count: Int, _ year: Int, _ month: Int) -> Int? {
        guard let first = Self.day(year, month, "01") else { return nil }
        // Day 0 was a Thursday, day 3 a Sunday.
        return first + ((3 - first) % 7 + 7) % 7 + 7 * (count - 1)
    }

    /// The day of the last Sunday of a month that has 31 days.
    private static func lastSunday(_ year: Int, _ month: Int) -> Int? {
        guard let last = Self.day(year, month, "31") else { return nil }
        return last - ((last - 3) % 7 + 7) % 7
    }

    private static func day(_ year: Int, _ month: Int, _ day: String) -> Int? {
        let date = CalendarDate("\(year)-\(month < 10 ? "0" : "")\(month)-\(day)")
        return date.map { Int($0.daysSince1970) }
    }
}
