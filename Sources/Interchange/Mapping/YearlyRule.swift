internal import LedgerTypes

/// A zone's rule for every year: the last line of a TZif file (RFC 9636, 3.3), which is the value
/// of POSIX TZ, such as `CET-1CEST,M3.5.0,M10.5.0/3`.
struct YearlyRule: Hashable, Sendable {
    /// A day of the year and a time of that day.
    struct Change: Hashable, Sendable {
        enum Day: Hashable, Sendable {
            /// 1 to 365; 29 February is never counted.
            case julian(Int64)
            /// 0 to 365, 29 February counted.
            case zeroBased(Int64)
            /// The `week`-th `weekday` (0 = Sunday) of `month`; week 5 is the last.
            case weekday(month: Int64, week: Int64, weekday: Int64)
        }

        var day: Day
        /// Seconds after midnight; may be negative or more than a day.
        var seconds: Int64
    }

    /// Daylight saving time.
    struct Summer: Hashable, Sendable {
        var offset: Int64
        var begin: Change
        var end: Change
    }

    /// Seconds east of UTC.
    let standard: Int64
    /// Nil where clocks do not change.
    let summer: Summer?

    /// Seconds east of UTC at a moment, in seconds since 1970.
    func offset(at moment: Int64) -> Int64 {
        guard let summer else { return self.standard }
        let days = (moment + self.standard).flooringDivided(by: 86_400)
        let year = CivilDate(daysSince1970: days).year
        let begin = summer.begin.local(year: year) - self.standard
        let end = summer.end.local(year: year) - summer.offset
        let isSummer =
            begin < end ? begin <= moment && moment < end : !(end <= moment && moment < begin)
        return isSummer ? summer.offset : self.standard
    }
}

extension YearlyRule.Change {
    /// The change in `year` by the local clock, in seconds since 1970 as if it were UTC.
    func local(year: Int64) -> Int64 {
        let newYear = Self.days(year, 1, 1)
        let isLeap = Self.days(year + 1, 1, 1) - newYear == 366
        let days: Int64
        switch self.day {
        case .julian(let number): days = newYear + number - 1 + (isLeap && number > 59 ? 1 : 0)
        case .zeroBased(let number): days = newYear + number
        case .weekday(let month, let week, let weekday):
            let first = Self.days(year, month, 1)
            let next = month == 12 ? Self.days(year + 1, 1, 1) : Self.days(year, month + 1, 1)
            // 1970-01-01 was a Thursday.
            let firstWeekday = (first + 4).flooringRemainder(by: 7)
            var day = first + (weekday - firstWeekday).flooringRemainder(by: 7) + (week - 1) * 7
            while day >= next { day -= 7 }
            days = day
        }
        return days * 86_400 + self.seconds
    }

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        CivilDate(year: min(max(year, 0), 9_999), month: month, day: day)?.daysSince1970 ?? 0
    }
}

extension YearlyRule {
    /// Reads a POSIX TZ value; `nil` if it is none.
    init?(_ text: [UInt8]) {
        var scanner = Scanner(text)
        guard scanner.name(), let west = scanner.seconds(hoursMax: 24) else { return nil }
        self.standard = -west
        if scanner.isAtEnd {
            self.summer = nil
            return
        }
        guard scanner.name() else { return nil }
        var offset = self.standard + 3_600
        if !scanner.isAt(UInt8(ascii: ",")) {
            guard let west = scanner.seconds(hoursMax: 24) else { return nil }
            offset = -west
        }
        guard let begin = scanner.change(), let end = scanner.change(), scanner.isAtEnd else {
            return nil
        }
        self.summer = Summer(offset: offset, begin: begin, end: end)
    }

    private struct Scanner {
        let bytes: [UInt8]
        var index = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { self.index == self.bytes.count }

        func isAt(_ byte: UInt8) -> Bool {
            self.index < self.bytes.count && self.bytes[self.index] == byte
        }

        mutating func skip(_ byte: UInt8) -> Bool {
            guard self.isAt(byte) else { return false }
            self.index += 1
            return true
        }

        mutating func number(max: Int64) -> Int64? {
            var number: Int64?
            while self.index < self.bytes.count, (0x30...0x39).contains(self.bytes[self.index]) {
                let next = (number ?? 0) * 10 + Int64(self.bytes[self.index] - 0x30)
                guard next <= max else { return nil }
                number = next
                self.index += 1
            }
            return number
        }

        /// Passes over a name: letters, or anything in angle brackets.
        mutating func name() -> Bool {
            let start = self.index
            if self.skip(UInt8(ascii: "<")) {
                while !self.isAtEnd && !self.isAt(UInt8(ascii: ">")) { self.index += 1 }
                return self.skip(UInt8(ascii: ">"))
            }
            while self.index < self.bytes.count {
                guard (0x61...0x7A).contains(self.bytes[self.index] | 0x20) else { break }
                self.index += 1
            }
            return self.index > start
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func seconds(hoursMax: Int64) -> Int64? {
            let isNegative = self.skip(0x2D)
            if !isNegative { _ = self.skip(0x2B) }
            guard let hours = self.number(max: hoursMax) else { return nil }
            var seconds = hours * 3_600
            for unit in [Int64(60), 1] where self.skip(0x3A) {
                guard let part = self.number(max: 59) else { return nil }
                seconds += part * unit
            }
            return isNegative ? -seconds : seconds
        }

        mutating func change() -> Change? {
            guard self.skip(UInt8(ascii: ",")) else { return nil }
            let day: Change.Day
            if self.skip(UInt8(ascii: "M")) {
                guard let month = self.number(max: 12), month > 0, self.skip(0x2E),
                    let week = self.number(max: 5), week > 0, self.skip(0x2E),
                    let weekday = self.number(max: 6)
                else { return nil }
                day = .weekday(month: month, week: week, weekday: weekday)
            } else if self.skip(UInt8(ascii: "J")) {
                guard let number = self.number(max: 365), number > 0 else { return nil }
                day = .julian(number)
            } else {
                guard let number = self.number(max: 365) else { return nil }
                day = .zeroBased(number)
            }
            guard self.skip(0x2F) else { return Change(day: day, seconds: 7_200) }
            guard let seconds = self.seconds(hoursMax: 167) else { return nil }
            return Change(day: day, seconds: seconds)
        }
    }
}

extension Int64 {
    fileprivate func flooringDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = self.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    fileprivate func flooringRemainder(by divisor: Int64) -> Int64 {
        self - self.flooringDivided(by: divisor) * divisor
    }
}
