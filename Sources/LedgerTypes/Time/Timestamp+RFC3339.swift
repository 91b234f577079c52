extension Timestamp {
    /// The moment as RFC 3339 in UTC, such as `2010-03-31T14:59:42Z`; microseconds appear only when
    /// they are not zero.
    public var rfc3339: String {
        let seconds = self.microseconds.flooringQuotient(by: 1_000_000)
        let fraction = self.microseconds &- seconds &* 1_000_000
        let days = seconds.flooringQuotient(by: 86_400)
        let time = seconds - days * 86_400
        let date = CivilDate(daysSince1970: days)
        var text: [UInt8] = []
        text.reserveCapacity(27)
        Self.append(date.year, width: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(date.month, width: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(date.day, width: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        Self.append(time / 3_600, width: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(time / 60 % 60, width: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(time % 60, width: 2, to: &text)
        if fraction != 0 {
            text.append(UInt8(ascii: "."))
            Self.append(fraction, width: 6, to: &text)
        }
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Creates a moment from RFC 3339 text with any offset; `nil` for anything else. Digits past
    /// microseconds are dropped. A leap second counts as the second after it.
    public init?(rfc3339 text: some StringProtocol) {
        var scanner = DigitScanner(Array(text.utf8))
        guard let year = scanner.number(digits: 4), scanner.skip("-"),
            let month = scanner.number(digits: 2), scanner.skip("-"),
            let day = scanner.number(digits: 2),
            scanner.skip("T") || scanner.skip(" ")
                || scanner.skip("t"),
            let hour = scanner.number(digits: 2), scanner.skip(":"),
            let minute = scanner.number(digits: 2), scanner.skip(":"),
            let second = scanner.number(digits: 2),
            let date = CivilDate(year: year, month: month, day: day),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let fraction = scanner.skip(".") ? scanner.microseconds() : 0
        guard let fraction, let offset = scanner.offsetSeconds(), scanner.isAtEnd else {
            return nil
        }
        let seconds = date.daysSince1970 * 86_400 + hour * 3_600 + minute * 60 + second - offset
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    private static func append(_ number: Int64, width: Int, to text: inout [UInt8]) {
        let digits = String(number.magnitude)
        if number < 0 { text.append(UInt8(ascii: "-")) }
        for _ in digits.utf8.count..<max(width, digits.utf8.count) { text.append(0x30) }
        text.append(contentsOf: digits.utf8)
    }
}

/// A date of the proleptic Gregorian calendar.
///
/// Source of the arithmetic: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
public struct CivilDate: Hashable, Sendable {
    /// The astronomical year.
    public let year: Int64
    /// 1 to 12.
    public let month: Int64
    /// 1 to 31.
    public let day: Int64

    /// Creates a date; `nil` if the calendar has none such. Years 0 to 9999.
    public init?(year: Int64, month: Int64, day: Int64) {
        guard (0...9_999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[Int(month) - 1] else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Creates the date that is `days` after 1970-01-01.
    public init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooringQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        self.month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
    }

    /// Days from 1970-01-01 to this date; negative before.
    public var daysSince1970: Int64 {
        let shiftedYear = self.month <= 2 ? self.year - 1 : self.year
        let era = shiftedYear.flooringQuotient(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let shiftedMonth = self.month > 2 ? self.month - 3 : self.month + 9
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + self.day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Reads fixed runs of digits off ASCII text.
struct DigitScanner {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { self.offset == self.bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard self.offset < self.bytes.count,
            UInt32(self.bytes[self.offset]) == character.value
        else { return false }
        self.offset += 1
        return true
    }

    mutating func number(digits: Int) -> Int64? {
        guard self.offset + digits <= self.bytes.count else { return nil }
        var number: Int64 = 0
        for byte in self.bytes[self.offset..<self.offset + digits] {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int64(byte - 0x30)
        }
        self.offset += digits
        return number
    }

    mutating func microseconds() -> Int64? {
        var number: Int64 = 0
        var count = 0
        while let digit = self.number(digits: 1) {
            if count < 6 { number = number * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 6)..<6 { number *= 10 }
        return number
    }

    mutating func offsetSeconds() -> Int64? {
        if self.skip("Z") || self.skip("z") { return 0 }
        let sign: Int64
        if self.skip("+") { sign = 1 } else if self.skip("-") { sign = -1 } else { return nil }
        guard let hours = self.number(digits: 2) else { return nil }
        _ = self.skip(":")
        guard let minutes = self.number(digits: 2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 3_600 + minutes * 60)
    }
}
