internal import LedgerTypes

/// How a source writes its times: ISO 8601, or a pattern such as `d/M/yyyy HH:mm`.
///
/// A pattern's letters are those of Unicode TR 35: `yyyy` year, `yy` year of 2000 to 2099, `M` or
/// `MM` month, `MMM` English month, `d` or `dd` day, `H` or `HH` hour, `h` or `hh` with `a` hour of
/// a half day, `m` or `mm` minute, `s` or `ss` second, `S` to `SSSSSS` fraction, `X` offset (`Z`,
/// `+01`, `+0100` or `+01:00`). A letter written once takes one or two digits. Text in single
/// quotes, and every other character, stands for itself. Values are never trimmed.
package struct TimeFormat: Hashable, Sendable {
    /// A time as written: local, with its offset where it names one.
    struct Reading: Hashable, Sendable {
        /// Microseconds since 1970 as if the local time were UTC.
        var local: Int64
        /// Seconds east of UTC.
        var offset: Int64?
    }

    private enum Part: Hashable, Sendable {
        case number(Unit, digits: ClosedRange<Int>)
        case fraction
        case monthName
        case halfDay
        case offset
        case literal(UInt8)
    }

    private enum Unit: Hashable, Sendable {
        case year, shortYear, month, day, hour, halfDayHour, minute, second
    }

    /// The name of the ISO 8601 format in a mapping file.
    package static let iso8601Name = "iso8601"
    /// The most bytes of a pattern.
    package static let patternBytesMax = 64
    /// The most bytes of a value that is looked at.
    static let valueBytesMax = 64

    /// Empty for ISO 8601.
    private let parts: [Part]
    /// The format as written in the mapping.
    package let text: String

    /// Creates a format; `nil` if `text` is none, or names no complete date.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.patternBytesMax else { return nil }
        self.text = text
        if text == Self.iso8601Name {
            self.parts = []
            return
        }
        guard let parts = Self.parse(Array(text.utf8)), Self.isComplete(parts) else { return nil }
        self.parts = parts
    }

    private static func parse(_ pattern: [UInt8]) -> [Part]? {
        var parts: [Part] = []
        var index = 0
        while index < pattern.count {
            let byte = pattern[index]
            if byte == UInt8(ascii: "'") {
                guard let end = pattern[(index + 1)...].firstIndex(of: byte) else { return nil }
                let text = end == index + 1 ? pattern[index...index] : pattern[index + 1..<end]
                parts += text.map { .literal($0) }
                index = end + 1
                continue
            }
            let run = pattern[index...].prefix { $0 == byte }.count
            index += run
            if let part = Self.part(Character(Unicode.Scalar(byte)), run) {
                parts.append(part)
            } else {
                let isLetter = (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                guard !isLetter, byte < 0x80 else { return nil }
                parts += Array(repeating: .literal(byte), count: run)
            }
        }
        return parts
    }

    private static func part(_ letter: Character, _ run: Int) -> Part? {
        let digits = run == 1 ? 1...2 : 2...2
        switch (letter, run) {
        case ("y", 4): return .number(.year, digits: 4...4)
        case ("y", 2): return .number(.shortYear, digits: 2...2)
        case ("M", 1...2): return .number(.month, digits: digits)
        case ("M", 3): return .monthName
        case ("d", 1...2): return .number(.day, digits: digits)
        case ("H", 1...2): return .number(.hour, digits: digits)
        case ("h", 1...2): return .number(.halfDayHour, digits: digits)
        case ("m", 1...2): return .number(.minute, digits: digits)
        case ("s", 1...2): return .number(.second, digits: digits)
        case ("S", 1...6): return .fraction
        case ("a", 1): return .halfDay
        case ("X", 1...3): return .offset
        default: return nil
        }
    }

    private static func isComplete(_ parts: [Part]) -> Bool {
        func count(_ units: [Unit]) -> Int {
            parts.count { part in
                guard case .number(let unit, _) = part else { return false }
                return units.contains(unit)
            }
        }
        let months = count([.month]) + parts.count { $0 == .monthName }
        let halves = parts.count { $0 == .halfDay }
        return count([.year, .shortYear]) == 1 && months == 1 && count([.day]) == 1
            && count([.hour, .halfDayHour]) <= 1 && count([.halfDayHour]) == halves
            && count([.minute]) <= 1 && count([.second]) <= 1
            && parts.count { $0 == .offset } <= 1 && parts.count { $0 == .fraction } <= 1
    }

    /// Reads a value; `nil` if it is not written in this format, or there is no such date.
    func read(_ text: String) -> Reading? {
        guard text.utf8.count <= Self.valueBytesMax else { return nil }
        var scanner = TimeScanner(Array(text.utf8))
        return self.parts.isEmpty ? Self.readISO8601(&scanner) : self.read(&scanner)
    }

    private func read(_ scanner: inout TimeScanner) -> Reading? {
        var clock = TimeScanner.Clock()
        var isAfternoon: Bool?
        for part in self.parts {
            switch part {
            case .literal(let byte):
                guard scanner.skip(byte) else { return nil }
            case .monthName:
                guard let month = scanner.monthName() else { return nil }
                clock.month = month
            case .halfDay:
                guard let half = scanner.halfDay() else { return nil }
                isAfternoon = half
            case .offset:
                guard let offset = scanner.offset() else { return nil }
                clock.offset = offset
            case .fraction:
                guard let fraction = scanner.fraction() else { return nil }
                clock.microseconds = fraction
            case .number(let unit, let digits):
                guard let number = scanner.number(digits: digits) else { return nil }
                Self.put(number, unit, into: &clock)
            }
        }
        guard scanner.isAtEnd else { return nil }
        if let isAfternoon {
            guard (1...12).contains(clock.hour) else { return nil }
            clock.hour = clock.hour % 12 + (isAfternoon ? 12 : 0)
        }
        return clock.reading
    }

    private static func put(_ number: Int64, _ unit: Unit, into clock: inout TimeScanner.Clock) {
        switch unit {
        case .year: clock.year = number
        case .shortYear: clock.year = 2_000 + number
        case .month: clock.month = number
        case .day: clock.day = number
        case .hour, .halfDayHour: clock.hour = number
        case .minute: clock.minute = number
        case .second: clock.second = number
        }
    }

    /// `2010-03-31T16:59:42.123+02:00`; seconds, fraction and offset may be left out, a space may
    /// stand for the `T`.
    private static func readISO8601(_ scanner: inout TimeScanner) -> Reading? {
        var clock = TimeScanner.Clock()
        guard let year = scanner.number(digits: 4...4), scanner.skip(0x2D),
            let month = scanner.number(digits: 2...2), scanner.skip(0x2D),
            let day = scanner.number(digits: 2...2),
            scanner.skip(UInt8(ascii: "T")) || scanner.skip(0x20),
            let hour = scanner.number(digits: 2...2), scanner.skip(0x3A),
            let minute = scanner.number(digits: 2...2)
        else { return nil }
        (clock.year, clock.month, clock.day) = (year, month, day)
        (clock.hour, clock.minute) = (hour, minute)
        if scanner.skip(0x3A) {
            guard let second = scanner.number(digits: 2...2) else { return nil }
            clock.second = second
            if scanner.skip(0x2E) || scanner.skip(0x2C) {
                guard let fraction = scanner.fraction() else { return nil }
                clock.microseconds = fraction
            }
        }
        if !scanner.isAtEnd {
            guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
            clock.offset = offset
        }
        return clock.reading
    }
}

/// Reads the pieces of a time off ASCII text.
struct TimeScanner {
    /// The pieces of a time.
    struct Clock {
        var year: Int64 = 0
        var month: Int64 = 0
        var day: Int64 = 0
        var hour: Int64 = 0
        var minute: Int64 = 0
        var second: Int64 = 0
        var microseconds: Int64 = 0
        var offset: Int64?

        /// The reading, if there is such a time. A leap second counts as the second after it.
        var reading: TimeFormat.Reading? {
            guard let date = CivilDate(year: self.year, month: self.month, day: self.day),
                (0..<24).contains(self.hour), (0..<60).contains(self.minute),
                (0...60).contains(self.second)
            else { return nil }
            let seconds =
                date.daysSince1970 * 86_400 + self.hour * 3_600 + self.minute * 60 + self.second
            let local = seconds * 1_000_000 + self.microseconds
            return TimeFormat.Reading(local: local, offset: self.offset)
        }
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { self.index == self.bytes.count }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard self.index < self.bytes.count, self.bytes[self.index] == byte else { return false }
        self.index += 1
        return true
    }

    private mutating func digit() -> Int64? {
        guard self.index < self.bytes.count, (0x30...0x39).contains(self.bytes[self.index]) else {
            return nil
        }
        defer { self.index += 1 }
        return Int64(self.bytes[self.index] - 0x30)
    }

    mutating func number(digits: ClosedRange<Int>) -> Int64? {
        var number: Int64 = 0
        var count = 0
        while count < digits.upperBound, let digit = self.digit() {
            number = number * 10 + digit
            count += 1
        }
        return digits.contains(count) ? number : nil
    }

    /// Digits of a second, as microseconds; those past the sixth are dropped.
    mutating func fraction() -> Int64? {
        var number: Int64 = 0
        var count = 0
        while let digit = self.digit() {
            if count < 6 { number = number * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 6)..<6 { number *= 10 }
        return number
    }

    /// `Z`, `+01`, `+0100` or `+01:00`, as seconds.
    mutating func offset() -> Int64? {
        if self.skip(UInt8(ascii: "Z")) { return 0 }
        let isEast = self.skip(0x2B)
        guard isEast || self.skip(0x2D), let hours = self.number(digits: 2...2) else {
            return nil
        }
        let hasColon = self.skip(0x3A)
        let isShort = self.isAtEnd && !hasColon
        guard let minutes = isShort ? 0 : self.number(digits: 2...2), hours < 24, minutes < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 3_600 + minutes * 60)
    }

    mutating func monthName() -> Int64? {
        guard self.index + 3 <= self.bytes.count else { return nil }
        let name = self.bytes[self.index..<self.index + 3].map { $0 | 0x20 }
        guard let month = Self.months.firstIndex(where: { $0.utf8.elementsEqual(name) }) else {
            return nil
        }
        self.index += 3
        return Int64(month) + 1
    }

    /// `AM` or `PM`, whether it is the second.
    mutating func halfDay() -> Bool? {
        guard self.index + 2 <= self.bytes.count else { return nil }
        let name = self.bytes[self.index..<self.index + 2].map { $0 | 0x20 }
        guard name[1] == UInt8(ascii: "m") else { return nil }
        guard name[0] == UInt8(ascii: "a") || name[0] == UInt8(ascii: "p") else { return nil }
        self.index += 2
        return name[0] == UInt8(ascii: "p")
    }
}
